package kawi.cpu.kernels;

/**
 * The sizes of a pooling: windows over planes [planes, height, width] that give [planes, outH, outW]. Window (p, q) covers
 * rows p · strideH - padTop + r · dilationH for r = 0 … kernelH-1, and columns alike; what lies outside is left out.
 */
public record PoolShape(
        int planes,
        int height,
        int width,
        int kernelH,
        int kernelW,
        int strideH,
        int strideW,
        int padTop,
        int padLeft,
        int outH,
        int outW,
        int dilationH,
        int dilationW) {

    public PoolShape {
        if (planes < 0 || height < 0 || width < 0 || outH < 0 || outW < 0 || padTop < 0 || padLeft < 0) {
            throw new IllegalArgumentException("pooling with a negative size");
        }
        if (kernelH < 1 || kernelW < 1 || strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
            throw new IllegalArgumentException("kernel, stride and dilation of a pooling must be at least 1");
        }
    }

    int inPlane() {
        return height * width;
    }

    int outPlane() {
        return outH * outW;
    }

    /** Row of x that weight row {@code r} of window row {@code p} covers; may lie outside. */
    int row(int p, int r) {
        return p * strideH - padTop + r * dilationH;
    }

    /** Column of x that weight column {@code s} of window column 0 covers. */
    int column(int s) {
        return s * dilationW - padLeft;
    }

    /** First window column whose weight column {@code s} lies inside. */
    int firstColumn(int s) {
        return Math.max(0, Math.ceilDiv(-column(s), strideW));
    }

    /** One past the last window column whose weight column {@code s} lies inside. */
    int endColumn(int s) {
        return Math.clamp(Math.floorDiv(width - 1 - column(s), strideW) + 1, 0, outW);
    }
}
