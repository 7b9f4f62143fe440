package kawi.tensor;

/**
 * Elements, and where along their axis they were found.
 *
 * @param values the elements
 * @param indices their places, {@code I64}
 */
public record Indexed(Tensor values, Tensor indices) {}
