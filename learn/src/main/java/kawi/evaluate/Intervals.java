package kawi.evaluate;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.graph.SpecialFunctions;

/**
 * Confidence intervals for a score on a test part. For an accuracy use {@link #clopperPearson}, or {@link #wilson}, which is narrower; for any other
 * score {@link #bca}. They tell how far the score would move with other test examples, not with other training examples.
 */
public final class Intervals {
    private Intervals() {}

    /**
     * The exact interval for a probability p after k successes in n trials: it holds p with at least the confidence, whatever p is (Clopper and Pearson
     * 1934). Its ends are quantiles of beta distributions, B(α/2; k, n − k + 1) and B(1 − α/2; k + 1, n − k).
     */
    public static Interval clopperPearson(long successes, long trials, double confidence) {
        check(successes, trials, confidence);
        double half = 0.5 * (1 - confidence);
        double low = successes == 0 ? 0 : IncompleteBeta.quantile(half, successes, trials - successes + 1.0);
        double high = successes == trials
                ? 1
                : 1 - IncompleteBeta.quantile(half, trials - successes, successes + 1.0); // exact near 1 too
        return new Interval(low, high, confidence);
    }

    /**
     * Wilson's score interval for a probability (Wilson 1927): holds it with about the confidence on average over p. Its ends solve (p̂ − p)² =
     * z²·p(1 − p)/n.
     */
    public static Interval wilson(long successes, long trials, double confidence) {
        check(successes, trials, confidence);
        double n = trials;
        double p = successes / n;
        double z = normalQuantile(0.5 * (1 + confidence));
        double centre = p + z * z / (2 * n);
        double reach = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        double scale = 1 + z * z / n;
        double low = successes == 0 ? 0 : (centre - reach) / scale;
        double high = successes == trials ? 1 : (centre + reach) / scale;
        return new Interval(low, high, confidence);
    }

    private static void check(long successes, long trials, double confidence) {
        checkConfidence(confidence);
        if (trials < 1 || successes < 0 || successes > trials) {
            throw new KawiException("interval: %d successes in %d trials are impossible; at least 1 trial is needed"
                    .formatted(successes, trials));
        }
    }

    private static void checkConfidence(double confidence) {
        if (!(confidence > 0 && confidence < 1)) {
            throw new KawiException("interval: the confidence lies between 0 and 1, but is " + confidence);
        }
    }

    /**
     * The percentile bootstrap: n examples are drawn from the n with replacement, again and again; the interval spans the middle of the statistic's values
     * (Efron and Tibshirani 1993, <em>An introduction to the bootstrap</em>, section 13.3).
     *
     * @param n number of examples
     * @param statistic the score of the examples with the given numbers
     * @param resamples how often; some thousands
     */
    public static Interval bootstrap(
            int n, ToDoubleFunction<int[]> statistic, int resamples, double confidence, long seed) {
        double[] values = resampled(n, statistic, resamples, confidence, seed);
        double half = 0.5 * (1 - confidence);
        return new Interval(quantile(values, half), quantile(values, 1 - half), confidence);
    }

    /**
     * The bootstrap with correction for bias and acceleration (BCa), whose coverage errs by O(1/n) where that of {@link #bootstrap} errs by O(1/√n)
     * (Efron 1987; Efron and Tibshirani 1993, section 14.3): the percentiles are moved by z₀, how far the statistic lies from the median of its bootstrap
     * values, and a, how its spread changes with its value, from leaving out one example at a time.
     */
    public static Interval bca(int n, ToDoubleFunction<int[]> statistic, int resamples, double confidence, long seed) {
        double[] values = resampled(n, statistic, resamples, confidence, seed);
        double observed = statistic.applyAsDouble(IntStream.range(0, n).toArray());
        double below = 0; // ties count half
        for (double v : values) {
            below += v < observed ? 1 : v == observed ? 0.5 : 0;
        }
        if (values[0] == values[values.length - 1] || n < 2) {
            return new Interval(values[0], values[values.length - 1], confidence);
        }
        double share = Math.clamp(below / resamples, 0.5 / resamples, 1 - 0.5 / resamples);
        double bias = normalQuantile(share);
        double acceleration = acceleration(n, statistic);
        double z = normalQuantile(0.5 * (1 + confidence));
        return new Interval(
                quantile(values, moved(bias, -z, acceleration)),
                quantile(values, moved(bias, z, acceleration)),
                confidence);
    }

    private static double moved(double bias, double z, double acceleration) {
        double sum = bias + z;
        return 0.5 * SpecialFunctions.erfc(-(bias + sum / (1 - acceleration * sum)) / Math.sqrt(2));
    }

    private static double acceleration(int n, ToDoubleFunction<int[]> statistic) {
        double[] without = IntStream.range(0, n)
                .mapToDouble(left -> statistic.applyAsDouble(
                        IntStream.range(0, n).filter(i -> i != left).toArray()))
                .toArray();
        double mean = Arrays.stream(without).average().orElseThrow();
        double squares = 0;
        double cubes = 0;
        for (double v : without) {
            squares += Math.pow(mean - v, 2);
            cubes += Math.pow(mean - v, 3);
        }
        return squares == 0 ? 0 : cubes / (6 * Math.pow(squares, 1.5));
    }

    /** The statistic's values in ascending order. */
    private static double[] resampled(
            int n, ToDoubleFunction<int[]> statistic, int resamples, double confidence, long seed) {
        checkConfidence(confidence);
        if (n < 1 || resamples < 1) {
            throw new KawiException(
                    "bootstrap: examples and resamples start at 1, but are %d and %d".formatted(n, resamples));
        }
        Random random = new Random(seed);
        double[] values = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            int[] drawn = new int[n];
            Arrays.setAll(drawn, i -> random.nextInt(n));
            values[r] = statistic.applyAsDouble(drawn);
            if (Double.isNaN(values[r])) {
                throw new KawiException(
                        "bootstrap: the statistic is NaN for a resample; does it need examples of every class?");
            }
        }
        Arrays.sort(values);
        return values;
    }

    /** Between the two nearest of sorted values in proportion, as NumPy's quantile. */
    private static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    private static double normalQuantile(double p) {
        return Math.sqrt(2) * SpecialFunctions.erfinv(2 * p - 1);
    }
}
