package kawi.nn;

import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A 2-D convolution (cross-correlation) of {@code [N, in, H, W]} to {@code [N, out, H′, W′]}. Weight {@code [out,
 * in/groups, kernel, kernel]}, bias {@code [out]}.
 */
public final class Conv2d extends Module {
    public final Parameter weight;
    public final @Nullable Parameter bias;
    private final int stride;
    private final int padding;
    private final int dilation;
    private final int groups;

    /** Stride 1, no padding. */
    public Conv2d(int in, int out, int kernel) {
        this(in, out, kernel, 1, 0);
    }

    /** A layer with a bias. */
    public Conv2d(int in, int out, int kernel, int stride, int padding) {
        this(in, out, kernel, stride, padding, 1, 1, true);
    }

    /** A layer started from ±1/√fan-in uniformly. */
    public Conv2d(int in, int out, int kernel, int stride, int padding, int dilation, int groups, boolean bias) {
        if (in < 1 || out < 1 || kernel < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
            throw new KawiException(
                    "Conv2d: %d channels in, %d out, kernel %d, %d groups: all start at 1, and groups divide both channels"
                            .formatted(in, out, kernel, groups));
        }
        this.stride = stride;
        this.padding = padding;
        this.dilation = dilation;
        this.groups = groups;
        this.weight = new Parameter(Initializer.fanInUniform().of(out, in / groups, kernel, kernel));
        double bound = 1 / Math.sqrt((double) in / groups * kernel * kernel);
        this.bias = bias ? new Parameter(Initializer.uniform(bound).of(out)) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x.conv2d(weight, stride, padding, dilation, groups);
        return traced(x, bias == null ? y : y.add(bias.reshape(-1, 1, 1)));
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return output.size() * (weight.size() / weight.dim(0));
    }

    @Override
    public String toString() {
        String s = "Conv2d(%d, %d, kernel %d".formatted(weight.dim(1) * groups, weight.dim(0), weight.dim(2));
        s += stride == 1 ? "" : ", stride " + stride;
        s += padding == 0 ? "" : ", padding " + padding;
        s += dilation == 1 ? "" : ", dilation " + dilation;
        return s + (groups == 1 ? ")" : ", groups " + groups + ")");
    }
}
