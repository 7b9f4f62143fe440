package kawi.tensor;

import kawi.graph.Node;

/** A variable that training changes: derivatives with respect to it are kept. */
public final class Parameter extends Variable {
    /** A parameter that starts with the value of a floating-point tensor. */
    public Parameter(Tensor initial) {
        super(initial, true);
    }

    @Override
    void become(Node next) {
        Node before = node();
        before.retire();
        super.become(next.value() != null ? Node.trackedLeaf(next.type(), next.value()) : track(next));
    }

    private static Node track(Node next) {
        Tensor t = Tensor.of(next).realized();
        return Node.trackedLeaf(t.node().type(), t.value());
    }
}
