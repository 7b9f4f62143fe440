package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Moves rows without the Vector API. */
final class PlainRowMover implements RowMover {
    @Override
    public void copy(
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride,
            int rows,
            int count) {
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(source, from + i * fromStride, target, to + i * toStride, count * 4L);
        }
    }

    @Override
    public void split(
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride,
            int rows,
            int count) {
        every(2, 4, source, from, fromStride, target, to, toStride, rows, count);
    }

    @Override
    public void join(
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
            int count) {
        spread(2, 4, even, evenFrom, evenStride, target, to, toStride, rows, count);
        spread(2, 4, odd, oddFrom, oddStride, target, to + 4, toStride, rows, count);
    }

    /** {@code target[i, j] = source[i, step · j]}, for any step, and elements of 4 or 8 bytes. */
    static void every(
            int step,
            int elementBytes,
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride,
            int rows,
            int count) {
        for (int i = 0; i < rows; i++) {
            move(elementBytes, source, from, step, target, to, 1, count);
            from += fromStride;
            to += toStride;
        }
    }

    /** {@code target[i, step · j] = source[i, j]}. */
    static void spread(
            int step,
            int elementBytes,
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride,
            int rows,
            int count) {
        for (int i = 0; i < rows; i++) {
            move(elementBytes, source, from, 1, target, to, step, count);
            from += fromStride;
            to += toStride;
        }
    }

    private static void move(
            int elementBytes,
            MemorySegment source,
            long from,
            int fromStep,
            MemorySegment target,
            long to,
            int toStep,
            int count) {
        if (elementBytes == 4) {
            for (int j = 0; j < count; j++) {
                int bits = source.get(JAVA_INT_UNALIGNED, from + (long) j * fromStep * 4);
                target.set(JAVA_INT_UNALIGNED, to + (long) j * toStep * 4, bits);
            }
        } else {
            for (int j = 0; j < count; j++) {
                long bits = source.get(JAVA_LONG_UNALIGNED, from + (long) j * fromStep * 8);
                target.set(JAVA_LONG_UNALIGNED, to + (long) j * toStep * 8, bits);
            }
        }
    }
}
