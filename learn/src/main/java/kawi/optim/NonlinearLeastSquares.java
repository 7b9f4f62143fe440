package kawi.optim;

import java.util.function.Function;
import kawi.tensor.Tensor;

/** A method for sums of squares, f(x) = ½‖r(x)‖², which sees the residuals r one by one: {@link GaussNewton}, {@link LevenbergMarquardt}. */
@FunctionalInterface
public interface NonlinearLeastSquares {
    /**
     * Looks for a minimum of ½‖r(x)‖².
     *
     * @param residuals r, from x of any shape to a vector or a tensor of any shape
     * @param start where to begin, of a floating-point type
     */
    Minimum minimize(Function<Tensor, Tensor> residuals, Tensor start);
}
