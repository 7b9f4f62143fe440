package kawi.cpu.codegen;

/**
 * Exponentials, logarithms and their kin as basic lane steps, each written once for both precisions. Vector code, scalar
 * tails and the interpreter run the same steps, so they agree to the bit. Polynomials are minimax fits (Remez, with 40
 * digits) unless a source is named. Errors below are the largest seen in tests, in units in the last place.
 */
final class LaneMath {
    private static final double LOG2_E = 1 / Math.log(2);

    private LaneMath() {}

    /** Constants that differ between the precisions. */
    private static double pick(Value x, double f32, double f64) {
        return x.lane() == Lane.F32 ? f32 : f64;
    }

    private static Value polynomial(Value x, double[] f32, double[] f64) {
        return x.polynomial(x.lane() == Lane.F32 ? f32 : f64);
    }

    static int fractionBits(Value x) {
        return x.lane().bytes == 4 ? 23 : 52;
    }

    private static int bias(Value x) {
        return x.lane().bytes == 4 ? 127 : 1023;
    }

    /** 1.5·2^23 (2^52): adding it leaves the nearest integer in the lowest bits of the sum. */
    static double magic(Value x) {
        return pick(x, 0x1.8p23, 0x1.8p52);
    }

    /** 2^n, where n stands in the low bits of an integer lane (whatever the high bits are) and is a normal exponent. */
    private static Value powerOfTwo(Value n) {
        return n.plus(bias(n)).shiftLeft(fractionBits(n)).bits();
    }

    /** x·2^n in two steps, each with a normal power, so that denormal results round once. n is a plain integer. */
    static Value scale(Value x, Value n) {
        Value half = n.shiftRightSigned(1);
        return x.times(powerOfTwo(half)).times(powerOfTwo(n.minus(half)));
    }

    private static Value integer(Value shifted) {
        return shifted.bits().minus(shifted.of(magic(shifted)).bits());
    }

    private static final double[] EXP_F32 = {
        0.0013813147378128503, 0.008369418764895054, 0.04166845672734987, 0.16666514792175577, 0.4999999305102703
    };
    private static final double[] EXP_F64 = {
        2.0825634570354682e-09,
        2.5113226153538037e-08,
        2.755759237801316e-07,
        2.7557231482797795e-06,
        2.4801586903849588e-05,
        0.00019841269899726014,
        0.0013888888889134184,
        0.008333333333315705,
        0.04166666666666603,
        0.16666666666666685,
        0.5
    };

    /** The nearest integer to x/ln 2, shifted by {@link #magic}. */
    private static Value shiftedQuotient(Value x) {
        return x.fma(LOG2_E, x.of(magic(x)));
    }

    /** x − n·ln 2, with ln 2 in two parts. */
    private static Value reduce(Value x, Value n) {
        double high = pick(x, 0.6931471824645996, 0.6931471805599453);
        double low = pick(x, -1.904654323148236e-09, 2.3190468138462996e-17);
        return n.fma(-low, n.fma(-high, x));
    }

    /** eˣ; 1 ulp. */
    static Value exp(Value x) {
        double top = pick(x, 89, 710);
        // compare and blend, not min and max: NaN passes, and on x86 it is the shorter sequence
        x = x.greater(top).select(top, x);
        // zeros by blending: to underflow instead costs 100 cycles a vector, and masked logits are all −∞
        Value vanishes = x.less(pick(x, -104, -746));
        x = vanishes.select(0, x);
        Value shifted = shiftedQuotient(x);
        Value r = reduce(x, shifted.minus(magic(x)));
        Value p = polynomial(r, EXP_F32, EXP_F64);
        p = r.times(r).fma(p, r).plus(1);
        return vanishes.select(0, scale(p, integer(shifted)));
    }

