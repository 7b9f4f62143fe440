package kawi.bench;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures one case: compares the outputs, warms both sides up, and then lets them run in turns, Kawi and the peer in each
 * round.
 */
final class Measurement {
    /** Runs whose outputs are compared: a training step shows in the outputs of the next. A kernel of a long table runs once. */
    private static final int COMPARED_RUNS = 3;

    /** Compiled code needs to touch its memory alone. */
    private static final double PEER_WARMS_FASTER = 4;

    private static final int LEAST_ROUNDS = 3;
    private static final int ROUNDS_OF_A_ROW = 5;
    private static final int MOST_ROUNDS = 15;

    /** Seconds that a JIT which does not rest adds to the warm-up of a process at most. */
    private static final double MORE_WARM_UP = 5;

    /** Seconds over which the JIT is observed, and the part of them that it may be busy for to count as resting. */
    private static final double OBSERVED = 0.5;

    private static final double RESTING = 0.05;

    /** OpenBLAS's idle threads spin for some 70 ms at the cost of whoever comes next. */
    private static final Duration REST = Duration.ofMillis(80);

    private final Case item;
    private final WorkerProcess kawi;
    private final @Nullable WorkerProcess peer;

    /** A measurement by running processes; {@code peer} may be null. */
    Measurement(Case item, WorkerProcess kawi, @Nullable WorkerProcess peer) {
        this.item = item;
        this.kawi = kawi;
        this.peer = peer;
    }

    Result of(@Nullable Peer against) {
        List<Spec> inputs = kawi.prepare(item, List.of());
        double difference = Double.NaN;
        if (peer != null) {
            peer.prepare(item, inputs);
            difference = compared(peer);
        }
        double more = item.shares() ? item.warmUp() : MORE_WARM_UP;
        double kawiRun = warm(kawi, item.warmUp(), more);
        double peerRun = 0;
        if (peer != null) {
            peerRun = warm(peer, item.warmUp() / PEER_WARMS_FASTER, more / PEER_WARMS_FASTER);
            rest();
        }
        int rounds = (int) Math.clamp(
                item.seconds() / (kawiRun + peerRun), LEAST_ROUNDS, item.shares() ? ROUNDS_OF_A_ROW : MOST_ROUNDS);
        double perRound = item.seconds() / rounds / (peer == null ? 1 : 2);
        int kawiTimes = times(perRound, kawiRun);
        int peerTimes = times(perRound, peerRun);
        double[] kawiMillis = new double[rounds];
        double[] peerMillis = new double[peer == null ? 0 : rounds];
        for (int r = 0; r < rounds; r++) {
            kawiMillis[r] = kawi.run(kawiTimes) / 1e6 / kawiTimes;
            if (peer != null) {
                peerMillis[r] = peer.run(peerTimes) / 1e6 / peerTimes;
                rest();
            }
        }
        double kawiPeak = item.shares() ? Double.NaN : kawi.peak();
        double peerPeak = item.shares() || peer == null ? Double.NaN : peer.peak();
        return new Result(item, against, kawiMillis, peerMillis, difference, kawiPeak, peerPeak, null);
    }

    private static void rest() {
        try {
            Thread.sleep(REST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    private static int times(double seconds, double aRun) {
        return (int) Math.clamp(seconds / aRun, 1, 1_000_000);
    }

    /** The largest difference over some runs; one above the tolerance ends the measurement. */
    private double compared(WorkerProcess other) {
        double largest = 0;
        for (int run = 0; run < (item.shares() ? 1 : COMPARED_RUNS); run++) {
            List<float[]> ours = kawi.outputs();
            List<float[]> theirs = other.outputs();
            if (ours.size() != theirs.size() || ours.isEmpty()) {
                throw new BenchException("kawi has %d outputs, the peer %d".formatted(ours.size(), theirs.size()));
            }
            for (int i = 0; i < ours.size(); i++) {
                double d = Statistics.difference(ours.get(i), theirs.get(i));
                if (!(d <= item.tolerance())) {
                    throw new BenchException(
                            "the two sides compute different numbers: output %d of run %d, by %.2e of the largest (%d and %d numbers), tolerance %.0e"
                                    .formatted(
                                            i, run + 1, d, ours.get(i).length, theirs.get(i).length, item.tolerance()));
                }
                largest = Math.max(largest, d);
            }
        }
        return largest;
    }

    /**
     * Runs for {@code seconds}, and up to {@code more} longer until the JIT rests: kernels are compiled, what calls them too, and
     * memory is touched for the first time. Seconds of one run at its end.
     */
    private static double warm(WorkerProcess side, double seconds, double more) {
        double aRun = side.run(1) / 1e9;
        double compiled = side.compiled();
        double since = 0;
        boolean rests = false;
        for (double spent = 0; spent < seconds || !rests && spent < seconds + more; ) {
            int times = times(seconds / 8, aRun);
            double slice = side.run(times) / 1e9;
            aRun = slice / times;
            spent += slice;
            since += slice;
            if (since >= OBSERVED) {
                double now = side.compiled();
                rests = now - compiled < RESTING * since;
                compiled = now;
                since = 0;
            }
        }
        return aRun;
    }
}
