package kawi.evaluate;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * The receiver operating characteristic: for each threshold on the score, the share of negative examples above it (false positive rate) and of positive ones
 * (true positive rate), from (0, 0) to (1, 1). Examples of equal score pass the threshold together.
 *
 * @param falsePositiveRate ascending
 * @param truePositiveRate ascending
 * @param thresholds the score from which on examples count as positive; infinite at (0, 0)
 */
public record RocCurve(double[] falsePositiveRate, double[] truePositiveRate, double[] thresholds) {
    /**
     * The curve of scores.
     *
     * @param scores {@code [n]}, higher for positive
     * @param positive truth values or 0 and 1, {@code [n]}; both must occur
     */
    public static RocCurve of(Tensor scores, Tensor positive) {
        Sweep sweep = Sweep.of("RocCurve", scores, positive);
        int negatives = sweep.examples() - sweep.positives();
        if (sweep.positives() == 0 || negatives == 0) {
            throw new KawiException("RocCurve: examples of both classes are needed, but all %d are %s"
                    .formatted(sweep.examples(), negatives == 0 ? "positive" : "negative"));
        }
        double[] falsePositives = new double[sweep.passed().length];
        Arrays.setAll(falsePositives, k -> (double) (sweep.passed()[k] - sweep.hits()[k]) / negatives);
        return new RocCurve(
                after(0, falsePositives),
                after(0, sweep.recall()),
                after(Double.POSITIVE_INFINITY, sweep.thresholds()));
    }

    private static double[] after(double first, double[] others) {
        return DoubleStream.concat(DoubleStream.of(first), Arrays.stream(others))
                .toArray();
    }

    /**
     * The area under the curve: the probability that a positive example scores higher than a negative one, ties counting half (Hanley and McNeil 1982).
     */
    public double auc() {
        double area = 0;
        for (int k = 1; k < falsePositiveRate.length; k++) {
            area += (falsePositiveRate[k] - falsePositiveRate[k - 1])
                    * (truePositiveRate[k] + truePositiveRate[k - 1])
                    / 2;
        }
        return area;
    }
}
