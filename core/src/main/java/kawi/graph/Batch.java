package kawi.graph;

import kawi.base.Shape;

/**
 * The inputs of one operation for all examples of a batch: those that differ between the examples have a leading axis
 * that counts them, the others are what they are for one example. A batching rule ({@link Op#batch}) is written with this.
 */
public final class Batch {
    private final Node one;
    private final Node[] inputs;
    private final boolean[] mapped;
    private final int count;

    /**
     * @param one the operation as it was recorded for one example
     * @param inputs its inputs for the batch
     * @param mapped which of them have the axis of examples
     * @param count number of examples
     */
    public Batch(Node one, Node[] inputs, boolean[] mapped, int count) {
        this.one = one;
        this.inputs = inputs;
        this.mapped = mapped;
        this.count = count;
    }

    /** Number of examples. */
    public int count() {
        return count;
    }

    /** The operation as it was recorded for one example. */
    public Node one() {
        return one;
    }

    /** The shape of input number {@code k} of one example. */
    public Shape shape(int k) {
        return one.inputs()[k].type().shape();
    }

    /** Whether input number {@code k} differs between the examples. */
    public boolean mapped(int k) {
        return mapped[k];
    }

    /** Input number {@code k} as it is given, with the axis of examples or without. */
    public Node given(int k) {
        return inputs[k];
    }

    /** Input number {@code k} with the axis of examples; if it is the same for all, repeated along it. */
    public Node in(int k) {
        return mapped[k] ? inputs[k] : repeated(inputs[k]);
    }

    /** What is the same for all examples, repeated along their axis. */
    public Node repeated(Node same) {
        return Graph.expand(same, same.type().shape().inserted(0, count));
    }

    /** An operation on all inputs, each with the axis of examples. */
    public Node apply(Op op) {
        Node[] in = new Node[inputs.length];
        for (int k = 0; k < in.length; k++) {
            in[k] = in(k);
        }
        return Node.of(op, in);
    }

    /** An operation on all inputs, with the axis of examples and the first of each taken as one; they come apart again. */
    public Node folded(Op op) {
        Node[] in = new Node[inputs.length];
        for (int k = 0; k < in.length; k++) {
            in[k] = folded(in(k));
        }
        return unfolded(Node.of(op, in));
    }

    /** An operation on each example alone, and the results side by side: where no single operation takes them all. */
    public Node each(Op op) {
        Node[] results = new Node[count];
        for (int i = 0; i < count; i++) {
            Node[] in = new Node[inputs.length];
            for (int k = 0; k < in.length; k++) {
                in[k] = mapped[k] ? Graph.reshape(Graph.slice(inputs[k], 0, i, i + 1), shape(k)) : inputs[k];
            }
            Node result = Node.of(op, in);
            results[i] = Graph.reshape(result, result.type().shape().inserted(0, 1));
        }
        return Node.of(new Movement.Concat(0), results);
    }

    /** {@code [examples, n, …] → [examples · n, …]}. */
    static Node folded(Node x) {
        Shape s = x.type().shape();
        return Graph.reshape(x, s.without(0, 2).inserted(0, Math.multiplyExact(s.dim(0), s.dim(1))));
    }

    /** {@code [examples · n, …] → [examples, n, …]}. */
    Node unfolded(Node x) {
        Shape s = x.type().shape();
        return Graph.reshape(x, s.with(0, s.dim(0) / count).inserted(0, count));
    }
}
