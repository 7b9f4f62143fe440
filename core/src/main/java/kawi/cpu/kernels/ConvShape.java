package kawi.cpu.kernels;

/**
 * The sizes of a two-dimensional convolution, or cross-correlation, as networks use it:
 *
 * <pre>  y[b, o, p, q] = Σ_{i, r, s} w[o, i, r, s] · x[b, i', p · strideH - padTop + r · dilationH, q · strideW - padLeft + s · dilationW]</pre>
 *
 * where i' is channel i of the group of o, and x is 0 outside its borders. All tensors are contiguous: x [batch,
 * inChannels, height, width], w [outChannels, inChannels / groups, kernelH, kernelW], y [batch, outChannels, outH, outW].
 */
public record ConvShape(
        int batch,
        int inChannels,
        int height,
        int width,
        int outChannels,
        int kernelH,
        int kernelW,
        int strideH,
        int strideW,
        int padTop,
        int padBottom,
        int padLeft,
        int padRight,
        int dilationH,
        int dilationW,
        int groups) {

    public ConvShape {
        if (batch < 0 || inChannels < 0 || outChannels < 0 || height < 0 || width < 0) {
            throw new IllegalArgumentException("convolution with a negative size");
        }
        if (kernelH < 1 || kernelW < 1 || strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1 || groups < 1) {
            throw new IllegalArgumentException(
                    "kernel, stride, dilation and groups of a convolution must be at least 1");
        }
        if (padTop < 0 || padBottom < 0 || padLeft < 0 || padRight < 0) {
            throw new IllegalArgumentException("padding of a convolution must not be negative");
        }
        if (inChannels % groups != 0 || outChannels % groups != 0) {
            throw new IllegalArgumentException(inChannels + " input and " + outChannels
                    + " output channels do not divide into " + groups + " groups");
        }
    }

    /** Rows of the result; 0 if the kernel is taller than the padded image. */
    public int outH() {
        return outSize(height + padTop + padBottom, kernelH, strideH, dilationH);
    }

    /** Columns of the result; 0 if the kernel is wider than the padded image. */
    public int outW() {
        return outSize(width + padLeft + padRight, kernelW, strideW, dilationW);
    }

    private static int outSize(int padded, int kernel, int stride, int dilation) {
        return Math.max(0, Math.floorDiv(padded - dilation * (kernel - 1) - 1, stride) + 1);
    }

    /** Input channels that one output channel sees. */
    int groupInChannels() {
        return inChannels / groups;
    }

    int groupOutChannels() {
        return outChannels / groups;
    }

    /** Weights of one input channel. */
    int taps() {
        return kernelH * kernelW;
    }

    int outPositions() {
        return outH() * outW();
    }
}
