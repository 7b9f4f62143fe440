package kawi.optim;

import java.util.function.Function;
import kawi.base.KawiException;
import kawi.linalg.Linalg;
import kawi.tensor.Tensor;

/**
 * Levenberg-Marquardt: (JᵀJ + μI)p = −Jᵀr, where the damping μ falls as long as the model ½‖r + Jp‖² foretells the decrease and grows where not
 * (Levenberg 1944, Marquardt 1963; Madsen, Nielsen and Tingleff 2004, <em>Methods for non-linear least squares problems</em>, algorithm 3.16). Between {@link
 * GaussNewton} (μ = 0) and a short step of gradient descent (large μ).
 *
 * @param damping τ: the first μ is τ·max (JᵀJ)ᵢᵢ; small where the start is good
 */
public record LevenbergMarquardt(double damping, Stopping stopping) implements NonlinearLeastSquares {
    /** τ = 1e-3, to ‖Jᵀr‖₂ ≤ 1e-8 in at most 200 iterations. */
    public LevenbergMarquardt() {
        this(1e-3, new Stopping(1e-8, 200));
    }

    /** Checks the damping. */
    public LevenbergMarquardt {
        if (!(damping > 0) || Double.isInfinite(damping)) {
            throw new KawiException("LevenbergMarquardt: the damping is above 0, but " + damping + " was given");
        }
    }

    @Override
    public Minimum minimize(Function<Tensor, Tensor> residuals, Tensor start) {
        Objective f = GaussNewton.halfSquares(residuals);
        Progress progress = new Progress(stopping, f, start);
        Tensor normal = normal(residuals, progress);
        double mu = damping * Math.max(Linalg.diagonal(normal).max().item(), Double.MIN_NORMAL);
        double growth = 2;
        while (!progress.done()) {
            Point from = progress.point();
            Tensor g = from.gradient().flatten();
            Tensor damped =
                    normal.add(Tensor.eye(normal.dim(0)).to(normal.dtype()).mul(mu));
            Tensor p = Linalg.solve(damped, g.neg()).realized();
            if (Rounding.hides(p, from.x().flatten())) {
                return progress.stuck();
            }
            double predicted = 0.5 * p.mul(p.mul(mu).sub(g)).sum().item();
            Point to = f.at(from.x().add(p.reshape(start.shape().dims())));
            progress.evaluations(1);
            // Where both are below the rounding of f, the gradient must tell.
            boolean visible = predicted > Rounding.of(from);
            double gain = visible
                    ? (from.value() - to.value()) / predicted
                    : to.gradientNorm() < from.gradientNorm() ? 1 : -1;
            if (gain > 0 && to.finite()) {
                progress.move(to, Math.sqrt(p.square().sum().item()));
                normal = normal(residuals, progress);
                mu *= Math.max(1 / 3.0, 1 - Math.pow(2 * gain - 1, 3));
                growth = 2;
            } else {
                mu *= growth;
                growth *= 2;
                if (Double.isInfinite(mu)) {
                    return progress.stuck();
                }
            }
        }
        return progress.end();
    }

    /** JᵀJ. */
    private static Tensor normal(Function<Tensor, Tensor> residuals, Progress progress) {
        Tensor j = GaussNewton.jacobian(residuals, progress.point().x());
        progress.products(j.dim(1));
        return j.t().matmul(j).realized();
    }
}
