package kawi.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import kawi.graph.Site;
import kawi.nn.Module;
import kawi.tensor.GraphView;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * How the gradient of a loss fares on its way to the parameters, and how many units of each relu never fire: what to look at when a
 * network does not learn.
 *
 * @param parameters one for each parameter of the module
 * @param relus one for each call of relu, in order of recording
 */
public record GradientReport(List<Gradient> parameters, List<Units> relus) {
    /** A gradient vanishes where its root mean square is below this part of the largest of any parameter. */
    public static final double VANISHING = 1e-6;
    /** A gradient explodes where its norm is above this many norms of the parameter, or of 1 if that is larger. */
    public static final double EXPLODING = 1e3;
    /** The fraction of dead units that is called a mistake. */
    public static final double DEAD = 0.5;

    /** What a gradient is like. */
    public enum State {
        /** The loss has no derivative by the parameter. */
        NONE("no gradient"),
        /** Every element is 0. */
        ZERO("zero"),
        VANISHING("vanishing"),
        EXPLODING("exploding"),
        NOT_FINITE("not finite"),
        FINE("fine");

        private final String text;

        State(String text) {
            this.text = text;
        }
    }

    /**
     * The gradient by one parameter.
     *
     * @param norm the root of the sum of its squares
     * @param ofParameter the norm of the parameter itself
     * @param advice what may be the cause and what helps; empty if all is well
     */
    public record Gradient(String parameter, State state, double norm, double ofParameter, String advice) {}

    /** The units of one relu, counted along the channels of images and the last axis of others; dead ones are 0 for all examples. */
    public record Units(String place, int units, int dead) {
        /** Dead units of all. */
        public double fraction() {
            return units == 0 ? 0 : (double) dead / units;
        }
    }

    /**
     * Records a loss, and reports its gradients by all parameters of a module.
     *
     * @param loss makes the loss, one number, from the module: a forward pass that was not read yet
     */
    public static GradientReport of(Module module, Supplier<Tensor> loss) {
        Map<String, Parameter> named = module.namedParameters();
        Site.keep("gradients", true);
        try {
            return report(named, loss.get());
        } finally {
            Site.keep("gradients", false);
        }
    }

    private static GradientReport report(Map<String, Parameter> named, Tensor loss) {
        GraphView graph = GraphView.of(loss);
        List<GraphView.Operation> relus = graph.relus();
        List<Tensor> wanted = new ArrayList<>();
        for (GraphView.Operation relu : relus) {
            wanted.add(greatest(relu.value()));
        }
        List<GraphView.Link> links = named.values().stream().map(graph::link).toList();
        boolean any = links.stream().anyMatch(GraphView.Link::differentiable);
        List<Tensor> gradients = any ? Kawi.grad(loss, List.copyOf(named.values())) : List.of();
        wanted.addAll(gradients);
        Kawi.realize(wanted.toArray(Tensor[]::new));

        double[] norms = gradients.stream().mapToDouble(GradientReport::norm).toArray();
        double largest = 0;
        int i = 0;
        for (Parameter p : named.values()) {
            double size = any ? norms[i++] / Math.sqrt(Math.max(1, p.size())) : 0;
            largest = Double.isFinite(size) ? Math.max(largest, size) : largest;
        }
        List<Gradient> rows = new ArrayList<>();
        i = 0;
        for (Map.Entry<String, Parameter> e : named.entrySet()) {
            Parameter p = e.getValue();
            double norm = any ? norms[i] : 0;
            double own = norm(p);
            State state = state(links.get(i), norm, own, norm / Math.sqrt(Math.max(1, p.size())), largest);
            rows.add(new Gradient(e.getKey(), state, norm, own, advice(state, links.get(i))));
            i++;
        }
        List<Units> units = new ArrayList<>();
        for (int r = 0; r < relus.size(); r++) {
            double[] greatest = wanted.get(r).toDoubleArray();
            int dead = 0;
            for (double g : greatest) {
                dead += g == 0 ? 1 : 0;
            }
            units.add(new Units(relus.get(r).place().orElse("an unknown line"), greatest.length, dead));
        }
        return new GradientReport(List.copyOf(rows), List.copyOf(units));
    }

