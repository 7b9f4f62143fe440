package kawi.evaluate;

import java.util.ArrayList;
import java.util.List;
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
        double[] s = Inputs.numbers("RocCurve", "score", scores);
        boolean[] p = Inputs.truths("RocCurve", "true values", positive);
        Inputs.sameLength("RocCurve", s.length, p.length);
        int positives = 0;
        for (boolean b : p) {
            positives += b ? 1 : 0;
        }
        int negatives = p.length - positives;
        if (positives == 0 || negatives == 0) {
            throw new KawiException("RocCurve: examples of both classes are needed, but all %d are %s"
                    .formatted(p.length, positives == 0 ? "negative" : "positive"));
        }
        List<double[]> points = new ArrayList<>(List.of(new double[] {0, 0, Double.POSITIVE_INFINITY}));
        int[] order = Inputs.descending(s);
        int above = 0;
        for (int k = 0; k < order.length; k++) {
            above += p[order[k]] ? 1 : 0;
            if (k + 1 == order.length || s[order[k + 1]] != s[order[k]]) {
                points.add(new double[] {(k + 1.0 - above) / negatives, (double) above / positives, s[order[k]]});
            }
        }
        return new RocCurve(column(points, 0), column(points, 1), column(points, 2));
    }

    static double[] column(List<double[]> points, int c) {
        return points.stream().mapToDouble(point -> point[c]).toArray();
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
