package kawi.bench;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Measures {@link Ceilings} with loops of the Vector API; a process of its own, which needs the vector module. */
final class CeilingProbe {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** Three arrays of 64 KiB fit into the second-level cache of any core of the last ten years. */
    private static final int CACHED = 16 << 10;

    /** Three arrays of 128 MiB fit into no cache. */
    private static final int LARGE = 32 << 20;

    private static final double SECONDS = 0.3;

    /** One, but not to the compiler. */
    private static volatile int step = 1;

    /** Keeps the results of the loops alive. */
    private static volatile float sink;

    private CeilingProbe() {}

    /** Measures; takes about three seconds. */
    private static Ceilings measure(int threads) {
        int fmas = 100_000;
        double flops = rate(threads, _ -> sink = fma(fmas, step), 2.0 * 12 * SPECIES.length() * fmas);
        float[][][] cached = new float[threads][3][CACHED];
        double copyCached = rate(threads, t -> copy(cached[t], 0, CACHED, 100), 100 * 8.0 * CACHED);
        double triadCached = rate(threads, t -> triad(cached[t], 0, CACHED, 100), 100 * 12.0 * CACHED);
        float[][] large = new float[3][LARGE];
        int part = LARGE / threads / SPECIES.length() * SPECIES.length();
        double copy = rate(threads, t -> copy(large, t * part, (t + 1) * part, 1), 8.0 * part);
        double triad = rate(threads, t -> triad(large, t * part, (t + 1) * part, 1), 12.0 * part);
        return new Ceilings(threads, flops, copyCached, triadCached, copy, triad);
    }

    /** The best rate of some trials: 10⁹ a second over all threads, {@code amount} being what one call on one thread does. */
    private static double rate(int threads, IntConsumer work, double amount) {
        int calls = 1;
        double best = 0;
        double spent = 0;
        while (spent < 2 * SECONDS) {
            double seconds = seconds(threads, work, calls);
            if (seconds < SECONDS / 10) {
                calls *= 2;
            } else {
                best = Math.max(best, amount * calls * threads / seconds / 1e9);
            }
            spent += seconds;
        }
        return best;
    }

    private static double seconds(int threads, IntConsumer work, int calls) {
        CyclicBarrier start = new CyclicBarrier(threads + 1);
        CyclicBarrier end = new CyclicBarrier(threads + 1);
        for (int t = 0; t < threads; t++) {
            int thread = t;
            Thread.ofPlatform().daemon().start(() -> {
                await(start);
                for (int c = 0; c < calls; c++) {
                    work.accept(thread);
                }
                await(end);
            });
        }
        await(start);
        long from = System.nanoTime();
        await(end);
        return (System.nanoTime() - from) / 1e9;
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Twelve chains of fused multiply-adds: more than latency times width of any x86 core (8 to 10), and with x and y 14 of the 16
     * registers that AVX2 has; of sixteen chains some would go through memory. C2 does not know the step, so it leaves the loop as it is
     * written; unrolled, four links of a chain would follow one another.
     */
    private static float fma(int times, int step) {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector a0 = y, a1 = y, a2 = y, a3 = y, a4 = y, a5 = y;
        FloatVector b0 = y, b1 = y, b2 = y, b3 = y, b4 = y, b5 = y;
        for (int i = 0; i < times; i += step) {
            a0 = x.fma(y, a0);
            a1 = x.fma(y, a1);
            a2 = x.fma(y, a2);
            a3 = x.fma(y, a3);
            a4 = x.fma(y, a4);
            a5 = x.fma(y, a5);
            b0 = x.fma(y, b0);
            b1 = x.fma(y, b1);
            b2 = x.fma(y, b2);
            b3 = x.fma(y, b3);
            b4 = x.fma(y, b4);
            b5 = x.fma(y, b5);
        }
        FloatVector a = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
        FloatVector b = b0.add(b1).add(b2).add(b3).add(b4).add(b5);
        return a.add(b).lane(0);
    }

    private static void copy(float[][] arrays, int from, int to, int times) {
        float[] a = arrays[0];
        float[] b = arrays[1];
        for (int k = 0; k < times; k++) {
            for (int i = from; i < to; i += SPECIES.length()) {
                FloatVector.fromArray(SPECIES, b, i).intoArray(a, i);
            }
        }
    }

    private static void triad(float[][] arrays, int from, int to, int times) {
        float[] a = arrays[0];
        float[] b = arrays[1];
        float[] c = arrays[2];
        FloatVector s = FloatVector.broadcast(SPECIES, 0.5f);
        for (int k = 0; k < times; k++) {
            for (int i = from; i < to; i += SPECIES.length()) {
                FloatVector.fromArray(SPECIES, c, i)
                        .fma(s, FloatVector.fromArray(SPECIES, b, i))
                        .intoArray(a, i);
            }
        }
    }

    /** Prints the ceilings for 1 to so many threads. */
    public static void main(String[] args) {
        int most = Integer.parseInt(args[0]);
        for (int t = 1; t <= most; t = t == most ? t + 1 : Math.min(2 * t, most)) {
            System.out.println(measure(t).text());
        }
    }
}
