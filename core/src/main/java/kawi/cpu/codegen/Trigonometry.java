package kawi.cpu.codegen;

/**
 * Sine and cosine: Cody and Waite's reduction by π/2 in three parts with fused steps, then polynomials; 2 ulp. Beyond
 * 100,000 that reduction has too few bits, and {@link StrictMath} is asked, as rare lanes can afford.
 */
final class Trigonometry {
    private static final double BOUND = 1e5;

    // minimax fits; those for f64 are fdlibm's k_sin.c and k_cos.c (Sun Microsystems 1993)
    private static final double[] SIN_F32 = {
        2.716810129363279308e-6, -0.0001983917609342029576, 0.008333328889740897234, -0.1666666663734173765
    };
    private static final double[] COS_F32 = {
        -2.719630557520598789e-7, 0.00002479935035682412139, -0.001388888310777399499, 0.04166666661532500207
    };
    private static final double[] SIN_F64 = {
        1.58969099521155010221e-10,
        -2.50507602534068634195e-08,
        2.75573137070700676789e-06,
        -1.98412698298579493134e-04,
        8.33333333332248946124e-03,
        -1.66666666666666324348e-01
    };
    private static final double[] COS_F64 = {
        -1.13596475577881948265e-11,
        2.08757232129817482790e-09,
        -2.75573143513906633035e-07,
        2.48015872894767294178e-05,
        -1.38888888888741095749e-03,
        4.16666666666666019037e-02
    };
    // π/2 as a sum of three parts, each rounded to the precision
    private static final double[] HALF_PI_F32 = {
        1.57079637050628662109375, -4.37113900018624283e-8, -1.71512449150625155e-15
    };
    private static final double[] HALF_PI_F64 = {1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33};

    private Trigonometry() {}

    static Value sin(Value x) {
        Value y = x.same(0).select(x, quadrant(x, 0)); // −0
        return y.correct(DoubleFunction.SIN, x, x.abs().greater(BOUND));
    }

    static Value cos(Value x) {
        return quadrant(x, 1).correct(DoubleFunction.COS, x, x.abs().greater(BOUND));
    }

    /** sin(x + quarters·π/2). */
    private static Value quadrant(Value x, int quarters) {
        boolean single = x.lane() == Lane.F32;
        Value shifted = x.fma(2 / Math.PI, x.of(LaneMath.magic(x)));
        Value n = shifted.minus(LaneMath.magic(x));
        Value r = x;
        for (double part : single ? HALF_PI_F32 : HALF_PI_F64) {
            r = n.fma(-part, r);
        }
        Value z = r.times(r);
        Value sine = z.times(r).fma(z.polynomial(single ? SIN_F32 : SIN_F64), r);
        Value cosine = z.times(z).fma(z.polynomial(single ? COS_F32 : COS_F64), z.fma(-0.5, x.of(1)));
        Value quarter = shifted.bits().plus(shifted.bits().of(quarters));
        Value y = quarter.and(1).differs(0).select(cosine, sine);
        return y.bits().xor(quarter.and(2).shiftLeft(8 * x.lane().bytes - 2)).bits();
    }
}
