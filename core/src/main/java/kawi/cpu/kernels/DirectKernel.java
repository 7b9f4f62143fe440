package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The innermost products of a convolution with stride 1, straight from the image: a weight shifts the whole image by a
 * constant, so for each weight a row of adjacent positions is a row of adjacent values, and nothing needs packing.
 *
 * <p>All offsets and strides in bytes, elements are {@code F32}. What lies beyond the positions that matter is computed
 * with and must be readable; it never mixes with those that matter.
 */
interface DirectKernel {
    /** Rows of a tile of {@link #correlate}. */
    int rows();

    /** Columns of a tile of {@link #correlate}. */
    int columns();

    /**
     * {@code y[i, j] = Σ_k a[k, i] · x[shifts[k] + j]} for {@code tiles} tiles side by side, one fused multiply-add for each
     * k in order, from zero; nothing if {@code depth} is negative.
     */
    void correlate(
            MemorySegment a,
            long aOffset,
            MemorySegment x,
            long xOffset,
            int[] shifts,
            int depth,
            int tiles,
            MemorySegment y,
            long yOffset,
            long yStride);
}
