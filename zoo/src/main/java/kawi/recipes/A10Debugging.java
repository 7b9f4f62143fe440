package kawi.recipes;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.linalg.Linalg;
import kawi.nn.Linear;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Mistakes that everyone makes once, made on purpose, and what the library says of each. A message must name what a reader needs to mend
 * it: the shapes that do not fit, the line of the program, the operation that made the first NaN.
 */
final class A10Debugging implements Demonstration {
    /**
     * A planted mistake.
     *
     * @param find runs into it and gives what was said
     * @param named what must be said
     */
    private record Bug(String name, Supplier<String> find, List<String> named) {}

    @Override
    public String id() {
        return "A10";
    }

    @Override
    public String sentence() {
        return "planted bugs: wrong shapes, NaN, dead, missing, exploding and vanishing gradients, each found";
    }

    @Override
    public void run(Report report) {
        List<Bug> bugs = List.of(
                new Bug(
                        "an input of the wrong width",
                        () -> message(() -> new Linear(8, 4).forward(Tensor.ones(3, 5))),
                        List.of("[3, 5]", "Linear(8, 4)", "A10Debugging.java")),
                new Bug(
                        "a product of matrices that wants a transpose",
                        () -> message(() -> Tensor.ones(2, 3).matmul(Tensor.ones(2, 3))),
                        List.of("matmul", "[2, 3]", "A10Debugging.java")),
                new Bug(
                        "shapes that do not broadcast",
                        () -> message(() -> Tensor.ones(2, 3).add(Tensor.ones(4))),
                        List.of("[2, 3]", "[4]", "A10Debugging.java")),
                new Bug(
                        "the logarithm of a negative number",
                        () -> Kawi.firstNonFinite(Tensor.of(new float[] {-1, 1, 2})
                                        .log()
                                        .mul(2)
                                        .sum())
                                .orElse(""),
                        List.of("log")),
                new Bug(
                        "a gradient by a tensor that is not tracked",
                        () -> message(() -> {
                            Tensor x = Tensor.ones(3);
                            return Kawi.grad(x.square().sum(), x);
                        }),
                        List.of("not tracked", "requiresGrad", "A10Debugging.java")),
                new Bug(
                        "a layer whose ReLUs are dead",
                        A10Debugging::deadUnits,
                        List.of("first: 100 %", "second: 0 %")),
                new Bug("a detached layer", A10Debugging::detached, List.of("first: none", "second: some")));
        int found = 0;
        for (Bug bug : bugs) {
            String said = bug.find.get();
            boolean all = bug.named.stream().allMatch(said::contains);
            found += all ? 1 : 0;
            report.say("%s %s", all ? "found  " : "MISSED ", bug.name);
            said.strip().lines().forEach(line -> report.say("    %s", line));
        }
        report.figure("found", "planted bugs found", found, Reference.exactly(bugs.size()));
        recurrence(report);
    }

    private static String message(Supplier<Tensor> mistake) {
        try {
            mistake.get().realized();
            return "nothing was said";
        } catch (KawiException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** The share of units whose incoming weights have no gradient from any example; those of the first layer never pass 0. */
    private static String deadUnits() {
        Linear first = Kawi.withStream(0, 0, () -> new Linear(6, 8));
        Linear second = Kawi.withStream(1, 0, () -> new Linear(8, 3));
        Tensor x = Key.of(2).normal(32, 6);
        Tensor loss =
                second.forward(first.forward(x).sub(100).relu()).sub(1).square().mean();
        Parameter bias = Objects.requireNonNull(second.bias);
        List<Tensor> g = Kawi.grad(loss, List.of(first.weight, bias));
        return "units without gradient: first: %.0f %%, second: %.0f %%"
                .formatted(100 * zeros(g.get(0).abs().sum(1)), 100 * zeros(g.get(1)));
    }

    private static double zeros(Tensor t) {
        return t.eq(0).to(DType.F64).mean().item();
    }

    /** Whether a gradient arrives at each layer, where the first one's output was detached by mistake. */
    private static String detached() {
        Linear first = Kawi.withStream(0, 0, () -> new Linear(6, 8));
        Linear second = Kawi.withStream(1, 0, () -> new Linear(8, 3));
        Tensor hidden = first.forward(Key.of(2).normal(32, 6)).tanh().detach();
        List<Tensor> g = Kawi.grad(second.forward(hidden).square().mean(), List.of(first.weight, second.weight));
        return "gradient: first: %s, second: %s".formatted(any(g.get(0)), any(g.get(1)));
    }

    private static String any(Tensor gradient) {
        return gradient.abs().max().item() == 0 ? "none" : "some";
    }

    /**
     * hₜ = ρQhₜ₋₁ with an orthogonal Q: the gradient by hₜ, of a function of the last h, has ρ^(T − t) times its norm (Pascanu et al. 2013,
     * <em>On the difficulty of training recurrent neural networks</em>): it explodes for ρ > 1 and vanishes for ρ < 1.
     */
    private static void recurrence(Report report) {
        int steps = 30;
        Tensor q = Linalg.qr(Key.of(3).normal(DType.F64, 16, 16)).q().realized();
        Plot plot = Plot.of("Gradient through a recurrence", "steps back in time", "norm of the gradient")
                .logY();
        double[] back = IntStream.rangeClosed(0, steps).asDoubleStream().toArray();
        for (double rho : new double[] {1.5, 1, 0.5}) {
            List<Tensor> states =
                    new ArrayList<>(List.of(Key.of(4).normal(DType.F64, 16).requiresGrad()));
            for (int t = 0; t < steps; t++) {
                states.add(q.matmul(states.getLast()).mul(rho));
            }
            Tensor loss = states.getLast().dot(Key.of(5).normal(DType.F64, 16));
            double[] norms = Kawi.grad(loss, states.reversed()).stream()
                    .mapToDouble(g -> Linalg.norm(g).item())
                    .toArray();
            plot.line("ρ = " + rho, back, norms);
            report.figure(
                    rho > 1 ? "exploding" : rho < 1 ? "vanishing" : "steady",
                    "growth of the gradient in a step, ρ = " + Reference.text(rho),
                    Math.pow(norms[steps] / norms[0], 1.0 / steps),
                    Reference.near(rho, 1e-9));
        }
        report.picture("gradients-through-time", plot);
    }
}
