package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Moves rows of 4-byte elements, many short ones in a call. Offsets and strides in bytes; nothing is read or written
 * beyond the elements named. With a negative number of rows each method returns at once; see {@link WarmUp}.
 */
interface RowMover {
    /** {@code target[i, j] = source[i, j]} for {@code count} elements j of each row i. */
    void copy(
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride,
            int rows,
            int count);

    /** {@code target[i, j] = source[i, 2 j]}. */
    void split(
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride,
            int rows,
            int count);

    /** {@code target[i, 2 j] = even[i, j]} and {@code target[i, 2 j + 1] = odd[i, j]}. */
    void join(
            MemorySegment even,
            long evenFrom,
            long evenStride,
            MemorySegment odd,
            long oddFrom,
            long oddStride,
            MemorySegment target,
            long to,
            long toStride,
            int rows,
            int count);
}
