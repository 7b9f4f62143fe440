package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * A small constant matrix m applied to panels, which are two vectors of adjacent values:
 *
 * <pre>  y[r, i, q] = Σ_p m[q, p] · x[r, i, p]    for r = 0 … rows-1, i = 0 … items-1</pre>
 *
 * The sum is a chain of fused multiply-adds over the coefficients that are not zero, in increasing p, and begins with a
 * product; so every implementation gives the same bits.
 */
interface LinearMap {
    /**
     * All offsets in bytes; with a negative number of rows this returns at once (see {@link WarmUp}).
     *
     * @param places x[r, i, p] is at {@code from + i · itemFrom + places[r · columns of m + p]}
     * @param to y[r, i, q] is at {@code to + i · itemTo + r · rowTo + q · stepTo}
     */
    void apply(
            MemorySegment source,
            long from,
            long itemFrom,
            int[] places,
            int rows,
            int items,
            MemorySegment target,
            long to,
            long itemTo,
            long rowTo,
            long stepTo);
}
