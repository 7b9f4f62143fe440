package kawi.classic;

import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/**
 * ŷ = x·w + b.
 *
 * @param weights w {@code [features]}
 * @param bias b, one number
 */
public record LinearModel(Tensor weights, Tensor bias) implements Model {
    @Override
    public Tensor predict(Tensor x) {
        return Examples.sameWidth("LinearModel", x, weights.dim(0))
                .matmul(weights)
                .add(bias);
    }

    /** As {@link #predict(Tensor)}. */
    public Tensor predict(SparseMatrix x) {
        return Examples.sameWidth("LinearModel", x, weights.dim(0))
                .matmul(weights)
                .add(bias);
    }
}
