package kawi.tensor;

import java.util.Objects;
import kawi.graph.Node;

/** A variable that training changes: derivatives with respect to it are kept. What it is assigned it copies. */
public final class Parameter extends Variable {
    /** A parameter that starts with the value of a floating-point tensor. */
    public Parameter(Tensor initial) {
        super(initial, true);
    }

    @Override
    void become(Node next) {
        hold(Node.leaf(next.type(), ownValue(next)), true);
    }

    @Override
    void hold(Node leaf, boolean alone) {
        node().retire();
        super.hold(Node.trackedLeaf(leaf.type(), Objects.requireNonNull(leaf.value())), alone);
    }
}
