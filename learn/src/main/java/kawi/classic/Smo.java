package kawi.classic;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/**
 * Sequential minimal optimisation of the dual of the C-SVM, min ½αᵀQα − Σα over 0 ≤ α ≤ C with yᵀα = 0, where Q_ij = y_i y_j k(x_i, x_j): again
 * and again the two multipliers that promise most are moved to the best place of their line (Platt 1998; chosen by second-order information as in
 * Fan, Chen and Lin 2005, <em>Working set selection using second order information for training SVM</em>, WSS 2).
 *
 * <p>Instead of the gradient G it keeps g_t = −y_t G_t = y_t − Σ_s α_s y_s k(x_s, x_t). A pair (i, j) then moves by α_i += y_i δ and α_j −= y_j δ,
 * and g −= δ·(k(x_i, ·) − k(x_j, ·)), whatever the labels are. The multipliers are optimal when g_i ≤ g_j for every i whose y·α may grow ("up") and
 * every j whose y·α may fall ("low"), here to a tolerance.
 *
 * <p>Shrinking (Joachims 1998; Fan et al., section 5) leaves aside multipliers at a bound that the present gradient holds there. At the end the
 * gradient of all is computed anew and held against the tolerance.
 */
final class Smo {
    /** In place of a curvature that is not positive, as for two equal examples (Fan, Chen and Lin 2005, equation 12). */
    private static final double TAU = 1e-12;

    private final SparseMatrix x;
    private final Kernel kernel;
    private final Svm.Options options;
    private final KernelRows rows;
    private final double[] label;
    private final double[] alphaOfAll;
    private final double[] gOfAll;

    // Of the active examples, by their places among them.
    private int[] active = {};
    private double[] y = {};
    private double[] alpha = {};
    private double[] g = {};
    private double[] diagonal = {};
    private boolean[] up = {};
    private boolean[] low = {};
    /** The largest g of those up, and the smallest of those low. */
    private double highest;

    private double lowest;
    private int first;
    private int second;
    private long steps;

    /** A problem with labels −1 and 1. */
    Smo(SparseMatrix x, double[] label, Kernel kernel, Svm.Options options) {
        this.x = x;
        this.kernel = kernel;
        this.options = options;
        this.label = label;
        this.rows = new KernelRows(kernel, x, options.cacheBytes() / Float.BYTES);
        this.alphaOfAll = new double[label.length];
        this.gOfAll = label.clone();
        load(IntStream.range(0, label.length).toArray());
    }

    /** The machine at the optimum. */
    Svm.Machine solve() {
        int n = label.length;
        long most = Math.max(10_000_000L, 100L * n);
        int untilShrinking = Math.min(n, 1000);
        while (true) {
            if (options.shrinking() && --untilShrinking == 0) {
                untilShrinking = Math.min(n, 1000);
                shrink();
            }
            if (!choose()) {
                if (active.length == n) {
                    break;
                }
                activateAll();
                if (!choose()) {
                    break;
                }
                untilShrinking = 1;
            }
            move();
            if (++steps > most) {
                throw new KawiException(
                        ("Svm: no solution to the tolerance %s within %d steps. Scale the features to one range, or choose a smaller C,"
                                        + " a larger tolerance, or a kernel that is positive semidefinite")
                                .formatted(options.tolerance(), most));
            }
        }
        store();
        return machine();
    }

