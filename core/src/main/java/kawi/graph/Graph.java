package kawi.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import kawi.base.DType;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Builds nodes: promotion of element types, broadcasting, and the shortcuts that keep a program small. Derivative rules
 * and the tensor's methods are written with these.
 */
public final class Graph {
    private Graph() {}

    // Constants and positions

    /** The number everywhere in a shape. */
    public static Node constant(double value, DType dtype, Shape shape) {
        return Node.of(Source.Constant.of(value, new Type(dtype, shape)));
    }

    /** The number with the type and shape of another node. */
    public static Node scalar(double value, Node like) {
        return Node.of(Source.Constant.of(value, like.type()));
    }

    /** The position along an axis, counted from 0. */
    public static Node iota(DType dtype, Shape shape, int axis) {
        List<Long> strides = new ArrayList<>();
        for (int i = 0; i < shape.rank(); i++) {
            strides.add(i == axis ? 1L : 0L);
        }
        return Node.of(new Source.Iota(dtype, shape, List.copyOf(strides)));
    }

    /** The row-major number of each element. */
    public static Node elementNumber(DType dtype, Shape shape) {
        List<Long> strides = new ArrayList<>();
        for (long s : shape.rowMajorStrides()) {
            strides.add(s);
        }
        return Node.of(new Source.Iota(dtype, shape, List.copyOf(strides)));
    }

    // Elementwise

    /** The same numbers in another element type. */
    public static Node cast(Node x, DType to) {
        if (x.type().dtype() == to) {
            return x;
        }
        if (x.op() instanceof Source.Constant c) {
            return Node.of(c.as(to));
        }
        return Node.of(new Cast(to), x);
    }

    /** A unary operation. */
    public static Node unary(Elementwise op, Node x) {
        return Node.of(op, x);
    }

    /** A binary operation; element types are promoted and shapes broadcast. */
    public static Node binary(Elementwise op, Node a, Node b) {
        if (!a.type().equals(b.type())) {
            DType d = DType.promote(a.type().dtype(), b.type().dtype());
            Shape s = broadcastShape(op.label(), a, b);
            a = expand(cast(a, d), s);
            b = expand(cast(b, d), s);
        }
        return Node.of(op, a, b);
    }

    private static Shape broadcastShape(String what, Node a, Node b) {
        Shape s = Shape.broadcast(a.type().shape(), b.type().shape());
        if (s == null) {
            throw Misfit.broadcast(what, a, b);
        }
        return s;
    }

    public static Node add(Node a, Node b) {
        return binary(Elementwise.ADD, a, b);
    }

    public static Node sub(Node a, Node b) {
        return binary(Elementwise.SUB, a, b);
    }

    public static Node mul(Node a, Node b) {
        return binary(Elementwise.MUL, a, b);
    }

    /** True division; integers are first cast to {@code F32}. */
    public static Node div(Node a, Node b) {
        DType d = DType.promote(a.type().dtype(), b.type().dtype());
        return binary(Elementwise.DIV, cast(a, d.isFloat() ? d : DType.F32), cast(b, d.isFloat() ? d : DType.F32));
    }

    public static Node neg(Node a) {
        return unary(Elementwise.NEG, a);
    }

    public static Node equal(Node a, Node b) {
        return binary(Elementwise.EQ, a, b);
    }

    public static Node less(Node a, Node b) {
        return binary(Elementwise.LT, a, b);
    }

    /** {@code a} where the condition is true, else {@code b}; all three broadcast. */
    public static Node where(Node condition, Node a, Node b) {
        DType d = DType.promote(a.type().dtype(), b.type().dtype());
        Shape s = Shape.broadcast(condition.type().shape(), broadcastShape("where", a, b));
        if (s == null) {
            throw Misfit.of(
                    "where: the condition's shape %s does not broadcast with shapes %s and %s of the values: aligned at the last axis, extents must be equal or 1"
                            .formatted(
                                    condition.type().shape(),
                                    a.type().shape(),
                                    b.type().shape()),
                    condition,
                    a,
                    b);
        }
        return Node.of(Elementwise.WHERE, expand(condition, s), expand(cast(a, d), s), expand(cast(b, d), s));
    }

    // Movement

