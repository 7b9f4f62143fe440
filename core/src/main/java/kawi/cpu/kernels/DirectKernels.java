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
    private static final long PATIENCE_NANOS = 1_500_000_000;
    private static final int DEPTH = 32;

    private volatile DirectKernel tall;
    private volatile DirectKernel small;

    private DirectKernels(DirectKernel tall, DirectKernel small) {
        this.tall = tall;
        this.small = small;
    }

    /** The kernels for vectors of {@code bits} bits, 0 for plain loops. */
    static DirectKernels of(int bits) {
        return BY_BITS.computeIfAbsent(bits, DirectKernels::make);
    }

    /** A tall and a short kernel, taken together so that a call sees one pair throughout. */
    record Pair(DirectKernel tall, DirectKernel small) {}

    Pair pair() {
        return new Pair(tall, small);
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
                    synchronized (kernels) {
                        kernels.tall = tall;
                        kernels.small = small;
                    }
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

    private static DirectKernel warm(int bits, int rows) {
        for (int attempt = 0; attempt < 8; attempt++) {
            DirectKernel kernel = DirectKernelEmitter.emit(bits, rows);
            if (warmed(kernel)) {
                return kernel;
            }
        }
        return new PlainDirectKernel();
    }

    /** Calls the kernel until it is fast, as {@link WarmUp} explains. */
    private static boolean warmed(DirectKernel kernel) {
        int[] shifts = new int[DEPTH];
        MemorySegment a = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        MemorySegment x = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        MemorySegment y = Arena.ofAuto().allocate(64L * DEPTH * 4, 64);
        return WarmUp.warm(depth -> kernel.correlate(a, 0, x, 0, shifts, depth, y, 0, 256), PATIENCE_NANOS)
                && WarmUp.warm(depth -> kernel.dot(a, 0, 128, x, 0, shifts, 0, depth, y, 0), PATIENCE_NANOS);
    }
}
