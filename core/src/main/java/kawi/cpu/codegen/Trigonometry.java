package kawi.cpu.codegen;

/**
 * Sine and cosine: Cody and Waite's reduction by π/2 in three parts with fused steps, then polynomials; 2 ulp. Beyond
 * 100,000 that reduction has too few bits, and {@link StrictMath} is asked, as rare lanes can afford.
 */
final class Trigonometry {
    private static final double BOUND = 1e5;

    // minimax fits; those for f64 are fdlibm's k_sin.c and k_cos.c (Sun Microsystems 1993)
    private static final double[] SIN_F32 = {
        2.7168101293632795e-06, -0.00019839176093420296, 0.008333328889740897, -0.16666666637341737
    };
    private static final double[] COS_F32 = {
        -2.719630557520599e-07, 2.479935035682412e-05, -0.0013888883107773995, 0.041666666615325004
    };
    private static final double[] SIN_F64 = {
        1.58969099521155e-10,
        -2.5050760253406863e-08,
        2.7557313707070068e-06,
        -0.0001984126982985795,
        0.00833333333332249,
        -0.16666666666666632
    };
    private static final double[] COS_F64 = {
        -1.1359647557788195e-11,
        2.087572321298175e-09,
        -2.7557314351390663e-07,
        2.480158728947673e-05,
        -0.001388888888887411,
        0.0416666666666666
    };
    // π/2 as a sum of three parts, each rounded to the precision
    private static final double[] HALF_PI_F32 = {1.5707963705062866, -4.3711390001862426e-08, -1.7151244915062515e-15};
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
