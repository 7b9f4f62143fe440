package kawi.graph;

import java.util.Arrays;
import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/** Operations that read or write at places given by integers. Places out of range are a {@link KawiException} when the values are read. */
public final class Indexing {
    private Indexing() {}

    /** Whole slices along an axis: {@code x [outer…, n, inner…]}, {@code index [m]} → {@code [outer…, m, inner…]}. */
    public record Take(int axis) implements Op {
        @Override
        public String label() {
            return "take";
        }

        @Override
        public boolean takesHalves() {
            return true;
        }

        @Override
        public Type infer(List<Type> in) {
            needIndex(label(), in.get(1));
            return new Type(
                    in.get(0).dtype(),
                    in.get(0).shape().with(axis, in.get(1).shape().dim(0)));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray x = in.get(0);
            HostArray out = new HostArray(result);
            int n = x.shape().dim(axis);
            visit(
                    result.shape(),
                    axis,
                    (outer, m, inner, width, o) ->
                            out.copy(o, x, (outer * n + place(this, in.get(1), m, n)) * width + inner));
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node[] in = self.inputs();
            return new @Nullable Node[] {
                Node.of(new TakeAdd(axis, in[0].type().shape().dim(axis)), g, in[1]), null
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            if (!b.mapped(1)) {
                return Node.of(new Take(axis + 1), b.in(0), b.given(1));
            }
            if (b.mapped(0)) {
                Shape one = b.shape(0).with(axis, b.shape(1).dim(0));
                return Node.of(new Gather(axis + 1), b.in(0), spread(b, axis, one));
            }
            // one table for all examples: their places one after the other
            int m = b.shape(1).dim(0);
            Node y = Node.of(this, b.given(0), Batch.folded(b.given(1)));
            Shape s = y.type().shape();
            return Graph.moveAxis(Graph.reshape(y, s.with(axis, m).inserted(axis, b.count())), axis, 0);
        }
    }

    /** The transpose of {@link Take}: adds the slices of {@code g} into zeros with extent {@code size} along the axis. */
    public record TakeAdd(int axis, int size) implements Op {
        @Override
        public String label() {
            return "takeAdd";
        }

        @Override
        public Type infer(List<Type> in) {
            needIndex(label(), in.get(1));
            return new Type(in.get(0).dtype(), in.get(0).shape().with(axis, size));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray g = in.get(0);
            HostArray out = new HostArray(result);
            visit(
                    g.shape(),
                    axis,
                    (outer, m, inner, width, o) ->
                            accumulate(out, (outer * size + place(this, in.get(1), m, size)) * width + inner, g, o));
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node u, boolean[] wanted) {
            return new @Nullable Node[] {Node.of(new Take(axis), u, self.inputs()[1]), null};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.mapped(1)
                    ? Node.of(new ScatterAdd(axis + 1, size), b.in(0), spread(b, axis, b.shape(0)))
                    : Node.of(new TakeAdd(axis + 1, size), b.in(0), b.given(1));
        }
    }

    /** What the places of a gather are, for messages. */
    public enum Meaning {
        PLACES,
        LABELS
    }

    /** One element a place: {@code y[i, j, …] = x[index[i, j, …], j, …]} for axis 0, alike for others; shapes agree elsewhere. */
    public record Gather(int axis, Meaning meaning) implements Op {
        /** With places that mean nothing but themselves. */
        public Gather(int axis) {
            this(axis, Meaning.PLACES);
        }

        @Override
        public String label() {
            return "gather";
        }

        @Override
        public boolean takesHalves() {
            return true;
        }

        @Override
        public Type infer(List<Type> in) {
            needIndex(label(), in.get(1));
            Shape x = in.get(0).shape();
            Shape i = in.get(1).shape();
            if (x.rank() != i.rank() || !x.with(axis, 0).equals(i.with(axis, 0))) {
                throw new KawiException(
                        "gather: along axis %d, index of shape %s does not fit %s; all other extents must agree"
                                .formatted(axis, i, x));
            }
            return new Type(in.get(0).dtype(), i);
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray x = in.get(0);
            HostArray out = new HostArray(result);
            int n = x.shape().dim(axis);
            visit(
                    result.shape(),
                    axis,
                    (outer, m, inner, width, o) ->
                            out.copy(o, x, (outer * n + place(this, in.get(1), o, n)) * width + inner));
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node[] in = self.inputs();
            return new @Nullable Node[] {
                Node.of(new ScatterAdd(axis, in[0].type().shape().dim(axis), meaning), g, in[1]), null
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            if (b.mapped(0)) {
                return b.apply(new Gather(axis + 1, meaning));
            }
            // one table for all examples: their places one after the other
            Node index = Graph.moveAxis(b.given(1), 0, axis);
            Shape s = index.type().shape();
            Node row = Graph.reshape(
                    index, s.without(axis, axis + 1).with(axis, Math.multiplyExact(s.dim(axis), s.dim(axis + 1))));
            return Graph.moveAxis(Graph.reshape(Node.of(this, b.given(0), row), s), axis, 0);
        }
    }

