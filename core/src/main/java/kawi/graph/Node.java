package kawi.graph;

import java.util.ArrayList;
import java.util.List;
import kawi.base.Value;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a recorded program and, once it has run, its value. Nodes never change what they mean; what changes
 * is how much is known of them: a value arrives, and history that nobody can differentiate any more is dropped.
 */
public final class Node {
    private static final Node[] NO_INPUTS = {};

    private final Op op;
    private final Type type;
    private volatile Node[] inputs;
    private volatile @Nullable Value value;
    private volatile boolean tracked;
    private int uses;
    private int depth;

    /** Scratch of the one traversal that holds the engine's lock. */
    int visit;
    /** Number given by that traversal. */
    int index;

    private Node(Op op, Type type, Node[] inputs, @Nullable Value value, boolean tracked) {
        this.op = op;
        this.type = type;
        this.inputs = inputs;
        this.value = value;
        this.tracked = tracked;
        int d = 0;
        boolean t = tracked;
        for (Node n : inputs) {
            d = Math.max(d, n.value == null ? n.depth + 1 : 0);
            t |= n.tracked;
            n.uses++;
        }
        this.depth = d;
        this.tracked = t;
    }

    /** The node of an operation; its inputs are checked. */
    public static Node of(Op op, Node... inputs) {
        List<Type> types = new ArrayList<>(inputs.length);
        for (Node n : inputs) {
            types.add(n.type);
        }
        return new Node(op, op.infer(types), inputs, null, false);
    }

    /** A node that is known from the start. */
    public static Node leaf(Type type, Value value) {
        return new Node(new Source.Leaf(type), type, NO_INPUTS, value, false);
    }

    /** A node that is known from the start and can be differentiated with respect to. */
    public static Node trackedLeaf(Type type, Value value) {
        return new Node(new Source.Leaf(type), type, NO_INPUTS, value, true);
    }

    public Op op() {
        return op;
    }

    public Type type() {
        return type;
    }

    /** The operands; empty once the history is dropped. Not to be modified. */
    public Node[] inputs() {
        return inputs;
    }

    /** The value, if it has been computed. */
    public @Nullable Value value() {
        return value;
    }

    /** Records the computed value. */
    public void value(Value computed) {
        this.value = computed;
        this.depth = 0;
        refreshTracking();
        if (!tracked) {
            inputs = NO_INPUTS;
        }
    }

    /**
     * Whether a derivative with respect to something below may still be asked for: a tracked leaf whose value is
     * current is among the ancestors.
     */
    public boolean tracked() {
        return tracked;
    }

    /** The leaf was given a new value elsewhere: what was computed from this one is no longer differentiated. */
    public void retire() {
        tracked = false;
    }

    /** No longer tracked if none of the inputs is; then the history is dropped once the value is known. */
    public void refreshTracking() {
        Node[] in = inputs;
        if (in.length == 0) {
            return;
        }
        for (Node n : in) {
            if (n.tracked) {
                return;
            }
        }
        tracked = false;
        if (value != null) {
            inputs = NO_INPUTS;
        }
    }

    /** How many nodes have been recorded that read this one. */
    public int uses() {
        return uses;
    }

    /** Length of the longest chain of operations not yet run below this node. */
    public int depth() {
        return depth;
    }

    @Override
    public String toString() {
        return op.label() + " " + type;
    }
}
