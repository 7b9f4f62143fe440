package kawi.optim;

import java.util.stream.IntStream;
import kawi.tensor.Tensor;

/**
 * A proximal step, prox(θ) = argmin_z ½‖z − θ‖² + η·R(z), done after each step of a method: it brings what a gradient
 * cannot, such as weights of exactly 0, or weights inside of a set (Parikh and Boyd 2014, <em>Proximal algorithms</em>).
 * Its step is η whatever the method scales a gradient by, as that of decoupled weight decay is.
 */
@FunctionalInterface
public interface Proximal {
    /** The parameter after the proximal step with learning rate η. */
    Tensor apply(Tensor theta, double rate);

    /** R = λ‖θ‖₁: θ ← sign(θ)·max(|θ| − ηλ, 0), so that small weights are exactly 0 (section 6.5.2). */
    static Proximal l1(double lambda) {
        Require.notNegative("l1", "λ", lambda);
        return (theta, rate) ->
                theta.sub(theta.clamp(-rate * lambda, rate * lambda)); // what is cut off at ±ηλ comes off everywhere
    }

    /** R = ½λ‖θ‖²: θ ← θ/(1 + ηλ) (section 6.1.1). */
    static Proximal l2(double lambda) {
        Require.notNegative("l2", "λ", lambda);
        return (theta, rate) -> theta.div(1 + rate * lambda);
    }

    /**
     * Keeps the norm over all axes but the first, that of each unit's incoming weights, at most c: w ← w·min(1, c/‖w‖₂)
     * (Srebro and Shraibman 2005; Srivastava et al. 2014, section 5.1). Biases and other parameters of rank below 2 stay.
     */
    static Proximal maxNorm(double c) {
        Require.positive("max-norm", "the largest norm", c);
        return (theta, rate) -> {
            if (theta.rank() < 2) {
                return theta;
            }
            int[] axes = IntStream.range(1, theta.rank()).toArray();
            Tensor norm = theta.square().sumKeepDims(axes).sqrt();
            return theta.mul(Tensor.where(norm.gt(c), norm.reciprocal().mul(c), norm.onesLike()));
        };
    }

    /** Keeps all elements from 0 on: θ ← max(θ, 0). */
    static Proximal nonNegative() {
        return (theta, rate) -> theta.clampMin(0);
    }
}
