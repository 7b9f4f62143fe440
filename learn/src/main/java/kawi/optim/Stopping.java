package kawi.optim;

import kawi.base.KawiException;

/**
 * When a minimisation ends.
 *
 * @param gradientNorm it has converged once ‖∇f‖₂ is not above this
 * @param iterations at most so many steps
 */
public record Stopping(double gradientNorm, int iterations) {
    /** Checks the numbers. */
    public Stopping {
        if (!(gradientNorm >= 0) || iterations < 0) {
            throw new KawiException(
                    "Stopping: the gradient's norm and the number of iterations start at 0, but %s and %d were given"
                            .formatted(gradientNorm, iterations));
        }
    }
}
