package kawi.classic;

import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * The elastic net: min ‖y − Xw − b‖²/2n + λ(ρ‖w‖₁ + ½(1 − ρ)‖w‖²) (Zou and Hastie 2005), by coordinate descent: wⱼ ← S(xⱼᵀr/n + wⱼxⱼᵀxⱼ/n, λρ) /
 * (xⱼᵀxⱼ/n + λ(1 − ρ)), where r is the residual and S(z, t) = sign(z)·max(|z| − t, 0) (Friedman, Hastie and Tibshirani 2010, <em>Regularization paths
 * for generalized linear models via coordinate descent</em>, equation 5).
 */
public final class ElasticNet {
    /** The descent ends when no weight's change moves the predictions by more than this part of y's deviation. */
    private static final double TOLERANCE = 1e-10;

    private static final int MOST_SWEEPS = 100_000;

    private ElasticNet() {}

    /**
     * The solution.
     *
     * @param x {@code [n, features]}
     * @param y {@code [n]}
     * @param lambda λ, from 0
     * @param ratio ρ, the share of ‖w‖₁ in the penalty, 0 to 1
     */
    public static LinearModel fit(Tensor x, Tensor y, double lambda, double ratio) {
        Centred.checkPenalty("ElasticNet", lambda);
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new KawiException("ElasticNet: the ratio lies in 0 to 1, but " + ratio + " was given");
        }
        Centred problem = Centred.of("ElasticNet", x, y);
        double[] w = descend(
                problem.x().t().toDoubleArray(),
                problem.y().toDoubleArray(),
                x.dim(1),
                lambda * ratio,
                lambda - lambda * ratio);
        return problem.model(Tensor.of(w));
    }

    /** Descends for features {@code columns} one after the other; {@code r} is y and becomes the residual. */
    private static double[] descend(double[] columns, double[] r, int features, double l1, double l2) {
        int n = r.length;
        double[] w = new double[features];
        double[] square = new double[features];
        for (int j = 0; j < features; j++) {
            square[j] = dot(columns, j * n, columns, j * n, n) / n;
        }
        double enough = TOLERANCE * Math.sqrt(dot(r, 0, r, 0, n) / n);
        for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
            double largest = 0;
            for (int j = 0; j < features; j++) {
                if (square[j] == 0) {
                    continue; // a constant feature is the bias's
                }
                double z = dot(columns, j * n, r, 0, n) / n + w[j] * square[j];
                double next = Math.signum(z) * Math.max(Math.abs(z) - l1, 0) / (square[j] + l2);
                double change = next - w[j];
                if (change != 0) {
                    for (int i = 0; i < n; i++) {
                        r[i] -= change * columns[j * n + i];
                    }
                    w[j] = next;
                    largest = Math.max(largest, Math.abs(change) * Math.sqrt(square[j]));
                }
            }
            if (largest <= enough) {
                return w;
            }
        }
        throw new KawiException(
                "ElasticNet: the weights still change after %d sweeps; features depend on each other: a larger λ or a ratio below 1 settles them"
                        .formatted(MOST_SWEEPS));
    }

    private static double dot(double[] a, int fromA, double[] b, int fromB, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += a[fromA + i] * b[fromB + i];
        }
        return sum;
    }
}
