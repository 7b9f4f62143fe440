package kawi.data;

import kawi.tensor.Tensor;

/**
 * Some examples: inputs and what is to be predicted from them, the first axis of both counting the examples.
 *
 * @param x inputs
 * @param y targets, for classification integers {@code [N]}
 */
public record Batch(Tensor x, Tensor y) {
    /** Number of examples. */
    public int size() {
        return x.dim(0);
    }
}
