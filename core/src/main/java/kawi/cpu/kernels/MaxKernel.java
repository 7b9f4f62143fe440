package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/** The innermost comparisons of maximum pooling of {@code F32}, over planes cut into phases ({@link Planes}). */
interface MaxKernel {
    /** The shortest row of windows that is taken. */
    int LEAST_COLUMNS = 4;

    /** What stands where nothing in a window is above -∞: added to any place it stays negative. */
    int NONE = Integer.MIN_VALUE;

    /**
     * {@code index[i, j] = places[k] + i · rowStep + j · columnStep} for the k with the largest
     * {@code x[shifts[k] + i, j]}: NaN counts as larger than all, of equals the first counts; NONE in place of places[k]
     * where all are -∞. Nothing if {@code rows} is negative.
     *
     * <p>x is a plane with rows {@code xStride} bytes apart, of which what lies beyond the columns is read as well; index
     * is contiguous. Shifts in bytes.
     *
     * @return a negative number if any place is
     */
    int argMax(
            MemorySegment x,
            long xStride,
            int[] shifts,
            int[] places,
            int rows,
            int columns,
            int rowStep,
            int columnStep,
            MemorySegment index,
            long indexOffset);
}
