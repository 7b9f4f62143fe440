package kawi.device;

import java.lang.foreign.MemorySegment;

/** A loop nest or a kernel made ready to run on a device. */
public interface Launch {
    /**
     * Runs the whole with the device's workers.
     *
     * @param buffers the memory of each buffer number
     * @param offsets where each buffer's element 0 lies in its memory, in bytes
     * @param scalars the launch's scalar arguments: {@code doubleToRawLongBits} for floating-point slots, else the integer
     */
    void run(MemorySegment[] buffers, long[] offsets, long[] scalars);

    /**
     * Runs over the box {@code from ≤ coordinate < to} on the calling thread; only for loop nests without a reduction.
     * This is how a contraction finishes each block of its result while it is in cache.
     */
    default void run(MemorySegment[] buffers, long[] offsets, long[] scalars, int[] from, int[] to) {
        throw new UnsupportedOperationException("only loop nests run in parts");
    }
}
