package kawi.graph;

/**
 * The error function in double precision: the Maclaurin series for small arguments, the continued fraction of the
 * complementary function for large ones (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14). Relative error below 1e-15
 * where |x| ≤ 2.5, absolute error below 1e-15 beyond.
 */
final class ErrorFunction {
    private ErrorFunction() {}

    static double erf(double x) {
        double a = Math.abs(x);
        if (a <= 2.5) {
            // erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms positive, no cancellation
            double term = x;
            double sum = x;
            for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
        }
        if (a > 6.5 || Double.isNaN(x)) {
            return Double.isNaN(x) ? x : Math.signum(x);
        }
        double fraction = a;
        for (int n = 120; n >= 1; n--) {
            fraction = a + n / 2.0 / fraction;
        }
        return Math.signum(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction));
    }
}
