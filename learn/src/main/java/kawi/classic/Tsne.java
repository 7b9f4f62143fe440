package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * t-SNE: places for points in the plane such that q_ij ∝ 1/(1 + ‖yᵢ − yⱼ‖²) is close to p_ij = (p_{j|i} + p_{i|j})/2n, where p_{j|i} ∝ exp(−‖xᵢ − xⱼ‖²/2σᵢ²)
 * and each σᵢ gives it the wanted perplexity; gradient descent on Σ p ln(p/q) (van der Maaten and Hinton 2008, algorithm 1). All pairs are looked at, so time and
 * memory grow with n²: meant for a few thousand points.
 */
public final class Tsne {
    private static final int EXAGGERATED_STEPS = 250;
    private static final double EXAGGERATION = 12;

    private Tsne() {}

    /**
     * Settings.
     *
     * @param perplexity how many neighbours a point has, as it were; above 1
     * @param steps of the descent
     */
    public record Options(double perplexity, int steps) {
        /** Checks the ranges. */
        public Options {
            if (!(perplexity > 1) || steps < 1) {
                throw new KawiException(
                        "Tsne: the perplexity is above 1 and there is 1 step at least, but %s and %d were given"
                                .formatted(perplexity, steps));
            }
        }

        /** Perplexity 30, 750 steps. */
        public Options() {
            this(30, 750);
        }
    }

    /** Places {@code [n, 2]}, {@code F32}, and what the descent has reached. */
    public record Embedding(Tensor places, double divergence) {}

    /**
     * Finds places.
     *
     * @param x {@code [n, features]}, with n above three times the perplexity
     */
    public static Embedding embed(Tensor x, Options options, Key key) {
        Tensor rows = Examples.features("Tsne", x, 2).to(DType.F32);
        int n = rows.dim(0);
        if (n <= 3 * options.perplexity) {
            throw new KawiException("Tsne: a perplexity of %s takes more than %d points, but there are %d"
                    .formatted(options.perplexity, (int) (3 * options.perplexity), n));
        }
        Tensor p = affinities(rows, options.perplexity);
        Tensor exaggerated = p.mul(EXAGGERATION).realized();
        Tensor y = key.normal(n, 2).mul(1e-4).realized();
        Tensor velocity = y.zerosLike();
        Tensor gains = y.onesLike();
        double rate = n / EXAGGERATION; // Belkina et al. 2019; a larger one flings some of few points far away
        for (int step = 0; step < options.steps; step++) {
            boolean early = step < EXAGGERATED_STEPS;
            Tensor gradient = gradient(early ? exaggerated : p, y);
            // A gain per coordinate (Jacobs 1988), as in the authors' program.
            Tensor turned = gradient.sign().eq(velocity.sign());
            gains = Tensor.where(turned, gains.mul(0.8), gains.add(0.2)).clampMin(0.01);
            velocity = velocity.mul(early ? 0.5 : 0.8).sub(gains.mul(gradient).mul(rate));
            Tensor moved = y.add(velocity);
            y = moved.sub(moved.mean(0));
            Kawi.realize(gains, velocity, y);
        }
        Tensor q = similarities(y);
        Tensor ratio = p.clampMin(1e-12).div(q.div(q.sum()).clampMin(1e-12));
        return new Embedding(y, p.mul(ratio.log()).sum().item());
    }

    /** 1/(1 + ‖yᵢ − yⱼ‖²), and 0 for a point with itself. */
    private static Tensor similarities(Tensor y) {
        return offDiagonal(Distances.squared(y, y).add(1).reciprocal());
    }

    /** 4 Σⱼ (p_ij − q_ij)(yᵢ − yⱼ)·w_ij, where w is what q normalises. */
    private static Tensor gradient(Tensor p, Tensor y) {
        Tensor w = similarities(y);
        Tensor force = p.sub(w.div(w.sum())).mul(w);
        return force.sumKeepDims(1).mul(y).sub(force.matmul(y)).mul(4);
    }

    /** p_ij. The precisions 1/2σᵢ² are found by bisection, for all points at once. */
    private static Tensor affinities(Tensor x, double perplexity) {
        int n = x.dim(0);
        Tensor d = Distances.squared(x, x).to(DType.F64);
        Tensor nearest =
                d.maskedFill(Tensor.eye(n).gt(0), Double.POSITIVE_INFINITY).minKeepDims(1);
        d = d.sub(nearest).realized(); // no row underflows as a whole
        double mean = d.mean().item();
        Tensor low = Tensor.full(-60, DType.F64, n, 1); // log₂ of the precision, relative to the mean distance
        Tensor high = Tensor.full(60, DType.F64, n, 1);
        double wanted = Math.log(perplexity);
        for (int i = 0; i < 50; i++) {
            Tensor middle = low.add(high).mul(0.5);
            Tensor p = conditional(d, middle.exp2().div(mean > 0 ? mean : 1));
            Tensor entropy = p.mul(p.clampMin(1e-300).log()).sumKeepDims(1).neg();
            Tensor tooFlat = entropy.gt(wanted);
            low = Tensor.where(tooFlat, middle, low);
            high = Tensor.where(tooFlat, high, middle);
            Kawi.realize(low, high);
        }
        Tensor p = conditional(d, low.exp2().div(mean > 0 ? mean : 1));
        return p.add(p.t()).div(2.0 * n).to(DType.F32).realized();
    }

    private static Tensor conditional(Tensor d, Tensor precision) {
        Tensor p = offDiagonal(d.mul(precision).neg().exp());
        return p.div(p.sumKeepDims(1));
    }

    private static Tensor offDiagonal(Tensor a) {
        return a.maskedFill(Tensor.eye(a.dim(0)).gt(0), 0);
    }
}
