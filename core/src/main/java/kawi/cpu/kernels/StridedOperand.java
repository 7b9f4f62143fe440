package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * A matrix in memory with any strides: transposed, sliced, flipped, broadcast. All strides in bytes.
 *
 * <p>Packing moves bits and never looks at them, so 4-byte elements are packed as ints and 8-byte elements as longs.
 */
record StridedOperand(MemorySegment data, long[] offsets, long lineStride, long depthStride, int elementBytes)
        implements Operand {

    @Override
    public boolean shared() {
        for (long offset : offsets) {
            if (offset != offsets[0]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void pack(
            int batch, int line, int count, int from, int depth, MemorySegment target, long targetOffset, int width) {
        long source = offsets[batch] + line * lineStride + from * depthStride;
        if (elementBytes == 4) {
            pack4(data, source, lineStride, depthStride, count, depth, target, targetOffset, width);
        } else {
            pack8(data, source, lineStride, depthStride, count, depth, target, targetOffset, width);
        }
    }

    static void pack4(
            MemorySegment data,
            long source,
            long lineStride,
            long depthStride,
            int count,
            int depth,
            MemorySegment target,
            long targetOffset,
            int width) {
        long step = width * 4L;
        int i = 0;
        if (lineStride == 4 && (count & 1) == 0) {
            for (int p = 0; p < depth; p++) {
                long from = source + p * depthStride;
                long to = targetOffset + p * step;
                for (int j = 0; j < count; j += 2) {
                    target.set(JAVA_LONG_UNALIGNED, to + j * 4L, data.get(JAVA_LONG_UNALIGNED, from + j * 4L));
                }
            }
            i = count;
        } else if (depthStride == 4) {
            for (; i + 4 <= count; i += 4) {
                {
                    long line = source + i * lineStride;
                    transpose4(
                            data,
                            line,
                            line + lineStride,
                            line + 2 * lineStride,
                            line + 3 * lineStride,
                            depth,
                            target,
                            targetOffset + i * 4L,
                            step);
                }
            }
        }
        for (; i < count; i++) {
            long from = source + i * lineStride;
            long to = targetOffset + i * 4L;
            for (int p = 0; p < depth; p++) {
                target.set(JAVA_INT_UNALIGNED, to + p * step, data.get(JAVA_INT_UNALIGNED, from + p * depthStride));
            }
        }
        for (; i < width; i++) {
            long to = targetOffset + i * 4L;
            for (int p = 0; p < depth; p++) {
                target.set(JAVA_INT_UNALIGNED, to + p * step, 0);
            }
        }
    }

    /**
     * Four lines that are contiguous along k. Blocks of 2 × 2 elements move as two longs in and two longs out: half as
     * many loads and stores as element by element, which is what bounds a transposing copy.
     */
    static void transpose4(
            MemorySegment data,
            long source,
            long source1,
            long source2,
            long source3,
            int depth,
            MemorySegment target,
            long to,
            long step) {
        int pairs = depth / 2;
        for (int q = 0; q < pairs; q++) {
            long x0 = data.get(JAVA_LONG_UNALIGNED, source + q * 8L);
            long x1 = data.get(JAVA_LONG_UNALIGNED, source1 + q * 8L);
            long x2 = data.get(JAVA_LONG_UNALIGNED, source2 + q * 8L);
            long x3 = data.get(JAVA_LONG_UNALIGNED, source3 + q * 8L);
            long at = to + q * 2 * step;
            target.set(JAVA_LONG_UNALIGNED, at, (x0 & 0xffffffffL) | (x1 << 32));
            target.set(JAVA_LONG_UNALIGNED, at + 8, (x2 & 0xffffffffL) | (x3 << 32));
            target.set(JAVA_LONG_UNALIGNED, at + step, (x0 >>> 32) | (x1 & 0xffffffff00000000L));
            target.set(JAVA_LONG_UNALIGNED, at + step + 8, (x2 >>> 32) | (x3 & 0xffffffff00000000L));
        }
        if ((depth & 1) != 0) {
            long last = (depth - 1) * 4L;
            long at = to + (depth - 1) * step;
            target.set(JAVA_INT_UNALIGNED, at, data.get(JAVA_INT_UNALIGNED, source + last));
            target.set(JAVA_INT_UNALIGNED, at + 4, data.get(JAVA_INT_UNALIGNED, source1 + last));
            target.set(JAVA_INT_UNALIGNED, at + 8, data.get(JAVA_INT_UNALIGNED, source2 + last));
            target.set(JAVA_INT_UNALIGNED, at + 12, data.get(JAVA_INT_UNALIGNED, source3 + last));
        }
    }

    private static void pack8(
            MemorySegment data,
            long source,
            long lineStride,
            long depthStride,
            int count,
            int depth,
            MemorySegment target,
            long targetOffset,
            int width) {
        long step = width * 8L;
        if (lineStride == 8 && count == width) {
            for (int p = 0; p < depth; p++) {
                long from = source + p * depthStride;
                long to = targetOffset + p * step;
                for (int i = 0; i < count; i++) {
                    target.set(JAVA_LONG_UNALIGNED, to + i * 8L, data.get(JAVA_LONG_UNALIGNED, from + i * 8L));
                }
            }
            return;
        }
        for (int i = 0; i < width; i++) {
            long from = source + i * lineStride;
            long to = targetOffset + i * 8L;
            if (i < count) {
                for (int p = 0; p < depth; p++) {
                    target.set(
                            JAVA_LONG_UNALIGNED, to + p * step, data.get(JAVA_LONG_UNALIGNED, from + p * depthStride));
                }
            } else {
                for (int p = 0; p < depth; p++) {
                    target.set(JAVA_LONG_UNALIGNED, to + p * step, 0);
                }
            }
        }
    }
}
