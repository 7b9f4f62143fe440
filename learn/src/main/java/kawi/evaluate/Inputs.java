package kawi.evaluate;

import java.util.Arrays;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/** Arguments of metrics as arrays, checked: a metric of nothing, or of NaN, is a mistake upstream. */
final class Inputs {
    private Inputs() {}

    /** Finite numbers {@code [n]}, n from 1 on. */
    static double[] numbers(String metric, String what, Tensor t) {
        double[] values = vector(metric, what, t).toDoubleArray();
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new KawiException("%s: %s %d is %s; a score of it would mean nothing, so find where it comes from"
                        .formatted(metric, what, i, values[i]));
            }
        }
        return values;
    }

    /** Integers from 0 to below {@code classes}, or any from 0 on where that is 0. */
    static int[] labels(String metric, String what, Tensor t, int classes) {
        if (t.dtype().isFloat()) {
            throw new KawiException("%s: %s must be integers [n], but are %s%s; cast them with .to(DType.I64)"
                    .formatted(metric, what, t.dtype(), t.shape()));
        }
        long[] values = vector(metric, what, t).toLongArray();
        int most = classes > 0 ? classes - 1 : Integer.MAX_VALUE;
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] > most) {
                throw new KawiException(
                        "%s: %s %d is %d; classes count from 0 to %d".formatted(metric, what, i, values[i], most));
            }
        }
        return Arrays.stream(values).mapToInt(v -> (int) v).toArray();
    }

    /** Truth values, or numbers 0 and 1. */
    static boolean[] truths(String metric, String what, Tensor t) {
        double[] values = numbers(metric, what, t);
        boolean[] truths = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            if (values[i] != 0 && values[i] != 1) {
                throw new KawiException(
                        "%s: %s are 0 or 1, but number %d is %s; compare with the positive class: y.eq(1)"
                                .formatted(metric, what, i, values[i]));
            }
            truths[i] = values[i] == 1;
        }
        return truths;
    }

    private static Tensor vector(String metric, String what, Tensor t) {
        if (t.rank() != 1 || t.size() == 0) {
            throw new KawiException(
                    "%s: %s must have the shape [n], n from 1 on, but have %s".formatted(metric, what, t.shape()));
        }
        return t.dtype() == DType.BOOL ? t.to(DType.I64) : t;
    }

    static void sameLength(String metric, int a, int b) {
        if (a != b) {
            throw new KawiException("%s: there are %d predictions but %d true values".formatted(metric, a, b));
        }
    }

    /** The order of descending values; equal ones in the order of their places. */
    static int[] descending(double[] values) {
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(values[b] + 0.0, values[a] + 0.0)); // −0 is 0
        return Arrays.stream(order).mapToInt(i -> i).toArray();
    }
}