    public static Node reshape(Node x, Shape shape) {
        if (x.type().shape().equals(shape)) {
            return x;
        }
        if (x.op() instanceof Source.Constant c && x.type().shape().size() == shape.size()) {
            return constant(c, shape);
        }
        Node[] from = x.inputs();
        if (x.op() instanceof Movement.Reshape
                && from.length == 1
                && from[0].type().shape().size() == shape.size()) {
            return reshape(from[0], shape);
        }
        return Node.of(new Movement.Reshape(shape), x);
    }

    private static Node constant(Source.Constant c, Shape shape) {
        return Node.of(new Source.Constant(new Type(c.type().dtype(), shape), c.bits()));
    }

    public static Node permute(Node x, int... order) {
        boolean same = order.length == x.type().shape().rank();
        for (int i = 0; same && i < order.length; i++) {
            same = order[i] == i;
        }
        if (same) {
            return x;
        }
        var permute = new Movement.Permute(Movement.list(order));
        Node[] from = x.inputs();
        if (x.op() instanceof Movement.Permute before && from.length == 1) {
            permute.infer(List.of(x.type())); // says what is wrong with the order
            return permute(
                    from[0], Arrays.stream(order).map(before.order()::get).toArray());
        }
        return Node.of(permute, x);
    }

    /** The last two axes exchanged. */
    public static Node transpose(Node x) {
        return permute(
                x,
                Movement.array(
                        Movement.Permute.transpose(x.type().shape().rank()).order()));
    }

