package kawi.optim;

import java.util.Optional;
import java.util.function.Function;
import kawi.linalg.Linalg;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;

/**
 * Gauss-Newton: p minimises ‖r(x) + Jp‖², J = ∂r/∂x, the Hessian without the curvature of the residuals (Nocedal and Wright 2006, <em>Numerical
 * Optimization</em>, section 10.3). Fast where the residuals at the minimum are small; J may lose rank, and p is then the shortest.
 *
 * @param lineSearch how far to go, from step 1
 */
public record GaussNewton(LineSearch lineSearch, Stopping stopping) implements NonlinearLeastSquares {
    /** Backtracking, to ‖Jᵀr‖₂ ≤ 1e-8 in at most 100 iterations. */
    public GaussNewton() {
        this(new Armijo(), new Stopping(1e-8, 100));
    }

    @Override
    public Minimum minimize(Function<Tensor, Tensor> residuals, Tensor start) {
        Objective f = halfSquares(residuals);
        Progress progress = new Progress(stopping, f, start);
        while (!progress.done()) {
            Point from = progress.point();
            Tensor jacobian = jacobian(residuals, from.x());
            progress.products(jacobian.dim(1));
            Tensor r = residuals.apply(from.x()).flatten();
            Tensor p = Linalg.lstsq(jacobian, r.neg())
                    .to(r.dtype())
                    .reshape(start.shape().dims());
            Optional<LineSearch.Found> found = from.slope(p) < 0 && !Rounding.hides(p, from.x())
                    ? lineSearch.search(f, from, p.realized(), 1)
                    : Optional.empty();
            if (found.isEmpty()) {
                return progress.stuck();
            }
            progress.evaluations(found.get().evaluations());
            progress.move(found.get().point(), found.get().step());
        }
        return progress.end();
    }

    /** ½‖r(x)‖². */
    static Objective halfSquares(Function<Tensor, Tensor> residuals) {
        return Objective.of((Tensor x) -> residuals.apply(x).square().sum().mul(0.5));
    }

    /** ∂r/∂x as a matrix {@code [m, n]}. */
    static Tensor jacobian(Function<Tensor, Tensor> residuals, Tensor x) {
        Tensor j =
                Transform.jacobian((Tensor z) -> residuals.apply(z).flatten()).apply(x);
        return j.reshape(j.dim(0), Math.toIntExact(x.size())).realized();
    }
}
