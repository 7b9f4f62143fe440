package kawi.classic;

import kawi.tensor.Tensor;

/** The lasso: min ‖y − Xw − b‖²/2n + λ‖w‖₁ (Tibshirani 1996), which makes weights exactly 0; the {@link ElasticNet} without its square. */
public final class Lasso {
    private Lasso() {}

    /**
     * The solution.
     *
     * @param x {@code [n, features]}
     * @param y {@code [n]}
     * @param lambda λ, from 0
     */
    public static LinearModel fit(Tensor x, Tensor y, double lambda) {
        return ElasticNet.fit(x, y, lambda, 1);
    }
}
