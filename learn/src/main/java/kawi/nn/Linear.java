package kawi.nn;

import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A dense layer, y = x·Wᵀ + b: {@code […, in] → […, out]}. Weight {@code [out, in]}, bias {@code [out]}. */
public final class Linear extends Module {
    public final Parameter weight;
    public final @Nullable Parameter bias;

    /** A layer with a bias, started from ±1/√in uniformly. */
    public Linear(int in, int out) {
        this(in, out, true);
    }

    /** A layer with or without a bias, started from ±1/√in uniformly. */
    public Linear(int in, int out, boolean bias) {
        this(in, out, Initializer.fanInUniform(), bias ? Initializer.uniform(1 / Math.sqrt(Math.max(1, in))) : null);
    }

    /** A layer with the given first weights and biases; no bias where that is null. */
    public Linear(int in, int out, Initializer weight, @Nullable Initializer bias) {
        if (in < 1 || out < 1) {
            throw new KawiException(
                    "Linear: %d inputs and %d outputs were asked for; both start at 1".formatted(in, out));
        }
        this.weight = new Parameter(weight.of(out, in));
        this.bias = bias == null ? null : new Parameter(bias.of(out));
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.rank() < 1 || x.dim(-1) != weight.dim(1)) {
            boolean flat = x.rank() > 2 && x.shape().product(1, x.rank()) == weight.dim(1);
            throw new KawiException("Linear: an input of shape %s does not fit %s: its last extent must be %d%s"
                    .formatted(
                            x.shape(),
                            this,
                            weight.dim(1),
                            flat ? "; flatten(1, -1) makes it [%d, %d]".formatted(x.dim(0), weight.dim(1)) : ""));
        }
        Tensor y = x.matmul(weight.t());
        return traced(x, bias == null ? y : y.add(bias));
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return output.size() * weight.dim(1);
    }

    @Override
    public String toString() {
        return "Linear(%d, %d)".formatted(weight.dim(1), weight.dim(0));
    }
}
