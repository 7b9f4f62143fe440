package kawi.recipes;

import java.util.List;
import java.util.function.Function;
import kawi.base.DType;
import kawi.optim.Optimizer;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * f(x) = 1/n·Σᵢ ½·Σⱼ λⱼ(xⱼ − cᵢⱼ)², a sum over examples c whose theory is exact: all have the same Hessian diag(λ), the minimum is their
 * mean, and the gradient of a batch is that of f plus noise of variance λⱼ²·σⱼ²/m, whatever x is (σⱼ² the variance of the cᵢⱼ, m examples drawn
 * with replacement). Here λ goes from μ = 0.2 to L = 1.
 */
record NoisyQuadratic(Tensor examples, Tensor lambda, Tensor minimum) {
    static final int SIZE = 10;
    static final double MU = 0.2;

    static NoisyQuadratic of(int n, long seed) {
        Tensor examples = Key.of(seed).normal(DType.F64, n, SIZE).realized();
        Tensor lambda = Tensor.linspace(MU, 1, SIZE).to(DType.F64).realized();
        return new NoisyQuadratic(examples, lambda, examples.mean(0).realized());
    }

    /** The loss of some examples, {@code [m, SIZE]}. */
    Tensor loss(Tensor x, Tensor of) {
        return x.sub(of).square().mul(lambda).sum(1).mean().mul(0.5);
    }

    /** m examples, drawn with replacement. */
    Tensor batch(Key key, int m) {
        return examples.take(0, key.uniform(m).mul(examples.dim(0)).to(DType.I64));
    }

    /** ‖x − x*‖² before each of so many steps from 10·(1, …, 1); batches of m, or all examples where m is 0. */
    double[] distances(int steps, int m, Key key, Function<List<Parameter>, Optimizer> method) {
        Parameter x = new Parameter(Tensor.full(10, DType.F64, SIZE));
        Optimizer optimizer = method.apply(List.of(x));
        double[] found = new double[steps];
        for (int k = 0; k < steps; k++) {
            Tensor distance = distance(x);
            optimizer.step(loss(x, m == 0 ? examples : batch(key.fold(k), m)), distance);
            found[k] = distance.item();
        }
        return found;
    }

    Tensor distance(Tensor x) {
        return x.sub(minimum).square().sum();
    }

    /** σ², the variance of each coordinate of the examples. */
    double[] variance() {
        return examples.variance(0, 0).toDoubleArray();
    }

    /** E‖x − x*‖² in the long run at a fixed rate η with batches of m: Σⱼ ηλⱼσⱼ²/(m(2 − ηλⱼ)). */
    double ball(double rate, int m) {
        double[] l = lambda.toDoubleArray();
        double[] variance = variance();
        double sum = 0;
        for (int j = 0; j < SIZE; j++) {
            sum += rate * l[j] * variance[j] / (m * (2 - rate * l[j]));
        }
        return sum;
    }
}
