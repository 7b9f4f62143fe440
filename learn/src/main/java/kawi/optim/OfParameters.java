package kawi.optim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/** The loss of a network as a function of the vector of all its parameters. */
final class OfParameters implements Objective {
    private final List<Parameter> parameters;
    private final Supplier<Tensor> loss;

    OfParameters(Collection<Parameter> parameters, Supplier<Tensor> loss) {
        if (parameters.isEmpty()) {
            throw new KawiException(
                    "minimize: there are no parameters to train; are the layers fields of the module, and set when this is made?");
        }
        this.parameters = List.copyOf(parameters);
        this.loss = loss;
    }

    /** The present values. */
    Tensor present() {
        return joined(parameters).detach().realized();
    }

    /** Gives the parameters the values of a vector. */
    void set(Tensor x) {
        int from = 0;
        for (Parameter p : parameters) {
            int n = Math.toIntExact(p.size());
            p.assign(x.slice(0, from, from + n).reshape(p.shape().dims()).to(p.dtype()));
            from += n;
        }
    }

    @Override
    public double value(Tensor x) {
        set(x);
        return loss.get().item();
    }

    @Override
    public Point at(Tensor x) {
        set(x);
        Tensor value = loss.get();
        Tensor gradient =
                joined(Require.gradients("minimize", value, parameters)).detach();
        Kawi.realize(value, gradient);
        return new Point(x, value.item(), gradient);
    }

    @Override
    public Tensor hessianProduct(Tensor x, Tensor v) {
        set(x);
        Tensor slope = joined(Kawi.grad(loss.get(), parameters)).mul(v).sum();
        return joined(Kawi.grad(slope, parameters)).detach().realized();
    }

    /** One product for each column: for networks of few parameters. */
    @Override
    public Tensor hessian(Tensor x) {
        int n = Math.toIntExact(x.size());
        List<Tensor> columns = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            columns.add(hessianProduct(x, Tensor.arange(n).eq(i).to(x.dtype())));
        }
        return Tensor.stack(1, columns.toArray(Tensor[]::new)).realized();
    }

    private static Tensor joined(List<? extends Tensor> tensors) {
        DType type = tensors.stream().map(Tensor::dtype).reduce(DType.F32, DType::promote);
        Tensor[] flat = tensors.stream().map(t -> t.flatten().to(type)).toArray(Tensor[]::new);
        return Tensor.concat(0, flat);
    }
}
