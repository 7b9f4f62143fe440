package kawi.tensor;

/** What is put around a tensor that is made larger. */
public enum Padding {
    /** Mirrored at the first and the last element, which are not repeated: {@code c b | a b c | b a}. */
    REFLECT,
    /** The first and the last element again: {@code a a | a b c | c c}; NumPy's "edge". */
    REPLICATE,
    /** As if the elements lay on a circle: {@code b c | a b c | a b}; NumPy's "wrap". */
    CIRCULAR
}
