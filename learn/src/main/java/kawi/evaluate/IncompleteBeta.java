package kawi.evaluate;

import kawi.graph.SpecialFunctions;

/** The regularised incomplete beta function Iₓ(a, b), the distribution function of the beta distribution, and its inverse. */
final class IncompleteBeta {
    private static final double TINY = 1e-300;

    private IncompleteBeta() {}

    /** Iₓ(a, b) for a, b &gt; 0 and x in 0 to 1, by the continued fraction DLMF 8.17.22 in Lentz's way. */
    static double of(double x, double a, double b) {
        if (x <= 0) {
            return 0;
        }
        if (x >= 1) {
            return 1;
        }
        // The fraction converges fast below the mean; above it I₁₋ₓ(b, a) = 1 − Iₓ(a, b).
        return x <= (a + 1) / (a + b + 2) ? byFraction(x, a, b) : 1 - byFraction(1 - x, b, a);
    }

    private static double byFraction(double x, double a, double b) {
        double front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
        double c = 1;
        double d = 0;
        double f = 1;
        for (int k = 0; k < 100_000; k++) {
            int m = k / 2;
            double term = k == 0
                    ? 1
                    : k % 2 == 0
                            ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                            : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 + term * d;
            d = 1 / (Math.abs(d) < TINY ? TINY : d);
            c = 1 + term / c;
            c = Math.abs(c) < TINY ? TINY : c;
            f *= c * d;
            if (k > 0 && Math.abs(1 - c * d) < 1e-15) {
                break;
            }
        }
        return front * (f - 1);
    }

    private static double logBeta(double a, double b) {
        return SpecialFunctions.lgamma(a) + SpecialFunctions.lgamma(b) - SpecialFunctions.lgamma(a + b);
    }

    /** The x with Iₓ(a, b) = p, by bisection until no number lies between the ends. */
    static double quantile(double p, double a, double b) {
        double low = 0;
        double high = 1;
        while (true) {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high) {
                return middle;
            }
            if (of(middle, a, b) < p) {
                low = middle;
            } else {
                high = middle;
            }
        }
    }

    /** The t that Student's distribution with ν degrees of freedom exceeds with probability (1 − confidence)/2. */
    static double student(double confidence, double nu) {
        double x = quantile(1 - confidence, 0.5 * nu, 0.5);
        return Math.sqrt(nu * (1 - x) / x);
    }
}
