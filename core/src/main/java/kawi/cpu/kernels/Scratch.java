package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Working memory of kernels: packed panels, partial sums. Each thread keeps its own and uses it again, because fresh
 * memory is zeroed and its pages are faulted in on first touch, which costs more than packing a small panel.
 *
 * <p>A stack: {@link #take} on entry, {@link #giveBack} in a finally block.
 */
final class Scratch {

    /** What vectors and cache lines want. */
    private static final int ALIGNMENT = 64;

    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    private final List<MemorySegment> buffers = new ArrayList<>();
    private int taken;

    private Scratch() {}

    static Scratch ofThread() {
        return OF_THREAD.get();
    }

    /** At least {@code bytes} bytes with any contents, until the matching {@link #giveBack}. */
    MemorySegment take(long bytes) {
        if (taken == buffers.size()) {
            buffers.add(allocate(bytes));
        } else if (buffers.get(taken).byteSize() < bytes) {
            buffers.set(taken, allocate(bytes));
        }
        return buffers.get(taken++);
    }

    /** Ends the use of what was taken last. */
    void giveBack() {
        taken--;
    }

    private static MemorySegment allocate(long bytes) {
        long rounded = Math.max(4096, Long.highestOneBit(Math.max(1, bytes - 1)) << 1);
        // Above a megabyte, doubling would waste too much: whole megabytes instead.
        if (bytes > 1 << 20) {
            rounded = (bytes + (1 << 20) - 1) >> 20 << 20;
        }
        return Arena.ofAuto().allocate(rounded, ALIGNMENT);
    }
}
