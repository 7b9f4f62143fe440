package kawi.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import kawi.base.KawiException;

/**
 * The scores of the folds of a cross-validation.
 *
 * @param values one for each split
 * @param testOverTrain mean of test size over training size
 */
public record Scores(double[] values, double testOverTrain) {
    /** Keeps a copy. */
    public Scores {
        values = values.clone();
    }

    /**
     * Trains and scores once for each split, in order.
     *
     * @param score learns from the training examples alone and gives the score on the test examples
     */
    public static Scores of(List<Split> splits, ToDoubleFunction<Split> score) {
        if (splits.isEmpty()) {
            throw new KawiException("Scores: there are no splits; Splits.kFold makes some");
        }
        double ratio = splits.stream()
                .mapToDouble(s -> (double) s.test().length / Math.max(1, s.train().length))
                .average()
                .orElseThrow();
        return new Scores(splits.stream().mapToDouble(score).toArray(), ratio);
    }

    /** Their mean. */
    public double mean() {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** Their sample standard deviation; NaN for fewer than two. */
    public double deviation() {
        double mean = mean();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
    }

    /**
     * An interval for the mean by Student's t with the variance (1/k + n₂/n₁)·s², n₂ test and n₁ training examples, because folds that share training
     * examples are not independent (Nadeau and Bengio 2003, <em>Inference for the generalization error</em>). s²/k alone is too small.
     */
    public Interval interval(double confidence) {
        if (values.length < 2 || !(confidence > 0 && confidence < 1)) {
            throw new KawiException(
                    "interval: at least 2 scores and a confidence between 0 and 1 are needed, but there are %d and %s"
                            .formatted(values.length, confidence));
        }
        double error = deviation() * Math.sqrt(1.0 / values.length + testOverTrain);
        double reach = IncompleteBeta.student(confidence, values.length - 1.0) * error;
        return new Interval(mean() - reach, mean() + reach, confidence);
    }

    /** As in {@code 0.9512 ± 0.0123 (10 folds)}: mean and standard deviation. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4f ± %.4f (%d folds)", mean(), deviation(), values.length);
    }
}
