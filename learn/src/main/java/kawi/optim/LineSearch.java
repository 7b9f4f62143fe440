package kawi.optim;

import java.util.Optional;
import kawi.tensor.Tensor;

/** How far to go along a direction of descent: {@link Armijo} or {@link StrongWolfe}. */
public interface LineSearch {
    /**
     * A step α &gt; 0 and the point x + αp.
     *
     * @param evaluations of the objective that it took
     */
    record Found(double step, Point point, int evaluations) {}

    /**
     * Looks for a step that lowers the objective enough.
     *
     * @param direction p, of the shape of x, with ∇f(x)ᵀp &lt; 0
     * @param first the step to try first
     * @return empty where no step lowers the objective, which is so where rounding hides any further descent
     */
    Optional<Found> search(Objective f, Point from, Tensor direction, double first);
}
