package kawi.graph;

/**
 * Functions of one or two doubles that {@link Math} lacks. Only {@link StrictMath} is called, whose bits are the same on
 * every machine, interpreted or compiled, so backends may call these too.
 */
public final class SpecialFunctions {
    private static final double ROOT_PI = 1.7724538509055160273;
    private static final double LN_2 = 0.69314718055994530942;

    private SpecialFunctions() {}

    /** x^y of IEEE 754: Java's, but that 1 to any power and −1 to the power ±∞ are 1, not NaN. */
    public static double pow(double x, double y) {
        return x == 1 || x == -1 && Double.isInfinite(y) ? 1 : StrictMath.pow(x, y);
    }

    /** The binary logarithm; exact for powers of two. */
    public static double log2(double x) {
        if (!(x > 0) || x == Double.POSITIVE_INFINITY) {
            return StrictMath.log(x);
        }
        double scaled = x < Double.MIN_NORMAL ? x * 0x1p54 : x;
        int exponent = Math.getExponent(scaled);
        double fraction = Math.scalb(scaled, -exponent);
        if (fraction > 1.4142135623730951) {
            fraction /= 2;
            exponent++;
        }
        return StrictMath.log(fraction) / LN_2 + (exponent - (scaled == x ? 0 : 54));
    }

    /** ln(x + √(x² + 1)), odd, without cancellation and without overflow. */
    public static double asinh(double x) {
        double a = Math.abs(x);
        double y = a > 0x1p28
                ? StrictMath.log(a) + LN_2
                : StrictMath.log1p(a + a * (a / (1 + StrictMath.sqrt(a * a + 1))));
        return Math.copySign(y, x);
    }

    /**
     * The error function: the Maclaurin series for small arguments, the continued fraction of the complementary function
     * for large ones (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14). Relative error below 1e-15 where |x| ≤ 2.5, absolute
     * error below 1e-15 beyond.
     */
    public static double erf(double x) {
        double a = Math.abs(x);
        if (a > 6.5 || Double.isNaN(x)) {
            return Double.isNaN(x) ? x : Math.signum(x);
        }
        if (a <= 2.5) {
            // erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms positive, no cancellation
            double term = x;
            double sum = x;
            for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 2 / StrictMath.sqrt(StrictMath.PI) * StrictMath.exp(-x * x) * sum;
        }
        double fraction = a;
        for (int n = 120; n >= 1; n--) {
            fraction = a + n / 2.0 / fraction;
        }
        return Math.signum(x) * (1 - StrictMath.exp(-a * a) / (StrictMath.sqrt(StrictMath.PI) * fraction));
    }

    /** e^(−n²/4) for n = 0, 1, …. */
    private static final double[] GAUSS = new double[14];

    static {
        for (int n = 0; n < GAUSS.length; n++) {
            GAUSS[n] = StrictMath.exp(-n * n / 4.0);
        }
    }

    /**
     * 1 − erf x. From ½ on by the trapezoidal rule of step ½ for its integral, with the pole's share taken away (Matta and
     * Reichel 1971): its error is e^(−4π²), 7e-18.
     */
    public static double erfc(double x) {
        if (x < 0.5 || Double.isNaN(x)) {
            return 1 - erf(x);
        }
        if (x > 28) {
            return 0;
        }
        double square = x * x;
        double sum = 0;
        for (int n = GAUSS.length - 1; n >= 1; n--) {
            sum += GAUSS[n] / (n * n / 4.0 + square);
        }
        double rule = x / StrictMath.PI * expOfMinusSquare(x) * (sum + 0.5 / square);
        return x < 2 * StrictMath.PI ? rule - 2 / StrictMath.expm1(4 * StrictMath.PI * x) : rule;
    }

    /** e^(−x²) with the rounding of x² made good. */
    private static double expOfMinusSquare(double x) {
        double square = x * x;
        double lost = Math.fma(x, x, -square);
        return StrictMath.exp(-square) * (1 - lost);
    }

