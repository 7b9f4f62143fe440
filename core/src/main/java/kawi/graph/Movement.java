package kawi.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.base.View;
import org.jspecify.annotations.Nullable;

/**
 * Operations that move elements and do not compute. Those that are {@link Viewing} are arithmetic on strides and copy
 * nothing.
 */
public final class Movement {
    private Movement() {}

    /** A movement that is only another way to read the same memory. */
    public interface Viewing extends Op {
        /** The view of the result in the memory that {@code input} shows, or null where it takes a copy. */
        @Nullable
        View apply(View input);

        @Override
        default boolean takesHalves() {
            return true;
        }

        @Override
        default HostArray evaluate(List<HostArray> in, Type result) {
            HostArray out = new HostArray(result);
            View view = apply(View.contiguous(in.get(0).shape()));
            if (view == null) {
                throw new IllegalStateException(label() + " of a contiguous array always has a view");
            }
            HostArray.forEach(view, (i, at) -> out.copy(i, in.get(0), (int) at));
            return out;
        }
    }

    static List<Integer> list(int[] values) {
        List<Integer> l = new ArrayList<>(values.length);
        for (int v : values) {
            l.add(v);
        }
        return List.copyOf(l);
    }

    static int[] array(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] before(int first, List<Integer> values) {
        int[] all = new int[values.size() + 1];
        all[0] = first;
        for (int i = 1; i < all.length; i++) {
            all[i] = values.get(i - 1);
        }
        return all;
    }

    /** The same elements in row-major order under another shape. */
    public record Reshape(Shape shape) implements Viewing {
        @Override
        public String label() {
            return "reshape";
        }

        @Override
        public Type infer(List<Type> in) {
            Type t = in.get(0);
            if (t.shape().size() != shape.size()) {
                throw new KawiException("reshape: shape %s has %d elements, but %s asks for %d"
                        .formatted(t.shape(), t.shape().size(), shape, shape.size()));
            }
            return new Type(t.dtype(), shape);
        }

        @Override
        public @Nullable View apply(View v) {
            return v.reshape(shape);
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return new Node[] {Graph.reshape(g, self.inputs()[0].type().shape())};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return Graph.reshape(b.in(0), shape.inserted(0, b.count()));
        }
    }

    /** Axis {@code order[i]} of the input becomes axis i. */
    public record Permute(List<Integer> order) implements Viewing {
        /** The exchange of the last two axes. */
        public static Permute transpose(int rank) {
            int[] order = new int[rank];
            Arrays.setAll(order, i -> i < rank - 2 ? i : 2 * rank - 3 - i);
            return new Permute(list(order));
        }

        @Override
        public String label() {
            return "permute";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape s = in.get(0).shape();
            int[] d = new int[s.rank()];
            boolean[] seen = new boolean[s.rank()];
            boolean valid = order.size() == s.rank();
            for (int i = 0; valid && i < d.length; i++) {
                int axis = order.get(i);
                valid = axis >= 0 && axis < d.length && !seen[axis];
                if (valid) {
                    seen[axis] = true;
                    d[i] = s.dim(axis);
                }
            }
            if (!valid) {
                throw new KawiException("permute: %s is not an order of the %d axes of shape %s; name each axis once"
                        .formatted(order, s.rank(), s));
            }
            return new Type(in.get(0).dtype(), Shape.of(d));
        }

        @Override
        public View apply(View v) {
            return v.permute(array(order));
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            int[] inverse = new int[order.size()];
            for (int i = 0; i < inverse.length; i++) {
                inverse[order.get(i)] = i;
            }
            return new Node[] {Graph.permute(g, inverse)};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            int[] shifted = new int[order.size() + 1];
            for (int i = 1; i < shifted.length; i++) {
                shifted[i] = order.get(i - 1) + 1;
            }
            return Graph.permute(b.in(0), shifted);
        }
    }

    /** Axes of extent 1 repeated; rank unchanged. */
    public record Expand(Shape shape) implements Viewing {
        @Override
        public String label() {
            return "expand";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape s = in.get(0).shape();
            boolean fits = s.rank() == shape.rank();
            for (int i = 0; fits && i < s.rank(); i++) {
                fits = s.dim(i) == shape.dim(i) || s.dim(i) == 1;
            }
            if (!fits) {
                throw new KawiException("expand: shape %s cannot be repeated to %s; only axes of extent 1 can grow"
                        .formatted(s, shape));
            }
            return new Type(in.get(0).dtype(), shape);
        }

        @Override
        public View apply(View v) {
            return v.expand(shape);
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Shape s = self.inputs()[0].type().shape();
            List<Integer> grown = new ArrayList<>();
            for (int i = 0; i < s.rank(); i++) {
                if (s.dim(i) != shape.dim(i)) {
                    grown.add(i);
                }
            }
            return new Node[] {Graph.sum(g, array(grown))};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return Graph.expand(b.in(0), shape.inserted(0, b.count()));
        }
    }

