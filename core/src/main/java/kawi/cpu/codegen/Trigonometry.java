package kawi.cpu.codegen;

/**
 * Sine and cosine. In f32: Cody and Waite's reduction by π/2 in three parts with fused steps, then minimax polynomials;
 * 2 ulp for |x| ≤ 100,000, beyond which the reduction loses bits and ever more of the result is noise (at most 1 in
 * size). In f64 by {@link StrictMath}.
 */
final class Trigonometry {
    private static final double[] SIN = {
        2.716810129363279308e-6, -0.0001983917609342029576, 0.008333328889740897234, -0.1666666663734173765
    };
    private static final double[] COS = {
        -2.719630557520598789e-7, 0.00002479935035682412139, -0.001388888310777399499, 0.04166666661532500207
    };

    private Trigonometry() {}

    static Value sin(Value x) {
        return x.lane() == Lane.F64 ? exact(x, DoubleFunction.SIN) : x.same(0).select(x, quadrant(x, 0)); // −0
    }

    static Value cos(Value x) {
        return x.lane() == Lane.F64 ? exact(x, DoubleFunction.COS) : quadrant(x, 1);
    }

    private static Value exact(Value x, DoubleFunction function) {
        return x.program().add(Basic.CALL, Lane.F64, function.ordinal(), x);
    }

    /** sin(x + quarters·π/2). */
    private static Value quadrant(Value x, int quarters) {
        Value shifted = x.fma(2 / Math.PI, x.of(0x1.8p23));
        Value n = shifted.minus(0x1.8p23);
        Value r = n.fma(-1.57079637050628662109375, x);
        r = n.fma(4.37113900018624283e-8, r);
        r = n.fma(1.71512449150625155e-15, r);
        Value z = r.times(r);
        Value sine = z.times(r).fma(z.polynomial(SIN), r);
        Value cosine = z.times(z).fma(z.polynomial(COS), z.fma(-0.5, x.of(1)));
        Value quarter = shifted.bits().plus(shifted.bits().of(quarters));
        Value y = quarter.and(1).differs(0).select(cosine, sine);
        return y.bits().xor(quarter.and(2).shiftLeft(30)).bits();
    }
}
