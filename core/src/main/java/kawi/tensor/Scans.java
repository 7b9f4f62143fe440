package kawi.tensor;

import java.util.function.BinaryOperator;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.graph.Node;
import kawi.graph.Reduction;

/**
 * Running results along an axis: each element combined with all before it. But for sums they are taken in steps of 1, 2, 4, …
 * (Hillis and Steele 1986), so that derivatives of any order follow and zeros do no harm to products.
 */
final class Scans {
    private Scans() {}

    /** Sums of small integers and truth values are {@code I64}. */
    private static Tensor wide(Tensor x) {
        DType d = x.dtype();
        return d == DType.BOOL || d == DType.U8 || d == DType.I32 ? x.to(DType.I64) : x;
    }

    static Tensor cumsum(Tensor tensor, int axis) {
        Tensor x = wide(tensor);
        return Tensor.of(Node.of(new Reduction.CumSum(x.shape().axis(axis, "cumsum"), false), x.node()));
    }

    private static Tensor scan(Tensor x, int axis, BinaryOperator<Tensor> combine) {
        int n = x.dim(axis);
        Tensor y = x;
        for (int step = 1; step < n && step > 0; step *= 2) {
            Tensor combined = combine.apply(y.slice(axis, 0, n - step), y.slice(axis, step, n));
            y = Tensor.concat(axis, y.slice(axis, 0, step), combined);
        }
        return y;
    }

    static Tensor cumprod(Tensor x, int axis) {
        return scan(wide(x), x.shape().axis(axis, "cumprod"), Tensor::mul);
    }

    static Tensor logCumSumExp(Tensor x, int axis) {
        return scan(Arithmetic.real(x), x.shape().axis(axis, "logCumSumExp"), Tensor::logAddExp);
    }

    /** The extreme so far and its place; of equal ones the last, and NaN wins, as in PyTorch. */
    static Indexed cumExtreme(Tensor x, int axis, boolean max) {
        int a = x.shape().axis(axis, max ? "cummax" : "cummin");
        int[] line = new int[x.rank()];
        java.util.Arrays.fill(line, 1);
        line[a] = x.dim(a);
        Tensor places = Tensor.arange(x.dim(a)).reshape(line).expand(x.shape().dims());
        Tensor fixed = x.detach();
        Tensor found = scan(places, a, (early, late) -> {
            Tensor e = fixed.gather(a, early);
            Tensor l = fixed.gather(a, late);
            Tensor keeps = max ? e.gt(l) : e.lt(l);
            keeps = keeps.or(e.isNan()).and(l.isNan().not());
            return Tensor.where(keeps, early, late);
        });
        return new Indexed(x.gather(a, found), found);
    }

    static Tensor diff(Tensor tensor, int times, int axis) {
        int a = tensor.shape().axis(axis, "diff");
        if (times < 0) {
            throw new KawiException("diff: differences are taken 0 times or more, but " + times + " was given");
        }
        Tensor x = tensor;
        for (int i = 0; i < times; i++) {
            int n = x.dim(a);
            Tensor later = x.slice(a, Math.min(1, n), n);
            Tensor earlier = x.slice(a, 0, Math.max(0, n - 1));
            x = x.dtype() == DType.BOOL ? later.xor(earlier) : later.sub(earlier);
        }
        return x;
    }
}
