package kawi.optim;

import java.util.Optional;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * A step that meets the strong Wolfe conditions with φ(α) = f(x + αp):
 *
 * <pre>
 *   φ(α) ≤ φ(0) + c₁·α·φ′(0)     it lowers the objective enough
 *   |φ′(α)| ≤ c₂·|φ′(0)|         and the slope there is flat enough
 * </pre>
 *
 * By Nocedal and Wright 2006, <em>Numerical Optimization</em>, algorithms 3.5 (growing steps until an interval holds such a step) and 3.6 (zoom), with
 * the minimum of the interpolating cubic, equation 3.59, as the next trial. The second condition makes sᵀy &gt; 0, which {@link Lbfgs} needs.
 *
 * @param decrease c₁ in (0, c₂)
 * @param curvature c₂ in (c₁, 1)
 * @param evaluations at most so many points are tried
 */
public record StrongWolfe(double decrease, double curvature, int evaluations) implements LineSearch {
    /** c₁ = 1e-4, c₂ = 0.9, as for quasi-Newton methods; at most 40 points. */
    public StrongWolfe() {
        this(1e-4, 0.9, 40);
    }

    /** Checks the numbers. */
    public StrongWolfe {
        if (!(decrease > 0 && decrease < curvature && curvature < 1) || evaluations < 1) {
            throw new KawiException(
                    "StrongWolfe: 0 < decrease < curvature < 1 and at least 1 evaluation are needed, but %s, %s and %d were given"
                            .formatted(decrease, curvature, evaluations));
        }
    }

    @Override
    public Optional<Found> search(Objective f, Point from, Tensor direction, double first) {
        return new Search(f, from, direction).grow(first);
    }

    /** A step, φ and φ′ there. */
    private record Trial(double step, Point point, double slope) {
        double value() {
            return point.value();
        }
    }

    private final class Search {
        private final Objective f;
        private final Point from;
        private final Tensor direction;
        private final double slack;
        private final Trial origin;
        private int tried;

        Search(Objective f, Point from, Tensor direction) {
            this.f = f;
            this.from = from;
            this.direction = direction;
            this.slack = Rounding.of(from);
            this.origin = new Trial(0, from, from.slope(direction));
        }

        private Trial at(double step) {
            tried++;
            Point p = f.at(from.x().add(direction.mul(step)));
            return new Trial(step, p, p.slope(direction));
        }

        /** Also where φ is not finite, which is where the step is too long. */
        private boolean tooHigh(Trial t) {
            return !(t.value() <= origin.value() + decrease * t.step() * origin.slope() + slack)
                    || !Double.isFinite(t.slope());
        }

        private boolean flat(Trial t) {
            return Math.abs(t.slope()) <= -curvature * origin.slope();
        }

        /** Algorithm 3.5. */
        Optional<Found> grow(double first) {
            Trial before = origin;
            double step = first;
            while (tried < evaluations && Double.isFinite(step)) {
                Trial t = at(step);
                if (tooHigh(t) || tried > 1 && t.value() > before.value() + slack) {
                    return zoom(before, t);
                }
                if (flat(t)) {
                    return found(t);
                }
                if (t.slope() >= 0) {
                    return zoom(t, before);
                }
                before = t;
                step *= 2;
            }
            return before.step() > 0 ? found(before) : Optional.empty(); // it falls without end
        }

        /** Algorithm 3.6: low has the lowest φ so far that lowers enough, and φ falls from it towards high. */
        private Optional<Found> zoom(Trial low, Trial high) {
            while (tried < evaluations) {
                double next = between(low, high);
                if (next == low.step() || next == high.step()) {
                    break; // no number lies between
                }
                Trial t = at(next);
                if (tooHigh(t) || t.value() > low.value() + slack) {
                    high = t;
                    continue;
                }
                if (flat(t)) {
                    return found(t);
                }
                if (t.slope() * (high.step() - low.step()) >= 0) {
                    high = low;
                }
                low = t;
            }
            return low.step() > 0 ? found(low) : Optional.empty();
        }

        private Optional<Found> found(Trial t) {
            return Optional.of(new Found(t.step(), t.point(), tried));
        }

        /** The minimum of the cubic with both values and slopes, kept a tenth of the interval away from its ends. */
        private double between(Trial a, Trial b) {
            double width = b.step() - a.step();
            double d1 = a.slope() + b.slope() - 3 * (a.value() - b.value()) / (a.step() - b.step());
            double root = Math.signum(width) * Math.sqrt(d1 * d1 - a.slope() * b.slope());
            double cubic = b.step() - width * (b.slope() + root - d1) / (b.slope() - a.slope() + 2 * root);
            if (!Double.isFinite(cubic)) {
                return a.step() + 0.5 * width;
            }
            double nearA = a.step() + 0.1 * width;
            double nearB = a.step() + 0.9 * width;
            return Math.clamp(cubic, Math.min(nearA, nearB), Math.max(nearA, nearB));
        }
    }
}
