package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The innermost products of a derivative by the weights of few channels: a plane times itself, shifted.
 *
 * <p>Each sum has {@link #LANES} lanes at every vector width. Column j of a row belongs to lane j mod LANES, and a lane
 * takes one fused multiply-add for each of its columns in order, row after row; where a row ends within the lanes, the
 * others take 0 · 0. All offsets and strides in bytes.
 */
interface DotKernel {
    int LANES = 16;

    /** Weights of one call. */
    int TAPS = 9;

    /**
     * {@code sums[t, l] += Σ g[i, j] · x[shifts[first + t] + i, j]} for weights t = 0 … TAPS-1 and the columns j of each lane
     * l; nothing if {@code rows} is negative.
     */
    void dots(
            MemorySegment g,
            long gOffset,
            long gStride,
            MemorySegment x,
            long xOffset,
            long xStride,
            int[] shifts,
            int first,
            int rows,
            int columns,
            MemorySegment sums,
            long sumsOffset);
}
