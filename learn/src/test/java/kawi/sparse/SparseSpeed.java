package kawi.sparse;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/**
 * Products with a9a beside loops written by hand, to be run by hand: {@code SparseSpeed FOLDER [THREADS]}, where the folder is that of the data sets. For each
 * the median of many runs in milliseconds, and the bytes of one pass over the structure and the values by that time.
 */
final class SparseSpeed {
    private static final int RUNS = 400;

    private SparseSpeed() {}

    public static void main(String... args) {
        Kawi.threads(args.length > 1 ? Integer.parseInt(args[1]) : 1);
        SparseMatrix a = LibSvm.read(Path.of(args[0], "libsvm", "a9a")).x();
        float[] w = random(a.columns());
        float[] r = random(a.rows());
        int[] pointers = a.pointers();
        int[] indices = a.indices();
        float[] values = a.values().toFloatArray();
        double bytes = 4.0 * pointers.length + 8.0 * indices.length + 4.0 * (w.length + r.length);
        Tensor wt = Tensor.of(w);
        Tensor rt = Tensor.of(r);
        SparseMatrix c = a.toCsc();
        System.out.println(a + ", " + Kawi.device());
        float[] byRows = rowsTimes(pointers, indices, values, w);
        float[] byColumns = columnsTimes(pointers, indices, values, r, w.length);
        same(byRows, a.matmul(wt));
        same(byRows, c.matmul(wt));
        same(byColumns, a.t().matmul(rt));
        same(byColumns, c.t().matmul(rt));
        float[][] sink = new float[1][];
        report("X·w by hand", bytes, () -> sink[0] = rowsTimes(pointers, indices, values, w));
        report("X·w, CSR", bytes, () -> a.matmul(wt).realized());
        report("X·w, CSC", bytes, () -> c.matmul(wt).realized());
        report("Xᵀ·r by hand", bytes, () -> sink[0] = columnsTimes(pointers, indices, values, r, w.length));
        report("Xᵀ·r, CSR", bytes, () -> a.t().matmul(rt).realized());
        report("Xᵀ·r, CSC", bytes, () -> c.t().matmul(rt).realized());
        for (int k : new int[] {4, 16, 64}) {
            Tensor x = Tensor.of(random(a.columns() * k), a.columns(), k);
            Tensor y = Tensor.of(random(a.rows() * k), a.rows(), k);
            double more = bytes + 4.0 * k * (a.rows() + a.columns());
            report("X·W, " + k + " columns", more, () -> a.matmul(x).realized());
            report("Xᵀ·R, " + k + " columns", more, () -> a.t().matmul(y).realized());
        }
        report("loss and gradient of logistic regression", 2 * bytes, () -> {
            Tensor v = wt.requiresGrad();
            Kawi.realize(Kawi.grad(a.matmul(v).softplus().mean(), v));
        });
    }

    /** Sums of up to 32,561 rounded terms below 1, in any order. */
    private static void same(float[] expected, Tensor found) {
        float[] numbers = found.toFloatArray();
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - numbers[i]) <= 1e-3 * (1 + Math.abs(expected[i])))) {
                throw new IllegalStateException("at " + i + ": " + numbers[i] + ", by hand " + expected[i]);
            }
        }
    }

    private static float[] rowsTimes(int[] pointers, int[] indices, float[] values, float[] w) {
        float[] y = new float[pointers.length - 1];
        for (int i = 0; i < y.length; i++) {
            float sum = 0;
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                sum += values[e] * w[indices[e]];
            }
            y[i] = sum;
        }
        return y;
    }

    private static float[] columnsTimes(int[] pointers, int[] indices, float[] values, float[] r, int columns) {
        float[] x = new float[columns];
        for (int i = 0; i < r.length; i++) {
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                x[indices[e]] += values[e] * r[i];
            }
        }
        return x;
    }

    private static float[] random(int n) {
        Random random = new Random(n);
        float[] a = new float[n];
        for (int i = 0; i < n; i++) {
            a[i] = random.nextFloat() - 0.5f;
        }
        return a;
    }

    private static void report(String what, double bytes, Runnable run) {
        double[] millis = new double[RUNS];
        for (int i = 0; i < 2 * RUNS; i++) {
            long start = System.nanoTime();
            run.run();
            millis[i % RUNS] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        double median = millis[RUNS / 2];
        System.out.printf(Locale.ROOT, "%-42s %8.3f ms %8.2f GB/s%n", what, median, bytes / median / 1e6);
    }
}
