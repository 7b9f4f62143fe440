package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * A small constant matrix m applied to vectors of adjacent values:
 *
 * <pre>  y[r, q] = Σ_p m[q, p] · x[r, p]    for r = 0 … rows-1</pre>
 *
 * The sum is a chain of fused multiply-adds over the coefficients that are not zero, in increasing p, and begins with a
 * product; so every implementation gives the same bits.
 */
interface LinearMap {
    /**
     * All offsets in bytes; with a negative number of rows this returns at once (see {@link WarmUp}).
     *
     * @param places x[r, p] is at {@code from + places[first + r · columns of m + p]}
     * @param to y[r, q] is at {@code to + r · rowStep + q · step}
     * @param count values of each x and y, a multiple of the lanes of a vector
     */
    void apply(
            MemorySegment source,
            long from,
            int[] places,
            int first,
            int rows,
            MemorySegment target,
            long to,
            long rowStep,
            long step,
            int count);
}
