package kawi.recipes;

import java.util.List;
import kawi.base.DType;
import kawi.optim.Average;
import kawi.optim.Optimizer;
import kawi.optim.Sgd;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * At a fixed rate the last iterate wanders in the noise ball of B1; the mean of the iterates does not. After a warm-up that forgets the start,
 * the mean of n iterates comes as near to the minimum as any method of n batches can (Polyak and Juditsky 1992, <em>Acceleration of
 * stochastic approximation by averaging</em>, theorem 1), on the {@link NoisyQuadratic}
 *
 * <pre>
 *   n·E‖x̄ − x*‖² → Σⱼ σⱼ²/m
 * </pre>
 *
 * whatever the rate. The exponential average forgets, so it keeps a ball, smaller than the last iterate's; stochastic weight averaging takes
 * the mean of few iterates, far apart.
 */
final class B10Averaging implements Demonstration {
    private static final int BATCH = 4;
    private static final int WARM_UP = 200;
    private static final double RATE = 0.4;
    private final int runs;
    private final int steps = 2000;

    B10Averaging() {
        this(12);
    }

    /** With means over so many runs from other random numbers. */
    B10Averaging(int runs) {
        this.runs = runs;
    }

    @Override
    public String id() {
        return "B10";
    }

    @Override
    public String sentence() {
        return "averages of the iterates, Polyak–Ruppert, exponential and SWA, lie nearer to the optimum than the last iterate";
    }

    @Override
    public void run(Report report) {
        NoisyQuadratic f = NoisyQuadratic.of(512, 1);
        double[] last = mean(f, null);
        double[] polyak = mean(f, Average.polyakRuppert(WARM_UP));
        double[] exponential = mean(f, Average.exponential(0.98));
        double[] swa = mean(f, Average.stochasticWeights(WARM_UP, 25));

        double[] theory = new double[steps];
        double sum = 0;
        for (double v : f.variance()) {
            sum += v / BATCH;
        }
        for (int k = 0; k < steps; k++) {
            theory[k] = k > WARM_UP ? sum / (k - WARM_UP) : Double.NaN;
        }
        int end = steps - 1;
        report.say("mean ‖x − x*‖² of %d runs after %d steps, η = %.1f, batches of %d", runs, steps, RATE, BATCH);
        report.say("last iterate   %.5f  (theory %.5f)", last[end], f.ball(RATE, BATCH));
        report.say("Polyak–Ruppert %.5f  (theory %.5f)", polyak[end], theory[end]);
        report.say("exponential    %.5f", exponential[end]);
        report.say("SWA            %.5f", swa[end]);
        report.figure(
                "polyak_ruppert", "Polyak–Ruppert / last iterate", polyak[end] / last[end], Reference.atMost(0.05));
        report.figure(
                "exponential",
                "exponential, β = 0.98 / last iterate",
                exponential[end] / last[end],
                Reference.atMost(0.4));
        report.figure("swa", "SWA, every 25 steps / last iterate", swa[end] / last[end], Reference.atMost(0.15));
        // a mean of runs·SIZE squares of normal numbers: a relative deviation of √(2/(12·10)) = 0.13 for full runs
        report.figure(
                "theory",
                "Polyak–Ruppert / Σσ²/(m·n)",
                polyak[end] / theory[end],
                Reference.near(1, 4 * Math.sqrt(2.0 / (runs * NoisyQuadratic.SIZE))));
        report.picture(
                "distance",
                Plot.of("Averages of the iterates", "step", "mean ‖x − x*‖²")
                        .logX()
                        .logY()
                        .line("last iterate", last)
                        .line("exponential, β = 0.98", exponential)
                        .line("SWA, every 25 steps", swa)
                        .line("Polyak–Ruppert from 200", polyak)
                        .line("Σσ²/(m·n)", theory));
    }

    /** ‖x − x*‖² of the average (or of the last iterate) after each step, the mean over the runs. */
    private double[] mean(NoisyQuadratic f, @Nullable Average average) {
        double[] mean = new double[steps];
        for (int run = 0; run < runs; run++) {
            Parameter x = new Parameter(Tensor.full(10, DType.F64, NoisyQuadratic.SIZE));
            Optimizer sgd = new Sgd(List.of(x), RATE);
            if (average != null) {
                sgd.average(average);
            }
            Tensor shown = average == null ? x : sgd.state().getOrDefault("0.average", x);
            for (int k = 0; k < steps; k++) {
                sgd.step(f.loss(x, f.batch(Key.of(run).fold(k), BATCH)));
                mean[k] += f.distance(shown).item() / runs;
            }
        }
        return mean;
    }
}
