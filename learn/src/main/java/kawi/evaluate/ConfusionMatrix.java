package kawi.evaluate;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * How often each class was taken for each: {@code counts[a][p]} examples are of class a and were predicted as p. For a class c, with TP right predictions
 * of it, FP wrong ones and FN examples missed:
 *
 * <pre>
 *   precision TP / (TP + FP)     recall TP / (TP + FN)     F₁ = 2·TP / (2·TP + FP + FN)
 * </pre>
 *
 * each 0 where the denominator is. Macro averages weigh classes alike; micro averages weigh examples alike, and are all the accuracy here, where each
 * example has one class and gets one prediction.
 *
 * @param counts square
 */
public record ConfusionMatrix(long[][] counts) {
    /** Checks that it is square, and keeps a copy. */
    public ConfusionMatrix {
        int n = counts.length;
        if (n == 0 || Arrays.stream(counts).anyMatch(row -> row.length != n)) {
            throw new KawiException("ConfusionMatrix: the counts must be square, with at least one class");
        }
        counts = Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
    }

    /**
     * Counts predictions.
     *
     * @param predicted integers {@code [n]} from 0 to {@code classes} − 1
     * @param actual the same for the truth
     */
    public static ConfusionMatrix of(Tensor predicted, Tensor actual, int classes) {
        if (classes < 1) {
            throw new KawiException("ConfusionMatrix: classes start at 1, but " + classes + " were given");
        }
        int[] p = Inputs.labels("ConfusionMatrix", "predicted classes", predicted, classes);
        int[] a = Inputs.labels("ConfusionMatrix", "true classes", actual, classes);
        Inputs.sameLength("ConfusionMatrix", p.length, a.length);
        long[][] counts = new long[classes][classes];
        for (int i = 0; i < p.length; i++) {
            counts[a[i]][p[i]]++;
        }
        return new ConfusionMatrix(counts);
    }

    /** Number of classes. */
    public int classes() {
        return counts.length;
    }

    private long right(int c) {
        return counts[c][c];
    }

    private long predicted(int c) {
        return Arrays.stream(counts).mapToLong(row -> row[c]).sum();
    }

    private long actual(int c) {
        return Arrays.stream(counts[c]).sum();
    }

    private double macro(IntToDoubleFunction ofClass) {
        return IntStream.range(0, classes()).mapToDouble(ofClass).average().orElseThrow();
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /** The share of right predictions; also the micro average of precision, recall and F₁. */
    public double accuracy() {
        long right = IntStream.range(0, classes()).mapToLong(this::right).sum();
        return ratio(right, Arrays.stream(counts).flatMapToLong(Arrays::stream).sum());
    }

    /** Of the predictions of a class, the share that is right. */
    public double precision(int c) {
        return ratio(right(c), predicted(c));
    }

    /** Of the examples of a class, the share that is found. */
    public double recall(int c) {
        return ratio(right(c), actual(c));
    }

    /** The harmonic mean of precision and recall. */
    public double f1(int c) {
        return ratio(2 * right(c), predicted(c) + actual(c));
    }

    /** Mean precision of the classes. */
    public double macroPrecision() {
        return macro(this::precision);
    }

    /** Mean recall of the classes, called balanced accuracy too. */
    public double macroRecall() {
        return macro(this::recall);
    }

    /** Mean F₁ of the classes. */
    public double macroF1() {
        return macro(this::f1);
    }

    /** ΣTP / Σ(TP + FP). */
    public double microPrecision() {
        return accuracy();
    }

    /** ΣTP / Σ(TP + FN). */
    public double microRecall() {
        return accuracy();
    }

    /** 2·ΣTP / Σ(2·TP + FP + FN). */
    public double microF1() {
        return accuracy();
    }

    /** A row for each true class, a column for each predicted one. */
    @Override
    public String toString() {
        int width = Math.max(
                9,
                1
                        + Arrays.stream(counts)
                                .flatMapToLong(Arrays::stream)
                                .mapToInt(v -> Long.toString(v).length())
                                .max()
                                .orElse(1));
        StringBuilder s = new StringBuilder("true \\ predicted");
        IntStream.range(0, classes()).forEach(c -> s.append(String.format(Locale.ROOT, "%" + width + "d", c)));
        s.append("   recall\n");
        for (int a = 0; a < classes(); a++) {
            s.append(String.format(Locale.ROOT, "%16d", a));
            for (long v : counts[a]) {
                s.append(String.format(Locale.ROOT, "%" + width + "d", v));
            }
            s.append(String.format(Locale.ROOT, "%9.4f%n", recall(a)));
        }
        s.append("       precision");
        IntStream.range(0, classes())
                .forEach(c -> s.append(String.format(Locale.ROOT, "%" + width + ".4f", precision(c))));
        return s.append(String.format(Locale.ROOT, "%9.4f%n", accuracy())).toString();
    }
}
