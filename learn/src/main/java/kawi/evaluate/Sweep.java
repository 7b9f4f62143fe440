package kawi.evaluate;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.tensor.Tensor;

/**
 * A threshold on the score that sinks from the highest score to the lowest: what {@link RocCurve} and {@link PrecisionRecallCurve} are made of. Examples
 * of equal score pass it together.
 *
 * @param examples how many there are
 * @param positives how many of them are positive
 * @param thresholds the different scores, descending
 * @param passed how many examples reach each
 * @param hits how many of these are positive
 */
record Sweep(int examples, int positives, double[] thresholds, int[] passed, int[] hits) {
    static Sweep of(String metric, Tensor scores, Tensor positive) {
        double[] s = Inputs.numbers(metric, "score", scores);
        boolean[] p = Inputs.truths(metric, "true values", positive);
        Inputs.sameLength(metric, s.length, p.length);
        int[] order = Inputs.descending(s);
        int[] above = new int[order.length];
        for (int k = 0; k < order.length; k++) {
            above[k] = (k > 0 ? above[k - 1] : 0) + (p[order[k]] ? 1 : 0);
        }
        int[] last = IntStream.range(0, order.length)
                .filter(k -> k + 1 == order.length || s[order[k + 1]] != s[order[k]])
                .toArray();
        return new Sweep(
                order.length,
                above[order.length - 1],
                Arrays.stream(last).mapToDouble(k -> s[order[k]]).toArray(),
                Arrays.stream(last).map(k -> k + 1).toArray(),
                Arrays.stream(last).map(k -> above[k]).toArray());
    }

    /** The share of the positive examples that reach each threshold. */
    double[] recall() {
        return Arrays.stream(hits).mapToDouble(h -> (double) h / positives).toArray();
    }
}
