package kawi.nn;

import kawi.tensor.Tensor;

/** The largest element of each window of {@code [N, C, H, W]}; padding never wins. */
public final class MaxPool2d extends Module {
    private final int kernel;
    private final int stride;
    private final int padding;

    /** Windows side by side. */
    public MaxPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Windows {@code stride} apart. */
    public MaxPool2d(int kernel, int stride, int padding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
    }

    @Override
    public Tensor forward(Tensor x) {
        return traced(x, x.maxPool2d(kernel, stride, padding));
    }

    @Override
    public String toString() {
        return "MaxPool2d(" + kernel + (stride == kernel ? ")" : ", stride " + stride + ")");
    }
}
