package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.linalg.Linalg;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Principal components: the k orthonormal directions along which centred data vary most, the subspace that loses least of their squares (Pearson 1901;
 * Hastie, Tibshirani and Friedman 2009, section 14.5).
 *
 * @param mean of the training rows {@code [features]}
 * @param components a direction in each row, the one of most variance first {@code [k, features]}
 * @param variances along them, with divisor n − 1, {@code [k]}
 */
public record Pca(Tensor mean, Tensor components, Tensor variances) {
    /** More directions than asked for, whose rest is dropped (Halko, Martinsson and Tropp 2011, section 4.2: 5 or 10). */
    private static final int OVERSAMPLING = 10;

    /** Multiplications by XXᵀ, which sharpen the spectrum (same, section 4.5). */
    private static final int POWER_ITERATIONS = 7;

    /**
     * The exact components, by the eigenvectors of XᵀX, or of XXᵀ where that is smaller.
     *
     * @param x {@code [n, features]}, n ≥ 2
     * @param k from 1 to the smaller of n and features
     */
    public static Pca fit(Tensor x, int k) {
        Tensor rows = check(x, k);
        Tensor mean = rows.mean(0).realized();
        Tensor centred = rows.sub(mean).realized();
        boolean tall = x.dim(0) >= x.dim(1);
        Tensor product = tall ? centred.t().matmul(centred) : centred.matmul(centred.t());
        Linalg.Eigh e = Linalg.eigh(product); // ascending
        int all = e.values().dim(0);
        Tensor values = e.values().slice(0, all - k, all).flip(0).clampMin(0).realized();
        Tensor vectors = e.vectors().slice(1, all - k, all).flip(1);
        Tensor v = tall ? vectors : orthonormal(centred.t().matmul(vectors));
        return of(x.dtype(), mean, v.t(), values.div(x.dim(0) - 1));
    }

    /**
     * The components by a random projection, power iterations and the SVD of a small matrix: close to the exact ones where the spectrum falls, at a cost in
     * proportion to k (Halko, Martinsson and Tropp 2011, <em>Finding structure with randomness</em>, algorithms 4.4 and 5.1).
     */
    public static Pca randomized(Tensor x, int k, Key key) {
        Tensor rows = check(x, k);
        Tensor mean = rows.mean(0).realized();
        Tensor centred = rows.sub(mean).realized();
        int width = Math.min(k + OVERSAMPLING, Math.min(x.dim(0), x.dim(1)));
        Tensor q = orthonormal(centred.matmul(key.normal(DType.F64, x.dim(1), width)));
        for (int i = 0; i < POWER_ITERATIONS; i++) {
            q = orthonormal(centred.matmul(orthonormal(centred.t().matmul(q))));
        }
        Linalg.Svd svd = Linalg.svd(q.t().matmul(centred));
        Tensor values = svd.s().slice(0, 0, k).square().div(x.dim(0) - 1);
        return of(x.dtype(), mean, svd.vh().slice(0, 0, k), values);
    }

    private static Tensor check(Tensor x, int k) {
        Tensor rows = Examples.features("Pca", x, 2);
        if (k < 1 || k > Math.min(x.dim(0), x.dim(1))) {
            throw new KawiException("Pca: %d components were asked of %s; there are from 1 to the smaller extent"
                    .formatted(k, x.shape()));
        }
        return rows.to(DType.F64);
    }

    private static Tensor orthonormal(Tensor a) {
        return Linalg.qr(a).q().realized();
    }

    private static Pca of(DType type, Tensor mean, Tensor components, Tensor variances) {
        DType to = type.isFloat() ? type : DType.F32;
        return new Pca(
                mean.to(to).realized(),
                components.to(to).realized(),
                variances.to(to).realized());
    }

    /** The coordinates along the components: {@code [n, features]} → {@code [n, k]}. */
    public Tensor transform(Tensor x) {
        return Examples.sameWidth("Pca", x, mean.dim(0)).sub(mean).matmul(components.t());
    }

    /** The points of the subspace with such coordinates: {@code [n, k]} → {@code [n, features]}. */
    public Tensor inverse(Tensor z) {
        return Examples.sameWidth("Pca.inverse", z, components.dim(0))
                .matmul(components)
                .add(mean);
    }
}
