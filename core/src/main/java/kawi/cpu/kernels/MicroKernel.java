package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The innermost product: one tile of {@code mr} rows and {@code nr} columns,
 *
 * <pre>  target[i, j] = start[i, j] + Σ_p a[p, i] · b[p, j]    for p = 0 … depth-1</pre>
 *
 * from two packed panels: {@code a} holds {@code mr} values for each p, {@code b} holds {@code nr} values for each p.
 * The sum begins with {@code start} and takes one fused multiply-add for each p, in increasing p: so a long sum may be
 * cut into calls anywhere, each starting from what the one before has left, and every implementation and every tile
 * size gives the same bits.
 *
 * <p>All offsets and strides are in bytes. The start may be the target itself.
 */
interface MicroKernel {

    void run(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            int depth,
            MemorySegment start,
            long startOffset,
            long startRowStride,
            MemorySegment target,
            long targetOffset,
            long targetRowStride);
}
