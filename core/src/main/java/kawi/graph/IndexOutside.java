package kawi.graph;

/**
 * A place, given by the values of a tensor, that is not there: thrown by kernels on whatever thread they run. Who called
 * the kernel makes it the caller's error by {@link Indexing#explained}.
 */
public final class IndexOutside extends IndexOutOfBoundsException {
    private final long place;
    private final long position;
    private final int size;

    /** An error with a message of its own. */
    public IndexOutside(String message) {
        this(message, 0, 0, 0);
    }

    private IndexOutside(String message, long place, long position, int size) {
        super(message);
        this.place = place;
        this.position = position;
        this.size = size;
    }

    /** The place at a position of the index, beyond an axis of {@code size}. */
    public static IndexOutside of(String what, long place, long position, int size) {
        String problem = size == 0
                ? "%s: index %d at position %d, but the axis is empty".formatted(what, place, position)
                : "%s: index %d at position %d is outside 0 to %d".formatted(what, place, position, size - 1);
        return new IndexOutside(problem, place, position, size);
    }

    /** The same of a label among classes. */
    String ofLabels() {
        String remedy = place < 0
                ? "; where a negative label means that the example counts for nothing, name it:"
                        + " crossEntropy(logits, labels, smoothing, ignored)"
                : "; as many classes as there are labels are needed: of the network's outputs, of what oneHot was given";
        return "the label of example %d is %d, but there are %d classes%s%s"
                .formatted(position, place, size, size == 0 ? "" : ", numbered 0 to " + (size - 1), remedy);
    }
}
