package kawi.base;

import java.lang.foreign.MemorySegment;

/**
 * A block of off-heap memory, 64-byte aligned. It goes back to {@link Memory} when nothing refers to this object any
 * more; nobody frees it by hand.
 */
public final class Buffer {
    private final MemorySegment segment;

    Buffer(MemorySegment segment) {
        this.segment = segment;
    }

    /** The memory; its size is that of the request, and reading or writing outside of it throws. */
    public MemorySegment segment() {
        return segment;
    }
}
