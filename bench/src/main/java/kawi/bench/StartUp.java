package kawi.bench;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a start costs: the time from the start of a JVM to the end of the 100th step of a case beyond what 100
 * steps take once everything is warm. Every round starts new processes, one side after the other.
 */
final class StartUp {
    private static final int ROUNDS = 2;
    /** Without the launcher's flags, which is slower and only there for comparison. */
    private static final int ROUNDS_WITHOUT_FLAGS = 1;

    private static final int STEPS = 100;

    private final Case item;
    private final int threads;

    StartUp(Case item, int threads) {
        this.item = item;
        this.threads = threads;
    }

    Result of(@Nullable Peer against) {
        int rounds = item.launch() == Case.Launch.COLD ? ROUNDS : ROUNDS_WITHOUT_FLAGS;
        double[] kawi = new double[rounds];
        double[] peer = new double[against == null ? 0 : rounds];
        double kawiSteady = Double.NaN;
        double peerSteady = Double.NaN;
        for (int r = 0; r < rounds; r++) { // the first round also tells the steady time
            long start = System.nanoTime();
            List<Spec> inputs;
            try (WorkerProcess worker = new WorkerProcess(Peer.KAWI, threads, item.launch())) {
                worker.awaitStart();
                inputs = worker.prepare(item, List.of());
                worker.run(STEPS);
                double whole = (System.nanoTime() - start) / 1e6;
                kawiSteady = Double.isNaN(kawiSteady) ? steady(worker, item.warmUp()) : kawiSteady;
                kawi[r] = whole - STEPS * kawiSteady;
            }
            if (against != null) {
                start = System.nanoTime();
                try (WorkerProcess worker = new WorkerProcess(against.toString(), threads, item.launch())) {
                    worker.awaitStart();
                    worker.prepare(item, inputs);
                    worker.run(STEPS);
                    double whole = (System.nanoTime() - start) / 1e6;
                    peerSteady = Double.isNaN(peerSteady) ? steady(worker, 1) : peerSteady;
                    peer[r] = whole - STEPS * peerSteady;
                }
            }
        }
        return new Result(item, against, kawi, peer, Double.NaN, Double.NaN, Double.NaN, null);
    }

    /** Milliseconds of a step after so many seconds. */
    private double steady(WorkerProcess worker, double seconds) {
        double slice = 0;
        for (double spent = 0; spent < seconds; spent += slice) {
            slice = worker.run(STEPS / 5) / 1e9;
        }
        double[] slices = new double[5];
        Arrays.setAll(slices, _ -> worker.run(STEPS / 10) / 1e6 / (STEPS / 10));
        return Statistics.median(slices);
    }
}