    /**
     * The inverse of erf on (−1, 1), ±∞ at its ends: Giles' approximation (2010, "Approximating the erfinv function", table 1)
     * made exact by two of Halley's steps.
     */
    public static double erfinv(double y) {
        if (!(Math.abs(y) < 1)) {
            return Math.abs(y) == 1 ? y * Double.POSITIVE_INFINITY : Double.NaN;
        }
        if (y == 0) {
            return y;
        }
        double w = -StrictMath.log((1 - y) * (1 + y));
        double x = y * (w < 5 ? polynomial(w - 2.5, CENTRE) : polynomial(StrictMath.sqrt(w) - 3, TAIL));
        for (int step = 0; step < 2; step++) {
            // near the ends erfc keeps the digits that 1 − |y| has
            double error = Math.abs(y) < 0.5 ? erf(x) - y : Math.signum(y) * (1 - Math.abs(y) - erfc(Math.abs(x)));
            double newton = error * ROOT_PI / 2 / expOfMinusSquare(x);
            x -= newton / (1 + x * newton);
        }
        return x;
    }

    private static final double[] CENTRE = {
        2.81022636e-08,
        3.43273939e-07,
        -3.5233877e-06,
        -4.39150654e-06,
        0.00021858087,
        -0.00125372503,
        -0.00417768164,
        0.246640727,
        1.50140941
    };
    private static final double[] TAIL = {
        -0.000200214257,
        0.000100950558,
        0.00134934322,
        -0.00367342844,
        0.00573950773,
        -0.0076224613,
        0.00943887047,
        1.00167406,
        2.83297682
    };

    private static double polynomial(double x, double[] highestFirst) {
        double sum = 0;
        for (double c : highestFirst) {
            sum = sum * x + c;
        }
        return sum;
    }

    /** B₂ₖ/(2k(2k − 1)): Stirling's series of ln Γ (Abramowitz and Stegun 1964, 6.1.40). */
    private static final double[] STIRLING = {
        1 / 12.0,
        -1 / 360.0,
        1 / 1260.0,
        -1 / 1680.0,
        1 / 1188.0,
        -691 / 360360.0,
        1 / 156.0,
        -3617 / 122400.0,
        43867 / 244188.0,
        -174611 / 125400.0
    };

    /**
     * ln |Γ(x)|: Stirling's series from 8 on, below the series of ζ values around 1 (Abramowitz and Stegun 1964, 6.1.33) and
     * Γ(x + 1) = xΓ(x), so that the relative error is small near the zeros 1 and 2 too; for negative x by reflection. −∞ at −∞.
     */
    public static double lgamma(double x) {
        if (Double.isNaN(x) || Double.isInfinite(x)) {
            return x;
        }
        if (x <= 0) {
            double fraction = x - StrictMath.floor(x);
            if (fraction == 0) {
                return Double.POSITIVE_INFINITY;
            }
            if (x > -0x1p-60) {
                return -StrictMath.log(-x);
            }
            // the nearer end of the unit interval: sin πf without cancellation
            double sine = StrictMath.sin(StrictMath.PI * (fraction > 0.5 ? StrictMath.ceil(x) - x : fraction));
            return StrictMath.log(StrictMath.PI / (sine * -x)) - lgamma(-x);
        }
        if (x < 8) {
            double z = x;
            double product = 1;
            while (z > 1.5) {
                product *= --z;
            }
            return z < 0.5 ? nearOne(z) - StrictMath.log(z) : nearOne(z - 1) + StrictMath.log(product);
        }
        double square = 1 / (x * x);
        double series = 0;
        for (int k = STIRLING.length - 1; k >= 0; k--) {
            series = series * square + STIRLING[k];
        }
        return (x - 0.5) * (StrictMath.log(x) - 1) + (0.5 * StrictMath.log(2 * StrictMath.PI) - 0.5) + series / x;
    }

    private static final double EULER = 0.57721566490153286061;

    /** (−1)ᵏ(ζ(k) − 1)/k from k = 2 on. */
    private static final double[] SERIES = new double[29];

    /** ln Γ(1 + t) = −ln(1 + t) + t(1 − γ) + Σ (−1)ᵏ(ζ(k) − 1)tᵏ/k for |t| ≤ ½. */
    private static double nearOne(double t) {
        double sum = 0;
        for (int k = SERIES.length - 1; k >= 2; k--) {
            sum = sum * t + SERIES[k];
        }
        return t * (1 - EULER) + t * t * sum - StrictMath.log1p(t);
    }

