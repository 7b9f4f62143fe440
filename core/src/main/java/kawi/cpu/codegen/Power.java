package kawi.cpu.codegen;

/**
 * x^y. In f32 as 2^(y·log₂|x|) with the logarithm and the product in two parts each, so that the exponent, which may
 * reach 128, still has an absolute error below 2⁻²³: 2 ulp. In f64 by {@link kawi.graph.SpecialFunctions#pow}.
 */
final class Power {
    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final double[] EXP2 = {
        1.5195028585092768e-05,
        0.00015468022242344097,
        0.001333395030754022,
        0.009618034459076078,
        0.05550410335287313,
        0.24022651089186814,
        0.6931471807164802
    };

    private Power() {}

    /** A number in two parts, high + low. */
    private record Pair(Value high, Value low) {}

    static Value pow(Value x, Value y) {
        if (x.lane() == Lane.F64) {
            return x.program().add(Basic.CALL, Lane.F64, DoubleFunction.POW.ordinal(), x, y);
        }
        Value a = x.abs();
        Pair log = log2(a);
        Value ordinary = a.less(INFINITY).select(a.of(0).less(a).select(log.high, x.of(-INFINITY)), a);
        Value z = y.times(ordinary);
        Value low = y.fma(log.high, z.negate()).plus(y.times(log.low));
        // beyond ±200 the result is 0 or ∞ and the low part may be NaN; NaN itself passes both comparisons
        Value within = z.abs().less(200);
        low = within.select(low, 0);
        z = z.greater(200).select(200, z);
        z = z.less(-200).select(-200, z);
        return signed(x, y, exp2(z, low));
    }

    /** log₂ of a positive finite number: k + (2/ln 2)·artanh(f/(2+f)). */
    private static Pair log2(Value a) {
        LaneMath.Split split = LaneMath.split(a);
        Value k = LaneMath.toFloat(split.exponent());
        Value f = split.fraction().minus(1);
        Value d = f.plus(2);
        Value dLow = f.minus(d.minus(2));
        Value s = f.over(d);
        Value sLow = s.negate().fma(d, f).minus(s.times(dLow)).over(d);
        Value z = s.times(s);
        Value tail = z.times(s)
                .times(z.polynomial(2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3))
                .plus(sLow.times(2));
        Value top = s.times(2);
        Value h = top.plus(tail);
        Value l = tail.minus(h.minus(top));
        double scale = (float) (1 / Math.log(2));
        double scaleLow = 1.925963033500981e-08; // 1/ln 2 − scale
        Value p = h.times(scale);
        Value pLow = h.fma(scale, p.negate()).plus(h.times(scaleLow)).plus(l.times(scale));
        Value sum = k.plus(p);
        return new Pair(sum, p.minus(sum.minus(k)).plus(pLow));
    }

    private static Value exp2(Value z, Value low) {
        Value shifted = z.plus(LaneMath.magic(z));
        Value r = z.minus(shifted.minus(LaneMath.magic(z))).plus(low);
        Value p = r.polynomial(EXP2).fma(r, 1);
        Value n = shifted.bits().minus(shifted.of(LaneMath.magic(z)).bits());
        return LaneMath.scale(p, n);
    }

    /** The sign for negative x, NaN where there is no power, and 1 for x⁰, 1^y and (−1)^±∞. */
    private static Value signed(Value x, Value y, Value magnitude) {
        Value big = y.of(0x1p24).lessOrEqual(y.abs());
        Value whole = big.or(LaneMath.round(y).same(y));
        Value odd = y.convert(Lane.I32).shiftLeft(31).bits(); // −0 for odd y, else +0
        Value oddBit = big.select(0, odd).bits();
        Value flip = whole.select(oddBit.and(LaneMath.signBit(x)), 0);
        Value result = magnitude.bits().xor(flip).bits();
        Value undefined = x.less(0).and(x.greater(-INFINITY)).and(whole.not());
        result = undefined.select(Double.NaN, result);
        Value one = y.same(0).or(x.same(1)).or(x.abs().same(1).and(y.abs().same(INFINITY)));
        return one.select(1, result);
    }
}
