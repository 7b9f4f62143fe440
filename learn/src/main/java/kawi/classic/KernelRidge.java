package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Kernel ridge regression: f(x) = Σ aᵢ k(xᵢ, x) with (K + λI)a = y, the minimum of ‖y − f(X)‖² + λ‖f‖² (Saunders, Gammerman and Vovk 1998). It has no bias.
 *
 * @param kernel k
 * @param examples the training rows {@code [n, features]}
 * @param coefficients a {@code [n]}
 */
public record KernelRidge(Kernel kernel, Tensor examples, Tensor coefficients) implements Model {
    /**
     * Learns, in time that grows with n³.
     *
     * @param x {@code [n, features]}
     * @param y {@code [n]}
     * @param lambda λ, above 0
     */
    public static KernelRidge fit(Tensor x, Tensor y, Kernel kernel, double lambda) {
        Centred.checkPenalty("KernelRidge", lambda);
        if (lambda == 0) {
            throw new KawiException("KernelRidge: λ is above 0, for K alone need not be regular; try 1e-6");
        }
        Tensor rows = Examples.features("KernelRidge", x, 1);
        Tensor targets = Examples.targets("KernelRidge", y, rows.dim(0)).to(DType.F64);
        Tensor exact = rows.to(DType.F64);
        Tensor a = Regular.solve("KernelRidge", kernel.matrix(exact, exact), lambda, targets);
        return new KernelRidge(kernel, rows, a.to(rows.dtype()).realized());
    }

    @Override
    public Tensor predict(Tensor x) {
        Tensor rows = Examples.sameWidth("KernelRidge", x, examples.dim(1));
        return kernel.matrix(rows, examples).matmul(coefficients);
    }
}
