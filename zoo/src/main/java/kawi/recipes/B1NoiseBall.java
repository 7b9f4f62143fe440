package kawi.recipes;

import java.util.Arrays;
import kawi.optim.Schedule;
import kawi.optim.Sgd;
import kawi.tensor.Key;

/**
 * All examples a step, one, or a few. On a strongly convex f gradient descent comes nearer to the minimum by a factor 1 − ημ each step, for
 * ever. With the gradient of a batch it does so at first, and then stays in a ball whose size is set by the rate and the batch (Bottou,
 * Curtis and Nocedal 2018, <em>Optimization methods for large-scale machine learning</em>, theorem 4.6); for the {@link NoisyQuadratic}, exactly
 *
 * <pre>
 *   E‖x − x*‖² → Σⱼ ηλⱼσⱼ² / (m(2 − ηλⱼ))
 * </pre>
 *
 * so about in proportion to η/m. Rates that fall as 1/t shrink the ball to nothing (theorem 4.7).
 */
final class B1NoiseBall implements Demonstration {
    private static final double[] RATES = {0.05, 0.1, 0.2, 0.4, 0.8};
    private static final int[] BATCHES = {1, 16};
    private final int steps;

    B1NoiseBall() {
        this(4000);
    }

    /** With so many steps to measure a ball by. */
    B1NoiseBall(int steps) {
        this.steps = steps;
    }

    @Override
    public String id() {
        return "B1";
    }

    @Override
    public String sentence() {
        return "full-batch descent converges at the rate 1 − ημ; stochastic and mini-batch descent end in a ball of the size that theory gives";
    }

    @Override
    public void run(Report report) {
        NoisyQuadratic f = NoisyQuadratic.of(512, 1);
        double rate = 0.1;
        int shown = 1500;
        double[] full = f.distances(shown, 0, Key.of(0), x -> new Sgd(x, rate));
        // far from the start and from rounding, only the slowest direction is left
        double measured = Math.pow(full[1200] / full[800], 1 / 800.0);
        report.figure(
                "rate", "all examples: factor a step", measured, Reference.near(1 - rate * NoisyQuadratic.MU, 1e-4));

        Plot balls = Plot.of("The noise ball", "learning rate η", "mean ‖x − x*‖²")
                .logX()
                .logY();
        double worst = 0;
        report.say("%6s %6s %14s %14s", "m", "η", "mean ‖x − x*‖²", "theory");
        for (int m : BATCHES) {
            double[] mean = new double[RATES.length];
            double[] theory = new double[RATES.length];
            for (int i = 0; i < RATES.length; i++) {
                double eta = RATES[i];
                int settled = (int) Math.ceil(12 / (eta * NoisyQuadratic.MU)); // e⁻²⁴ of the start is left
                double[] all = f.distances(settled + steps, m, Key.of(i).fold(m), x -> new Sgd(x, eta));
                mean[i] = Arrays.stream(all, settled, all.length).average().orElseThrow();
                theory[i] = f.ball(eta, m);
                worst = Math.max(worst, Math.abs(mean[i] / theory[i] - 1));
                report.say("%6d %6.3f %14.5f %14.5f", m, eta, mean[i], theory[i]);
            }
            balls.line("m = " + m, RATES, mean).line("theory, m = " + m, RATES, theory);
        }
        // neighbouring steps are alike for 1/(ημ) steps, so the mean is of fewer values than it seems
        report.figure(
                "ball", "size of the ball against theory, largest relative difference", worst, Reference.atMost(0.25));

        double[] one = f.distances(shown, 1, Key.of(7), x -> new Sgd(x, rate));
        double[] sixteen = f.distances(shown, 16, Key.of(8), x -> new Sgd(x, rate));
        // η = 1/(μ(t + 1/(0.8μ))): 1/t, from 0.8 on
        double scale = 1 / (0.8 * NoisyQuadratic.MU);
        double[] falling =
                f.distances(shown, 16, Key.of(9), x -> new Sgd(x, 1).schedule(Schedule.inverseTime(0.8, scale)));
        double[] late = Arrays.copyOfRange(falling, shown - 200, shown);
        report.figure(
                "falling",
                "rates as 1/t: mean ‖x − x*‖² at the end, in balls of η = 0.1",
                Arrays.stream(late).average().orElseThrow() / f.ball(rate, 16),
                Reference.atMost(0.2));
        report.picture("ball", balls);
        report.picture(
                "distance",
                Plot.of("Distance to the minimum, η = 0.1", "step", "‖x − x*‖²")
                        .logY()
                        .line("all examples", full)
                        .line("(1 − ημ)²ᵏ", bound(full, rate))
                        .line("m = 16, rates 0.8/(1 + t/6.25)", falling)
                        .line("m = 16", sixteen)
                        .line("m = 1", one));
    }

    private static double[] bound(double[] distances, double rate) {
        double[] bound = new double[distances.length];
        for (int k = 0; k < bound.length; k++) {
            bound[k] = distances[0] * Math.pow(1 - rate * NoisyQuadratic.MU, 2.0 * k);
        }
        return bound;
    }
}
