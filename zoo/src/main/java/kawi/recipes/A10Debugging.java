package kawi.recipes;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.linalg.Linalg;
import kawi.nn.Activation;
import kawi.nn.Linear;
import kawi.nn.Sequential;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import kawi.train.GradientReport;

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
        return "planted bugs: wrong shapes, a silent broadcast, NaN, dead, missing, exploding and vanishing gradients, each found";
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
                        A10Debugging::logarithm,
                        List.of("log", "NaN", "A10Debugging.java")),
                new Bug(
                        "a column and a vector that make a matrix",
                        A10Debugging::broadcast,
                        List.of("[3, 1] and [3] broadcasts to [3, 3]", "A10Debugging.java")),
                new Bug(
                        "a gradient by a tensor that is not tracked",
                        () -> message(() -> {
                            Tensor x = Tensor.ones(3);
                            return Kawi.grad(x.square().sum(), x);
                        }),
                        List.of("not tracked", "requiresGrad", "A10Debugging.java")),
                new Bug(
                        "a layer whose ReLUs are dead",
                        () -> gradients(h -> h.sub(100).relu()),
                        List.of("8 of 8 units dead (100 %)")),
                new Bug(
                        "a detached layer",
                        () -> gradients(h -> h.tanh().detach()),
                        List.of("0.weight", "no gradient")));
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

    private static String logarithm() {
        Kawi.detectAnomalies(true);
        try {
            return message(() -> Tensor.of(new float[] {-1, 1, 2}).log().mul(2).sum());
        } finally {
            Kawi.detectAnomalies(false);
        }
    }

    private static String broadcast() {
        List<String> said = new ArrayList<>();
        Kawi.strict(said::add);
        try {
            Tensor.ones(3, 1).sub(Tensor.ones(3)).square().mean().item();
        } finally {
            Kawi.strict(false);
        }
        return String.join("\n", said);
    }

    /** What is reported of the gradients of two layers with this between them. */
    private static String gradients(UnaryOperator<Tensor> between) {
        Sequential layers = Kawi.withStream(
                0, 0, () -> new Sequential(new Linear(6, 8), new Activation("between", between), new Linear(8, 3)));
        Tensor x = Key.of(2).normal(32, 6);
        return GradientReport.of(layers, () -> layers.forward(x).square().mean())
                .toString();
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
