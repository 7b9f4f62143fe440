package kawi.nn;

import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/** Normalises each example over its last axes: y = γ·(x − μ)/√(σ² + ε) + β (Ba, Kiros and Hinton 2016). */
public final class LayerNorm extends Module {
    public final Parameter weight;
    public final Parameter bias;
    private final double epsilon;

    /** Normalises over the last axes, which have the given extents; ε = 1e-5. */
    public LayerNorm(int... shape) {
        this(1e-5, shape);
    }

    /** Normalises over the last axes, which have the given extents. */
    public LayerNorm(double epsilon, int... shape) {
        this.weight = new Parameter(Tensor.ones(shape));
        this.bias = new Parameter(Tensor.zeros(shape));
        this.epsilon = epsilon;
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape own = weight.shape();
        int from = x.rank() - own.rank();
        if (from < 0 || !x.shape().without(0, from).equals(own)) {
            throw new KawiException("LayerNorm: an input of shape %s does not end with %s".formatted(x.shape(), own));
        }
        int[] axes = IntStream.range(from, x.rank()).toArray();
        Tensor centred = x.sub(x.meanKeepDims(axes));
        Tensor scale = centred.square().meanKeepDims(axes).add(epsilon).rsqrt();
        return traced(x, centred.mul(scale).mul(weight).add(bias));
    }

    @Override
    public String toString() {
        return "LayerNorm(" + weight.shape() + ")";
    }
}
