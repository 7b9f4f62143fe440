package kawi.tensor;

/**
 * The different elements of a tensor.
 *
 * @param values each once
 * @param inverse for each element of the tensor, in its shape, the place of its value; {@code I64}
 * @param counts how often each value occurs; {@code I64}
 */
public record Unique(Tensor values, Tensor inverse, Tensor counts) {}
