package kawi.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kawi.base.KawiException;
import kawi.recipes.Recipe;
import kawi.train.Checkpoint;
import kawi.train.EpochMetrics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kawi list}: the recipes, and the runs of this folder. */
@Command(name = "list", description = "List the recipes, and the runs in a folder.", mixinStandardHelpOptions = true)
final class ListCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "FOLDER", description = "Where the runs lie (runs).")
    private Path folder = Runs.FOLDER;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.println("recipes");
        for (Recipe r : Recipe.all()) {
            out.printf("  %-10s %s%n", r.name(), r.description());
        }
        List<Path> runs = Runs.list(folder);
        out.println(runs.isEmpty() ? "no runs in " + folder : "runs");
        for (Path run : runs) {
            out.printf("  %-22s %s%n", run, state(run));
        }
        out.flush();
    }

    private static String state(Path run) {
        try {
            List<EpochMetrics> history = Checkpoint.latest(run).state().history();
            if (history.isEmpty()) {
                return "in its first epoch";
            }
            EpochMetrics last = history.get(history.size() - 1);
            return String.format(
                    Locale.ROOT, "epoch %d, validation accuracy %.4f", last.epoch(), last.validationAccuracy());
        } catch (KawiException e) {
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
        }
    }
}