    /** One axis in another place, the others in their order. */
    public static Node moveAxis(Node x, int from, int to) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < x.type().shape().rank(); i++) {
            if (i != from) {
                order.add(i);
            }
        }
        order.add(to, from);
        return permute(x, Movement.array(order));
    }

    /** Broadcasts to a shape: axes are added in front, axes of extent 1 repeated. */
    public static Node expand(Node x, Shape shape) {
        Shape s = x.type().shape();
        if (s.equals(shape)) {
            return x;
        }
        if (x.op() instanceof Source.Constant c && Objects.equals(shape, Shape.broadcast(s, shape))) {
            return constant(c, shape);
        }
        if (s.rank() < shape.rank()) {
            int[] d = new int[shape.rank()];
            Arrays.fill(d, 1);
            for (int i = 0; i < s.rank(); i++) {
                d[d.length - s.rank() + i] = s.dim(i);
            }
            x = reshape(x, Shape.of(d));
            if (x.type().shape().equals(shape)) {
                return x;
            }
        }
        return Node.of(new Movement.Expand(shape), x);
    }

    /** Elements {@code from} to {@code to − 1} along one axis. */
    public static Node slice(Node x, int axis, int from, int to) {
        int r = x.type().shape().rank();
        int[] start = new int[r];
        int[] step = new int[r];
        int[] count = x.type().shape().dims();
        Arrays.fill(step, 1);
        start[axis] = from;
        count[axis] = to - from;
        return slice(x, start, step, count);
    }

    /** Along each axis: {@code count} elements from {@code start} on, {@code step} apart. */
    public static Node slice(Node x, int[] start, int[] step, int[] count) {
        boolean whole = true;
        for (int i = 0; i < start.length; i++) {
            whole &= start[i] == 0
                    && step[i] == 1
                    && count[i] == x.type().shape().dim(i);
        }
        if (whole) {
            return x;
        }
        if (x.op() instanceof Source.Constant c) {
            return constant(c, Shape.of(count));
        }
        var slice = new Movement.Slice(Movement.list(start), Movement.list(step), Shape.of(count));
        if (x.op() instanceof Movement.Embed embed && x.inputs().length == 1) {
            Node part = x.inputs()[0];
            if (embed.start().equals(slice.start())
                    && embed.step().equals(slice.step())
                    && part.type().shape().equals(slice.count())) {
                return part;
            }
            if (apart(embed, part.type().shape(), slice)) {
                return constant(0, x.type().dtype(), slice.count());
            }
        }
        if (x.op() instanceof Movement.Concat concat) {
            Node part = part(concat, x.inputs(), slice);
            if (part != null) {
                return part;
            }
        }
        return Node.of(slice, x);
    }

    /** The part of a concatenation that a slice shows, or null if it shows another section. */
    private static @Nullable Node part(Movement.Concat concat, Node[] parts, Movement.Slice slice) {
        int at = 0;
        for (Node part : parts) {
            List<Integer> start =
                    new ArrayList<>(Collections.nCopies(slice.start().size(), 0));
            start.set(concat.axis(), at);
            if (slice.count().equals(part.type().shape())
                    && slice.start().equals(start)
                    && slice.step().stream().allMatch(s -> s == 1)) {
                return part;
            }
            at += part.type().shape().dim(concat.axis());
        }
        return null;
    }

    /** Whether a slice shows only zeros of an embedding: along some axis it lies before what was put in, or after it. */
    private static boolean apart(Movement.Embed embed, Shape part, Movement.Slice slice) {
        for (int i = 0; i < part.rank(); i++) {
            boolean forward = embed.step().get(i) > 0 && slice.step().get(i) > 0;
            int from = embed.start().get(i);
            int to = from + (part.dim(i) - 1) * embed.step().get(i);
            int first = slice.start().get(i);
            int last = first + (slice.count().dim(i) - 1) * slice.step().get(i);
            if (forward && (last < from || to < first)) {
                return true;
            }
        }
        return false;
    }

    // Contractions

    /** Matrix product over the last two axes; batch axes broadcast, element types are promoted. */
    public static Node matmul(Node a, Node b) {
        Shape x = a.type().shape();
        Shape y = b.type().shape();
        if (x.rank() < 2 || y.rank() < 2 || x.dim(-1) != y.dim(-2)) {
            throw Misfit.matmul(a, b);
        }
        if (x.rank() > 2 && y.rank() == 2 && x.product(0, x.rank() - 1) <= Integer.MAX_VALUE) {
            // One product of all rows, and one for the derivative, instead of one for each place of the batch.
            Node rows = reshape(a, Shape.of((int) x.product(0, x.rank() - 1), x.dim(-1)));
            return reshape(matmul(rows, b), x.without(x.rank() - 1, x.rank()).inserted(x.rank() - 1, y.dim(-1)));
        }
        DType d = DType.promote(a.type().dtype(), b.type().dtype());
        Shape batchOfFirst = x.without(x.rank() - 2, x.rank());
        Shape batchOfSecond = y.without(y.rank() - 2, y.rank());
        Shape batch = Shape.broadcast(batchOfFirst, batchOfSecond);
        if (batch == null) {
            throw Misfit.of(
                    "matmul: the batch axes %s and %s, all but the last two of %s and %s, do not broadcast: aligned at the last, extents must be equal or 1. Bring them together with reshape, unsqueeze or transpose"
                            .formatted(batchOfFirst, batchOfSecond, x, y),
                    a,
                    b);
        }
        int r = batch.rank();
        Node p = expand(cast(a, d), batch.inserted(r, x.dim(-2)).inserted(r + 1, x.dim(-1)));
        Node q = expand(cast(b, d), batch.inserted(r, y.dim(-2)).inserted(r + 1, y.dim(-1)));
        return Node.of(new Contraction.MatMul(), p, q);
    }

    // Reductions

    /** Sums over axes, which stay with extent 1; then restores nothing: the rank is unchanged. */
    public static Node sum(Node x, int... axes) {
        return reduce(Reduction.Kind.SUM, x, axes);
    }

    /**
     * Combines over axes, which stay with extent 1. Neighbouring axes are taken as one, groups of them innermost first,
     * so that the order of the elements depends on the shape alone.
     */
    public static Node reduce(Reduction.Kind kind, Node x, int... axes) {
        Shape shape = x.type().shape();
        boolean[] over = new boolean[shape.rank()];
        for (int a : axes) {
            over[a] = true;
        }
        Shape result = shape;
        Node y = x;
        for (int to = shape.rank(); to > 0; to--) {
            if (!over[to - 1]) {
                continue;
            }
            int from = to - 1;
            while (from > 0 && over[from - 1]) {
                from--;
            }
            Shape current = y.type().shape();
            int extent = Math.toIntExact(current.product(from, to));
            for (int i = from; i < to; i++) {
                result = result.with(i, 1);
            }
            y = reshape(y, current.without(from, to).inserted(from, extent));
            y = reshape(Node.of(new Reduction.Reduce(kind, from), y), result);
            to = from + 1;
        }
        return y;
    }
}
