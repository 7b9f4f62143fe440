package kawi.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kawi.data.Digits;
import kawi.nn.Module;
import kawi.recipes.Recipe;
import kawi.train.Checkpoint;
import kawi.train.EpochMetrics;
import kawi.train.TrainingState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kawi summary}: a run's network and how far it came. */
@Command(
        name = "summary",
        description =
                "Show a run's layers: shapes, units, parameters, multiply-adds, bytes of activations, receptive fields.",
        mixinStandardHelpOptions = true)
final class SummaryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "The run's folder.")
    private Path run;

    @Override
    public Integer call() {
        Checkpoint checkpoint = Checkpoint.latest(run);
        Recipe recipe = Recipes.find(checkpoint.state().settings().getOrDefault("recipe", ""), spec);
        Module model = recipe.model();
        PrintWriter out = spec.commandLine().getOut();
        out.print(model.summary(1, 1, Digits.SIZE, Digits.SIZE));
        TrainingState state = checkpoint.state();
        List<EpochMetrics> history = state.history();
        out.printf("%nsettings");
        state.settings().forEach((name, value) -> out.printf("  %s %s", name, value));
        out.printf("%n");
        for (EpochMetrics m : history) {
            out.printf(
                    Locale.ROOT,
                    "epoch %d  loss %.4f  accuracy %.4f  validation loss %.4f  accuracy %.4f%n",
                    m.epoch(),
                    m.trainLoss(),
                    m.trainAccuracy(),
                    m.validationLoss(),
                    m.validationAccuracy());
        }
        if (state.batch() > 0 || history.isEmpty()) {
            out.printf(
                    Locale.ROOT,
                    "epoch %d  under way: %,d examples, step %,d%n",
                    state.epoch() + 1,
                    state.seen(),
                    state.step());
        }
        out.flush();
        return 0;
    }
}
