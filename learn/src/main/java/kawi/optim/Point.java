package kawi.optim;

import kawi.tensor.Tensor;

/** An argument x of an {@link Objective}, with f(x) and ∇f(x), which has the shape of x. */
public record Point(Tensor x, double value, Tensor gradient) {
    /** The derivative along a direction of the shape of x: ∇f(x)ᵀp. */
    public double slope(Tensor direction) {
        return gradient.mul(direction).sum().item();
    }

    /** ‖∇f(x)‖₂, also where its square is beyond the range of numbers. */
    public double gradientNorm() {
        double square = slope(gradient);
        if (square > 1e-30 && square < Double.POSITIVE_INFINITY || gradient.size() == 0) {
            return Math.sqrt(square);
        }
        double largest = gradient.abs().max().item();
        return largest > 0 && largest < Double.POSITIVE_INFINITY
                ? largest * gradient.div(largest).norm().item()
                : largest;
    }

    /** Whether the value and the whole gradient are finite. */
    public boolean finite() {
        return Double.isFinite(value) && Double.isFinite(gradientNorm());
    }
}