    private static final double[] EXPM1_F32 = {
        0.00019845958646370158,
        0.0013941652459573662,
        0.008333391636090967,
        0.04166634871095458,
        0.16666666352401757,
        0.5000000046819616
    };
    private static final double[] EXPM1_F64 = {
        1.605973149294433e-10,
        2.0922308220992746e-09,
        2.5052170129918628e-08,
        2.7557249785055245e-07,
        2.7557319111064796e-06,
        2.4801587352286753e-05,
        0.0001984126984134877,
        0.001388888888887096,
        0.00833333333333331,
        0.04166666666666669,
        0.16666666666666666,
        0.5
    };

    /** eˣ − 1 for x that does not overflow by more than one binade. */
    private static Value expm1Body(Value x) {
        double bottom = pick(x, -17.5, -37.5); // where the result rounds to −1
        x = x.less(bottom).select(bottom, x);
        Value shifted = shiftedQuotient(x);
        Value r = reduce(x, shifted.minus(magic(x)));
        Value q = r.times(r).fma(polynomial(r, EXPM1_F32, EXPM1_F64), r);
        // 2ⁿ(q + 1) − 1 through half the power, which is finite where the result is
        Value half = powerOfTwo(shifted.bits().minus(shifted.bits().of(1)));
        return q.fma(half, half.minus(0.5)).times(2);
    }

    /** eˣ − 1; 2 ulp. */
    static Value expm1(Value x) {
        double top = pick(x, 89, 710);
        Value y = expm1Body(x.greater(top).select(top, x));
        return x.same(0).select(x, y); // keeps −0
    }

    /** Hyperbolic tangent as (e^{2|x|} − 1) / (e^{2|x|} + 1); 3 ulp. */
    static Value tanh(Value x) {
        double top = pick(x, 10, 20); // 1 to the last bit from here on
        Value a = x.abs();
        a = a.greater(top).select(top, a);
        Value t = expm1Body(a.plus(a));
        return withSign(t.over(t.plus(2)), x);
    }

    /** 1 / (1 + e⁻ˣ) through e^{−|x|}, which cannot overflow; 2 ulp. */
    static Value sigmoid(Value x) {
        Value e = exp(x.abs().negate());
        return x.less(0).select(e, x.of(1)).over(e.plus(1));
    }

    /** A non-negative value with the sign of another. */
    static Value withSign(Value magnitude, Value sign) {
        return magnitude.bits().or(signBit(sign)).bits();
    }

    static Value signBit(Value x) {
        return x.bits().and(x.lane().bytes == 4 ? Integer.MIN_VALUE : Long.MIN_VALUE);
    }

    /** A number as fraction in [√½, √2) and exponent: x = fraction·2^exponent. */
    record Split(Value fraction, Value exponent) {}

    /** Splits a positive finite number, denormals included. The exponent is an integer lane. */
    static Split split(Value x) {
        int bits = fractionBits(x);
        Value tiny = x.less(pick(x, 0x1p-126, 0x1p-1022));
        Value i = tiny.select(x.times(pick(x, 0x1p32, 0x1p64)), x).bits();
        long rootHalf = x.lane() == Lane.F32 ? 0x3f3504f3 : 0x3fe6a09e_667f3bcdL;
        long one = (long) bias(x) << bits;
        Value moved = i.plus(i.program().bits(i.lane(), one - rootHalf));
        Value exponent = moved.shiftRight(bits).minus(tiny.select(i.of(bias(x) + 8.0 * x.lane().bytes), i.of(bias(x))));
        Value fraction = moved.and((1L << bits) - 1)
                .plus(i.program().bits(i.lane(), rootHalf))
                .bits();
        return new Split(fraction, exponent);
    }

    /** A small integer lane as a floating-point lane. Long to double by magic: no such instruction before AVX-512. */
    static Value toFloat(Value n) {
        if (n.lane() == Lane.I32) {
            return n.convert(Lane.F32);
        }
        long magic = Double.doubleToRawLongBits(0x1.8p52);
        return n.plus(n.program().bits(Lane.I64, magic)).bits().minus(0x1.8p52);
    }

    // fdlibm's e_logf.c and e_log.c (Sun Microsystems 1993)
    private static final double[] LOG_F32 = {0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693};
    private static final double[] LOG_F64 = {
        0.14798198605116586,
        0.15313837699209373,
        0.1818357216161805,
        0.22222198432149784,
        0.2857142874366239,
        0.3999999999940942,
        0.6666666666666735
    };

