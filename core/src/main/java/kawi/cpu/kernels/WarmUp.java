package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import kawi.base.DType;

/**
 * Brings emitted kernels from the interpreter, where they box each vector and are thousands of times slower, to C2, before
 * they meet real data.
 *
 * <p>C2 comes after some thousand calls, and needs to have seen the body only a few times. So nearly all calls are for
 * nothing, at which a kernel returns at once: 0.2 s from a cold JVM instead of 0.9 s with full tiles. Rarely the JIT gets
 * stuck half-way (C1 has compiled the method without profile, then fails to compile it with profile, for want of virtual
 * registers): then a fresh class gets a fresh chance.
 */
final class WarmUp {

    private static final System.Logger LOG = System.getLogger(WarmUp.class.getName());

    /** How long the first multiplication may wait for the compiler; after that it starts with plain loops. */
    private static final long PATIENCE_NANOS = 900_000_000;

    /** C2 normally has the kernel after 150 to 250 ms. */
    private static final long ATTEMPT_NANOS = 500_000_000;

    private static final int DEPTH = 32;

    private WarmUp() {}

    /** A tile with a warm kernel; or plain loops, and {@code later} gets the tile when it is warm. */
    static Tile tile(DType type, int bits, Consumer<Tile> later) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < PATIENCE_NANOS) {
            Tile tile = cold(type, bits);
            if (warm(tile, ATTEMPT_NANOS)) {
                inBackground(() -> packer(tile, bits));
                return tile;
            }
        }
        inBackground(() -> tileLater(type, bits, later));
        return Tile.plain(type);
    }

    /** With 32 registers (AVX-512) 24 accumulators fit, with 16 (AVX2, SSE) only 12. */
    private static Tile cold(DType type, int bits) {
        int rows = bits == 512 ? 12 : 6;
        int lanes = bits / 8 / type.bytes();
        return new Tile(MicroKernelEmitter.emit(type, bits, rows, 2), type, rows, 2 * lanes, lanes);
    }

    private static boolean warm(Tile tile, long patienceNanos) {
        // An arena without an owner, like those of tensors: the compiled kernel would be thrown away at the first other
        // one.
        Arena arena = Arena.ofAuto();
        long elementBytes = tile.type().bytes();
        long rowBytes = tile.columns() * elementBytes;
        MemorySegment a = arena.allocate(tile.rows() * DEPTH * elementBytes, 64);
        MemorySegment b = arena.allocate(DEPTH * rowBytes, 64);
        MemorySegment c = arena.allocate(tile.rows() * rowBytes, 64);
        // 0.2 ns a multiply-add is 20 times slower than the kernel should be, and 10 times faster than boxed ones.
        long fastNanos = 2_000 + tile.rows() * tile.columns() * DEPTH / 5;
        return warm(
                depth -> tile.kernel().run(a, 0, b, 0, depth, tile.zeros(), 0, 0, c, 0, rowBytes),
                fastNanos,
                patienceNanos);
    }

    /** Packing is at first done by plain loops: slower, but not so slow as to wait for. */
    private static void packer(Tile tile, int bits) {
        int elementBytes = tile.type().bytes();
        int lanes = bits / 8 / elementBytes;
        MemorySegment source = Arena.ofAuto().allocate((long) lanes * DEPTH * elementBytes, 64);
        MemorySegment target = Arena.ofAuto().allocate((long) lanes * DEPTH * elementBytes, 64);
        long vectorBytes = bits / 8;
        int[] zeros = new int[DEPTH];
        long[] lines = new long[lanes];
        for (int i = 0; i < lanes; i++) {
            lines[i] = i * (long) DEPTH * elementBytes;
        }
        int blocks = DEPTH / lanes;
        long fastNanos = 1_000 + lanes * DEPTH;
        for (int attempt = 0; attempt < 4; attempt++) {
            Packer packer = PackerEmitter.emit(elementBytes, bits);
            boolean ready = warm(
                            depth -> packer.copy(
                                    source, 0, vectorBytes, zeros, 0, depth, zeros, zeros, 1, target, 0, vectorBytes),
                            fastNanos,
                            4 * ATTEMPT_NANOS)
                    && warm(
                            depth -> packer.transpose(
                                    source,
                                    0,
                                    lines,
                                    depth == DEPTH ? blocks : Math.min(depth, blocks),
                                    target,
                                    0,
                                    vectorBytes),
                            fastNanos,
                            4 * ATTEMPT_NANOS);
            if (ready) {
                tile.setPacker(packer);
                return;
            }
        }
    }

    /** On a machine too busy to compile in time: goes on trying, and replaces the plain loops, whose bits are the same. */
    private static void tileLater(DType type, int bits, Consumer<Tile> later) {
        for (long patience = 1_000_000_000L; patience <= 16_000_000_000L; patience *= 2) {
            Tile tile = cold(type, bits);
            if (warm(tile, patience)) {
                later.accept(tile);
                packer(tile, bits);
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

    private interface Kernel {
        /** Runs at this depth; returns at once if it is negative. */
        void run(int depth);
    }

    private static boolean warm(Kernel kernel, long fastNanos, long patienceNanos) {
        long start = System.nanoTime();
        for (int round = 0; System.nanoTime() - start < patienceNanos; round++) {
            for (int i = 0; i < 1000; i++) {
                kernel.run(i < 2 && round < 16 ? 2 : -1);
            }
            if (round >= 8) {
                long before = System.nanoTime();
                kernel.run(DEPTH);
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

    private static void inBackground(Runnable work) {
        var thread = new Thread(work, "kawi-kernel-warm-up");
        thread.setDaemon(true);
        thread.start();
    }
}
