package kawi.tensor;

import static kawi.graph.Elementwise.*;

import kawi.base.DType;
import kawi.graph.Elementwise;
import kawi.graph.Graph;

/** What works on each element by itself: sums, products, powers, roundings. */
final class Arithmetic {
    private Arithmetic() {}

    static Tensor unary(Elementwise op, Tensor x) {
        return Tensor.of(Graph.unary(op, x.node()));
    }

    /** As {@link #unary} on floating-point numbers; integers are first cast to {@code F32}. */
    static Tensor real(Elementwise op, Tensor x) {
        return Tensor.of(Graph.unary(op, Graph.cast(x.node(), realType(x.dtype()))));
    }

    static Tensor binary(Elementwise op, Tensor x, Tensor y) {
        return Tensor.of(Graph.binary(op, x.node(), y.node()));
    }

    /** The floating-point type in which an operation on numbers of a type computes. */
    static DType realType(DType d) {
        return d.isFloat() ? d : DType.F32;
    }

    /** The same numbers, integers as {@code F32}. */
    static Tensor real(Tensor x) {
        return x.dtype().isFloat() ? x : x.to(DType.F32);
    }

    /**
     * A Java number takes the tensor's type; with integers, a fraction or an infinity gives {@code F32}, and a whole number
     * that the type cannot hold {@code I64}.
     */
    static Tensor number(double value, Tensor like) {
        DType d = like.dtype();
        if (!d.isFloat()) {
            boolean whole = d.isInteger() && value == Math.rint(value) && Math.abs(value) <= 0x1p63;
            boolean held = d == DType.U8 ? value >= 0 && value <= 255 : value == (int) value;
            d = !whole ? DType.F32 : held ? d : DType.I64;
        }
        return new Tensor(Graph.constant(value, d, like.shape()));
    }

    static Tensor div(Tensor x, Tensor y) {
        return Tensor.of(Graph.div(x.node(), y.node()));
    }

    static Tensor pow(Tensor x, Tensor exponent) {
        Tensor base = x.dtype().isFloat() || exponent.dtype().isFloat() ? x : x.to(DType.F32);
        return binary(POW, base, exponent);
    }

    static Tensor pow(Tensor x, double exponent) {
        if (!x.dtype().isFloat() && exponent >= 0 && exponent == Math.rint(exponent) && exponent <= 0x1p53) {
            return wholePower(x, (long) exponent);
        }
        if (exponent == 1) {
            return x.unchanging();
        }
        if (exponent == 2) {
            return x.square();
        }
        if (exponent == 0.5) {
            return x.sqrt();
        }
        Tensor base = real(x);
        return binary(POW, base, number(exponent, base));
    }

    /** Squares multiplied: one for each bit of the exponent. */
    private static Tensor wholePower(Tensor x, long exponent) {
        Tensor square = x.dtype() == DType.BOOL ? x.to(DType.I64) : x.unchanging();
        Tensor power = exponent % 2 == 1 ? square : number(1, square);
        for (long rest = exponent / 2; rest > 0; rest /= 2) {
            square = square.mul(square);
            power = rest % 2 == 0 ? power : power.mul(square);
        }
        return power;
    }

    static Tensor clamp(Tensor x, double low, double high) {
        return x.maximum(number(low, x)).minimum(number(high, x));
    }

    /** FLOOR, CEIL or ROUND; integers are whole already. */
    static Tensor rounded(Elementwise op, Tensor x) {
        return x.dtype().isFloat() ? unary(op, x) : x.unchanging();
    }

    static Tensor isFinite(Tensor x) {
        return x.dtype().isFloat()
                ? x.abs().lt(Double.POSITIVE_INFINITY)
                : Tensor.full(1, DType.BOOL, x.shape().dims());
    }

    static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return Tensor.of(Graph.where(condition.to(DType.BOOL).node(), a.node(), b.node()));
    }
}
