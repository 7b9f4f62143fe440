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
import kawi.graph.Node;
import kawi.graph.Type;
import org.jspecify.annotations.Nullable;

/**
 * A named place that holds a tensor and can be given another: the state of a layer or an optimiser. Computing with a
 * variable uses the tensor it holds at that moment; a later assignment does not change what was computed.
 */
public class Variable extends Tensor {
    /** Variables whose tensors are not computed yet; they are computed with the next update. */
    private static final List<WeakReference<Variable>> PENDING = new ArrayList<>();

    /** Stands where other tensors keep their node. */
    private static final Node NONE = Graph.constant(0, DType.F32, Shape.SCALAR);

    private volatile Node current;
    private boolean pending;
    /** Whether an update made the memory of the current value for this variable alone. */
    private boolean owned;
    /** The node that computed the value, which tensors may hold, and how many read it when it was taken. */
    private WeakReference<Node> origin = new WeakReference<>(null);

    private int originUses;

    /** A variable that holds the value of a tensor. */
    public Variable(Tensor initial) {
        this(initial, false);
    }

    Variable(Tensor initial, boolean tracked) {
        super(NONE);
        Node known = initial.realized().node();
        known.used();
        Value value = Objects.requireNonNull(known.value());
        current = tracked ? Node.trackedLeaf(known.type(), value) : Node.leaf(known.type(), value);
    }

    @Override
    Node node() {
        return current;
    }

    @Override
    Tensor unchanging() {
        return of(current);
    }

    /** Holds another tensor of the same shape and type from now on. It is computed with the next update or when read. */
    public void assign(Tensor next) {
        Type t = current.type();
        if (!next.type().equals(t)) {
            throw new KawiException("assign: the variable is %s, but %s was given".formatted(t, next.type()));
        }
        become(next.detach().node());
        synchronized (PENDING) {
            if (!pending && current.value() == null) {
                pending = true;
                PENDING.add(new WeakReference<>(this));
            }
        }
    }

    /** Replaces the held node; what was computed from a tracked one is no longer differentiated. */
    void become(Node next) {
        current = next;
        owned = false;
    }

    /**
     * Holds the value that an update has computed.
     *
     * @param alone whether nobody else can read its memory, but by way of the node itself
     */
    final void take(Node result, boolean alone) {
        become(Node.leaf(result.type(), Objects.requireNonNull(result.value())));
        owned = alone;
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

    /** The variables assigned since the last call that still wait for their values. */
    static List<Variable> takePending() {
        synchronized (PENDING) {
            List<Variable> list = new ArrayList<>();
            for (WeakReference<Variable> reference : PENDING) {
                Variable v = reference.get();
                if (v != null) {
                    v.pending = false;
                    if (v.current.value() == null) {
                        list.add(v);
                    }
                }
            }
            PENDING.clear();
            return list;
        }
    }
}
