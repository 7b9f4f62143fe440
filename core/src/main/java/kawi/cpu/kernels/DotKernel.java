package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Dot products of one plane with several others: with the same image, shifted, for the derivative by the weights of few channels; with the
 * rows of a matrix, for its product with a vector.
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

    /** The sum number {@code sum}: its lanes folded in halves. */
    static float folded(MemorySegment sums, int sum) {
        long at = sum * LANES * 4L;
        float even = (pair(sums, at, 0) + pair(sums, at, 4)) + (pair(sums, at, 2) + pair(sums, at, 6));
        float odd = (pair(sums, at, 1) + pair(sums, at, 5)) + (pair(sums, at, 3) + pair(sums, at, 7));
        return even + odd;
    }

    private static float pair(MemorySegment sums, long at, int lane) {
        return sums.get(JAVA_FLOAT_UNALIGNED, at + lane * 4L)
                + sums.get(JAVA_FLOAT_UNALIGNED, at + lane * 4L + LANES * 2L);
    }
}