    /** The largest value of each unit over all examples and places. */
    private static Tensor greatest(Tensor relu) {
        int rank = relu.rank();
        int channel = rank == 4 ? 1 : rank - 1;
        int[] others = java.util.stream.IntStream.range(0, rank)
                .filter(axis -> axis != channel)
                .toArray();
        return others.length == 0 ? relu : relu.detach().max(others);
    }

    private static double norm(Tensor t) {
        double sum = 0;
        for (double x : t.toDoubleArray()) {
            sum += x * x;
        }
        return Math.sqrt(sum);
    }

    private static State state(GraphView.Link link, double norm, double own, double size, double largest) {
        if (!link.differentiable()) {
            return State.NONE;
        }
        if (!Double.isFinite(norm)) {
            return State.NOT_FINITE;
        }
        if (norm > EXPLODING * Math.max(1, own)) {
            return State.EXPLODING;
        }
        return norm == 0 ? State.ZERO : size < VANISHING * largest ? State.VANISHING : State.FINE;
    }

    private static String advice(State state, GraphView.Link link) {
        return switch (state) {
            case NONE -> {
                if (!link.used()) {
                    yield "the loss was not computed with it: its layer is not called, or its result was read as plain numbers (item, toFloatArray) on the way";
                }
                yield link.stop()
                        .map(o ->
                                "the derivative ends at %s%s: leave that out of the way from the parameter to the loss"
                                        .formatted(
                                                o.name().equals("stopGradient") ? "detach or stopGradient" : o.name(),
                                                o.place().map(p -> " at " + p).orElse("")))
                        .orElse("no path of floating-point operations leads to the loss");
            }
            case ZERO ->
                "all units behind it are at a flat place: dead relus, a saturated sigmoid, or weights of 0 behind it";
            case VANISHING ->
                "it learns far slower than the others: use relu or gelu in place of sigmoid and tanh, residual connections, normalisation, or larger first weights";
            case EXPLODING ->
                "one step will throw it far off: clip the gradient's norm, take smaller first weights or a shorter sequence, or normalise";
            case NOT_FINITE -> "Kawi.detectAnomalies(true) tells the operation and line where that begins";
            case FINE -> "";
        };
    }

    /** Whether no gradient and no relu is called a mistake. */
    public boolean healthy() {
        return parameters.stream().allMatch(g -> g.state == State.FINE)
                && relus.stream().allMatch(u -> u.fraction() < DEAD);
    }

    /** A table of gradients, one of relus, with advice where something is wrong. */
    @Override
    public String toString() {
        StringBuilder s = new StringBuilder();
        int width =
                parameters.stream().mapToInt(g -> g.parameter.length()).max().orElse(0);
        String format = "%-" + Math.max(9, width) + "s  %-11s  %12s  %12s%n";
        s.append(String.format(Locale.ROOT, format, "parameter", "gradient", "norm", "own norm"));
        for (Gradient g : parameters) {
            s.append(String.format(
                    Locale.ROOT,
                    format,
                    g.parameter,
                    g.state.text,
                    String.format(Locale.ROOT, "%.3e", g.norm),
                    String.format(Locale.ROOT, "%.3e", g.ofParameter)));
            s.append(g.advice.isEmpty() ? "" : "    " + g.advice + "\n");
        }
        for (Units u : relus) {
            s.append(String.format(
                    Locale.ROOT,
                    "relu at %s: %d of %d units dead (%.0f %%)%n",
                    u.place,
                    u.dead,
                    u.units,
                    100 * u.fraction()));
            if (u.fraction() >= DEAD) {
                s.append(
                        "    they are 0 for every example and learn nothing: use a smaller learning rate, He initialisation, biases near 0, or leakyRelu\n");
            }
        }
        return s.toString();
    }

    /** Writes a picture as PNG: the norm of each gradient on a logarithmic scale, and the dead fraction of each relu. */
    public void write(Path file) {
        GradientPicture.write(file, this);
    }
}
