package kawi.nn;

import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * A weight as length times direction, w = g·v/‖v‖, with a g and a norm for each place of the first axis, a unit's incoming weights
 * (Salimans and Kingma 2016, equation 2). Gradients then turn a weight and change its length apart from each other. A layer has one where it
 * would have a parameter:
 *
 * <pre>{@code
 * final WeightNorm weight = new WeightNorm(Initializer.fanInUniform().of(out, in));
 * @Override public Tensor forward(Tensor x) { return x.matmul(weight.value().t()); }
 * }</pre>
 *
 * {@link WeightNormLinear} is such a layer.
 */
public final class WeightNorm extends Module {
    /** Direction v, of the weight's shape. */
    public final Parameter v;

    /** Length g, {@code [out, 1, …]}. */
    public final Parameter g;

    private final int[] axes;

    /** A weight {@code [out, …]} of rank 2 or more that starts with the given values, none of whose rows is 0. */
    public WeightNorm(Tensor initial) {
        if (initial.rank() < 2) {
            throw new KawiException(
                    "WeightNorm: a weight [out, …] of rank 2 or more is needed, but " + initial.shape() + " was given");
        }
        axes = IntStream.range(1, initial.rank()).toArray();
        v = new Parameter(initial);
        g = new Parameter(norm(initial));
        if (g.size() > 0 && !(g.min().item() > 0)) {
            throw new KawiException("WeightNorm: a row of the weight is 0 throughout, so it has no direction;"
                    + " start from random values");
        }
    }

    /** The weight w. */
    public Tensor value() {
        return v.mul(g.div(norm(v)));
    }

    private Tensor norm(Tensor t) {
        return t.square().sumKeepDims(axes).sqrt();
    }
}