    /** log x + correction for positive finite x, as fdlibm: f − (f²/2 − s(f²/2 + R(s²))) + k·ln 2. */
    private static Value logBody(Value x, Value correction) {
        Split split = split(x);
        Value k = toFloat(split.exponent);
        Value f = split.fraction.minus(1);
        Value s = f.over(f.plus(2));
        Value z = s.times(s);
        Value r = z.times(polynomial(z, LOG_F32, LOG_F64));
        Value halfSquare = f.times(0.5).times(f);
        double high = pick(x, 6.9313812256e-01, 0.6931471803691238);
        double low = pick(x, 9.0580006145e-06, 1.9082149292705877e-10);
        return s.times(halfSquare.plus(r))
                .plus(k.fma(low, correction))
                .minus(halfSquare)
                .plus(f)
                .plus(k.times(high));
    }

    /** The logarithm's values at the edges of its domain, given its argument and its value inside. */
    private static Value logEdges(Value x, Value inside) {
        Value y = x.less(Double.POSITIVE_INFINITY).select(inside, x);
        y = x.less(0).select(Double.NaN, y);
        return x.same(0).select(Double.NEGATIVE_INFINITY, y);
    }

    /** Natural logarithm; 1 ulp. */
    static Value log(Value x) {
        return logEdges(x, logBody(x, x.of(0)));
    }

    /** log(1 + x): what the sum 1 + x loses, divided by the sum, corrects the logarithm; 2 ulp. */
    static Value log1p(Value x) {
        Value u = x.plus(1);
        Value back = u.minus(1);
        Value lost = u.minus(back).negate().plus(1).plus(x.minus(back));
        Value y = logEdges(u, logBody(u, lost.over(u)));
        return x.same(0).select(x, y); // keeps −0
    }

    // N. Juffa's coefficients (public domain), f32
    private static final double[] ERF_SMALL = {
        -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1
    };

    /** The error function: x·P(x²) near 0, 1 − e^{Q(|x|)} beyond; 2 ulp in f32. */
    static Value erf(Value x) {
        if (x.lane() == Lane.F64) {
            return x.program().add(Basic.CALL, Lane.F64, DoubleFunction.ERF.ordinal(), x);
        }
        Value t = x.abs();
        t = t.greater(4).select(4, t); // 1 to the last bit from here on
        Value s = t.times(t);
        Value q = t.fma(-1.72853470e-5, x.of(3.83197126e-4));
        q = q.fma(s, t.fma(-3.88396438e-3, x.of(2.42546219e-2)));
        q = q.fma(t, -1.06777877e-1).fma(t, -6.34846687e-1).fma(t, -1.28717512e-1);
        q = q.fma(t, t.negate());
        Value shifted = shiftedQuotient(q);
        Value r = reduce(q, shifted.minus(magic(q)));
        Value e = r.times(r).fma(r.polynomial(EXP_F32), r).plus(1).times(powerOfTwo(shifted.bits()));
        Value large = withSign(e.negate().plus(1), x);
        Value small = s.polynomial(ERF_SMALL).fma(x, x);
        return t.greater(0.927734375).select(large, small);
    }

    private static double whole(Value x) {
        return pick(x, 0x1p23, 0x1p52);
    }

    /** Nearest integer, halves to even; numbers beyond 2^23 (2^52) are integers already. */
    static Value round(Value x) {
        Value a = x.abs();
        Value rounded = withSign(a.plus(whole(x)).minus(whole(x)), x);
        return a.less(whole(x)).select(rounded, x);
    }

    static Value floor(Value x) {
        Value r = round(x);
        return r.greater(x).select(r.minus(1), r);
    }

    static Value ceil(Value x) {
        Value r = round(x);
        Value up = r.less(x).select(r.plus(1), r);
        return up.bits().or(signBit(x)).bits(); // −0 for −1 < x < 0
    }
}