    /** B₂ₖ for k = 1, 2, …. */
    private static final double[] BERNOULLI = {
        1 / 6.0,
        -1 / 30.0,
        1 / 42.0,
        -1 / 30.0,
        5 / 66.0,
        -691 / 2730.0,
        7 / 6.0,
        -3617 / 510.0,
        43867 / 798.0,
        -174611 / 330.0
    };

    static {
        for (int k = 2; k < SERIES.length; k++) {
            SERIES[k] = (k % 2 == 0 ? 1 : -1) * zeta(k, 2) / k;
        }
    }

    /** Hurwitz's Σ (x + k)⁻ˢ for s > 1, x > 0: terms up to 15, then Euler and Maclaurin's formula. */
    private static double zeta(double s, double x) {
        double sum = 0;
        double z = x;
        while (z < 15) {
            sum += StrictMath.pow(z++, -s);
        }
        double power = StrictMath.pow(z, -s);
        double tail = z * power / (s - 1) + 0.5 * power;
        double factor = s * power / z;
        for (int k = 1; k <= BERNOULLI.length; k++) {
            double term = BERNOULLI[k - 1] * factor;
            for (int i = 2; i <= 2 * k; i++) {
                term /= i;
            }
            tail += term;
            factor *= (s + 2 * k - 1) * (s + 2 * k) / (z * z);
        }
        return sum + tail;
    }

    /**
     * The derivative of order n + 1 of ln Γ, n rounded to an integer: ψ for n = 0 by its asymptotic series, else
     * (−1)ⁿ⁺¹ n! ζ(n + 1, x) (Abramowitz and Stegun 1964, 6.3.18 and 6.4.10); negative x by the derivatives of
     * ψ(1 − x) − ψ(x) = π cot πx. NaN for negative n.
     */
    public static double polygamma(double order, double x) {
        double rounded = StrictMath.rint(order);
        if (!(rounded >= 0) || rounded > 170 || Double.isNaN(x)) {
            return Double.NaN;
        }
        int n = (int) rounded;
        if (x == Double.POSITIVE_INFINITY) {
            return n == 0 ? x : 0;
        }
        if (x <= 0) {
            double floor = StrictMath.floor(x);
            if (x == floor) { // a pole: two-sided where n is odd
                return n % 2 == 1 ? Double.POSITIVE_INFINITY : x == 0 && n == 0 ? -1 / x : Double.NaN;
            }
            double mirrored = polygamma(n, 1 - x);
            return (n % 2 == 0 ? mirrored : -mirrored) - cotangent(n, x - floor, StrictMath.ceil(x) - x);
        }
        if (n == 0) {
            return digamma(x);
        }
        double factorial = 1;
        for (int i = 2; i <= n; i++) {
            factorial *= i;
        }
        return (n % 2 == 0 ? -1 : 1) * factorial * zeta(n + 1, x);
    }

    private static double digamma(double x) {
        double sum = 0;
        double z = x;
        while (z < 12) {
            sum -= 1 / z++;
        }
        double square = 1 / (z * z);
        double series = 0;
        for (int k = BERNOULLI.length; k >= 1; k--) {
            series = (series + BERNOULLI[k - 1] / (2 * k)) * square;
        }
        return sum + StrictMath.log(z) - 0.5 / z - series;
    }

    /** The n-th derivative of π cot πx as a polynomial of the cotangent c, for c′ = −π(1 + c²). */
    private static double cotangent(int n, double above, double below) {
        double angle = StrictMath.PI * (above <= 0.5 ? above : below);
        double c = above == 0.5 ? 0 : StrictMath.cos(angle) / StrictMath.sin(angle) * (above <= 0.5 ? 1 : -1);
        double[] p = {0, StrictMath.PI};
        for (int order = 0; order < n; order++) {
            double[] next = new double[p.length + 1];
            for (int i = 1; i < p.length; i++) {
                next[i - 1] -= StrictMath.PI * i * p[i];
                next[i + 1] -= StrictMath.PI * i * p[i];
            }
            p = next;
        }
        double sum = p[p.length - 1]; // the first, not 0: the cotangent of a subnormal number is infinite
        for (int i = p.length - 2; i >= 0; i--) {
            sum = sum * c + p[i];
        }
        return sum;
    }
}
