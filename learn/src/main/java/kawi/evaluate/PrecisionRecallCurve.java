package kawi.evaluate;

import java.util.Arrays;
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
        Sweep sweep = Sweep.of("PrecisionRecallCurve", scores, positive);
        if (sweep.positives() == 0) {
            throw new KawiException("PrecisionRecallCurve: none of the %d examples is positive, so there is no recall"
                    .formatted(sweep.examples()));
        }
        double[] precision = new double[sweep.passed().length];
        Arrays.setAll(precision, k -> (double) sweep.hits()[k] / sweep.passed()[k]);
        return new PrecisionRecallCurve(sweep.recall(), precision, sweep.thresholds());
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
