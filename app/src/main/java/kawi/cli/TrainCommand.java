package kawi.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kawi.base.KawiException;
import kawi.nn.Module;
import kawi.optim.Optimizer;
import kawi.recipes.Recipe;
import kawi.tensor.Kawi;
import kawi.train.Checkpoint;
import kawi.train.EpochMetrics;
import kawi.train.Trainer;
import kawi.train.Weights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code kawi train}: trains a recipe's network, or goes on with a run. */
@Command(
        name = "train",
        description = "Train a network. Ctrl-C saves; --resume goes on from there.",
        footerHeading = "%nRecipes and what they take unless told otherwise:%n",
        footer = "${kawi.recipes}",
        mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "RECIPE", description = "What to train; ./kawi list shows the recipes.")
    private @Nullable String recipeName;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training examples.")
    private @Nullable Integer epochs;

    @Option(names = "--batch", paramLabel = "N", description = "Examples a step.")
    private @Nullable Integer batch;

    @Option(names = "--lr", paramLabel = "X", description = "Learning rate, or its peak.")
    private @Nullable Double learningRate;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of all random numbers (0).")
    private @Nullable Long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that compute (all cores); results do not depend on it.")
    private @Nullable Integer threads;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder of data sets (KAWI_DATA, then the user's cache).")
    private @Nullable Path data;

    @Option(names = "--out", paramLabel = "RUN", description = "Folder of the run (runs/RECIPE-N).")
    private @Nullable Path out;

    @Option(names = "--resume", paramLabel = "RUN", description = "Go on with this run from its last checkpoint.")
    private @Nullable Path resume;

    @Option(names = "--eager", description = "Run every operation as it is called: slow, same weights.")
    private boolean eager;

    @Option(names = "--json", description = "End with one JSON object on standard output.")
    private boolean json;

    /** What a run is asked for; kept with its checkpoints. */
    private record Settings(String recipe, int epochs, int batch, double learningRate, long seed) {
        static Settings of(Map<String, String> map) {
            try {
                return new Settings(
                        map.getOrDefault("recipe", ""),
                        Integer.parseInt(map.getOrDefault("epochs", "")),
                        Integer.parseInt(map.getOrDefault("batch", "")),
                        Double.parseDouble(map.getOrDefault("lr", "")),
                        Long.parseLong(map.getOrDefault("seed", "")));
            } catch (NumberFormatException e) {
                throw new KawiException("the settings of the run are damaged: %s; start a new run".formatted(map), e);
            }
        }

        Map<String, String> map() {
            Map<String, String> m = new LinkedHashMap<>();
            m.put("recipe", recipe);
            m.put("epochs", Integer.toString(epochs));
            m.put("batch", Integer.toString(batch));
            m.put("lr", Double.toString(learningRate));
            m.put("seed", Long.toString(seed));
            return m;
        }
    }

    @Override
    public Integer call() {
        checkValues();
        Checkpoint checkpoint = resume == null ? null : Checkpoint.latest(resume);
        Settings settings = checkpoint == null ? asked() : resumed(checkpoint);
        Recipe recipe = Recipes.find(settings.recipe(), spec);
        if (threads != null) {
            Kawi.threads(threads);
        }
        Kawi.eager(eager);
        Recipe.Data sets = recipe.load(data);
        if (settings.batch() > sets.train().size()) {
            throw wrong("--batch %d is more than the %d training examples"
                    .formatted(settings.batch(), sets.train().size()));
        }
        Path run = checkpoint != null ? runOf(checkpoint) : out != null ? Runs.take(out) : Runs.create(recipe.name());

        Kawi.seed(settings.seed());
        Module model = recipe.model();
        long steps = (long) settings.epochs() * Math.ceilDiv(sets.train().size(), settings.batch());
        Optimizer optimizer = recipe.optimizer(model, settings.learningRate(), steps);
        Trainer trainer = new Trainer(model, optimizer, settings.batch(), settings.epochs(), settings.seed())
                .folder(run, settings.map(), Provenance.now(spec.commandLine()));
        if (checkpoint != null) {
            trainer.resume(checkpoint);
            if (checkpoint.state().epoch() >= settings.epochs()) {
                System.err.printf("this run has all its %d epochs; only the test is done again%n", settings.epochs());
            }
        }
        System.err.printf("%s: %s%n%s, run %s%n", recipe.name(), recipe.description(), Kawi.device(), run);
        List<EpochMetrics> history = fit(trainer, sets, run, recipe);
        if (trainer.stopped()) {
            return 130;
        }
        report(recipe, run, trainer.evaluate(sets.test()), model, history);
        return 0;
    }

    private List<EpochMetrics> fit(Trainer trainer, Recipe.Data sets, Path run, Recipe recipe) {
        CountDownLatch done = new CountDownLatch(1);
        // Ctrl-C: the step under way ends, a checkpoint is written, then the process goes.
        Thread hook = new Thread(() -> {
            trainer.stop();
            System.err.printf("%nstopping after this step …%n");
            try {
                if (!done.await(60, TimeUnit.SECONDS)) {
                    System.err.printf("the step did not end in a minute; the last checkpoint is in %s%n", run);
                } else if (trainer.stopped()) {
                    System.err.printf("saved; go on with: ./kawi train %s --resume %s%n", recipe.name(), run);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return trainer.fit(sets.train(), sets.validation());
        } finally {
            done.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException alreadyEnding) {
                // The hook runs; it has what it waits for.
            }
        }
    }

    private void report(Recipe recipe, Path run, Trainer.Score score, Module model, List<EpochMetrics> history) {
        PrintWriter standard = spec.commandLine().getOut();
        double seconds = Provenance.secondsSinceStart();
        standard.printf(
                Locale.ROOT,
                "test accuracy %.4f  loss %.4f  epochs %d  %.1f s since the start of Java%nweights and curves in %s%n",
                score.accuracy(),
                score.loss(),
                history.size(),
                seconds,
                run);
        if (json) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("run", run.toString());
            line.put("recipe", recipe.name());
            line.put("test_accuracy", score.accuracy());
            line.put("test_loss", Double.isFinite(score.loss()) ? score.loss() : null);
            line.put("epochs", history.size());
            line.put("seconds", Math.round(seconds * 10) / 10.0);
            line.put(
                    "epoch_seconds",
                    history.stream()
                            .map(m -> Math.round(m.seconds() * 100) / 100.0)
                            .toList());
            line.put(
                    "examples_per_second",
                    Math.round(history.stream()
                            .mapToDouble(EpochMetrics::examplesPerSecond)
                            .average()
                            .orElse(0)));
            line.put("weights_sha256", Weights.sha256(model.state()));
            standard.println(JsonMapper.builder().build().writeValueAsString(line));
        }
        standard.flush();
    }

    private Settings asked() {
        if (recipeName == null) {
            throw wrong("name a recipe: "
                    + String.join(
                            " or ", Recipe.all().stream().map(Recipe::name).toList())
                    + ", for example ./kawi train digits");
        }
        Recipe r = Recipes.find(recipeName, spec);
        return new Settings(
                r.name(),
                epochs != null ? epochs : r.epochs(),
                batch != null ? batch : r.batchSize(),
                learningRate != null ? learningRate : r.learningRate(),
                seed != null ? seed : 0);
    }

    private Settings resumed(Checkpoint checkpoint) {
        Settings kept = Settings.of(checkpoint.state().settings());
        Map<String, String> conflicts = new TreeMap<>();
        conflict(conflicts, "recipe", recipeName, kept.recipe());
        conflict(conflicts, "--epochs", epochs, kept.epochs());
        conflict(conflicts, "--batch", batch, kept.batch());
        conflict(conflicts, "--lr", learningRate, kept.learningRate());
        conflict(conflicts, "--seed", seed, kept.seed());
        if (out != null) {
            conflicts.put("--out", "the run goes on in its own folder");
        }
        if (!conflicts.isEmpty()) {
            List<String> each = conflicts.entrySet().stream()
                    .map(c -> c.getKey() + ": " + c.getValue())
                    .toList();
            throw wrong(
                    "a resumed run goes on with its own settings, but others were asked for (%s). Leave these out, or start a new run"
                            .formatted(String.join("; ", each)));
        }
        return kept;
    }

    private static void conflict(Map<String, String> conflicts, String name, @Nullable Object asked, Object kept) {
        if (asked != null && !asked.equals(kept)) {
            conflicts.put(name, asked + " instead of " + kept);
        }
    }

    /** The run's folder: a checkpoint lies in {@code RUN/checkpoints/NAME}. */
    private static Path runOf(Checkpoint checkpoint) {
        Path folder = checkpoint.folder().toAbsolutePath().normalize();
        Path run = folder.getParent() == null ? null : folder.getParent().getParent();
        if (run == null || !Files.isDirectory(run)) {
            throw new KawiException("the checkpoint %s lies in no run".formatted(folder));
        }
        Path here = Path.of("").toAbsolutePath();
        return run.startsWith(here) ? here.relativize(run) : run;
    }

    private void checkValues() {
        if (epochs != null && epochs < 1) {
            throw wrong("--epochs starts at 1, but " + epochs + " was given");
        }
        if (batch != null && batch < 1) {
            throw wrong("--batch starts at 1, but " + batch + " was given");
        }
        if (learningRate != null && !(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw wrong("--lr must be a number above 0, for example 0.001, but " + learningRate + " was given");
        }
        if (threads != null && (threads < 1 || threads > 1024)) {
            throw wrong("--threads lies in 1 to 1024, but " + threads + " was given");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
