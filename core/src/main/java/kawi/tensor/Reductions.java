package kawi.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Reduction;

/** Many elements to one, over some axes or over all. */
final class Reductions {
    private Reductions() {}

    /** The axes in order, counted from the front; none given are all. */
    static int[] axes(Tensor x, String what, int... axes) {
        if (axes.length == 0) {
            return IntStream.range(0, x.rank()).toArray();
        }
        int[] a = IntStream.of(axes)
                .map(i -> x.shape().axis(i, what))
                .sorted()
                .distinct()
                .toArray();
        if (a.length != axes.length) {
            throw new KawiException(what + ": axes " + Arrays.toString(axes) + " name an axis twice");
        }
        return a;
    }

    static Tensor reduce(Tensor tensor, Reduction.Kind kind, String what, boolean keepDims, int... over) {
        int[] a = axes(tensor, what, over);
        DType d = tensor.dtype();
        Tensor x = d == DType.BOOL || d == DType.U8 || d == DType.I32 && kind == Reduction.Kind.SUM
                ? tensor.to(DType.I64)
                : tensor;
        Node y = Graph.reduce(kind, x.node(), a);
        if (kind != Reduction.Kind.SUM) {
            y = Graph.cast(y, d);
        }
        return Tensor.of(keepDims ? y : Graph.reshape(y, removed(tensor, a)));
    }

    private static Shape removed(Tensor x, int[] axes) {
        return Shape.of(IntStream.range(0, x.rank())
                .filter(i -> Arrays.binarySearch(axes, i) < 0)
                .map(x::dim)
                .toArray());
    }

    static Tensor sum(Tensor x, boolean keepDims, int... axes) {
        return reduce(x, Reduction.Kind.SUM, "sum", keepDims, axes);
    }

    static Tensor max(Tensor x, boolean keepDims, int... axes) {
        return reduce(x, Reduction.Kind.MAX, "max", keepDims, axes);
    }

    static Tensor min(Tensor x, boolean keepDims, int... axes) {
        return reduce(x, Reduction.Kind.MIN, "min", keepDims, axes);
    }

    static Tensor mean(Tensor x, boolean keepDims, int... axes) {
        return reduce(Arithmetic.real(x), Reduction.Kind.SUM, "mean", keepDims, axes)
                .div(count(x, "mean", axes));
    }

    private static double count(Tensor x, String what, int... over) {
        double n = 1;
        for (int a : axes(x, what, over)) {
            n *= x.dim(a);
        }
        return n;
    }

    static Tensor prod(Tensor tensor, int axis) {
        int a = tensor.shape().axis(axis, "prod");
        Tensor x = tensor.dtype().isFloat() || tensor.dtype() == DType.I64 ? tensor : tensor.to(DType.I64);
        if (x.dim(a) == 0) {
            return Tensor.full(1, x.dtype(), x.shape().without(a, a + 1).dims());
        }
        // Halves multiplied until one is left: its derivative needs no division, so zeros do no harm.
        while (x.dim(a) > 1) {
            int half = x.dim(a) / 2;
            Tensor y = x.slice(a, 0, half).mul(x.slice(a, half, 2 * half));
            x = x.dim(a) % 2 == 0 ? y : Tensor.concat(a, y, x.slice(a, 2 * half, 2 * half + 1));
        }
        return x.squeeze(a);
    }

    static Tensor variance(Tensor tensor, int correction, int... axes) {
        Tensor x = Arithmetic.real(tensor);
        Tensor centred = x.sub(x.meanKeepDims(axes));
        return centred.square().sum(axes).div(Math.max(0, count(x, "variance", axes) - correction));
    }

    static Tensor argReduce(Tensor x, boolean max, int axis) {
        int a = x.shape().axis(axis, max ? "argmax" : "argmin");
        return Tensor.of(Graph.reshape(
                Node.of(new Reduction.ArgReduce(max, a), x.node()), x.shape().without(a, a + 1)));
    }

    /**
     * (Σ |x|ᵖ)^(1/p), for p = ∞ and −∞ the largest and the smallest |x|, for 0 the number of elements that are not 0. Where the
     * norm is 0 its derivative is taken as 0.
     */
    static Tensor norm(Tensor tensor, double p, int... axes) {
        Tensor x = Arithmetic.real(tensor);
        if (p == Double.POSITIVE_INFINITY) {
            return x.abs().max(axes);
        }
        if (p == Double.NEGATIVE_INFINITY) {
            return x.abs().min(axes);
        }
        if (p == 0) {
            return x.ne(0).to(x.dtype()).sum(axes);
        }
        if (p == 1) {
            return x.abs().sum(axes);
        }
        if (Double.isNaN(p)) {
            throw new KawiException("norm: the order is not a number");
        }
        Tensor sum = p == 2 ? x.square().sum(axes) : x.abs().pow(p).sum(axes);
        if (p < 0) {
            return sum.pow(1 / p);
        }
        Tensor one = Arithmetic.number(1, sum);
        Tensor root = Tensor.where(sum.eq(0), one, sum).pow(1 / p);
        return Tensor.where(sum.eq(0), Arithmetic.number(0, sum), root);
    }

    /** Averages with weights that broadcast. */
    static Tensor average(Tensor x, Tensor weights, int... axes) {
        Tensor w = weights.expand(x.shape().dims());
        return x.mul(w).sum(axes).div(w.sum(axes));
    }

    /** Rows are variables, columns observations. */
    static Tensor covariance(Tensor tensor, int correction) {
        Tensor x = Arithmetic.real(tensor);
        Tensor rows = x.rank() == 1 ? x.unsqueeze(0) : x;
        if (rows.rank() != 2) {
            throw new KawiException(
                    "cov: a matrix [variables, observations] is needed, but shape %s was given".formatted(x.shape()));
        }
        Tensor centred = rows.sub(rows.meanKeepDims(1));
        Tensor c = centred.matmul(centred.t()).div(Math.max(0, rows.dim(1) - (double) correction));
        return x.rank() == 1 ? c.reshape() : c;
    }

    static Tensor correlation(Tensor x) {
        Tensor c = covariance(x, 1);
        if (c.rank() == 0) {
            return c.div(c);
        }
        Tensor deviation = c.diagonal(0, 0, 1).sqrt();
        return c.div(deviation.unsqueeze(1)).div(deviation);
    }

    static Tensor logSumExp(Tensor tensor, int axis) {
        Tensor x = Arithmetic.real(tensor);
        int a = x.shape().axis(axis, "logSumExp");
        if (x.dim(a) == 0) {
            return x.sum(a).log(); // ln 0
        }
        Tensor top = x.maxKeepDims(a).detach();
        Tensor shift = Tensor.where(top.isFinite(), top, Tensor.zeros(x.dtype()));
        return x.sub(shift).exp().sumKeepDims(a).log().add(shift).squeeze(a);
    }
}
