package kawi.recipes;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kawi.optim.Schedule;

/**
 * Learning rates over the steps of a training, as one writes them ({@code Schedule.cosine(0.1, 0, 900).warmUp(100)}, on the command line
 * {@code ./kawi plot-schedule "cosine(0.1, 0, 900).warmUp(100)"}), all plotted, and each held against values worked out by hand.
 */
final class B6Schedules implements Demonstration {
    /** A schedule, a step, and the rate there in closed form. */
    private record Value(String schedule, long step, double rate) {}

    private static final List<Value> EXACT = List.of(
            new Value("constant(0.1)", 999, 0.1),
            new Value("inverseTime(0.1, 100)", 300, 0.1 / 4),
            new Value("inverseSquareRoot(0.1, 100)", 300, 0.1 / 2),
            new Value("step(0.1, 300, 0.1)", 899, 0.1 * 0.01),
            new Value("step(0.1, 300, 0.1)", 900, 0.1 * 0.001),
            new Value("multiStep(0.1, 0.1, 500, 750)", 749, 0.1 * 0.1),
            new Value("multiStep(0.1, 0.1, 500, 750)", 750, 0.1 * 0.01),
            new Value("exponential(0.1, 0.995)", 2, 0.1 * 0.995 * 0.995),
            new Value("polynomial(0.1, 0, 1000, 2)", 500, 0.1 / 4),
            new Value("polynomial(0.1, 0, 1000, 1)", 250, 0.1 * 3 / 4),
            new Value("cosine(0.1, 0, 1000)", 500, 0.1 / 2),
            new Value("cosine(0.1, 0, 1000)", 333, 0.1 * (1 + Math.cos(0.333 * Math.PI)) / 2),
            // restarts after 142, 142 + 284 = 426 and 426 + 568 = 994 steps
            new Value("cosineRestarts(0.1, 0, 142, 2)", 142 + 142, 0.1 / 2),
            new Value("cosineRestarts(0.1, 0, 142, 2)", 994, 0.1),
            new Value("triangular(0.01, 0.1, 125)", 125, 0.1),
            new Value("triangular(0.01, 0.1, 125)", 375 + 25, 0.1 - 0.09 / 5),
            new Value("oneCycle(0.1, 1000, 0.3)", 0, 0.1 / 25),
            new Value("oneCycle(0.1, 1000, 0.3)", 299, 0.1),
            new Value("oneCycle(0.1, 1000, 0.3)", 999, 0.1 / 250_000),
            new Value("cosine(0.1, 0, 900).warmUp(100)", 49, 0.1 / 2),
            new Value("cosine(0.1, 0, 900).warmUp(100)", 100 + 450, 0.1 / 2),
            new Value("constant(0.1).then(700, polynomial(0.1, 0, 300, 1))", 850, 0.1 / 2),
            // 0.1 at 256 examples a batch; at 1,024, after a warm-up, four times as much
            new Value("constant(0.1).batchSize(1024, 256).warmUp(50)", 50, 0.4));

    private static final Map<String, List<String>> PICTURES = pictures();

    private static Map<String, List<String>> pictures() {
        Map<String, List<String>> pictures = new LinkedHashMap<>();
        pictures.put(
                "falling",
                List.of(
                        "constant(0.1)",
                        "inverseTime(0.1, 100)",
                        "inverseSquareRoot(0.1, 100)",
                        "step(0.1, 300, 0.1)",
                        "multiStep(0.1, 0.1, 500, 750)",
                        "exponential(0.1, 0.995)"));
        pictures.put(
                "to-the-end",
                List.of(
                        "polynomial(0.1, 0, 1000, 1)",
                        "polynomial(0.1, 0, 1000, 2)",
                        "cosine(0.1, 0, 1000)",
                        "constant(0.1).then(700, polynomial(0.1, 0, 300, 1))"));
        pictures.put(
                "rising",
                List.of(
                        "cosineRestarts(0.1, 0, 142, 2)",
                        "triangular(0.01, 0.1, 125)",
                        "oneCycle(0.1, 1000, 0.3)",
                        "cosine(0.1, 0, 900).warmUp(100)"));
        return pictures;
    }

    @Override
    public String id() {
        return "B6";
    }

    @Override
    public String sentence() {
        return "schedules of learning rates, plotted, and against their closed forms";
    }

    @Override
    public void run(Report report) {
        double worst = 0;
        report.say("%-52s %6s %12s", "schedule", "step", "rate");
        for (Value v : EXACT) {
            double rate = Schedule.parse(v.schedule).at(v.step);
            worst = Math.max(worst, Math.abs(rate / v.rate - 1));
            report.say("%-52s %6d %12.6g", v.schedule, v.step, rate);
        }
        report.figure("values", "rates compared with closed forms", EXACT.size(), Reference.atLeast(20));
        report.figure("error", "largest relative difference", worst, Reference.atMost(1e-9));

        double[] steps = IntStream.range(0, 1000).asDoubleStream().toArray();
        PICTURES.forEach((name, schedules) -> {
            Plot plot = Plot.of("Learning rate", "step", "rate");
            for (String text : schedules) {
                Schedule schedule = Schedule.parse(text);
                double[] rates =
                        IntStream.range(0, 1000).mapToDouble(schedule::at).toArray();
                plot.line(text, steps, rates);
            }
            report.picture(name, plot);
        });
    }
}
