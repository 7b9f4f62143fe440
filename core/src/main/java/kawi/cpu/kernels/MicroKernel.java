package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The innermost product: one tile of {@code mr} rows and {@code nr} columns,
 *
 * <pre>  target[i, j] = start[i, j] + Σ_p a[p, i] · b[p, j]    for p = 0 … depth-1</pre>
 *
 * where b is a packed panel, {@code nr} values for each p. The left side is, for a kernel of packed panels, {@code mr}
 * values for each p as well; for a kernel of unpacked values, {@code a[aOffset + lines[line + i] + depths[first + p]]}.
 *
 * <p>The sum begins with {@code start} and takes one fused multiply-add for each p, in increasing p: so a long sum may be
 * cut into calls anywhere, each starting from what the one before has left, and every implementation and every tile
 * size gives the same bits. With a negative depth a kernel returns at once; see {@link WarmUp}.
 *
 * <p>All offsets and strides are in bytes. The start may be the target itself.
 */
interface MicroKernel {

    void run(
            MemorySegment a,
            long aOffset,
            int[] lines,
            int line,
            int[] depths,
            int first,
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
