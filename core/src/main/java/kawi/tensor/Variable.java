package kawi.tensor;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.base.KawiException;
import kawi.base.Value;
import kawi.graph.Node;
import kawi.graph.Type;

/**
 * A named place that holds a tensor and can be given another: the state of a layer or an optimiser. Computing with a
 * variable uses the tensor it holds at that moment; a later assignment does not change what was computed.
 */
public class Variable extends Tensor {
    /** Variables whose tensors are not computed yet; they are computed with the next update. */
    private static final List<WeakReference<Variable>> PENDING = new ArrayList<>();

    private volatile Node current;
    private boolean pending;

    /** A variable that holds the value of a tensor. */
    public Variable(Tensor initial) {
        this(initial, false);
    }

    Variable(Tensor initial, boolean tracked) {
        super(initial.realized().node());
        Node known = super.node();
        Value value = Objects.requireNonNull(known.value());
        current = tracked ? Node.trackedLeaf(known.type(), value) : Node.leaf(known.type(), value);
    }

    @Override
    public Node node() {
        return current;
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
