package kawi.graph;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Value;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a recorded program and, once it has run, its value. Nodes never change what they mean; what changes
 * is how much is known of them: a value arrives, and history that nobody can differentiate any more is dropped.
 */
public final class Node {
    private static final Node[] NO_INPUTS = {};
    /** How often a leaf was retired: what was found out about tracking before may have changed. */
    private static volatile int retirements;

    private static final VarHandle USES;

    static {
        try {
            USES = MethodHandles.lookup().findVarHandle(Node.class, "uses", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Op op;
    private final Type type;
    private volatile Node[] inputs;
    private volatile @Nullable Value value;
    private volatile boolean tracked;
    /** The count of retirements at which {@link #tracked} was known to be right. */
    private volatile int checked;

    private volatile boolean lost;
    /** Whether derivatives by this node are kept whatever it is computed from. */
    private volatile boolean origin;
    /** Whether the value depends on a placeholder, so that it has none. */
    private final boolean open;

    @SuppressWarnings("unused") // through USES
    private volatile int uses;

    private int depth;
    /** Where it was recorded, if that was to be remembered. */
    private final @Nullable Site site;

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
        this.checked = retirements;
        int d = 0;
        boolean t = tracked;
        boolean passes = type.dtype().isFloat() && op.differentiable();
        boolean o = op instanceof Source.Placeholder;
        for (Node n : inputs) {
            d = Math.max(d, n.value == null ? n.depth + 1 : 0);
            t |= passes && n.tracked();
            o |= n.open;
        }
        if (!o) { // else it is never run, and so is no reader
            for (Node n : inputs) {
                n.used();
            }
        }
        this.open = o;
        this.site = Site.here();
        this.depth = d;
        this.tracked = t;
    }

    /** The node of an operation; its inputs are checked. */
    public static Node of(Op op, Node... inputs) {
        if (!op.takesHalves()) {
            inputs = widened(inputs);
        }
        List<Type> types = new ArrayList<>(inputs.length);
        for (Node n : inputs) {
            types.add(n.type);
        }
        Type type;
        try {
            type = op.infer(types);
        } catch (KawiException e) {
            throw Misfit.explained(e, inputs);
        }
        return new Node(op, type, inputs, null, false);
    }

    /** The inputs as what operations compute with. */
    private static Node[] widened(Node[] inputs) {
        Node[] wide = inputs;
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i].type.dtype().isHalf()) {
                wide = wide == inputs ? inputs.clone() : wide;
                wide[i] = Graph.cast(inputs[i], DType.F32);
            }
        }
        return wide;
    }

    /** The same operation on the same operands once more, to have a value of its own; null where the value is known or lost, for then the operands may be forgotten. */
    public @Nullable Node again() {
        Node[] operands = inputs; // read first: another thread that brings the value forgets them afterwards
        return value != null || lost ? null : new Node(op, type, operands, null, false);
    }

    /** A node that is known from the start. */
    public static Node leaf(Type type, Value value) {
        return new Node(new Source.Leaf(type), type, NO_INPUTS, value, false);
    }

    /** A node that is known from the start and can be differentiated with respect to. */
    public static Node trackedLeaf(Type type, Value value) {
        return new Node(new Source.Leaf(type), type, NO_INPUTS, value, true);
    }

    /** The same value under another name, with respect to which derivatives are kept until it is {@link #release}d. */
    public static Node mark(Node x) {
        boolean differentiable = x.type.dtype().isFloat();
        Node mark = new Node(new Identity.Mark(), x.type, new Node[] {x}, null, differentiable);
        mark.origin = differentiable;
        return mark;
    }

    /** A value that is not there: what is computed from it can be transformed, but not run. */
    public static Node placeholder(Type type) {
        return new Node(
                new Source.Placeholder(type),
                type,
                NO_INPUTS,
                null,
                type.dtype().isFloat());
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
        if (!tracked()) {
            inputs = NO_INPUTS;
        }
    }

    /** The memory of the value was taken over by another: it cannot be read any more. */
    public void lose() {
        lost = true;
        value = null;
        inputs = NO_INPUTS;
        tracked = false;
    }

    /** Whether the value is known no more. */
    public boolean lost() {
        return lost;
    }

    /**
     * Whether a derivative with respect to something below may still be asked for: a tracked leaf whose value is
     * current is among the ancestors. If not, the history is dropped once the value is known.
     */
    public boolean tracked() {
        if (tracked && checked != retirements) {
            refresh(this, retirements);
        }
        return tracked;
    }

    /** The leaf was given a new value elsewhere: what was computed from this one is no longer differentiated. */
    public void retire() {
        tracked = false;
        synchronized (Node.class) {
            retirements++;
        }
    }

    /** A mark has done its service: from now on it is differentiated if what it marks is. */
    public void release() {
        origin = false;
        synchronized (Node.class) {
            retirements++;
        }
    }

    /** Whether the value depends on a placeholder: there is none to be read. */
    public boolean open() {
        return open;
    }

    /** Finds out anew, as far down as somebody may have retired a leaf. */
    private static void refresh(Node root, int now) {
        Deque<Node> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            Node node = open.peek();
            Node[] in = node.inputs;
            boolean holds = node.origin || in.length == 0 && node.tracked;
            Node unknown = null;
            for (Node n : in) {
                if (n.tracked && n.checked == now) {
                    holds = true;
                } else if (n.tracked) {
                    unknown = n;
                }
            }
            if (!holds && unknown != null) {
                open.push(unknown);
                continue;
            }
            open.pop();
            node.checked = now;
            if (!holds) {
                node.tracked = false;
                if (node.value != null) {
                    node.inputs = NO_INPUTS;
                }
            }
        }
    }

    /** How many nodes have been recorded that read this one, and other holders made known by {@link #used}. */
    public int uses() {
        return uses;
    }

    /** Somebody more may read the value. */
    public void used() {
        USES.getAndAdd(this, 1);
    }

    /** Length of the longest chain of operations not yet run below this node. */
    public int depth() {
        return depth;
    }

    /** Where it was recorded, or null: see {@link Site#keep}. */
    public @Nullable Site site() {
        return site;
    }

    @Override
    public String toString() {
        return op.label() + " " + type;
    }
}
