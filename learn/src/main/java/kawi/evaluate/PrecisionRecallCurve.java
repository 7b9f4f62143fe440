package kawi.evaluate;

import java.util.ArrayList;
import java.util.List;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Precision and recall for each threshold on the score, from the highest score down. Examples of equal score pass the threshold together. Tells more than {@link
 * RocCurve} where positive examples are rare.
 *
 * @param recall ascending to 1
 * @param precision of the examples from the threshold on
 * @param thresholds scores, descending
 */
public record PrecisionRecallCurve(double[] recall, double[] precision, double[] thresholds) {
    /**
     * The curve of scores.
     *
     * @param scores {@code [n]}, higher for positive
     * @param positive truth values or 0 and 1, {@code [n]}; at least one must be positive
     */
    public static PrecisionRecallCurve of(Tensor scores, Tensor positive) {
        double[] s = Inputs.numbers("PrecisionRecallCurve", "score", scores);
        boolean[] p = Inputs.truths("PrecisionRecallCurve", "true values", positive);
        Inputs.sameLength("PrecisionRecallCurve", s.length, p.length);
        int positives = 0;
        for (boolean b : p) {
            positives += b ? 1 : 0;
        }
        if (positives == 0) {
            throw new KawiException("PrecisionRecallCurve: none of the %d examples is positive, so there is no recall"
                    .formatted(p.length));
        }
        List<double[]> points = new ArrayList<>();
        int[] order = Inputs.descending(s);
        int above = 0;
        for (int k = 0; k < order.length; k++) {
            above += p[order[k]] ? 1 : 0;
            if (k + 1 == order.length || s[order[k + 1]] != s[order[k]]) {
                points.add(new double[] {(double) above / positives, above / (k + 1.0), s[order[k]]});
            }
        }
        return new PrecisionRecallCurve(
                RocCurve.column(points, 0), RocCurve.column(points, 1), RocCurve.column(points, 2));
    }

    /** The area under the curve as Σ(rₖ − rₖ₋₁)·pₖ, without interpolation, which would flatter (Davis and Goadrich 2006). */
    public double averagePrecision() {
        double sum = 0;
        double before = 0;
        for (int k = 0; k < recall.length; k++) {
            sum += (recall[k] - before) * precision[k];
            before = recall[k];
        }
        return sum;
    }
}
