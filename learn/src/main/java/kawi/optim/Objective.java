package kawi.optim;

import java.util.Collection;
import java.util.function.Function;
import java.util.function.Supplier;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;

/**
 * A loss over all examples as a function f of the parameters x, a floating-point tensor of any shape: what a {@link Minimizer} asks of it. Use
 * {@link #of(Function)} for a function of a tensor, and {@link #of(Collection, Supplier)} for the parameters of a network.
 */
public interface Objective {
    /** f(x). */
    double value(Tensor x);

    /** f(x) and ∇f(x). */
    Point at(Tensor x);

    /** ∇²f(x)·v, of the shape of x. */
    Tensor hessianProduct(Tensor x, Tensor v);

    /** ∇²f(x) as a matrix {@code [n, n]}, n the number of elements of x. */
    Tensor hessian(Tensor x);

    /**
     * The objective of a function.
     *
     * @param f gives one number for a tensor; it is called with constants and may not keep a state
     */
    static Objective of(Function<Tensor, Tensor> f) {
        return new Objective() {
            @Override
            public double value(Tensor x) {
                return one(f.apply(x)).item();
            }

            @Override
            public Point at(Tensor x) {
                Transform.ValueAndGrad both =
                        Transform.valueAndGrad((Tensor z) -> one(f.apply(z))).apply(x);
                Kawi.realize(x, both.value(), both.gradient());
                return new Point(x, both.value().item(), both.gradient());
            }

            @Override
            public Tensor hessianProduct(Tensor x, Tensor v) {
                return Transform.hvp(f, x, v).realized();
            }

            @Override
            public Tensor hessian(Tensor x) {
                int n = Math.toIntExact(x.size());
                return Transform.hessian(f).apply(x).reshape(n, n).realized();
            }
        };
    }

    /**
     * The objective of a network's loss, by way of its parameters: x is the vector of all their elements in order. The parameters are
     * changed whenever it is evaluated; {@link Minimizer#minimize(Collection, Supplier)} leaves them at the minimum.
     *
     * @param loss computes the loss over all examples from the present parameters; it may not depend on anything that changes from call to call,
     *     so call {@code eval()} where there is dropout
     */
    static Objective of(Collection<Parameter> parameters, Supplier<Tensor> loss) {
        return new OfParameters(parameters, loss);
    }

    private static Tensor one(Tensor loss) {
        if (loss.size() != 1) {
            throw new KawiException(
                    "minimize: the function must give one number, but gave shape %s; reduce it with sum() or mean()"
                            .formatted(loss.shape()));
        }
        return loss;
    }
}
