package kawi.cpu.kernels;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * An emitted kernel on its way to full speed: plain loops until the JIT has compiled it well, which the first caller waits
 * for a little. C2 now and then compiles a kernel several times slower than it could; then a fresh class gets a fresh
 * chance.
 */
final class Warming<K> {
    private static final System.Logger LOG = System.getLogger(Warming.class.getName());
    private static final long PATIENCE_NANOS = 700_000_000;
    private static final long FIRST_WAIT_MILLIS = 1_000;
    private static final int ATTEMPTS = 5;
    /** On a machine too busy to compile in time, each further attempt waits twice as long. */
    private static final int MORE_PATIENT_ATTEMPTS = 6;

    /** Depth at which a kernel's speed is judged. */
    static final int DEPTH = 64;

    private volatile K kernel;

    private Warming(K plain) {
        kernel = plain;
    }

    /** The fastest there is at the moment; all give the same bits. */
    K kernel() {
        return kernel;
    }

    /** A kernel that needs no warming. */
    static <K> Warming<K> never(K plain) {
        return new Warming<>(plain);
    }

    /**
     * @param trial runs a kernel on small data; at depth {@link #DEPTH} its time is judged
     * @param goodNanos how long a well compiled trial takes at most
     * @param leastNanos what a trial must stay below to replace plain loops
     */
    static <K> Warming<K> start(
            K plain, Supplier<K> emit, Function<K, WarmUp.Kernel> trial, double goodNanos, double leastNanos) {
        Warming<K> warming = new Warming<>(plain);
        Thread thread = new Thread(() -> warming.warm(emit, trial, goodNanos, leastNanos), "kawi-kernel-warm-up");
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(FIRST_WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return warming;
    }

    /**
     * The first of several compilations that is as fast as it should be, else the fastest of them. Compilations come one
     * after another, because C2 has one or two threads on a small machine; where none beats plain loops, more are tried.
     */
    private void warm(Supplier<K> emit, Function<K, WarmUp.Kernel> trial, double goodNanos, double leastNanos) {
        double least = leastNanos;
        long patience = PATIENCE_NANOS;
        for (int attempt = 0; attempt < ATTEMPTS + MORE_PATIENT_ATTEMPTS; attempt++) {
            if (least <= goodNanos || (attempt >= ATTEMPTS && least < leastNanos)) {
                return;
            }
            patience = attempt < ATTEMPTS ? patience : 2 * patience;
            K emitted = emit.get();
            double nanos = fastest(trial.apply(emitted), goodNanos, patience);
            if (nanos < least) {
                least = nanos;
                kernel = emitted;
            }
        }
        if (least == leastNanos) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a {0} does not reach its speed on this JVM; plain loops stand in for it. Use a HotSpot JVM 25 with"
                            + " its C2 compiler, or set -Dkawi.vector.bits=0 to silence this",
                    kernel.getClass().getSimpleName().replace("Plain", ""));
        }
    }

    /** Warms a kernel; nanoseconds of its fastest run at depth {@link #DEPTH}, once that is good or the patience at an end. */
    static double fastest(WarmUp.Kernel kernel, double goodNanos, long patience) {
        long start = System.nanoTime();
        double best = Double.MAX_VALUE;
        if (!WarmUp.warm(kernel, patience)) {
            return best;
        }
        // C2 may box the vectors at first and come back: wait for it, within reason. Few runs at a time, of which the
        // second finds its data in the cache: many would have the loop itself compiled as well, from the middle of a
        // run, which takes longer and is never wanted again.
        do {
            WarmUp.pause();
            for (int i = 0; i < 2; i++) {
                long before = System.nanoTime();
                kernel.run(DEPTH);
                best = Math.min(best, System.nanoTime() - before);
            }
        } while (best > goodNanos && System.nanoTime() - start < patience);
        return best;
    }
}
