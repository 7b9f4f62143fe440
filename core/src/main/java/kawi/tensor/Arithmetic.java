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
        Strict.look(op.label(), x, y);
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
     * that the type cannot hold {@code I64}. What has 16 bits is computed with in single precision, and so is the number.
     */
    static Tensor number(double value, Tensor like) {
        DType d = like.dtype().computing();
        if (!d.isFloat()) {
            boolean whole = d.isInteger() && value == Math.rint(value) && Math.abs(value) <= 0x1p63;
            boolean held = d == DType.U8 ? value >= 0 && value <= 255 : value == (int) value;
            d = !whole ? DType.F32 : held ? d : DType.I64;
        }
        return new Tensor(Graph.constant(value, d, like.shape()));
    }

    /** As {@link #number}, rounded as the tensor's elements are where these have 16 bits: what was stored is found again. */
    static Tensor asStored(double value, Tensor like) {
        return like.dtype().isHalf()
                ? new Tensor(Graph.constant(value, like.dtype(), like.shape()))
                : number(value, like);
    }

    static Tensor div(Tensor x, Tensor y) {
        Strict.look("div", x, y);
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
        Strict.look("where", a, b);
        Strict.look("where", condition, a.rank() >= b.rank() ? a : b);
        return Tensor.of(Graph.where(condition.to(DType.BOOL).node(), a.node(), b.node()));
    }

    /** A binary operation on floating-point numbers; integers are first cast to {@code F32}. */
    static Tensor realBinary(Elementwise op, Tensor x, Tensor y) {
        DType d = realType(DType.promote(x.dtype(), y.dtype()));
        return binary(op, x.to(d), y.to(d));
    }

    /** As sin⁻¹ x = atan2(x, √(1 − x)·√(1 + x)), whose derivative is infinite at ±1 and nowhere NaN. */
    static Tensor asin(Tensor tensor) {
        Tensor x = real(tensor);
        return binary(ATAN2, x, x.neg().add(1).sqrt().mul(x.add(1).sqrt()));
    }

    static Tensor acos(Tensor tensor) {
        Tensor x = real(tensor);
        return binary(ATAN2, x.neg().add(1).sqrt().mul(x.add(1).sqrt()), x);
    }

    static Tensor atan(Tensor tensor) {
        Tensor x = real(tensor);
        return binary(ATAN2, x, number(1, x));
    }

    /** ln(x + √(x² − 1)) without cancellation near 1. */
    static Tensor acosh(Tensor tensor) {
        Tensor x = real(tensor);
        Tensor large = x.gt(0x1p28); // there 2x is x + √(x² − 1) to the last digit
        Tensor t = Tensor.where(large, number(0.5, x), x.sub(1));
        Tensor scale = Tensor.where(large, x, number(1, x));
        Tensor small = t.add(t.sqrt().mul(t.add(2).sqrt())).log1p();
        return Tensor.where(large, scale.log().add(Math.log(2)), small);
    }

    static Tensor atanh(Tensor tensor) {
        Tensor x = real(tensor);
        return x.log1p().sub(x.neg().log1p()).mul(0.5);
    }

    static Tensor trunc(Tensor x) {
        return x.dtype().isFloat() ? Tensor.where(x.lt(0), x.ceil(), x.floor()) : x.unchanging();
    }

    /** For floating-point numbers by the exact remainder of positive ones; integers by the remainder with the other sign. */
    static Tensor fmod(Tensor x, Tensor y) {
        if (DType.promote(x.dtype(), y.dtype()).isFloat()) {
            Tensor divisor = y.abs();
            return Tensor.where(signBit(x), x.neg().remainder(divisor).neg(), x.remainder(divisor));
        }
        Tensor r = x.remainder(y);
        Tensor opposed = r.ne(0).and(r.lt(0).xor(x.lt(0)));
        return Tensor.where(opposed, r.sub(y), r);
    }

    /** Scaled by the larger, which is not differentiated: the result does not depend on the scale. */
    static Tensor hypot(Tensor x, Tensor y) {
        DType d = realType(DType.promote(x.dtype(), y.dtype()));
        Tensor a = x.to(d);
        Tensor b = y.to(d);
        Tensor top = a.abs().maximum(b.abs()).detach();
        Tensor scale = Tensor.where(top.gt(0).and(top.isFinite()), top, number(1, top));
        Tensor h = a.div(scale).square().add(b.div(scale).square()).sqrt().mul(scale);
        Tensor infinite = a.isInf().or(b.isInf());
        return Tensor.where(infinite, Tensor.scalar(Double.POSITIVE_INFINITY, d), h);
    }

    static Tensor logAddExp(Tensor x, Tensor y) {
        DType d = realType(DType.promote(x.dtype(), y.dtype()));
        Tensor a = x.to(d);
        Tensor b = y.to(d);
        Tensor high = Tensor.where(a.ge(b), a, b);
        Tensor low = Tensor.where(a.ge(b), b, a);
        Tensor apart = Tensor.where(high.isInf(), Tensor.scalar(0, d), low.sub(high)); // ∞ − ∞ is 0 here
        Tensor sum = high.add(apart.exp().log1p());
        return Tensor.where(high.isInf(), Tensor.where(low.isNan(), low, high), sum);
    }

    static Tensor isInf(Tensor x) {
        return x.dtype().isFloat()
                ? x.abs().eq(Double.POSITIVE_INFINITY)
                : Tensor.zeros(DType.BOOL, x.shape().dims());
    }

    static Tensor signBit(Tensor x) {
        return x.dtype().isFloat() ? x.lt(0).or(x.eq(0).and(x.reciprocal().lt(0))) : x.lt(0);
    }

    static Tensor copySign(Tensor x, Tensor y) {
        Tensor a = real(x);
        return Tensor.where(signBit(a).xor(signBit(y)), a.neg(), a);
    }

    static Tensor isClose(Tensor x, Tensor y, double relative, double absolute, boolean equalNan) {
        DType d = realType(DType.promote(x.dtype(), y.dtype()));
        Tensor a = x.to(d);
        Tensor b = y.to(d);
        Tensor near = a.sub(b)
                .abs()
                .le(b.abs().mul(relative).add(absolute))
                .and(a.isFinite().and(b.isFinite()));
        Tensor same = a.eq(b);
        return equalNan ? near.or(same).or(a.isNan().and(b.isNan())) : near.or(same);
    }

    static Tensor nanToNum(Tensor x, double nan, double positive, double negative) {
        if (!x.dtype().isFloat()) {
            return x.unchanging();
        }
        Tensor y = Tensor.where(x.isNan(), number(nan, x), x);
        y = Tensor.where(y.eq(Double.POSITIVE_INFINITY), number(positive, x), y);
        return Tensor.where(y.eq(Double.NEGATIVE_INFINITY), number(negative, x), y);
    }

    /** start + weight·(end − start), by the nearer end. */
    static Tensor lerp(Tensor start, Tensor end, Tensor weight) {
        Tensor step = end.sub(start);
        Tensor near = start.add(step.mul(weight));
        Tensor far = end.sub(step.mul(weight.neg().add(1)));
        return Tensor.where(weight.abs().lt(0.5), near, far);
    }
}
