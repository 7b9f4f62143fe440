package kawi.optim;

import java.util.Optional;
import kawi.linalg.Linalg;
import kawi.tensor.Tensor;

/**
 * Newton's method with the whole Hessian: p = −B⁻¹∇f(x), B = QΛQᵀ the Hessian with each eigenvalue λ replaced by max(|λ|, δ), δ = 1e-12·max|λ|
 * (1 where ∇²f is 0), so that p descends where f is not convex too (Nocedal and Wright 2006, <em>Numerical Optimization</em>, algorithm 3.2 and section 3.4). One step
 * solves a convex quadratic. An iteration takes n products with the Hessian and n³ operations: for some hundreds of parameters; {@link NewtonCg} for
 * more.
 *
 * @param lineSearch how far to go, from step 1
 */
public record Newton(LineSearch lineSearch, Stopping stopping) implements Minimizer {
    /** Backtracking, to ‖∇f‖₂ ≤ 1e-8 in at most 100 iterations. */
    public Newton() {
        this(new Stopping(1e-8, 100));
    }

    /** Backtracking. */
    public Newton(Stopping stopping) {
        this(new Armijo(), stopping);
    }

    @Override
    public Minimum minimize(Objective f, Tensor start) {
        Progress progress = new Progress(stopping, f, start);
        while (!progress.done()) {
            Point from = progress.point();
            progress.products(start.size());
            Tensor direction = direction(f.hessian(from.x()), from.gradient());
            Optional<LineSearch.Found> found =
                    from.slope(direction) < 0 ? lineSearch.search(f, from, direction, 1) : Optional.empty();
            if (found.isEmpty()) {
                return progress.stuck();
            }
            progress.evaluations(found.get().evaluations());
            progress.move(found.get().point(), found.get().step());
        }
        return progress.end();
    }

    private static Tensor direction(Tensor hessian, Tensor gradient) {
        Linalg.Eigh e = Linalg.eigh(hessian);
        Tensor sizes = e.values().abs();
        Tensor least = sizes.max().mul(1e-12);
        Tensor curvatures = sizes.maximum(Tensor.where(least.gt(0), least, least.onesLike()));
        Tensor along = e.vectors().t().matmul(gradient.flatten());
        return e.vectors()
                .matmul(along.div(curvatures))
                .neg()
                .reshape(gradient.shape().dims())
                .realized();
    }
}
