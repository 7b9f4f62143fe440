package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * A random linear map to fewer dimensions that keeps distances: with probability, (1 − ε)‖x − z‖² ≤ ‖f(x) − f(z)‖² ≤ (1 + ε)‖x − z‖² for all pairs of n points
 * once there are {@link #dimension} dimensions, however many there were (Johnson and Lindenstrauss 1984).
 *
 * @param matrix {@code [features, k]}
 */
public record RandomProjection(Tensor matrix) {
    /** Independent normal elements of variance 1/k. */
    public static RandomProjection gaussian(int features, int k, Key key) {
        check(features, k);
        return new RandomProjection(
                key.normal(features, k).mul(1 / Math.sqrt(k)).realized());
    }

    /**
     * Elements √(3/k)·{+1 with probability 1/6, 0 with 2/3, −1 with 1/6}, for which the same holds (Achlioptas 2003, <em>Database-friendly random projections</em>,
     * theorem 1.1).
     */
    public static RandomProjection sparse(int features, int k, Key key) {
        check(features, k);
        Tensor u = key.uniform(features, k);
        Tensor signs = u.lt(1 / 6.0).to(DType.F32).sub(u.ge(5 / 6.0).to(DType.F32));
        return new RandomProjection(signs.mul(Math.sqrt(3.0 / k)).realized());
    }

    /** The least k with k ≥ 4 ln n / (ε²/2 − ε³/3), for n points and 0 &lt; ε &lt; 1 (Dasgupta and Gupta 2003, theorem 2.1). */
    public static int dimension(int n, double epsilon) {
        if (n < 1 || !(epsilon > 0 && epsilon < 1)) {
            throw new KawiException(
                    "dimension: there is 1 point at least and ε lies between 0 and 1, but %d and %s were given"
                            .formatted(n, epsilon));
        }
        double bound = 4 * Math.log(n) / (epsilon * epsilon / 2 - epsilon * epsilon * epsilon / 3);
        return (int) Math.max(1, Math.ceil(bound));
    }

    private static void check(int features, int k) {
        if (features < 1 || k < 1) {
            throw new KawiException(
                    "RandomProjection: from %d to %d dimensions was asked for; both start at 1".formatted(features, k));
        }
    }

    /** {@code [n, features]} → {@code [n, k]}. */
    public Tensor transform(Tensor x) {
        return Examples.sameWidth("RandomProjection", x, matrix.dim(0)).matmul(matrix);
    }
}
