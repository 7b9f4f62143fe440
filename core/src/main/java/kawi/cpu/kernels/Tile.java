package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import kawi.base.DType;
import kawi.cpu.Machine;

/**
 * A micro-kernel that is ready to run at full speed, with the size of its tile.
 *
 * @param zeros one row of zeros, from which sums start (with a row stride of 0)
 */
record Tile(MicroKernel kernel, DType type, int rows, int columns, MemorySegment zeros) {

    private static final System.Logger LOG = System.getLogger(Tile.class.getName());
    private static final Map<String, Tile> TILES = new ConcurrentHashMap<>();

    /** How long the first multiplication may wait for the compiler; it then starts with plain loops. */
    private static final long PATIENCE_NANOS = 900_000_000;

    /** C2 normally has the kernel after 150 to 250 ms. */
    private static final long ATTEMPT_NANOS = 500_000_000;

    /** The tile of this machine for {@code F32} or {@code F64}. */
    static Tile of(DType type) {
        return of(type, Machine.vectorBits());
    }

    /** The tile for vectors of {@code bits} bits, 0 for plain loops; tests ask for each. */
    static Tile of(DType type, int bits) {
        String key = type + "/" + bits;
        Tile tile = TILES.get(key);
        if (tile != null) {
            return tile;
        }
        synchronized (TILES) {
            tile = TILES.get(key);
            if (tile == null) {
                tile = bits == 0 ? plain(type) : vector(type, bits, key);
                TILES.put(key, tile);
            }
            return tile;
        }
    }

    private static Tile plain(DType type) {
        return of(type, PlainMicroKernel.of(type), PlainMicroKernel.ROWS, PlainMicroKernel.COLUMNS);
    }

    private static Tile of(DType type, MicroKernel kernel, int rows, int columns) {
        return new Tile(kernel, type, rows, columns, Arena.global().allocate((long) columns * type.bytes(), 64));
    }

    /** With 32 registers (AVX-512) 24 accumulators fit, with 16 (AVX2, SSE, Neon has 32) only 12. */
    private static Tile vector(DType type, int bits, String key) {
        int rows = bits == 512 ? 12 : 6;
        int columns = 2 * bits / 8 / type.bytes();
        long start = System.nanoTime();
        while (System.nanoTime() - start < PATIENCE_NANOS) {
            Tile tile = of(type, MicroKernelEmitter.emit(type, bits, rows, 2), rows, columns);
            if (tile.warm(ATTEMPT_NANOS)) {
                return tile;
            }
        }
        var background = new Thread(() -> warmLater(type, bits, rows, columns, key), "kawi-kernel-warm-up");
        background.setDaemon(true);
        background.start();
        return plain(type);
    }

    /** On a machine too busy to compile in time: goes on trying, and replaces the plain loops, whose bits are the same. */
    private static void warmLater(DType type, int bits, int rows, int columns, String key) {
        for (long patience = 1_000_000_000L; patience <= 16_000_000_000L; patience *= 2) {
            Tile tile = of(type, MicroKernelEmitter.emit(type, bits, rows, 2), rows, columns);
            if (tile.warm(patience)) {
                TILES.put(key, tile);
                return;
            }
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "the {0}-bit {1} kernel does not reach its speed on this JVM; matrix products run as plain loops."
                        + " Use a HotSpot JVM 25 with its C2 compiler, or set -Dkawi.vector.bits=0 to silence this",
                bits,
                type);
    }

    /**
     * Brings the kernel from the interpreter, where it boxes each vector and is thousands of times slower, to C2.
     *
     * <p>C2 comes after some thousand calls, and needs to have seen the body only a few times: so nearly all calls have a
     * negative depth, at which the kernel returns at once. Rarely the JIT gets stuck half-way (C1 has compiled the method
     * without profile, then fails to compile it with profile, for want of virtual registers): the caller then tries with
     * a fresh class.
     */
    private boolean warm(long patienceNanos) {
        int depth = 32;
        long elementBytes = type.bytes();
        long rowBytes = columns * elementBytes;
        // An arena without an owner, like those of tensors: the compiled kernel would be thrown away at the first other
        // one.
        Arena arena = Arena.ofAuto();
        MemorySegment a = arena.allocate(rows * depth * elementBytes, 64);
        MemorySegment b = arena.allocate(depth * rowBytes, 64);
        MemorySegment c = arena.allocate(rows * rowBytes, 64);
        // 0.2 ns a multiply-add is 40 times slower than the kernel should be, and 10 times faster than boxed ones.
        long fastNanos = 2_000 + rows * columns * depth / 5;
        long start = System.nanoTime();
        for (int round = 0; System.nanoTime() - start < patienceNanos; round++) {
            for (int i = 0; i < 1000; i++) {
                kernel.run(a, 0, b, 0, i < 2 && round < 16 ? 2 : -1, zeros, 0, 0, c, 0, rowBytes);
            }
            if (round >= 8) {
                long before = System.nanoTime();
                kernel.run(a, 0, b, 0, depth, zeros, 0, 0, c, 0, rowBytes);
                if (System.nanoTime() - before < fastNanos) {
                    return true;
                }
                pause();
            }
        }
        return false;
    }

    /** Leaves the processor to the compiler's thread. */
    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
