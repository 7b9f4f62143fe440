package kawi.optim;

import kawi.tensor.Tensor;

/** An argument x of an {@link Objective}, with f(x) and ∇f(x), which has the shape of x. */
public record Point(Tensor x, double value, Tensor gradient) {
    /** The derivative along a direction of the shape of x: ∇f(x)ᵀp. */
    public double slope(Tensor direction) {
        return gradient.mul(direction).sum().item();
    }

    /** ‖∇f(x)‖₂. */
    public double gradientNorm() {
        return Math.sqrt(slope(gradient));
    }

    /** Whether the value and the whole gradient are finite. */
    public boolean finite() {
        return Double.isFinite(value) && Double.isFinite(gradientNorm());
    }
}
