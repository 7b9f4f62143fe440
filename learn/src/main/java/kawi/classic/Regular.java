package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.linalg.Linalg;
import kawi.tensor.Tensor;

/** The equations (A + λI)x = b of ridge regressions, A symmetric and without negative eigenvalues, by Cholesky's factors. */
final class Regular {
    private Regular() {}

    /**
     * The solution.
     *
     * @param a {@code [n, n]}, {@code F64}
     * @param b {@code [n, k]} or {@code [n]}, {@code F64}
     * @throws KawiException naming the model where A is not finite, or λ so small beside it that rounding leaves no positive definite matrix
     */
    static Tensor solve(String model, Tensor a, double lambda, Tensor b) {
        double largest = a.abs().max().item();
        if (!Double.isFinite(largest)) {
            throw new KawiException(
                    "%s: products of the features are beyond the numbers of double precision; scale the features"
                            .formatted(model));
        }
        Tensor l;
        try {
            l = Linalg.cholesky(a.add(Tensor.eye(a.dim(0)).to(DType.F64).mul(lambda)))
                    .realized();
        } catch (KawiException indefinite) {
            throw new KawiException(
                    "%s: λ = %s is lost in rounding beside products of features as large as %.3g; take λ from about %.1g on, or scale the features"
                            .formatted(model, lambda, largest, 1e-15 * a.dim(0) * largest),
                    indefinite);
        }
        return Linalg.solveTriangular(l.t(), Linalg.solveTriangular(l, b, false), true);
    }
}
