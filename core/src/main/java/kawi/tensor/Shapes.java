package kawi.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Graph;

/** The same elements under other axes: what copies nothing. */
final class Shapes {
    private Shapes() {}

    static Tensor reshape(Tensor x, int... shape) {
        int[] d = shape.clone();
        int open = -1;
        for (int i = 0; i < d.length && open < 0; i++) {
            open = d[i] == -1 ? i : -1;
        }
        if (open >= 0) {
            d[open] = 1;
            boolean twice = Arrays.stream(d).anyMatch(e -> e < 0);
            long known = twice ? 0 : Shape.of(d).size();
            if (known == 0 || x.size() % known != 0 || x.size() / known > Integer.MAX_VALUE) {
                throw new KawiException("reshape: %s with %d elements does not divide into %s"
                        .formatted(x.shape(), x.size(), Arrays.toString(shape)));
            }
            d[open] = (int) (x.size() / known);
        }
        return reshape(x, Shape.of(d));
    }

    static Tensor reshape(Tensor x, Shape shape) {
        return Tensor.of(Graph.reshape(x.node(), shape));
    }

    static Tensor flatten(Tensor x, int from, int to) {
        Shape s = x.shape();
        int a = s.axis(from, "flatten");
        int b = s.axis(to, "flatten");
        if (b < a) {
            throw new KawiException("flatten: axis %d comes after axis %d in shape %s".formatted(from, to, s));
        }
        long extent = s.product(a, b + 1);
        if (extent > Integer.MAX_VALUE) {
            throw new KawiException("flatten: an axis has at most %d elements, but axes %d to %d of shape %s have %d"
                    .formatted(Integer.MAX_VALUE, a, b, s, extent));
        }
        return reshape(x, s.without(a, b + 1).inserted(a, (int) extent));
    }

    static Tensor permute(Tensor x, int... order) {
        int[] o = IntStream.of(order).map(a -> x.shape().axis(a, "permute")).toArray();
        return Tensor.of(Graph.permute(x.node(), o));
    }

    static Tensor transpose(Tensor x, int first, int second) {
        int a = x.shape().axis(first, "transpose");
        int b = x.shape().axis(second, "transpose");
        int[] order = IntStream.range(0, x.rank())
                .map(i -> i == a ? b : i == b ? a : i)
                .toArray();
        return Tensor.of(Graph.permute(x.node(), order));
    }

    static Tensor expand(Tensor x, int... shape) {
        return Tensor.of(Graph.expand(x.node(), Shape.of(shape)));
    }

    static Tensor unsqueeze(Tensor x, int axis) {
        int rank = x.rank();
        int a = axis < 0 ? axis + rank + 1 : axis;
        if (a < 0 || a > rank) {
            throw new KawiException("unsqueeze: position %d does not exist for shape %s; positions run from %d to %d"
                    .formatted(axis, x.shape(), -rank - 1, rank));
        }
        return reshape(x, x.shape().inserted(a, 1));
    }

    static Tensor squeeze(Tensor x, int axis) {
        int a = x.shape().axis(axis, "squeeze");
        if (x.shape().dim(a) != 1) {
            throw new KawiException("squeeze: axis %d of shape %s has extent %d, not 1"
                    .formatted(axis, x.shape(), x.shape().dim(a)));
        }
        return reshape(x, x.shape().without(a, a + 1));
    }

    static Tensor squeeze(Tensor x) {
        return reshape(
                x, Shape.of(IntStream.of(x.shape().dims()).filter(d -> d != 1).toArray()));
    }

    static Tensor select(Tensor x, int axis, int index) {
        int a = x.shape().axis(axis, "select");
        int n = x.shape().dim(a);
        int i = index < 0 ? index + n : index;
        if (i < 0 || i >= n) {
            throw new KawiException(
                    "select: index %d lies outside axis %d of shape %s".formatted(index, axis, x.shape()));
        }
        return slice(x, a, i, i + 1, 1).squeeze(a);
    }

    static Tensor slice(Tensor x, int axis, int from, int to, int step) {
        int a = x.shape().axis(axis, "slice");
        int n = x.shape().dim(a);
        if (step == 0) {
            throw new KawiException("slice: the step cannot be 0");
        }
        int lowest = step > 0 ? 0 : -1;
        int highest = step > 0 ? n : n - 1;
        int f = Math.clamp(from < 0 ? (long) from + n : from, lowest, highest);
        int t = to == Integer.MIN_VALUE ? lowest : Math.clamp(to < 0 ? (long) to + n : to, lowest, highest);
        long length = step > 0 ? (long) t - f : (long) f - t;
        long stride = Math.abs((long) step);
        int count = (int) Math.max(0, (length + stride - 1) / stride);
        int[] starts = new int[x.rank()];
        int[] steps = new int[x.rank()];
        int[] counts = x.shape().dims();
        Arrays.fill(steps, 1);
        starts[a] = count == 0 ? 0 : f;
        steps[a] = count < 2 ? 1 : step;
        counts[a] = count;
        return Tensor.of(Graph.slice(x.node(), starts, steps, counts));
    }

    static Tensor flip(Tensor x, int... axes) {
        Tensor y = x;
        for (int a : Reductions.axes(x, "flip", axes)) {
            y = slice(y, a, x.dim(a) - 1, Integer.MIN_VALUE, -1);
        }
        return y;
    }
}
