package kawi.nn;

import kawi.tensor.Tensor;

/** The mean of each window of {@code [N, C, H, W]}; padding counts as zeros. */
public final class AvgPool2d extends Module {
    private final int kernel;
    private final int stride;
    private final int padding;

    /** Windows side by side. */
    public AvgPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Windows {@code stride} apart. */
    public AvgPool2d(int kernel, int stride, int padding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
    }

    @Override
    public Tensor forward(Tensor x) {
        return traced(x, x.avgPool2d(kernel, stride, padding));
    }

    @Override
    public String toString() {
        return "AvgPool2d(" + kernel + (stride == kernel ? ")" : ", stride " + stride + ")");
    }
}
