package kawi.graph;

import java.util.List;
import kawi.base.DType;
import org.jspecify.annotations.Nullable;

/**
 * The same numbers in another element type: floating point to integer truncates towards zero and saturates as Java's
 * cast does, to {@code BOOL} asks whether a number is not 0, to {@code U8} wraps, to {@code F16} and {@code BF16} rounds
 * the number in {@code F32} to the nearest, ties to even. The derivative by a number of 16 bits is in {@code F32}.
 */
public record Cast(DType to) implements Op {
    @Override
    public String label() {
        return "cast";
    }

    @Override
    public boolean takesHalves() {
        return true;
    }

    @Override
    public Type infer(List<Type> in) {
        return new Type(to, in.get(0).shape());
    }

    @Override
    public HostArray evaluate(List<HostArray> in, Type result) {
        HostArray a = in.get(0);
        HostArray out = new HostArray(result);
        for (int i = 0; i < out.size(); i++) {
            if (to == DType.BOOL) {
                out.set(i, a.getDouble(i) != 0 ? 1L : 0L);
            } else if (a.dtype().isFloat() && to.isFloat()) {
                out.set(i, a.getDouble(i));
            } else if (a.dtype().isFloat()) {
                out.set(i, to == DType.I64 ? a.getLong(i) : (long) (int) a.getDouble(i));
            } else {
                out.set(i, a.getLong(i));
            }
        }
        return out;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        DType from = self.inputs()[0].type().dtype();
        return new @Nullable Node[] {from.isFloat() && to.isFloat() ? Graph.cast(g, from.computing()) : null};
    }

    @Override
    public Jacobian jacobian() {
        return Jacobian.LINEAR;
    }

    @Override
    public Node batch(Batch b) {
        return b.apply(this);
    }
}
