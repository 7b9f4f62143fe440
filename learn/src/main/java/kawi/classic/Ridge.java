package kawi.classic;

import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Ridge regression: min ‖y − Xw − b‖² + λ‖w‖², whose solution is (XᵀX + λI)w = Xᵀy for centred X and y (Hoerl and Kennard 1970). With noise N(0, σ²)
 * on y and a prior N(0, τ²I) on w it is the most probable w for λ = σ²/τ².
 */
public final class Ridge {
    private Ridge() {}

    /**
     * The solution.
     *
     * @param x {@code [n, features]}
     * @param y {@code [n]}
     * @param lambda λ, above 0; {@link LeastSquares} is for 0
     */
    public static LinearModel fit(Tensor x, Tensor y, double lambda) {
        Centred.checkPenalty("Ridge", lambda);
        if (lambda == 0) {
            throw new KawiException("Ridge: λ is above 0; LeastSquares.fit(x, y) is the solution for 0");
        }
        Centred problem = Centred.of("Ridge", x, y);
        Tensor xt = problem.x().t();
        Tensor w = Regular.solve(
                "Ridge", xt.matmul(problem.x()), lambda, xt.matmul(problem.y().unsqueeze(1)));
        return problem.model(w.squeeze(1));
    }
}
