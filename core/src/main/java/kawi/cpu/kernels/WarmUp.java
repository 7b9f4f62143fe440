package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.Supplier;
import kawi.base.DType;
import org.jspecify.annotations.Nullable;

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

    /** A vector multiply-add takes 0.14 or 0.28 ns (see {@link DirectKernels}); what C2 now and then makes of it, four times that. */
    private static final double GOOD_NANOS = 0.5;

    /** Packing a vector takes 1 to 2 ns, and with boxed vectors 50 and more. */
    private static final double PACKED_NANOS = 10;

    /** A run of depth 2 takes some 50 ns when compiled, and 50 µs when not. */
    private static final long FAST_NANOS = 4_000;

    /**
     * C2 moves what does not change out of a loop only if the loop has been seen to run for long: 86 GFLOP/s after runs of depth 2, 100
     * after runs of depth 32.
     */
    private static final int LOOP_DEPTH = 32;

    private WarmUp() {}

    /**
     * A tile with a warm kernel; or plain loops. Where it is not as fast as it should be, {@code later} gets a faster one,
     * if there comes one.
     */
    static Tile tile(DType type, int bits, Consumer<Tile> later) {
        var size = new Size(type, bits, rows(bits));
        long start = System.nanoTime();
        MicroKernel best = null;
        while (System.nanoTime() - start < PATIENCE_NANOS) {
            MicroKernel kernel = size.emit();
            if (warm(size, kernel, ATTEMPT_NANOS)) {
                if (isGood(size, kernel)) {
                    return size.tile(kernel);
                }
                best = faster(size, kernel, best);
            }
        }
        MicroKernel found = best;
        inBackground(() -> tileLater(size, found, later));
        return found == null ? Tile.plain(type) : size.tile(found);
    }

    /** What a kernel is emitted for. */
    private record Size(DType type, int bits, int rows) {
        int lanes() {
            return bits / 8 / type.bytes();
        }

        int columns() {
            return 2 * lanes();
        }

        MicroKernel emit() {
            return MicroKernelEmitter.emit(type, bits, rows, 2, false);
        }

        Tile tile(MicroKernel kernel) {
            var packer = new OnDemand<>(() -> packer(this));
            packer.get();
            var lower = new OnDemand<>(() -> lower(kernel, packer));
            return new Tile(
                    kernel,
                    type,
                    rows,
                    columns(),
                    lanes(),
                    packer,
                    lowerRows(bits),
                    lower,
                    new OnDemand<>(() -> unpacked(this, kernel)));
        }

        private @Nullable Tile lower(MicroKernel full, OnDemand<Packer> packer) {
            var size = new Size(type, bits, lowerRows(bits));
            double nanos = nanosPerMultiplyAdd(this, full);
            MicroKernel kernel = first(size, size::emit, 1.5 * nanos);
            return kernel == null
                    ? null
                    : new Tile(
                            kernel, type, size.rows, columns(), lanes(), packer, 0, OnDemand.never(), OnDemand.never());
        }
    }

    private static boolean isGood(Size size, MicroKernel kernel) {
        return nanosPerMultiplyAdd(size, kernel) * size.lanes() < GOOD_NANOS;
    }

    private static MicroKernel faster(Size size, MicroKernel kernel, @Nullable MicroKernel other) {
        return other == null || nanosPerMultiplyAdd(size, kernel) < nanosPerMultiplyAdd(size, other) ? kernel : other;
    }

    /**
     * With 32 registers (AVX-512) a tile of two vectors a row could have 12 rows, but its kernel is so large that C2 often reaches
     * its node budget in it, stops inlining, and is five times slower; 10 rows are as fast as 12 at their best. With 16 (AVX2,
     * SSE) 6 fit. (Attention counts on rows that divide 120.)
     */
    private static int rows(int bits) {
        return bits == 512 ? 10 : 6;
    }

    private static int lowerRows(int bits) {
        return bits == 512 ? 8 : 4;
    }

    private static @Nullable MicroKernel unpacked(Size size, MicroKernel packed) {
        // Well compiled it takes 1.3 times as long as the other.
        double nanos = nanosPerMultiplyAdd(size, packed);
        return first(size, () -> MicroKernelEmitter.emit(size.type, size.bits, size.rows, 2, true), 1.8 * nanos);
    }

    /** The first of several compilations that is fast enough; now and then C2 makes one four times slower than it could be. */
    private static @Nullable MicroKernel first(Size size, Supplier<MicroKernel> emit, double mostNanos) {
        for (int attempt = 0; attempt < 4; attempt++) {
            MicroKernel kernel = emit.get();
            if (warm(size, kernel, 4 * ATTEMPT_NANOS) && nanosPerMultiplyAdd(size, kernel) < mostNanos) {
                return kernel;
            }
        }
        return null;
    }

    private static boolean warm(Size size, MicroKernel kernel, long patienceNanos) {
        // A vector operation takes 0.12 ns, and 18 ns when the vectors are boxed, which C2 sometimes does at first.
        long start = System.nanoTime();
        boolean warm = warm(onSmallPanels(size, kernel, LOOP_DEPTH), patienceNanos);
        // Few runs at a time: many would have the loop itself compiled, too, from the middle of a run, which takes 0.2
        // to 0.7 s and is
        // never wanted again.
        while (warm && nanosPerMultiplyAdd(size, kernel, LOOP_DEPTH, 2) * size.lanes() > 2) {
            pause();
            warm = System.nanoTime() - start < patienceNanos;
        }
        return warm;
    }

    private static double nanosPerMultiplyAdd(Size size, MicroKernel kernel) {
        return nanosPerMultiplyAdd(size, kernel, 256, 20);
    }

    private static double nanosPerMultiplyAdd(Size size, MicroKernel kernel, int depth, int times) {
        Kernel run = onSmallPanels(size, kernel, depth);
        long best = Long.MAX_VALUE;
        for (int i = 0; i < times; i++) {
            long before = System.nanoTime();
            run.run(depth);
            best = Math.min(best, System.nanoTime() - before);
        }
        return (double) best / (size.rows() * size.columns() * depth);
    }

    private static Kernel onSmallPanels(Size size, MicroKernel kernel, int most) {
        // An arena without an owner, like those of tensors: C2 would throw the kernel away when it meets the first
        // other.
        Arena arena = Arena.ofAuto();
        long elementBytes = size.type().bytes();
        long rowBytes = size.columns() * elementBytes;
        MemorySegment a = arena.allocate(size.rows() * most * elementBytes, 64);
        MemorySegment b = arena.allocate(most * rowBytes, 64);
        MemorySegment c = arena.allocate(size.rows() * rowBytes, 64);
        int[] lines = new int[size.rows()];
        int[] depths = new int[most];
        return depth -> kernel.run(a, 0, lines, 0, depths, 0, b, 0, depth, Tile.ZEROS, 0, 0, c, 0, rowBytes);
    }

    /**
     * Packing is at first done by plain loops: slower, but not so slow as to wait for. In one process of seven C1 gives up {@code
     * transpose} half-way and C2 is never asked, so the speed is tested, and a fresh class tried where it is not there, each time with
     * more patience.
     */
    private static @Nullable Packer packer(Size size) {
        int vectorBytes = size.bits() / 8;
        MemorySegment source = Arena.ofAuto().allocate((long) Warming.DEPTH * size.lanes() * vectorBytes, 64);
        MemorySegment target = Arena.ofAuto().allocate((long) Warming.DEPTH * size.lanes() * vectorBytes, 64);
        int[] zeros = new int[Warming.DEPTH];
        long[] lines = new long[size.lanes()];
        double copyNanos = PACKED_NANOS * Warming.DEPTH;
        double transposeNanos = copyNanos * size.lanes() / 8;
        for (long patience = 2 * ATTEMPT_NANOS; patience <= 32 * ATTEMPT_NANOS; patience *= 2) {
            Packer packer = PackerEmitter.emit(size.type().bytes(), size.bits());
            Kernel copy = depth ->
                    packer.copy(source, 0, vectorBytes, zeros, 0, depth, zeros, zeros, 1, target, 0, vectorBytes);
            // A block is as many vectors as there are lanes, and dozens of operations.
            Kernel transpose = depth -> packer.transpose(source, 0, lines, (depth + 7) / 8, target, 0, vectorBytes);
            if (Warming.fastest(copy, copyNanos, patience) <= copyNanos
                    && Warming.fastest(transpose, transposeNanos, patience) <= transposeNanos) {
                return packer;
            }
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "packing of {0}-byte elements in {1}-bit vectors does not reach its speed on this JVM; plain loops stand in for it",
                size.type().bytes(),
                size.bits());
        return null;
    }

    /**
     * Where no attempt went well, on a machine too busy to compile in time for example: goes on trying, and replaces what
     * there is by what is faster; the bits are the same.
     */
    private static void tileLater(Size size, @Nullable MicroKernel found, Consumer<Tile> later) {
        MicroKernel best = found;
        for (long patience = 1_000_000_000L; patience <= 16_000_000_000L; patience *= 2) {
            MicroKernel kernel = size.emit();
            if (warm(size, kernel, patience) && faster(size, kernel, best) == kernel) {
                best = kernel;
                later.accept(size.tile(kernel));
                if (isGood(size, kernel)) {
                    break;
                }
            }
        }
        if (best == null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the {0}-bit {1} kernel does not reach its speed on this JVM; matrix products run as plain loops."
                            + " Use a HotSpot JVM 25 with its C2 compiler, or set -Dkawi.vector.bits=0 to silence this",
                    size.bits(),
                    size.type());
        }
    }

    interface Kernel {
        /**
         * Runs at this depth, and returns at once if that is negative. Called with −1, 2, {@link #LOOP_DEPTH} and {@link Warming#DEPTH}: the trial's
         * memory must hold what the largest reads and writes.
         */
        void run(int depth);
    }

    /**
     * The mixture matters. Somewhere between the 500th and the 3000th call, depending on how busy C1 is, the interpreter
     * begins to record which classes it meets; some 20 ms later C1 has compiled the kernel, and what it makes of so large a
     * method records nothing. Without a record C2 does not know which way the code goes. So the body runs now and then among
     * many calls for nothing. (Of the segments' class, the costliest of what may be missing, the kernels tell C2 themselves:
     * {@link kawi.cpu.EmittedCode#needNative}.)
     */
    static boolean warm(Kernel kernel, long patienceNanos) {
        long start = System.nanoTime();
        touch(kernel, 600);
        for (int i = 0; i < 64; i++) {
            kernel.run(LOOP_DEPTH);
            touch(kernel, 20);
        }
        touch(kernel, 8000);
        do {
            pause();
            touch(kernel, 200);
            long before = System.nanoTime();
            kernel.run(2);
            if (System.nanoTime() - before < FAST_NANOS) {
                return true;
            }
        } while (System.nanoTime() - start < patienceNanos);
        return false;
    }

    private static void touch(Kernel kernel, int times) {
        for (int i = 0; i < times; i++) {
            kernel.run(-1);
        }
    }

    /** Leaves the processor to the compiler's thread. */
    static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void inBackground(Runnable work) {
        var thread = new Thread(work, "kawi-kernel-warm-up");
        thread.setDaemon(true);
        thread.start();
    }
}
