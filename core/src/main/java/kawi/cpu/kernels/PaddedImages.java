package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.cpu.Workers;

/**
 * All images of a convolution in the form of {@link Planes}: where they lie, or as a copy. Copying each image once costs far
 * less than a test for the border, or a step over the stride, at each of the values packed from it.
 *
 * @param offset byte of the first image in {@code data}
 * @param outRows rows of windows
 */
record PaddedImages(Planes planes, int outRows, MemorySegment data, long offset, boolean copied) {

    /** {@link #close} gives the copy back. */
    static PaddedImages of(Workers workers, Planes planes, int outRows, int channels, MemorySegment x, long offset) {
        if (planes.bare(outRows)) {
            return new PaddedImages(planes, outRows, x, offset, false);
        }
        long channelBytes = (long) planes.channel(outRows) * planes.elementBytes();
        long imageBytes = (long) planes.height() * planes.width() * planes.elementBytes();
        MemorySegment target = Scratch.ofThread().take(channels * channelBytes);
        RowMover mover = DirectKernels.mover();
        int group = (int) Math.clamp(65_536 / Math.max(1, channelBytes), 1, Math.max(1, channels));
        workers.run(Math.ceilDiv(channels, group), task -> {
            int first = task * group;
            int count = Math.min(group, channels - first);
            target.asSlice(first * channelBytes, count * channelBytes).fill((byte) 0);
            planes.fill(mover, x, offset + first * imageBytes, count, 0, outRows, target, first * channelBytes, true);
        });
        return new PaddedImages(planes, outRows, target, 0, true);
    }

    /** Bytes from one channel to the next. */
    long channelBytes() {
        return (long) planes.channel(outRows) * planes.elementBytes();
    }

    /** In bytes, the places of {@code rows} rows of {@code columns} windows. */
    int[] windows(int rows, int columns) {
        int[] windows = new int[rows * columns];
        for (int t = 0; t < windows.length; t++) {
            windows[t] = (t / columns * planes.pitch() + t % columns) * planes.elementBytes();
        }
        return windows;
    }

    void close() {
        if (copied) {
            Scratch.ofThread().giveBack();
        }
    }
}
