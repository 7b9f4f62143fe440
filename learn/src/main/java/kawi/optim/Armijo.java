package kawi.optim;

import java.util.Optional;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Backtracking: the first of α₀, ρα₀, ρ²α₀, … with f(x + αp) ≤ f(x) + c·α·∇f(x)ᵀp (Armijo 1966; Nocedal and Wright 2006, <em>Numerical
 * Optimization</em>, algorithm 3.1). For directions that have a length of their own, such as Newton's.
 *
 * @param decrease c, the share of the linear decrease that is wanted, in (0, 1)
 * @param shrink ρ in (0, 1)
 * @param steps at most so many steps are tried
 */
public record Armijo(double decrease, double shrink, int steps) implements LineSearch {
    /** c = 1e-4, ρ = ½, at most 60 steps. */
    public Armijo() {
        this(1e-4, 0.5, 60);
    }

    /** Checks the numbers. */
    public Armijo {
        if (!(decrease > 0 && decrease < 1 && shrink > 0 && shrink < 1) || steps < 1) {
            throw new KawiException(
                    "Armijo: decrease and shrink lie between 0 and 1, steps start at 1, but %s, %s and %d were given"
                            .formatted(decrease, shrink, steps));
        }
    }

    @Override
    public Optional<Found> search(Objective f, Point from, Tensor direction, double first) {
        double slope = from.slope(direction);
        double slack = Rounding.of(from);
        double step = first;
        for (int tried = 1; tried <= steps && step > 0; tried++) {
            Point to = f.at(from.x().add(direction.mul(step)));
            if (to.value() <= from.value() + decrease * step * slope + slack && to.finite()) {
                return Optional.of(new Found(step, to, tried));
            }
            step *= shrink;
        }
        return Optional.empty();
    }
}
