package kawi.classic;

import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Features whose products approximate the RBF kernel: z(x) = √(2/D)·cos(xW + p) with ⟨z(x), z(x′)⟩ ≈ exp(−γ‖x − x′‖²), to some 1/√D (Rahimi and Recht
 * 2007, <em>Random features for large-scale kernel machines</em>, algorithm 1). A linear model of them costs time in proportion to the examples.
 *
 * @param frequencies W {@code [features, D]}, normal of variance 2γ
 * @param phases p {@code [D]}, uniform in 0 to 2π
 */
public record RandomFourierFeatures(Tensor frequencies, Tensor phases) {
    /** D such features of rows of some width. */
    public static RandomFourierFeatures of(int features, int count, double gamma, Key key) {
        if (features < 1 || count < 1 || !(gamma > 0)) {
            throw new KawiException(
                    "RandomFourierFeatures: features and their number are from 1 and γ is above 0, but %d, %d and %s were given"
                            .formatted(features, count, gamma));
        }
        return new RandomFourierFeatures(
                key.fold(0).normal(features, count).mul(Math.sqrt(2 * gamma)).realized(),
                key.fold(1).uniform(count).mul(2 * Math.PI).realized());
    }

    /** {@code [n, features]} → {@code [n, D]}. */
    public Tensor transform(Tensor x) {
        return Examples.sameWidth("RandomFourierFeatures", x, frequencies.dim(0))
                .matmul(frequencies)
                .add(phases)
                .cos()
                .mul(Math.sqrt(2.0 / phases.dim(0)));
    }
}
