package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The direct kernels of one vector width: a tall one, and a shorter one for what the tall one leaves over. Plain loops
 * stand in until the JIT has compiled them; the bits are the same.
 */
final class DirectKernels {
    private static final Map<Integer, DirectKernels> BY_BITS = new ConcurrentHashMap<>();
    private static final long PATIENCE_NANOS = 700_000_000;
    private static final int DEPTH = 32;

    /** A vector multiply-add takes 0.14 ns where two run at a time at 3.5 GHz; badly compiled four times that. */
    private static final double GOOD_NANOS = 0.35;

    /** With boxed vectors it takes 18 ns, more than plain loops do. */
    private static final double BOXED_NANOS = 2;

    private volatile Pair pair;

    private DirectKernels(DirectKernel tall, DirectKernel small) {
        pair = new Pair(tall, small);
    }

    /** The kernels for vectors of {@code bits} bits, 0 for plain loops. */
    static DirectKernels of(int bits) {
        return BY_BITS.computeIfAbsent(bits, DirectKernels::make);
    }

    /** A tall and a short kernel, taken together so that a call sees one pair throughout. */
    record Pair(DirectKernel tall, DirectKernel small) {}

    Pair pair() {
        return pair;
    }

    private static DirectKernels make(int bits) {
        DirectKernel plain = new PlainDirectKernel();
        if (bits == 0) {
            return new DirectKernels(plain, plain);
        }
        DirectKernels kernels = new DirectKernels(plain, plain);
        Thread first = new Thread(
                () -> {
                    DirectKernel tall = warm(bits, bits == 512 ? 12 : 6);
                    DirectKernel small = bits == 512 ? warm(bits, 8) : tall;
                    kernels.pair = new Pair(tall, small);
                },
                "kawi-kernel-warm-up");
        first.setDaemon(true);
        first.start();
        try {
            first.join(1_500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return kernels;
    }

    /** The first of several compilations that is as fast as it should be, else the fastest of them. */
    private static DirectKernel warm(int bits, int rows) {
        DirectKernel best = new PlainDirectKernel();
        double least = BOXED_NANOS;
        for (int attempt = 0; attempt < 5 && least > GOOD_NANOS; attempt++) {
            DirectKernel kernel = DirectKernelEmitter.emit(bits, rows);
            double nanos = warmed(kernel);
            if (nanos < least) {
                least = nanos;
                best = kernel;
            }
        }
        return best;
    }

    /** Calls the kernel until C2 has it, as {@link WarmUp} explains; nanoseconds of a vector multiply-add then. */
    private static double warmed(DirectKernel kernel) {
        int[] shifts = new int[DEPTH];
        MemorySegment a = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        MemorySegment x = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        MemorySegment y = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        WarmUp.Kernel correlate = depth -> kernel.correlate(a, 0, x, 0, shifts, depth, y, 0, 256);
        return fastest(correlate, 2 * kernel.rows());
    }

    private static double fastest(WarmUp.Kernel kernel, int vectors) {
        long start = System.nanoTime();
        double best = Double.MAX_VALUE;
        if (!WarmUp.warm(kernel, PATIENCE_NANOS)) {
            return best;
        }
        // C2 may box the vectors at first and come back: wait for it, within reason.
        while (best > GOOD_NANOS && System.nanoTime() - start < PATIENCE_NANOS) {
            for (int i = 0; i < 50; i++) {
                long before = System.nanoTime();
                kernel.run(DEPTH);
                best = Math.min(best, (double) (System.nanoTime() - before) / (vectors * DEPTH));
            }
            Thread.onSpinWait();
        }
        return best;
    }
}
