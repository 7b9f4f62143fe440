package kawi.bench;

import java.util.Arrays;

/** Summaries of repeated measurements. */
final class Statistics {
    private Statistics() {}

    /** The middle value, or the mean of the two in the middle. */
    static double median(double... values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }

    static double min(double... values) {
        return Arrays.stream(values).min().orElse(Double.NaN);
    }

    static double max(double... values) {
        return Arrays.stream(values).max().orElse(Double.NaN);
    }

    static double geometricMean(double... values) {
        return Math.exp(Arrays.stream(values).map(Math::log).average().orElse(Double.NaN));
    }

    /**
     * The largest difference between two arrays relative to the largest magnitude of the second; infinite where a number is
     * not finite on one side alone, or lengths differ.
     */
    static double difference(float[] a, float[] b) {
        if (a.length != b.length) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        double apart = 0;
        for (int i = 0; i < a.length; i++) {
            if (!Float.isFinite(a[i]) || !Float.isFinite(b[i])) {
                if (Float.compare(a[i], b[i]) != 0) {
                    return Double.POSITIVE_INFINITY;
                }
                continue;
            }
            largest = Math.max(largest, Math.abs(b[i]));
            apart = Math.max(apart, Math.abs((double) a[i] - b[i]));
        }
        return apart == 0 ? 0 : apart / largest;
    }
}
