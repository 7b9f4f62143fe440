package kawi.recipes;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;

/**
 * Backpropagation against finite differences. Differences of step h approximate a derivative by
 *
 * <pre>
 *   one-sided   (f(x + h) − f(x)) / h          error ½h·f″ + ε·f/h     smallest near h = √ε  ≈ 1e-8
 *   central     (f(x + h) − f(x − h)) / 2h     error ⅙h²·f‴ + ε·f/h    smallest near h = ∛ε  ≈ 6e-6
 * </pre>
 *
 * with ε = 2⁻⁵² ≈ 2e-16 for doubles: large steps are wrong by Taylor's remainder, small ones by rounding (Press et al., <em>Numerical
 * Recipes</em>, section 5.7). In the picture the errors fall along lines of slope 1 and 2, and rise again along one of slope −1. And each
 * parameter takes one or two evaluations of its own, where backpropagation gets all of them from one pass.
 */
final class A4GradientCheck implements Demonstration {
    private static final int EXAMPLES = 32;
    private static final int IN = 12;
    private static final int HIDDEN = 24;
    private static final int PARAMETERS = IN * HIDDEN + HIDDEN + HIDDEN + 1;

    private final int rounds;
    private final Tensor x = Key.of(1).normal(DType.F64, EXAMPLES, IN).realized();
    private final Tensor y = Key.of(2).normal(DType.F64, EXAMPLES, 1).realized();

    A4GradientCheck() {
        this(7);
    }

    /** With one round, for tests, the times are of no use but the same program runs. */
    A4GradientCheck(int rounds) {
        this.rounds = rounds;
    }

    @Override
    public String id() {
        return "A4";
    }

    @Override
    public String sentence() {
        return "backpropagation against finite differences: error by step length, and time";
    }

    /** The squared error of a network tanh(xW₁ + b₁)W₂ + b₂ whose parameters lie in one vector. */
    private Tensor loss(Tensor w) {
        Tensor w1 = w.slice(0, 0, IN * HIDDEN).reshape(IN, HIDDEN);
        Tensor b1 = w.slice(0, IN * HIDDEN, IN * HIDDEN + HIDDEN);
        Tensor w2 = w.slice(0, IN * HIDDEN + HIDDEN, PARAMETERS - 1).reshape(HIDDEN, 1);
        Tensor b2 = w.slice(0, PARAMETERS - 1, PARAMETERS);
        return x.matmul(w1).add(b1).tanh().matmul(w2).add(b2).sub(y).square().mean();
    }

    @Override
    public void run(Report report) {
        Tensor w = Key.of(3).normal(DType.F64, PARAMETERS).mul(0.4).realized();
        UnaryOperator<Tensor> gradient = Transform.grad(this::loss);
        double[] exact = gradient.apply(w).toDoubleArray();

        double[] steps = IntStream.rangeClosed(0, 26)
                .mapToDouble(k -> Math.pow(10, -0.5 * k))
                .toArray();
        double[] oneSided = new double[steps.length];
        double[] central = new double[steps.length];
        int[] checked = Key.of(4).permutationArray(PARAMETERS);
        int[] some = Arrays.copyOf(checked, 16);
        double[] at = w.toDoubleArray();
        report.say("%8s  %12s  %12s", "step", "one-sided", "central");
        for (int k = 0; k < steps.length; k++) {
            double h = steps[k];
            oneSided[k] = error(exact, some, i -> (moved(at, i, h) - moved(at, i, 0)) / h);
            central[k] = error(exact, some, i -> central(at, i, h));
            report.say("%8.1e  %12.2e  %12.2e", h, oneSided[k], central[k]);
        }
        Plot plot = Plot.of("Error of finite differences", "step length", "relative error")
                .logX()
                .logY()
                .line("one-sided", steps, oneSided)
                .line("central", steps, central);
        report.picture("error-by-step", plot);

        // from 10⁻¹ to 10⁻³, where rounding does not yet count, over two decades
        report.figure(
                "slope_one_sided",
                "order of one-sided differences",
                slope(steps, oneSided, 2, 6),
                Reference.near(1, 0.2));
        report.figure(
                "slope_central", "order of central differences", slope(steps, central, 2, 6), Reference.near(2, 0.2));
        report.figure("best_one_sided", "smallest error, one-sided", min(oneSided), Reference.atMost(1e-6));
        report.figure("best_central", "smallest error, central", min(central), Reference.atMost(1e-8));
        speed(report, w, gradient, at);
    }

    private void speed(Report report, Tensor w, UnaryOperator<Tensor> gradient, double[] at) {
        double[] seconds = Timing.interleaved(
                rounds / 2,
                rounds,
                () -> gradient.apply(w).realized(),
                () -> IntStream.range(0, PARAMETERS).forEach(i -> central(at, i, 1e-5)));
        report.say(
                "A gradient by %,d parameters: %.2f ms by backpropagation, %.1f ms by central differences.",
                PARAMETERS, 1e3 * seconds[0], 1e3 * seconds[1]);
        report.figure("backprop_ms", "whole gradient by backpropagation, ms", 1e3 * seconds[0], Reference.NONE);
        report.figure("differences_ms", "whole gradient by central differences, ms", 1e3 * seconds[1], Reference.NONE);
        // 2·PARAMETERS evaluations against one forward and one backward pass, of about three evaluations
        report.figure("speed_up", "differences / backpropagation", seconds[1] / seconds[0], Reference.atLeast(10));
    }

    private double central(double[] at, int i, double h) {
        return (moved(at, i, h) - moved(at, i, -h)) / (2 * h);
    }

    /** The loss where parameter i is larger by h. */
    private double moved(double[] at, int i, double h) {
        double[] there = at.clone();
        there[i] += h;
        return loss(Tensor.of(there)).item();
    }

    /** ‖found − exact‖ / ‖exact‖ over some parameters. */
    private static double error(double[] exact, int[] some, IntToDoubleFunction found) {
        double difference = 0;
        double size = 0;
        for (int i : some) {
            difference += Math.pow(found.applyAsDouble(i) - exact[i], 2);
            size += exact[i] * exact[i];
        }
        return Math.sqrt(difference / size);
    }

    /** The power of the step that the error grows with, between two places of the list. */
    private static double slope(double[] steps, double[] errors, int from, int to) {
        return Closeness.slope(Arrays.copyOfRange(steps, from, to + 1), Arrays.copyOfRange(errors, from, to + 1));
    }

    private static double min(double[] values) {
        return Arrays.stream(values).min().orElse(Double.NaN);
    }
}
