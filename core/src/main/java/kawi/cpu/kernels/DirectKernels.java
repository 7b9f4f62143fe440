package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import kawi.cpu.Machine;

/**
 * The direct kernels of one vector width, each warm when it is first needed. Plain loops stand in until the JIT has compiled
 * them; the bits are the same.
 */
final class DirectKernels {
    private static final Map<String, Warming<DirectKernel>> KERNELS = new ConcurrentHashMap<>();
    private static final Map<Integer, Warming<RowMover>> MOVERS = new ConcurrentHashMap<>();
    private static final Map<Integer, Warming<MaxKernel>> MAXIMA = new ConcurrentHashMap<>();
    private static final Map<Integer, Warming<DotKernel>> DOTS = new ConcurrentHashMap<>();
    private static final int DEPTH = Warming.DEPTH;

    /** A vector multiply-add takes 0.14 ns where two run at a time (Zen 5), 0.27 where one does (Zen 4), badly compiled four times that. */
    private static final double GOOD_NANOS = 0.45;

    /** With boxed vectors it takes 18 ns, more than plain loops do. */
    private static final double BOXED_NANOS = 2;

    private DirectKernels() {}

    /** What correlates channels: for many at a time, and for the few that these leave over. */
    record Pair(DirectKernel tall, DirectKernel small) {}

    /** The kernels for so many channels and vectors of {@code bits} bits, 0 for plain loops. */
    static Pair forChannels(int bits, int channels) {
        if (channels == 1) {
            DirectKernel single = of(bits, 1, 4);
            return new Pair(single, single);
        }
        if (channels <= 4 && bits == 512) {
            DirectKernel few = of(bits, 4, 4);
            return new Pair(few, few);
        }
        DirectKernel tall = of(bits, bits == 512 ? 12 : 6, 2);
        return new Pair(tall, bits == 512 ? of(bits, 8, 2) : tall);
    }

    private static DirectKernel of(int bits, int rows, int vectors) {
        return KERNELS.computeIfAbsent(bits + "/" + rows, _ -> {
                    DirectKernel plain = new PlainDirectKernel(Math.min(rows, 8), 16 * vectors);
                    return bits == 0
                            ? Warming.never(plain)
                            : Warming.start(
                                    plain,
                                    () -> DirectKernelEmitter.emit(bits, rows, vectors),
                                    DirectKernels::trial,
                                    rows * vectors * DEPTH * GOOD_NANOS * (rows == 1 ? 3 : 1),
                                    rows * vectors * DEPTH * BOXED_NANOS);
                })
                .kernel();
    }

    private static WarmUp.Kernel trial(DirectKernel kernel) {
        int[] shifts = new int[DEPTH];
        MemorySegment a = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        MemorySegment x = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        MemorySegment y = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        return depth -> kernel.correlate(a, 0, x, 0, shifts, depth, 1, y, 0, 256);
    }

    static DotKernel dots(int bits) {
        return DOTS.computeIfAbsent(bits, _ -> {
                    DotKernel plain = new PlainDotKernel();
                    int products = Warming.DEPTH * DotKernel.TAPS;
                    return bits == 0
                            ? Warming.never(plain)
                            : Warming.start(
                                    plain,
                                    () -> DotKernelEmitter.emit(bits),
                                    DirectKernels::trial,
                                    products * 4.0,
                                    products * BOXED_NANOS * 16);
                })
                .kernel();
    }

    private static WarmUp.Kernel trial(DotKernel kernel) {
        int[] shifts = new int[DotKernel.TAPS];
        MemorySegment x = Arena.ofAuto().allocate(8192, 64);
        MemorySegment sums = Arena.ofAuto().allocate(DotKernel.TAPS * DotKernel.LANES * 4L, 64);
        return rows -> kernel.dots(x, 0, 64, x, 0, 64, shifts, 0, rows, DotKernel.LANES + 5, sums, 0);
    }

    static MaxKernel maxima(int bits) {
        return MAXIMA.computeIfAbsent(bits, _ -> {
                    MaxKernel plain = new PlainMaxKernel();
                    return bits == 0
                            ? Warming.never(plain)
                            : Warming.start(plain, () -> MaxKernelEmitter.emit(bits), DirectKernels::trial, 3000, 8000);
                })
                .kernel();
    }

    private static WarmUp.Kernel trial(MaxKernel kernel) {
        int[] zeros = new int[4];
        MemorySegment x = Arena.ofAuto().allocate(8192, 64);
        MemorySegment index = Arena.ofAuto().allocate(8192, 64);
        return rows -> kernel.argMax(x, 64, zeros, zeros, rows, 12, 24, 2, index, 0);
    }

    static RowMover mover() {
        return mover(Machine.vectorBits());
    }

    static RowMover mover(int bits) {
        return MOVERS.computeIfAbsent(bits, _ -> {
                    RowMover plain = new PlainRowMover();
                    return bits == 0
                            ? Warming.never(plain)
                            : Warming.start(plain, () -> RowMoverEmitter.emit(bits), DirectKernels::trial, 700, 4000);
                })
                .kernel();
    }

    private static WarmUp.Kernel trial(RowMover mover) {
        MemorySegment x = Arena.ofAuto().allocate(8192, 64);
        MemorySegment y = Arena.ofAuto().allocate(8192, 64);
        return rows -> {
            mover.copy(x, 0, 256, y, 0, 256, Math.min(rows, 8), 42);
            mover.split(x, 0, 512, y, 0, 256, Math.min(rows, 8), 42);
            mover.join(x, 0, 256, x, 2048, 256, y, 0, 512, Math.min(rows, 8), 42);
        };
    }
}
