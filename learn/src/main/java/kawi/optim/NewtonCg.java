package kawi.optim;

import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Newton's method without the Hessian: each step minimises the model m(p) = f + ∇fᵀp + ½pᵀ∇²f·p within ‖p‖₂ ≤ Δ by conjugate gradients, which need
 * products with the Hessian alone and stop at its negative curvature or at the border (Steihaug 1983; Nocedal and Wright 2006, <em>Numerical
 * Optimization</em>, algorithms 7.2 and 4.1). Conjugate gradients end at ‖r‖ ≤ min(½, √‖∇f‖)·‖∇f‖, so that convergence is superlinear.
 *
 * @param radius the first Δ
 * @param largestRadius the largest Δ
 */
public record NewtonCg(double radius, double largestRadius, Stopping stopping) implements Minimizer {
    /** To ‖∇f‖₂ ≤ 1e-8 in at most 200 iterations. */
    public NewtonCg() {
        this(new Stopping(1e-8, 200));
    }

    /** Δ = 1 at first, at most 1000. */
    public NewtonCg(Stopping stopping) {
        this(1, 1000, stopping);
    }

    /** Checks the radii. */
    public NewtonCg {
        if (!(radius > 0 && radius <= largestRadius)) {
            throw new KawiException("NewtonCg: 0 < radius ≤ largest radius is needed, but %s and %s were given"
                    .formatted(radius, largestRadius));
        }
    }

    @Override
    public Minimum minimize(Objective f, Tensor start) {
        Progress progress = new Progress(stopping, f, start);
        double delta = radius;
        while (!progress.done()) {
            Point from = progress.point();
            Step step = Step.of(f, from, delta);
            progress.products(step.products);
            Point to = f.at(from.x().add(step.p));
            progress.evaluations(1);
            double decrease = from.value() - to.value();
            // Where both are below the rounding of f, the gradient must tell.
            boolean visible = step.predicted > Rounding.of(from);
            boolean better = visible ? decrease > 0.1 * step.predicted : to.gradientNorm() < from.gradientNorm();
            double ratio = visible ? decrease / step.predicted : better ? 1 : 0;
            if (!(ratio >= 0.25) || !to.finite()) {
                delta = 0.25 * Math.min(step.norm, delta); // the norm is above Δ where it overflowed
            } else if (ratio > 0.75 && step.atBorder) {
                delta = Math.min(2 * delta, largestRadius);
            }
            if (better && to.finite()) {
                progress.move(to, step.norm);
            } else if (!(delta >= 1e-15 * (1 + length(from.x())))) {
                return progress.stuck();
            }
        }
        return progress.end();
    }

    private static double length(Tensor x) {
        return Math.sqrt(x.square().sum().item());
    }

    private static double dot(Tensor a, Tensor b) {
        return a.mul(b).sum().item();
    }

    /**
     * A step of the model.
     *
     * @param predicted f − m(p)
     */
    private record Step(Tensor p, double norm, double predicted, boolean atBorder, int products) {
        /** Algorithm 7.2 with the names of the book: z the iterate, r its residual, d the direction. */
        static Step of(Objective f, Point from, double delta) {
            Tensor g = from.gradient();
            double size = from.gradientNorm();
            double enough = Math.min(0.5, Math.sqrt(size)) * size;
            Tensor z = g.zerosLike();
            Tensor bz = g.zerosLike();
            Tensor r = g;
            Tensor d = g.neg();
            double rr = size * size;
            for (int j = 1; j <= 2 * g.size() + 10; j++) { // n steps would do without rounding
                Tensor bd = f.hessianProduct(from.x(), d);
                double curvature = dot(d, bd);
                double alpha = rr / curvature;
                Tensor next = z.add(d.mul(alpha)).realized();
                if (!(curvature > 0) || length(next) >= delta) {
                    double tau = toBorder(z, d, delta);
                    return end(g, z.add(d.mul(tau)), bz.add(bd.mul(tau)), true, j);
                }
                z = next;
                bz = bz.add(bd.mul(alpha)).realized();
                r = r.add(bd.mul(alpha)).realized();
                double before = rr;
                rr = dot(r, r);
                if (Math.sqrt(rr) <= enough) {
                    return end(g, z, bz, false, j);
                }
                d = d.mul(rr / before).sub(r).realized();
            }
            return end(g, z, bz, false, Math.toIntExact(2 * g.size() + 10));
        }

        private static Step end(Tensor g, Tensor p, Tensor bp, boolean atBorder, int products) {
            return new Step(p.realized(), length(p), -dot(g, p) - 0.5 * dot(p, bp), atBorder, products);
        }

        /** The τ ≥ 0 with ‖z + τd‖ = Δ. */
        private static double toBorder(Tensor z, Tensor d, double delta) {
            double a = dot(d, d);
            double b = dot(z, d);
            double c = dot(z, z) - delta * delta;
            double root = Math.sqrt(Math.max(0, b * b - a * c));
            return b > 0 ? -c / (b + root) : (root - b) / a;
        }
    }
}
