package kawi.optim;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Tensor;

/**
 * The common step of methods that take one example i at a time,
 *
 * <pre>
 *   w ← w − η·(c·xᵢ + g + λw)
 * </pre>
 *
 * at the price of the entries of xᵢ alone. What g and λ do to a coordinate that is not in xᵢ is the same in each step, so it is made up for
 * when the coordinate is next seen: after k steps wⱼ is ρᵏ·wⱼ − η·gⱼ·(1 + ρ + … + ρᵏ⁻¹) with ρ = 1 − ηλ (the just-in-time updates of Schmidt, Le
 * Roux and Bach 2017, <em>Minimizing finite sums with the stochastic average gradient</em>, section 4.1).
 */
final class Incremental {
    static final String TOO_LARGE = "the loss is not finite: the step size is too large";

    private final LinearSum f;
    private final double eta;
    private final double[] w;
    /** The part of the direction that all examples share. */
    final double[] g;
    /** How many steps each coordinate has taken part in. */
    private final int[] seen;

    private int steps;
    /** ρᵏ and 1 + ρ + … + ρᵏ⁻¹. */
    private final double[] power;

    private final double[] series;

    /**
     * @param longest after how many steps at most {@link #catchUp} is called
     */
    Incremental(LinearSum f, Tensor start, double eta, int longest) {
        if (!start.shape().equals(Shape.of(f.dimensions()))) {
            throw new KawiException("minimize: the rows have %d columns, so the start must have shape [%d], but has %s"
                    .formatted(f.dimensions(), f.dimensions(), start.shape()));
        }
        this.f = f;
        this.eta = eta;
        this.w = start.to(DType.F64).toDoubleArray();
        this.g = new double[w.length];
        this.seen = new int[w.length];
        this.power = new double[longest + 1];
        this.series = new double[longest + 1];
        double shrink = eta * f.lambda();
        for (int k = 0; k <= longest; k++) {
            double log = k * Math.log1p(-shrink);
            power[k] = Math.exp(log);
            series[k] = shrink == 0 ? k : -Math.expm1(log) / shrink;
        }
    }

    /** xᵢᵀw. */
    double score(int i) {
        double z = 0;
        for (int e = f.pointers[i]; e < f.pointers[i + 1]; e++) {
            int j = f.columns[e];
            z += f.values[e] * current(j);
        }
        return z;
    }

    /** The step with example i, whose score was asked for before. */
    void step(int i, double c) {
        for (int e = f.pointers[i]; e < f.pointers[i + 1]; e++) {
            int j = f.columns[e];
            w[j] = power[1] * w[j] - eta * (c * f.values[e] + g[j]);
            seen[j] = steps + 1;
        }
        steps++;
    }

    private double current(int j) {
        int missed = steps - seen[j];
        if (missed > 0) {
            w[j] = power[missed] * w[j] - eta * g[j] * series[missed];
            seen[j] = steps;
        }
        return w[j];
    }

    /** All of w, brought up to date, the array itself; counting starts anew. */
    double[] catchUp() {
        for (int j = 0; j < w.length; j++) {
            current(j);
            seen[j] = 0;
        }
        steps = 0;
        return w;
    }

    /** w as a tensor. */
    Tensor weights() {
        return Tensor.of(catchUp());
    }

    /** The step size that was asked for, or where it is 0 the given one; checked so that ρ lies above 0. */
    static double rate(double asked, double otherwise, LinearSum f) {
        double flat =
                Double.isInfinite(otherwise) ? 1 : otherwise; // L is 0 where all rows are and λ is: any step will do
        double eta = asked == 0 ? flat : asked;
        if (!(eta > 0) || !(eta * f.lambda() < 1)) {
            throw new KawiException(
                    "the step size lies above 0 and below 1/λ = %s, but %s was given".formatted(1 / f.lambda(), eta));
        }
        return eta;
    }
}
