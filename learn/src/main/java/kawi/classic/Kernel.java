package kawi.classic;

import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * A similarity k(x, z) = ⟨φ(x), φ(z)⟩ of two examples, without the features φ. It is a function of ⟨x, z⟩, ‖x‖² and ‖z‖², which come by
 * matrix products for all pairs at once, from dense and sparse rows alike; a kernel is one expression of them:
 *
 * <pre>{@code
 * Kernel cosine = (dots, left, right) -> dots.div(left.mul(right).sqrt());
 * }</pre>
 *
 * Kernels must be positive semidefinite for what is built on them to have one solution (Schölkopf and Smola 2002, <em>Learning with
 * Kernels</em>, chapter 2).
 */
@FunctionalInterface
public interface Kernel {
    /**
     * k of each of m examples x with each of n examples z.
     *
     * @param dots ⟨x, z⟩, {@code [m, n]}
     * @param left ‖x‖², {@code [m, 1]}
     * @param right ‖z‖², {@code [1, n]}
     * @return {@code [m, n]}
     */
    Tensor of(Tensor dots, Tensor left, Tensor right);

    /** ⟨x, z⟩. */
    static Kernel linear() {
        return (dots, left, right) -> dots;
    }

    /** (scale·⟨x, z⟩ + offset)^degree, where the degree is a whole number from 1. */
    static Kernel polynomial(int degree, double scale, double offset) {
        if (degree < 1 || !(scale > 0) || !(offset >= 0)) {
            throw new KawiException(
                    "polynomial: the degree is from 1, the scale above 0 and the offset from 0, but %d, %s and %s were given"
                            .formatted(degree, scale, offset));
        }
        return (dots, left, right) -> dots.mul(scale).add(offset).pow(degree);
    }

    /** exp(−γ‖x − z‖²). */
    static Kernel rbf(double gamma) {
        if (!(gamma > 0) || Double.isInfinite(gamma)) {
            throw new KawiException("rbf: γ must be a number above 0, but " + gamma + " was given");
        }
        return (dots, left, right) ->
                dots.mul(2).sub(left).sub(right).clampMax(0).mul(gamma).exp();
    }

    /** The kernel matrix {@code [m, n]} of {@code x [m, features]} and {@code z [n, features]}. */
    default Tensor matrix(Tensor x, Tensor z) {
        return of(x.matmul(z.t()), x.square().sumKeepDims(1), z.square().sum(1).unsqueeze(0));
    }
}
