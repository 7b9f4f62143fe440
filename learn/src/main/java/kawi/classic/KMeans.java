package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * k centres that make Σ min_c ‖x − c‖² small: started by k-means++, each centre an example drawn in proportion to its squared distance from those so far
 * (Arthur and Vassilvitskii 2007), then moved to the means of the examples next to them until none changes sides (Lloyd 1982).
 *
 * @param centres {@code [k, features]}
 * @param inertia Σ min_c ‖x − c‖² over the training rows
 * @param iterations how often the centres were moved
 */
public record KMeans(Tensor centres, double inertia, int iterations) implements Model {
    private static final int MOST_ITERATIONS = 300;

    /** The best of ten starts. */
    public static KMeans fit(Tensor x, int k, Key key) {
        return fit(x, k, 10, key);
    }

    /**
     * The best of some starts.
     *
     * @param x {@code [n, features]}
     * @param k from 1 to n
     */
    public static KMeans fit(Tensor x, int k, int starts, Key key) {
        Tensor rows = Examples.features("KMeans", x, 1);
        if (k < 1 || k > x.dim(0) || starts < 1) {
            throw new KawiException(
                    "KMeans: %d centres of %d examples from %d starts were asked for; there are from 1 centre to one for each"
                                    .formatted(k, x.dim(0), starts)
                            + " example, and 1 start at least");
        }
        KMeans best = lloyd(rows, plusPlus(rows, k, key.fold(0)));
        for (int start = 1; start < starts; start++) {
            KMeans other = lloyd(rows, plusPlus(rows, k, key.fold(start)));
            best = other.inertia < best.inertia ? other : best;
        }
        return best;
    }

    private static Tensor plusPlus(Tensor x, int k, Key key) {
        double[] u = key.uniform(DType.F64, k).toDoubleArray();
        Tensor[] centres = new Tensor[k];
        centres[0] = x.select(0, Math.min(x.dim(0) - 1, (int) (u[0] * x.dim(0))));
        Tensor nearest = squares(x, centres[0]);
        for (int c = 1; c < k; c++) {
            centres[c] = x.select(0, draw(nearest.toDoubleArray(), u[c]));
            nearest = nearest.minimum(squares(x, centres[c])).realized();
        }
        return Tensor.stack(0, centres).realized();
    }

    private static Tensor squares(Tensor x, Tensor centre) {
        return x.sub(centre).square().sum(1);
    }

    /** A place with probability in proportion to its weight, for u uniform in 0 to 1; the first where all weights are 0. */
    private static int draw(double[] weights, double u) {
        double sum = 0;
        for (double w : weights) {
            sum += w;
        }
        double rest = u * sum;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                last = i;
                rest -= weights[i];
                if (rest < 0) {
                    break;
                }
            }
        }
        return last;
    }

    private static KMeans lloyd(Tensor x, Tensor start) {
        Tensor centres = start;
        Tensor side = nearest(x, centres).realized();
        int iteration = 0;
        while (iteration < MOST_ITERATIONS) {
            iteration++;
            Tensor members = side.oneHot(centres.dim(0)).to(x.dtype()).t(); // [k, n]
            Tensor sizes = members.sumKeepDims(1);
            Tensor means = members.matmul(x).div(sizes.clampMin(1));
            centres = Tensor.where(sizes.gt(0), means, centres).realized(); // one with no examples stays
            Tensor next = nearest(x, centres).realized();
            boolean same = next.allEqual(side);
            side = next;
            if (same) {
                break;
            }
        }
        double inertia =
                x.sub(centres.take(0, side)).square().to(DType.F64).sum().item();
        return new KMeans(centres, inertia, iteration);
    }

    private static Tensor nearest(Tensor x, Tensor centres) {
        return Distances.lessOwn(x, centres).argmin(1);
    }

    /** The number of the nearest centre for each row, {@code I64 [n]}. */
    @Override
    public Tensor predict(Tensor x) {
        return nearest(Examples.sameWidth("KMeans", x, centres.dim(1)), centres);
    }
}
