package kawi.tensor;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.base.Value;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Source;
import kawi.graph.Type;
import kawi.schedule.Engine;
import org.jspecify.annotations.Nullable;

/**
 * A named place that holds a tensor and can be given another: the state of a layer or an optimiser. Computing with a
 * variable uses the tensor it holds at that moment; a later assignment does not change what was computed.
 */
public class Variable extends Tensor {
    /** Variables whose tensors are not computed yet; they are computed with the next update. */
    private static final List<WeakReference<Variable>> PENDING = new ArrayList<>();

    /** What a variable held before it was assigned, and by which thread it was. */
    private record Before(Node node, long thread) {}

    /** Stands where other tensors keep their node. */
    private static final Node NONE = Graph.constant(0, DType.F32, Shape.SCALAR);

    private volatile Node current;
    /** Null unless the variable is among {@link #PENDING}. */
    private @Nullable Before before;
    /** Whether the memory of the current value is this variable's alone. */
    private boolean owned;
    /** The node that computed the value, which tensors may hold, and how many read it when it was taken. */
    private WeakReference<Node> origin = new WeakReference<>(null);

    private int originUses;

    /** A variable that holds the value of a tensor, in memory of its own. */
    public Variable(Tensor initial) {
        this(initial, false);
    }

    Variable(Tensor initial, boolean tracked) {
        super(NONE);
        Value value = ownValue(initial.node());
        current = tracked ? Node.trackedLeaf(initial.type(), value) : Node.leaf(initial.type(), value);
        owned = true;
    }

    /** Computed for the variable alone where it is not known yet, else copied. */
    static Value ownValue(Node initial) {
        Node again = initial.op() instanceof Movement.Viewing ? null : initial.again();
        return (again == null ? Creation.copy(Tensor.of(initial)) : Tensor.of(again)).value();
    }

    @Override
    Node node() {
        Node node = current;
        Jit.reads(this, node);
        return node;
    }

    @Override
    Tensor unchanging() {
        return of(current);
    }

    /**
     * Holds another tensor of the same shape and type from now on. It is computed with the next update or when read. Where
     * it was computed from others and nobody read it before the next guarded update of this thread, and that update is
     * refused, the assignment is part of what is refused: the variable holds again what it held before.
     */
    public void assign(Tensor next) {
        Jit.refuseToChange("assigns a variable " + current.type());
        Type t = current.type();
        if (!next.type().equals(t)) {
            throw new KawiException("assign: the variable is %s, but %s was given".formatted(t, next.type()));
        }
        if (next.node().open()) {
            throw new KawiException(
                    ("assign: %s depends on one example of a batch inside of a function given to vmap, and the"
                                    + " variable holds one value for all. Return it from the function, and assign for example its mean")
                            .formatted(next.type()));
        }
        Node old = current;
        Node now = next.detach().node();
        boolean given = now.op() instanceof Source.Constant
                || now.op() instanceof Source.Iota
                || now.op() instanceof Source.Leaf;
        if (given) { // it depends on no step, and so cannot be refused with one
            now = next.detach().realized().node();
        }
        become(now);
        // An eager program has computed it already.
        boolean tentative = current.value() == null || Engine.get().eager() && !given && !(this instanceof Parameter);
        synchronized (PENDING) {
            if (!tentative) {
                before = null;
            } else if (before == null) {
                before = new Before(old, Thread.currentThread().threadId());
                PENDING.add(new WeakReference<>(this));
            } else if (old.value() != null && !Engine.get().eager()) { // read meanwhile
                before = new Before(old, Thread.currentThread().threadId());
            }
        }
    }

    /** Holds what it is assigned. */
    void become(Node next) {
        hold(next, false);
    }

    /** Replaces the held node; what was computed from a tracked one is no longer differentiated. */
    void hold(Node next, boolean alone) {
        current = next;
        owned = alone;
        origin = new WeakReference<>(null);
    }

    /**
     * Holds the value that an update has computed.
     *
     * @param alone whether nobody else can read its memory, but by way of the node itself
     */
    final void take(Node result, boolean alone) {
        hold(Node.leaf(result.type(), Objects.requireNonNull(result.value())), alone);
        origin = new WeakReference<>(result);
        originUses = result.uses();
    }

    /** The node whose memory the next value may take over, or null. */
    final @Nullable Node donor() {
        Node from = origin.get();
        return owned && (from == null || from.uses() == originUses) ? current : null;
    }

    /** If the memory was taken over, the node that computed the value has lost it as well. */
    final void forgetOverwritten() {
        Node from = origin.get();
        if (current.lost() && from != null) {
            from.lose();
        }
    }

    /** A variable assigned since the last update, whose value was not known when that was asked. */
    record Pending(Variable variable, Node before, boolean ownThread) {
        /** Gives the variable back what it held before it was assigned. */
        void undo() {
            variable.become(before);
        }
    }

    /** The variables assigned since the last call that still wait for their values. */
    static List<Pending> takePending() {
        synchronized (PENDING) {
            List<Pending> list = new ArrayList<>();
            for (WeakReference<Variable> reference : PENDING) {
                Variable v = reference.get();
                Before b = v == null ? null : v.before;
                if (v != null && b != null) {
                    v.before = null;
                    if (v.current.value() == null || Engine.get().eager()) {
                        boolean own = b.thread == Thread.currentThread().threadId();
                        list.add(new Pending(v, b.node, own));
                    }
                }
            }
            PENDING.clear();
            return list;
        }
    }
}
