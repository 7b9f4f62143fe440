package kawi.classic;

import java.util.function.Function;
import kawi.base.DType;
import kawi.optim.NewtonCg;
import kawi.optim.Stopping;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;

/** Minima of smooth convex functions, for methods without a closed form. */
final class Convex {
    private static final int MOST_STEPS = 200;

    private Convex() {}

    /**
     * Where the gradient's norm has fallen to 1e-9 of its first ({@code F64}; 1e-3 in {@code F32}), or where rounding lets f fall no further.
     *
     * @param f gives one number
     */
    static Tensor minimum(Function<Tensor, Tensor> f, Tensor start) {
        double first = Transform.grad(f).apply(start).norm().item();
        double enough = first * (start.dtype() == DType.F64 ? 1e-9 : 1e-3);
        return new NewtonCg(new Stopping(enough, MOST_STEPS)).minimize(f, start).x();
    }
}
