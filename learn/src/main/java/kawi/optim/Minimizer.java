package kawi.optim;

import java.util.Collection;
import java.util.function.Function;
import java.util.function.Supplier;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * A method that makes a loss over all examples small, evaluating it as often as it needs: {@link Lbfgs}, {@link Newton}, {@link NewtonCg}. A new
 * method is one class. Where each step sees a few examples only, use an {@link Optimizer}.
 *
 * <pre>{@code
 * Minimum found = new Lbfgs().minimize(w -> x.matmul(w).sub(y).square().mean(), Tensor.zeros(n));
 * new Lbfgs().minimize(model.parameters(), () -> Losses.crossEntropy(model.forward(x), labels));
 * }</pre>
 */
@FunctionalInterface
public interface Minimizer {
    /**
     * Looks for a minimum.
     *
     * @param start where to begin; arithmetic is done in its element type, and {@code F64} is needed for gradients much below 1e-4
     * @throws kawi.base.KawiException if the loss or its gradient is not finite at the start
     */
    Minimum minimize(Objective f, Tensor start);

    /** The same for a function of a tensor of any shape that gives one number. */
    default Minimum minimize(Function<Tensor, Tensor> f, Tensor start) {
        return minimize(Objective.of(f), start);
    }

    /** The same for a network, from the present values of its parameters, which afterwards are those of the minimum. */
    default Minimum minimize(Collection<Parameter> parameters, Supplier<Tensor> loss) {
        OfParameters f = new OfParameters(parameters, loss);
        Minimum found = minimize(f, f.present());
        f.set(found.x());
        return found;
    }
}
