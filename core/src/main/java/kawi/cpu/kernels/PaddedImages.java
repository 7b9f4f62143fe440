package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.cpu.Workers;

/**
 * Planes with a border of zeros, so that no window of a convolution leaves its plane. Copying each image once costs far
 * less than a test for the border at each of the values packed from it.
 *
 * @param offset byte of the first plane in {@code data}
 * @param width elements from row to row
 * @param origin bytes from the start of a plane to its first value within the border
 */
record PaddedImages(MemorySegment data, long offset, int height, int width, long origin, boolean copied) {

    /** Planes to be padded without a copy where there is no border; {@link #close} gives the copy back. */
    static PaddedImages of(
            Workers workers,
            MemorySegment data,
            long offset,
            long planes,
            int height,
            int width,
            int top,
            int bottom,
            int left,
            int right,
            int elementBytes) {
        if (top == 0 && bottom == 0 && left == 0 && right == 0) {
            return new PaddedImages(data, offset, height, width, 0, false);
        }
        int paddedHeight = height + top + bottom;
        int paddedWidth = width + left + right;
        long planeBytes = (long) paddedHeight * paddedWidth * elementBytes;
        long rowBytes = (long) paddedWidth * elementBytes;
        long origin = top * rowBytes + (long) left * elementBytes;
        MemorySegment target = Scratch.ofThread().take(planes * planeBytes);
        int group = (int) Math.max(1, 65_536 / Math.max(1, planeBytes));
        workers.run((int) Math.ceilDiv(planes, group), task -> {
            for (long plane = (long) task * group; plane < Math.min(planes, (task + 1L) * group); plane++) {
                long to = plane * planeBytes;
                target.asSlice(to, planeBytes).fill((byte) 0);
                long from = offset + plane * height * width * elementBytes;
                for (int row = 0; row < height; row++) {
                    MemorySegment.copy(
                            data,
                            from + (long) row * width * elementBytes,
                            target,
                            to + origin + row * rowBytes,
                            (long) width * elementBytes);
                }
            }
        });
        return new PaddedImages(target, 0, paddedHeight, paddedWidth, origin, true);
    }

    /** Bytes from one plane to the next. */
    long planeBytes(int elementBytes) {
        return (long) height * width * elementBytes;
    }

    void close() {
        if (copied) {
            Scratch.ofThread().giveBack();
        }
    }
}