    /** Chooses the pair to move; false where the active multipliers are optimal. */
    private boolean choose() {
        look();
        if (!(highest - lowest >= options.tolerance())) {
            return false;
        }
        float[] k = rows.row(active[first]);
        double own = diagonal[first];
        double best = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < g.length; t++) {
            double difference = highest - g[t];
            if (low[t] && difference > 0) {
                double curvature = own + diagonal[t] - 2.0 * k[t];
                double gain = difference * difference / (curvature > 0 ? curvature : TAU);
                if (gain > best) {
                    best = gain;
                    second = t;
                }
            }
        }
        return true;
    }

    /** Finds {@link #highest}, where it is, and {@link #lowest}. */
    private void look() {
        double max = Double.NEGATIVE_INFINITY;
        double min = Double.POSITIVE_INFINITY;
        int at = -1;
        for (int t = 0; t < g.length; t++) {
            double v = g[t];
            if (v > max && up[t]) {
                max = v;
                at = t;
            }
            if (v < min && low[t]) {
                min = v;
            }
        }
        highest = max;
        lowest = min;
        first = at;
    }

    /** Moves the chosen pair as far as it pays and the bounds allow. */
    private void move() {
        int i = first;
        int j = second;
        float[] ki = rows.row(active[i]);
        float[] kj = rows.row(active[j]);
        double curvature = diagonal[i] + diagonal[j] - 2.0 * ki[j];
        double delta = (g[i] - g[j]) / (curvature > 0 ? curvature : TAU);
        double c = options.c();
        delta = Math.min(delta, y[i] > 0 ? c - alpha[i] : alpha[i]);
        delta = Math.min(delta, y[j] > 0 ? alpha[j] : c - alpha[j]);
        place(i, alpha[i] + y[i] * delta);
        place(j, alpha[j] - y[j] * delta);
        for (int t = 0; t < g.length; t++) {
            g[t] -= delta * (ki[t] - kj[t]);
        }
    }

    /** Gives a multiplier its value; one that rounding leaves next to a bound is at the bound. */
    private void place(int t, double value) {
        double c = options.c();
        double near = 1e-14 * c;
        alpha[t] = value < near ? 0 : value > c - near ? c : value;
        up[t] = y[t] > 0 ? alpha[t] < c : alpha[t] > 0;
        low[t] = y[t] > 0 ? alpha[t] > 0 : alpha[t] < c;
    }

    // Shrinking

    private void shrink() {
        look();
        int[] kept = IntStream.range(0, active.length)
                .filter(t -> !(low[t] ? !up[t] && g[t] > highest : g[t] < lowest))
                .map(t -> active[t])
                .toArray();
        if (kept.length < 0.9 * active.length) { // to move all else together costs as much as some hundred steps
            store();
            load(kept);
        }
    }

    private void activateAll() {
        if (active.length == label.length) {
            return;
        }
        store();
        boolean[] known = new boolean[label.length];
        for (int i : active) {
            known[i] = true;
        }
        int[] unknown = IntStream.range(0, label.length).filter(i -> !known[i]).toArray();
        int[] support = support();
        double[] sums = Svm.sums(kernel, x.take(unknown), x.take(support), Tensor.of(coefficients(support)))
                .toDoubleArray();
        for (int t = 0; t < unknown.length; t++) {
            gOfAll[unknown[t]] = label[unknown[t]] - sums[t];
        }
        load(IntStream.range(0, label.length).toArray());
    }

    private void store() {
        for (int t = 0; t < active.length; t++) {
            alphaOfAll[active[t]] = alpha[t];
            gOfAll[active[t]] = g[t];
        }
    }

    private void load(int[] examples) {
        rows.activate(examples);
        active = examples;
        y = Arrays.stream(examples).mapToDouble(i -> label[i]).toArray();
        g = Arrays.stream(examples).mapToDouble(i -> gOfAll[i]).toArray();
        diagonal = Arrays.stream(examples).mapToDouble(rows::diagonal).toArray();
        alpha = new double[examples.length];
        up = new boolean[examples.length];
        low = new boolean[examples.length];
        for (int t = 0; t < examples.length; t++) {
            place(t, alphaOfAll[examples[t]]);
        }
    }

    // The result

    private int[] support() {
        return IntStream.range(0, label.length).filter(i -> alphaOfAll[i] > 0).toArray();
    }

    private double[] coefficients(int[] support) {
        return Arrays.stream(support).mapToDouble(i -> label[i] * alphaOfAll[i]).toArray();
    }

    /** ½αᵀQα − Σα is ½Σα(G − 1), and G = −y·g. The bias is the mean g of multipliers within their bounds, else the middle of what the bounds allow. */
    private Svm.Machine machine() {
        double objective = 0;
        double sum = 0;
        int free = 0;
        int bounded = 0;
        for (int i = 0; i < label.length; i++) {
            objective -= 0.5 * alphaOfAll[i] * (label[i] * gOfAll[i] + 1);
            if (alphaOfAll[i] == options.c()) {
                bounded++;
            } else if (alphaOfAll[i] > 0) {
                sum += gOfAll[i];
                free++;
            }
        }
        look();
        int[] support = support();
        return new Svm.Machine(
                x.take(support),
                Tensor.of(coefficients(support)),
                free > 0 ? sum / free : (highest + lowest) / 2,
                objective,
                bounded,
                steps);
    }
}