    /** Along each axis: {@code count} elements from {@code start}, {@code step} apart. */
    public record Slice(List<Integer> start, List<Integer> step, Shape count) implements Viewing {
        @Override
        public String label() {
            return "slice";
        }

        @Override
        public Type infer(List<Type> in) {
            checkInside(label(), start, step, count, in.get(0).shape());
            return new Type(in.get(0).dtype(), count);
        }

        @Override
        public View apply(View v) {
            return v.slice(array(start), array(step), count.dims());
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return new Node[] {
                Node.of(new Embed(start, step, self.inputs()[0].type().shape()), g)
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return Graph.slice(
                    b.in(0),
                    before(0, start),
                    before(1, step),
                    count.inserted(0, b.count()).dims());
        }
    }

    /** The transpose of {@link Slice}: zeros of shape {@code shape} with the input put where the slice would read. */
    public record Embed(List<Integer> start, List<Integer> step, Shape shape) implements Op {
        @Override
        public String label() {
            return "embed";
        }

        @Override
        public boolean takesHalves() {
            return true;
        }

        @Override
        public Type infer(List<Type> in) {
            checkInside(label(), start, step, in.get(0).shape(), shape);
            return new Type(in.get(0).dtype(), shape);
        }

        /** The places of the input's elements in the result. */
        public View places(Shape input) {
            return View.contiguous(shape).slice(array(start), array(step), input.dims());
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray out = new HostArray(result);
            HostArray.forEach(places(in.get(0).shape()), (i, at) -> out.copy((int) at, in.get(0), i));
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return new Node[] {
                Node.of(new Slice(start, step, self.inputs()[0].type().shape()), g)
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(new Embed(list(before(0, start)), list(before(1, step)), shape.inserted(0, b.count())));
        }
    }

    /** The inputs one after another along an axis. */
    public record Concat(int axis) implements Op {
        @Override
        public String label() {
            return "concat";
        }

        @Override
        public boolean takesHalves() {
            return true;
        }

        @Override
        public Type infer(List<Type> in) {
            Type first = in.get(0);
            int total = 0;
            for (Type t : in) {
                if (t.shape().rank() != first.shape().rank()
                        || !t.shape().with(axis, 0).equals(first.shape().with(axis, 0))
                        || t.dtype() != first.dtype()) {
                    throw new KawiException(
                            "concat: along axis %d all other extents and the element type must agree, but %s and %s were given"
                                    .formatted(axis, first, t));
                }
                total += t.shape().dim(axis);
            }
            return new Type(first.dtype(), first.shape().with(axis, total));
        }

        /** The places of input number {@code n} in the result. */
        public View places(List<Shape> inputs, int n, Shape result) {
            int[] start = new int[result.rank()];
            int[] step = new int[result.rank()];
            java.util.Arrays.fill(step, 1);
            for (int i = 0; i < n; i++) {
                start[axis] += inputs.get(i).dim(axis);
            }
            return View.contiguous(result).slice(start, step, inputs.get(n).dims());
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray out = new HostArray(result);
            List<Shape> shapes = in.stream().map(HostArray::shape).toList();
            for (int n = 0; n < in.size(); n++) {
                HostArray a = in.get(n);
                HostArray.forEach(places(shapes, n, result.shape()), (i, at) -> out.copy((int) at, a, i));
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node[] in = self.inputs();
            @Nullable Node[] out = new Node[in.length];
            int at = 0;
            for (int i = 0; i < in.length; i++) {
                int n = in[i].type().shape().dim(axis);
                out[i] = Graph.slice(g, axis, at, at + n);
                at += n;
            }
            return out;
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(new Concat(axis + 1));
        }
    }

    /** The input itself, without its history: nothing is differentiated through it. */
    public record StopGradient() implements Viewing {
        @Override
        public String label() {
            return "stopGradient";
        }

        @Override
        public Type infer(List<Type> in) {
            return in.get(0);
        }

        @Override
        public View apply(View v) {
            return v;
        }

        @Override
        public boolean differentiable() {
            return false;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return Op.none(self);
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(this);
        }
    }

    private static void checkInside(String what, List<Integer> start, List<Integer> step, Shape count, Shape whole) {
        for (int i = 0; i < whole.rank(); i++) {
            int n = count.dim(i);
            int last = start.get(i) + (n - 1) * step.get(i);
            if (n > 0 && (start.get(i) < 0 || start.get(i) >= whole.dim(i) || last < 0 || last >= whole.dim(i))) {
                throw new KawiException("%s: %d elements from %d by %d do not lie inside axis %d of shape %s"
                        .formatted(what, n, start.get(i), step.get(i), i, whole));
            }
        }
    }
}
