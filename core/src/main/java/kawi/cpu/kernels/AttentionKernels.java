package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The attention kernels of each vector width, warm when they are first needed; plain loops stand in until then. */
final class AttentionKernels {
    private static final Map<Integer, Warming<AttentionKernel>> KERNELS = new ConcurrentHashMap<>();

    /** Rows and columns of the trial's panels. */
    private static final int SIZE = 64;

    /** With 512 bits, softmax and weights take 0.5 ns an element each (Zen 4); badly compiled, three to six times that. */
    private static final double GOOD_NANOS = 2 * 0.9 * SIZE * SIZE;

    /** Plain loops take some 5 ns an element. */
    private static final double LEAST_NANOS = 2 * 5.0 * SIZE * SIZE;

    private AttentionKernels() {}

    /** The kernel with vectors of {@code bits} bits, 0 for plain loops. */
    static AttentionKernel of(int bits) {
        return KERNELS.computeIfAbsent(bits, _ -> {
                    AttentionKernel plain = new PlainAttentionKernel();
                    return bits == 0
                            ? Warming.never(plain)
                            : Warming.start(
                                    plain,
                                    () -> AttentionKernelEmitter.emit(bits),
                                    AttentionKernels::trial,
                                    GOOD_NANOS * 512 / bits,
                                    LEAST_NANOS);
                })
                .kernel();
    }

    /** All methods on small panels. */
    private static WarmUp.Kernel trial(AttentionKernel kernel) {
        MemorySegment panel = Arena.ofAuto().allocate(SIZE * SIZE * 4L, 64);
        MemorySegment other = Arena.ofAuto().allocate(SIZE * SIZE * 4L, 64);
        MemorySegment state = Arena.ofAuto().allocate(SIZE * SIZE * 4L, 64);
        return rows -> {
            int some = Math.min(rows, SIZE);
            kernel.softmax(panel, 0, some, SIZE, 0.1f, state, 0);
            kernel.multiply(panel, 0, some, SIZE, state, 0);
            kernel.weights(panel, 0, other, 0, some, SIZE, 0.1f, state, 0, 0);
            kernel.dots(panel, 0, SIZE, other, 0, SIZE, some, SIZE / 2 + 5, state, 0);
        };
    }
}
