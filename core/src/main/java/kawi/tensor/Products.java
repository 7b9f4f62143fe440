package kawi.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.graph.Attention;
import kawi.graph.Contraction;
import kawi.graph.Contraction.Window;
import kawi.graph.Graph;
import kawi.graph.Misfit;
import kawi.graph.Node;
import kawi.graph.Pooling;

/** Sums of products over shared axes: matrices, attention, convolutions; and pooling, which has their windows. */
final class Products {
    private Products() {}

    static Tensor matmul(Tensor first, Tensor second) {
        boolean number = first.rank() == 0 || second.rank() == 0;
        if (number || first.dim(-1) != second.dim(second.rank() == 1 ? 0 : -2)) {
            throw Misfit.matmul(first.node(), second.node()); // before a vector is made a matrix that nobody wrote
        }
        Tensor a = first.rank() == 1 ? first.unsqueeze(0) : first;
        Tensor b = second.rank() == 1 ? second.unsqueeze(1) : second;
        Tensor y = Tensor.of(Graph.matmul(a.node(), b.node()));
        if (second.rank() == 1) {
            y = y.squeeze(-1);
        }
        return first.rank() == 1 ? y.squeeze(second.rank() == 1 ? -1 : -2) : y;
    }

    static Tensor attention(Tensor query, Tensor key, Tensor value, int diagonal, double scale) {
        return Tensor.of(Attention.of(query.node(), key.node(), value.node(), scale, diagonal));
    }

    /** 1/√d. */
    static double attentionScale(Tensor query) {
        return 1 / Math.sqrt(Math.max(1, query.rank() == 0 ? 1 : query.dim(-1)));
    }

    static Tensor conv2d(Tensor x, Tensor weight, Window window, int groups) {
        return Tensor.of(Node.of(new Contraction.Conv2d(window, groups), x.node(), weight.node()));
    }

    static Tensor maxPool2d(Tensor x, int kernel, int stride, int padding) {
        Pooling.Pool pool = new Pooling.Pool(kernel, kernel, Window.of(stride, padding, 1));
        return Tensor.of(
                Node.of(new Pooling.PlaneGather(), x.node(), Node.of(new Pooling.MaxPoolIndex(pool), x.node())));
    }

    static Tensor avgPool2d(Tensor x, int kernel, int stride, int padding) {
        Pooling.Pool pool = new Pooling.Pool(kernel, kernel, Window.of(stride, padding, 1));
        return Tensor.of(Node.of(new Pooling.SumPool(pool), x.node())).div(kernel * (double) kernel);
    }

    static Tensor dot(Tensor x, Tensor y) {
        if (x.rank() != 1 || y.rank() != 1 || x.dim(0) != y.dim(0)) {
            throw new KawiException(
                    "dot: two vectors of one length are needed, but shapes %s and %s were given; use matmul"
                            .formatted(x.shape(), y.shape()));
        }
        return x.matmul(y);
    }

    static Tensor outer(Tensor x, Tensor y) {
        return x.flatten().unsqueeze(1).mul(y.flatten());
    }

    /** Products summed over the last axes of both. */
    static Tensor inner(Tensor x, Tensor y) {
        return x.rank() == 0 || y.rank() == 0 ? x.mul(y) : tensordot(x, y, new int[] {-1}, new int[] {-1});
    }

    static Tensor tensordot(Tensor x, Tensor y, int[] axesX, int[] axesY) {
        int[] a = IntStream.of(axesX).map(i -> x.shape().axis(i, "tensordot")).toArray();
        int[] b = IntStream.of(axesY).map(i -> y.shape().axis(i, "tensordot")).toArray();
        boolean fits = a.length == b.length
                && IntStream.of(a).distinct().count() == a.length
                && IntStream.of(b).distinct().count() == b.length;
        for (int i = 0; fits && i < a.length; i++) {
            fits = x.dim(a[i]) == y.dim(b[i]);
        }
        if (!fits) {
            throw new KawiException("tensordot: axes %s of shape %s and %s of shape %s do not go together"
                    .formatted(Arrays.toString(axesX), x.shape(), Arrays.toString(axesY), y.shape()));
        }
        int[] rows = others(x, a);
        int[] columns = others(y, b);
        int over = IntStream.of(a).map(x::dim).reduce(1, Math::multiplyExact);
        int[] shape = IntStream.concat(
                        IntStream.of(rows).map(x::dim), IntStream.of(columns).map(y::dim))
                .toArray();
        int m = IntStream.of(rows).map(x::dim).reduce(1, Math::multiplyExact);
        int n = IntStream.of(columns).map(y::dim).reduce(1, Math::multiplyExact);
        Tensor left = x.permute(
                        IntStream.concat(IntStream.of(rows), IntStream.of(a)).toArray())
                .reshape(m, over);
        Tensor right = y.permute(
                        IntStream.concat(IntStream.of(b), IntStream.of(columns)).toArray())
                .reshape(over, n);
        return left.matmul(right).reshape(shape);
    }

    static Tensor tensordot(Tensor x, Tensor y, int axes) {
        if (axes < 0 || axes > x.rank() || axes > y.rank()) {
            throw new KawiException("tensordot: shapes %s and %s do not have %d axes to sum over"
                    .formatted(x.shape(), y.shape(), axes));
        }
        return tensordot(
                x,
                y,
                IntStream.range(x.rank() - axes, x.rank()).toArray(),
                IntStream.range(0, axes).toArray());
    }

    private static int[] others(Tensor x, int[] axes) {
        return IntStream.range(0, x.rank())
                .filter(i -> IntStream.of(axes).noneMatch(a -> a == i))
                .toArray();
    }

    static Tensor kron(Tensor x, Tensor y) {
        int rank = Math.max(x.rank(), y.rank());
        int[] a = new int[2 * rank];
        int[] b = new int[2 * rank];
        int[] whole = new int[rank];
        for (int i = 0; i < rank; i++) {
            int p = i - (rank - x.rank());
            int q = i - (rank - y.rank());
            a[2 * i] = p < 0 ? 1 : x.dim(p);
            a[2 * i + 1] = 1;
            b[2 * i] = 1;
            b[2 * i + 1] = q < 0 ? 1 : y.dim(q);
            whole[i] = Math.multiplyExact(a[2 * i], b[2 * i + 1]);
        }
        return x.reshape(a).mul(y.reshape(b)).reshape(whole);
    }

    static Tensor cross(Tensor x, Tensor y, int axis) {
        if (x.dim(axis) != 3 || y.dim(axis) != 3) {
            throw new KawiException("cross: vectors of 3 are needed along axis %d, but shapes %s and %s were given"
                    .formatted(axis, x.shape(), y.shape()));
        }
        Tensor forward = x.roll(-1, axis).mul(y.roll(-2, axis));
        return forward.sub(x.roll(-2, axis).mul(y.roll(-1, axis)));
    }

    /** Distances of the rows of {@code [batch…, m, d]} and {@code [batch…, n, d]}: {@code [batch…, m, n]}. */
    static Tensor cdist(Tensor x, Tensor y, double p) {
        if (x.rank() < 2 || y.rank() < 2 || x.dim(-1) != y.dim(-1)) {
            throw new KawiException("cdist: rows of one length are needed, but shapes %s and %s were given"
                    .formatted(x.shape(), y.shape()));
        }
        return x.unsqueeze(-2).sub(y.unsqueeze(-3)).norm(p, -1);
    }
}
