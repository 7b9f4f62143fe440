package kawi.recipes;

import java.util.List;
import java.util.function.Function;
import kawi.base.DType;
import kawi.linalg.Linalg;
import kawi.optim.Optimizer;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * f(x) = ½xᵀHx in double precision, with H = Q·diag(λ)·Qᵀ, the λ from μ = 1 to L = κ in equal ratios and Q a random rotation. The
 * minimum is 0, at 0.
 */
record Quadratic(double condition, Tensor h, Tensor start) {
    static final int SIZE = 20;

    /** How far the iterates must come, ‖x‖/‖x₀‖. */
    static final double GOAL = 1e-8;

    /** Of condition number κ; the start has the same share in every eigenvector. */
    static Quadratic of(double condition, long seed) {
        Tensor q = Linalg.qr(Key.of(seed).normal(DType.F64, SIZE, SIZE)).q();
        Tensor eigenvalues = Tensor.linspace(0, 1, SIZE)
                .to(DType.F64)
                .mul(Math.log(condition))
                .exp();
        Tensor h = q.mul(eigenvalues).matmul(q.t()).realized();
        return new Quadratic(condition, h, q.sum(1).realized());
    }

    Tensor value(Tensor x) {
        return x.dot(h.matmul(x)).mul(0.5);
    }

    /** Steps until ‖x‖ ≤ {@link #GOAL}·‖x₀‖. */
    int steps(Function<List<Parameter>, Optimizer> method) {
        Parameter x = new Parameter(start);
        Optimizer optimizer = method.apply(List.of(x));
        double goal = GOAL * start.norm().item();
        for (int k = 0; ; k++) {
            Tensor distance = x.norm();
            if (!optimizer.step(value(x), distance)) {
                throw new IllegalStateException("the iterates are not finite any more");
            }
            if (distance.item() <= goal) {
                return k;
            }
        }
    }
}
