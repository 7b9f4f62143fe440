package kawi.cpu.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs new vector kernels on a scrap of memory, in the background, until the JIT has compiled them. Before that a vector
 * kernel works on boxed vectors, hundreds of times slower than plain loops; so launches run plain loops until a kernel
 * is found to be fast here, and for good where it never becomes so.
 */
final class WarmUp {
    private static final LinkedBlockingQueue<WarmUp> COLD = new LinkedBlockingQueue<>();
    /** A compiled step takes about 0.3 ns a vector, a division up to 8; a boxed one 15 and more. */
    private static final long NANOS_PER_STEP = 3;
    /** Vectors of a timed call. */
    private static final int PROBE = 16;

    /** How long a kernel may take to become fast: the time between turns, of which a pause of the process counts little. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private static final long LONGEST_ROUND = TimeUnit.MILLISECONDS.toNanos(50);
    /** Calls of one kernel before the next has its turn, and how long they may take: C2 compiles the one meanwhile. */
    private static final int TURN = 256;

    private static final long LONGEST_TURN = TimeUnit.MILLISECONDS.toNanos(2);

    private static final int MOST_COLUMNS = 256;
    private static final long ROW_BYTES = 8L * MOST_COLUMNS;
    // Of a shared arena, as the pool's memory is: compiled code is specialised to the kind of arena it has seen.
    private static final MemorySegment INPUT = Arena.ofShared().allocate(4 * ROW_BYTES, 64);
    private static final MemorySegment OUTPUT = Arena.ofShared().allocate(4 * ROW_BYTES, 64);

    private final CompiledKernel kernel;
    private final MemorySegment[] segments;
    private final long[] arguments;
    private long waited;
    private final int lanes;
    /** Nanoseconds of a probe that only compiled code keeps below. */
    private final long limit;

    static {
        // numbers of many kinds, so that no branch of the scalar code looks as if it were never taken; but none so
        // large
        // that vector code corrects it, for that branch should stay out
        float[] some = {0.5f, -2.5f, 0f, 1e-3f, -1e3f, 3f, 1e4f, -0.25f, Float.NaN, 70f, -70f, -1e-30f};
        for (long i = 0; i < INPUT.byteSize() / 4; i++) {
            INPUT.setAtIndex(ValueLayout.JAVA_FLOAT, i, some[(int) (i * 7 % 11 + i % 2)]);
        }
        Thread thread = new Thread(WarmUp::work, "kawi-warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    private WarmUp(CompiledKernel kernel, long[] scalars) {
        this.kernel = kernel;
        this.lanes = kernel.structure().bits() / 32;
        this.limit = 400 + NANOS_PER_STEP * PROBE * (kernel.structure().work() + 1);
        List<Structure.Place> places = kernel.structure().accesses();
        int n = places.size();
        this.segments = new MemorySegment[n];
        this.arguments = new long[3 * n + scalars.length];
        java.util.Arrays.fill(segments, INPUT);
        kernel.structure().stores().forEach(s -> segments[s.access()] = OUTPUT);
        for (int a = 0; a < n; a++) {
            arguments[n + a] = places.get(a).buffered() ? ROW_BYTES : 1;
            arguments[2 * n + a] =
                    places.get(a).buffered() ? places.get(a).type().bytes() : 1;
        }
        System.arraycopy(scalars, 0, arguments, 3 * n, scalars.length);
    }

    /**
     * Has a kernel warmed up soon.
     *
     * @param scalars of a real run: with others its formulas might leave the ranges that they are written for
     */
    static void queue(CompiledKernel kernel, long[] scalars) {
        COLD.add(new WarmUp(kernel, scalars));
    }

    private static void work() {
        List<WarmUp> active = new ArrayList<>();
        long last = System.nanoTime();
        try {
            while (true) {
                if (active.isEmpty()) {
                    active.add(COLD.take());
                }
                COLD.drainTo(active);
                long now = System.nanoTime();
                long round = counted(now - last);
                last = now;
                boolean waiting = true;
                for (int i = 0; i < active.size(); i++) {
                    WarmUp w = active.get(i);
                    boolean fast = w.turn();
                    w.waited += round;
                    if (fast || w.waited > PATIENCE) {
                        w.kernel.warmed(fast);
                        active.remove(i--);
                        waiting = false;
                    }
                }
                if (waiting) { // let C2, and the program, have the core at least half of the time
                    Thread.sleep(1 + (System.nanoTime() - now) / 1_000_000);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a round counts: a process that was stopped, or had no processor, has not compiled anything meanwhile. */
    static long counted(long nanos) {
        return Math.min(nanos, LONGEST_ROUND);
    }

    /** Some calls, over all ways through the code; whether the kernel is fast now. */
    private boolean turn() {
        Kernel code = kernel.vector();
        long end = System.nanoTime() + LONGEST_TURN;
        for (int i = 0; i < TURN && System.nanoTime() < end; i++) {
            code.run(segments, arguments, 1, lanes);
            if (i % 16 == 0) {
                code.run(segments, arguments, 2, 2 * lanes + 3);
                code.run(segments, arguments, 1, 3);
            }
        }
        return fast(code);
    }

    private boolean fast(Kernel code) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long from = System.nanoTime();
            code.run(segments, arguments, 1, PROBE * lanes);
            best = Math.min(best, System.nanoTime() - from);
        }
        return best < limit;
    }
}
