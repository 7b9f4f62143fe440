package kawi.classic;

import kawi.linalg.Linalg;
import kawi.tensor.Tensor;

/** Linear regression: min ‖y − Xw − b‖² (Gauss 1809), in closed form. */
public final class LeastSquares {
    private LeastSquares() {}

    /**
     * The solution; where features depend on each other the one with the smallest ‖w‖.
     *
     * @param x {@code [n, features]}
     * @param y {@code [n]}
     */
    public static LinearModel fit(Tensor x, Tensor y) {
        Centred problem = Centred.of("LeastSquares", x, y);
        return problem.model(Linalg.lstsq(problem.x(), problem.y().unsqueeze(1)).squeeze(1));
    }
}
