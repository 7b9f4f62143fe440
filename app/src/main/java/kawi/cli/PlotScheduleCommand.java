package kawi.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import kawi.base.KawiException;
import kawi.io.AtomicFiles;
import kawi.optim.Schedule;
import kawi.recipes.Plot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kawi plot-schedule}: learning rates over the steps of a training, before it. */
@Command(
        name = "plot-schedule",
        description =
                "Plot schedules of learning rates, such as \"cosine(0.1, 0.001, 900).warmUp(100)\", in characters and as PNG.",
        mixinStandardHelpOptions = true)
final class PlotScheduleCommand implements Callable<Integer> {
    private static final int POINTS = 1000;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "SCHEDULE",
            description = "One or more schedules, as written in Java after \"Schedule.\"; an unknown name lists all.")
    private List<String> texts = List.of();

    @Option(names = "--steps", paramLabel = "N", description = "Steps to plot (1000).")
    private long steps = 1000;

    @Option(names = "--log", description = "Count the rates in powers of ten.")
    private boolean log;

    @Option(names = "--out", paramLabel = "FILE", description = "The picture (runs/schedule.png).")
    private Path out = Runs.FOLDER.resolve("schedule.png");

    @Override
    public Integer call() {
        if (steps < 1) {
            throw new ParameterException(spec.commandLine(), "--steps starts at 1, but " + steps + " was given");
        }
        double[] at = LongStream.range(0, Math.min(steps, POINTS))
                .map(i -> steps <= POINTS ? i : Math.round((double) i * (steps - 1) / (POINTS - 1)))
                .asDoubleStream()
                .toArray();
        Plot plot = Plot.of("Learning rate", "step", "rate");
        if (log) {
            plot.logY();
        }
        PrintWriter text = spec.commandLine().getOut();
        for (String each : new LinkedHashSet<>(texts)) {
            Schedule schedule = parse(each);
            double[] rates = new double[at.length];
            for (int i = 0; i < at.length; i++) {
                rates[i] = schedule.at((long) at[i]);
            }
            plot.line(each, at, rates);
            text.printf(
                    Locale.ROOT,
                    "%s: %.6g at step 0, %.6g at step %d%n",
                    each,
                    rates[0],
                    rates[at.length - 1],
                    steps - 1);
        }
        Path folder = out.toAbsolutePath().getParent();
        if (folder != null) {
            Runs.make(folder);
        }
        AtomicFiles.write(out, plot.png());
        text.printf("%n%s%n%npicture %s%n", plot, out);
        text.flush();
        return 0;
    }

    private Schedule parse(String schedule) {
        try {
            return Schedule.parse(schedule);
        } catch (KawiException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
