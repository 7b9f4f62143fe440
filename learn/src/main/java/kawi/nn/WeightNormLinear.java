package kawi.nn;

import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/** A dense layer with weight normalisation, y = x·(g·v/‖v‖)ᵀ + b: {@code […, in] → […, out]} ({@link WeightNorm}). */
public final class WeightNormLinear extends Module {
    public final WeightNorm weight;
    public final Parameter bias;

    /** Started as {@link Linear} is. */
    public WeightNormLinear(int in, int out) {
        if (in < 1 || out < 1) {
            throw new KawiException(
                    "WeightNormLinear: %d inputs and %d outputs were asked for; both start at 1".formatted(in, out));
        }
        weight = new WeightNorm(Initializer.fanInUniform().of(out, in));
        bias = new Parameter(Initializer.uniform(1 / Math.sqrt(in)).of(out));
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.rank() < 1 || x.dim(-1) != weight.v.dim(1)) {
            throw new KawiException("WeightNormLinear: an input of shape %s does not fit %s: its last extent must be %d"
                    .formatted(x.shape(), this, weight.v.dim(1)));
        }
        return traced(x, x.matmul(weight.value().t()).add(bias));
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return output.size() * weight.v.dim(1);
    }

    @Override
    public String toString() {
        return "WeightNormLinear(%d, %d)".formatted(weight.v.dim(1), weight.v.dim(0));
    }
}
