package kawi.evaluate;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/** Scores of predictions as one number. Those with parts have classes of their own: {@link ConfusionMatrix}, {@link RocCurve}, {@link
 * PrecisionRecallCurve}, {@link Calibration}. */
public final class Metrics {
    private Metrics() {}

    /** The share of predicted classes that are right: integers {@code [n]} each. */
    public static double accuracy(Tensor predicted, Tensor actual) {
        int[] p = Inputs.labels("accuracy", "predicted classes", predicted, 0);
        int[] a = Inputs.labels("accuracy", "true classes", actual, 0);
        Inputs.sameLength("accuracy", p.length, a.length);
        return IntStream.range(0, p.length).filter(i -> p[i] == a[i]).count() / (double) p.length;
    }

    /**
     * The share of examples whose class is among the k with the highest scores; of equal scores those count first that are not the class, so that a
     * model without an opinion gains nothing.
     *
     * @param scores {@code [n, classes]}
     * @param actual integers {@code [n]}
     */
    public static double topK(Tensor scores, Tensor actual, int k) {
        if (scores.rank() != 2 || k < 1) {
            throw new KawiException("topK: scores [n, classes] and k from 1 on are needed, but %s and %d were given"
                    .formatted(scores.shape(), k));
        }
        int classes = scores.dim(1);
        int[] a = Inputs.labels("topK", "true classes", actual, classes);
        Inputs.sameLength("topK", scores.dim(0), a.length);
        double[] s = Inputs.numbers("topK", "score", scores.flatten());
        int hits = 0;
        for (int i = 0; i < a.length; i++) {
            int from = i * classes;
            double own = s[from + a[i]];
            int notBelow = 0;
            for (int c = 0; c < classes; c++) {
                notBelow += s[from + c] >= own ? 1 : 0;
            }
            hits += notBelow <= k ? 1 : 0;
        }
        return hits / (double) a.length;
    }

    /** √(1/n Σ(ŷ − y)²). */
    public static double rmse(Tensor predicted, Tensor actual) {
        double[] e = errors("rmse", predicted, actual);
        double sum = 0;
        for (double v : e) {
            sum += v * v;
        }
        return Math.sqrt(sum / e.length);
    }

    /** 1/n Σ|ŷ − y|. */
    public static double mae(Tensor predicted, Tensor actual) {
        double[] e = errors("mae", predicted, actual);
        double sum = 0;
        for (double v : e) {
            sum += Math.abs(v);
        }
        return sum / e.length;
    }

    /**
     * R² = 1 − Σ(ŷ − y)² / Σ(y − ȳ)²: 1 for exact predictions, 0 for those no better than the mean, below 0 for worse.
     *
     * @throws KawiException where all true values are equal, for which it is not defined
     */
    public static double r2(Tensor predicted, Tensor actual) {
        double[] e = errors("r2", predicted, actual);
        double[] y = actual.toDoubleArray();
        double mean = 0;
        for (double v : y) {
            mean += v / y.length;
        }
        double residual = 0;
        double total = 0;
        for (int i = 0; i < y.length; i++) {
            residual += e[i] * e[i];
            total += (y[i] - mean) * (y[i] - mean);
        }
        if (Arrays.stream(y).allMatch(v -> v == y[0])) { // total itself may be above 0 by rounding
            throw new KawiException("r2: all %d true values are %s, so there is no variance to explain; use rmse"
                    .formatted(y.length, y[0]));
        }
        return 1 - residual / total;
    }

    private static double[] errors(String metric, Tensor predicted, Tensor actual) {
        double[] p = Inputs.numbers(metric, "prediction", predicted);
        double[] a = Inputs.numbers(metric, "true value", actual);
        Inputs.sameLength(metric, p.length, a.length);
        for (int i = 0; i < p.length; i++) {
            p[i] -= a[i];
        }
        return p;
    }
}