    /** The transpose of {@link Gather}: adds each element of {@code g} at its place into zeros with extent {@code size}. */
    public record ScatterAdd(int axis, int size, Meaning meaning) implements Op {
        /** With places that mean nothing but themselves. */
        public ScatterAdd(int axis, int size) {
            this(axis, size, Meaning.PLACES);
        }

        @Override
        public String label() {
            return "scatterAdd";
        }

        @Override
        public Type infer(List<Type> in) {
            needIndex(label(), in.get(1));
            if (!in.get(0).shape().equals(in.get(1).shape())) {
                throw new KawiException(
                        "scatterAdd: values %s and places %s must have one shape".formatted(in.get(0), in.get(1)));
            }
            return new Type(in.get(0).dtype(), in.get(0).shape().with(axis, size));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray g = in.get(0);
            HostArray out = new HostArray(result);
            visit(
                    g.shape(),
                    axis,
                    (outer, m, inner, width, o) ->
                            accumulate(out, (outer * size + place(this, in.get(1), o, size)) * width + inner, g, o));
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node u, boolean[] wanted) {
            return new @Nullable Node[] {Node.of(new Gather(axis, meaning), u, self.inputs()[1]), null};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(new ScatterAdd(axis + 1, size, meaning));
        }
    }

    /** The places of slices {@code [examples, m]} as places of elements {@code [examples, outer…, m, inner…]}. */
    private static Node spread(Batch b, int axis, Shape one) {
        int[] dims = new int[one.rank() + 1];
        Arrays.fill(dims, 1);
        dims[0] = b.count();
        dims[axis + 1] = one.dim(axis);
        return Graph.expand(Graph.reshape(b.given(1), Shape.of(dims)), one.inserted(0, b.count()));
    }

    private interface Visit {
        void element(int outer, int along, int inner, int width, int number);
    }

    private static void visit(Shape s, int axis, Visit visit) {
        int width = (int) s.product(axis + 1, s.rank());
        int outer = (int) s.product(0, axis);
        int number = 0;
        for (int o = 0; o < outer; o++) {
            for (int m = 0; m < s.dim(axis); m++) {
                for (int i = 0; i < width; i++) {
                    visit.element(o, m, i, width, number++);
                }
            }
        }
    }

    private static void accumulate(HostArray out, int at, HostArray g, int i) {
        if (g.dtype().isFloat()) {
            out.set(at, out.getDouble(at) + g.getDouble(i));
        } else {
            out.set(at, out.getLong(at) + g.getLong(i));
        }
    }

    private static int place(Op op, HostArray index, int i, int n) {
        long p = index.getLong(i);
        if (p < 0 || p >= n) {
            throw explained(op, IndexOutside.of(op.label(), p, i, n));
        }
        return (int) p;
    }

    /** The error for whoever reads values that need a place that is not there. To be made on the thread that reads. */
    public static KawiException explained(Op op, IndexOutside e) {
        boolean labels = op instanceof Gather g && g.meaning == Meaning.LABELS
                || op instanceof ScatterAdd s && s.meaning == Meaning.LABELS;
        return new KawiException(
                (labels ? e.ofLabels() : e.getMessage())
                        + "\n  (found when the values were computed, by the line below; after Kawi.eager(true) that is the"
                        + " line of the operation itself)",
                e);
    }

    private static void needIndex(String what, Type t) {
        if (t.dtype() != DType.I32 && t.dtype() != DType.I64) {
            throw new KawiException("%s: places are given as i32 or i64, but %s was given; cast it with .to(DType.I64)"
                    .formatted(what, t));
        }
    }
}
