package kawi.classic;

import java.util.function.Function;
import kawi.base.DType;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;

/**
 * Truncated Newton for smooth convex functions: the step is an approximate solution of ∇²f·p = −∇f by conjugate gradients, which ask for products with
 * the Hessian alone, and is halved until f falls enough (Nocedal and Wright 2006, <em>Numerical Optimization</em>, algorithm 7.1).
 */
final class NewtonCg {
    private static final int MOST_STEPS = 200;
    private static final int MOST_PRODUCTS = 250;

    private NewtonCg() {}

    /**
     * Where the gradient's norm has fallen to 1e-9 of its first ({@code F64}; 1e-3 in {@code F32}), or where rounding lets f fall no further.
     *
     * @param f gives one number
     */
    static Tensor minimum(Function<Tensor, Tensor> f, Tensor start) {
        Function<Tensor, Transform.ValueAndGrad> slope = Transform.valueAndGrad(f);
        Tensor x = start;
        Transform.ValueAndGrad at = slope.apply(x);
        double norm = norm(at.gradient());
        double enough = norm * (start.dtype() == DType.F64 ? 1e-9 : 1e-3);
        for (int step = 0; step < MOST_STEPS && norm > enough; step++) {
            Tensor p = direction(f, x, at.gradient(), norm);
            double value = at.value().item();
            double along = at.gradient().mul(p).sum().item();
            double length = 1;
            Tensor next = x.add(p).realized();
            Transform.ValueAndGrad there = slope.apply(next);
            while (!(there.value().item() <= value + 1e-4 * length * along)) {
                length /= 2;
                if (length < 1e-6) {
                    return x;
                }
                next = x.add(p.mul(length)).realized();
                there = slope.apply(next);
            }
            x = next;
            at = there;
            norm = norm(at.gradient());
        }
        return x;
    }

    private static Tensor direction(Function<Tensor, Tensor> f, Tensor x, Tensor gradient, double norm) {
        double enough = norm * Math.min(0.5, Math.sqrt(norm));
        Tensor p = x.zerosLike();
        Tensor r = gradient.neg().realized();
        Tensor d = r;
        double square = norm * norm;
        for (int k = 0; k < MOST_PRODUCTS; k++) {
            Tensor hd = Transform.hvp(f, x, d).realized();
            double curvature = d.mul(hd).sum().item();
            if (!(curvature > 0)) {
                return k == 0 ? r : p;
            }
            double a = square / curvature;
            p = p.add(d.mul(a)).realized();
            r = r.sub(hd.mul(a)).realized();
            double next = Math.pow(norm(r), 2);
            if (Math.sqrt(next) <= enough) {
                return p;
            }
            d = r.add(d.mul(next / square)).realized();
            square = next;
        }
        return p;
    }

    private static double norm(Tensor x) {
        return Math.sqrt(x.square().sum().item());
    }
}
