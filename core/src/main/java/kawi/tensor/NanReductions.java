package kawi.tensor;

import kawi.base.DType;

/** Reductions that leave NaN out, as NumPy's functions whose names begin with nan. */
final class NanReductions {
    private NanReductions() {}

    private static Tensor without(Tensor x, double instead) {
        return Tensor.where(x.isNan(), Arithmetic.number(instead, x), x);
    }

    private static Tensor count(Tensor x, boolean keepDims, int... axes) {
        return Reductions.sum(x.isNan().not(), keepDims, axes);
    }

    static Tensor sum(Tensor x, int... axes) {
        return without(x, 0).sum(axes);
    }

    static Tensor prod(Tensor x, int axis) {
        return without(x, 1).prod(axis);
    }

    static Tensor mean(Tensor tensor, int... axes) {
        Tensor x = Arithmetic.real(tensor);
        return sum(x, axes).div(count(x, false, axes).to(x.dtype()));
    }

    /** NaN where there is nothing else. */
    static Tensor extreme(Tensor x, boolean max, int... axes) {
        if (!x.dtype().isFloat()) {
            return max ? x.max(axes) : x.min(axes);
        }
        Tensor y = without(x, max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        Tensor found = max ? y.max(axes) : y.min(axes);
        Tensor none = count(x, false, axes).eq(0);
        return Tensor.where(none, Tensor.scalar(Double.NaN, x.dtype()), found);
    }

    static Tensor argExtreme(Tensor x, boolean max, int axis) {
        Tensor y = x.dtype().isFloat() ? without(x, max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY) : x;
        return max ? y.argmax(axis) : y.argmin(axis);
    }

    static Tensor variance(Tensor tensor, int correction, int... axes) {
        Tensor x = Arithmetic.real(tensor);
        Tensor n = count(x, true, axes).to(x.dtype());
        Tensor mean = without(x, 0).sumKeepDims(axes).div(n);
        Tensor centred = Tensor.where(x.isNan(), Tensor.zeros(x.dtype()), x.sub(mean));
        Tensor degrees = count(x, false, axes).sub(correction);
        Tensor divisor =
                Tensor.where(degrees.gt(0), degrees, Tensor.zeros(DType.I64)).to(x.dtype());
        return Tensor.where(
                degrees.gt(0), centred.square().sum(axes).div(divisor), Tensor.scalar(Double.NaN, x.dtype()));
    }

    static Tensor cumsum(Tensor x, int axis) {
        return without(x, 0).cumsum(axis);
    }
}
