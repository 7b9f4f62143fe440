package kawi.train;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import kawi.base.KawiException;
import kawi.data.Batch;
import kawi.data.Dataset;
import kawi.data.Loader;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.optim.Optimizer;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Trains a classifier: epochs over shuffled batches, validation after each, metrics, checkpoints. A training that was
 * interrupted and resumed ends with the same weights, bit for bit, as one that was not. Steps overwrite the parameters in
 * place ({@link Optimizer#inPlace}), so other threads must leave the model alone meanwhile.
 *
 * <pre>{@code
 * var trainer = new Trainer(model, new Adam(model.parameters(), 1e-3), 64, 4, 0);
 * trainer.fit(train, validation);
 * }</pre>
 */
public final class Trainer {
    private final Module model;
    private final Optimizer optimizer;
    private final int batchSize;
    private final int epochs;
    private final long seed;
    private BinaryOperator<Tensor> loss = Losses::crossEntropy;
    private int patience = Integer.MAX_VALUE;
    private @Nullable EarlyStopping stopping;
    private boolean goesOn = true;
    private @Nullable AveragedModel average;
    private double checkpointSeconds = 10;
    private @Nullable RunFolder folder;
    private PrintStream out = System.err;
    private boolean quiet;
    private volatile boolean stopAsked;
    private long lastSaved;

    private TrainingState state;

    /**
     * A training from the start.
     *
     * @param seed of the order of the examples and all other random numbers. The training draws from a stream of its own,
     *     which goes on from where the global one stands now; so make the model after {@code Kawi.seed(seed)} for a run
     *     that can be repeated
     */
    public Trainer(Module model, Optimizer optimizer, int batchSize, int epochs, long seed) {
        if (batchSize < 1 || epochs < 1) {
            throw new KawiException(
                    "Trainer: batch size and epochs start at 1, but %d and %d were given".formatted(batchSize, epochs));
        }
        this.model = model;
        this.optimizer = optimizer.inPlace(true);
        this.batchSize = batchSize;
        this.epochs = epochs;
        this.seed = seed;
        this.state = TrainingState.start(seed, Kawi.drawnKeys());
    }

    /** Another loss than cross-entropy: of the model's output and the targets. Returns this. */
    public Trainer loss(BinaryOperator<Tensor> loss) {
        this.loss = loss;
        return this;
    }

    /** Stops once the validation accuracy has not risen for so many epochs. Returns this. */
    public Trainer patience(int epochsWithoutGain) {
        if (epochsWithoutGain < 1) {
            throw new KawiException("patience starts at 1 epoch, but " + epochsWithoutGain + " was given");
        }
        this.patience = epochsWithoutGain;
        return this;
    }

    /**
     * Ends once the validation loss has not fallen for so many epochs, and gives the model back the weights of the epoch where it was lowest ({@link EarlyStopping}), which
     * are then the best checkpoint too. Comes before {@link #resume}. Returns this.
     */
    public Trainer earlyStopping(int patience) {
        if (!state.history().isEmpty()) {
            throw new KawiException("earlyStopping: ask for it before resume, which tells it of the epochs so far");
        }
        this.stopping = new EarlyStopping(model, patience);
        return this;
    }

    /**
     * Validates the average of the weights that the optimiser keeps ({@link Optimizer#average}), with the statistics of batch normalisations computed anew from all training examples
     * (Izmailov et al. 2018, algorithm 1), and not the weights of the last step. The average is the best checkpoint, and what the model has at the end. Returns this.
     */
    public Trainer averaged() {
        this.average = new AveragedModel(model, optimizer, batchSize);
        return this;
    }

    /**
     * Keeps the run in a folder: checkpoints (the latest two and the best), {@code metrics.jsonl} and {@code curves.png}.
     *
     * While {@link #fit} works no other training may: the file {@code lock} in it is locked, which ends with the process at the latest.
     *
     * @param settings what was asked for, kept for {@code --resume}
     * @param provenance versions, machine and command, kept for the record
     */
    public Trainer folder(Path folder, Map<String, String> settings, Map<String, String> provenance) {
        this.folder = new RunFolder(folder, settings, provenance);
        return this;
    }

    /** Saves a checkpoint at least so often, besides the end of each epoch. Returns this. */
    public Trainer checkpointEvery(double seconds) {
        if (!(seconds >= 0)) {
            throw new KawiException("checkpointEvery: seconds count from 0, but " + seconds + " was given");
        }
        this.checkpointSeconds = seconds;
        return this;
    }

    /** Prints nothing. Returns this. */
    public Trainer quiet() {
        this.quiet = true;
        return this;
    }

    /** Goes on from a checkpoint: the model and the optimiser get its values. Returns this. */
    public Trainer resume(Checkpoint checkpoint) {
        List<EpochMetrics> past = checkpoint.state().history();
        if (stopping != null && !past.isEmpty()) {
            checkpoint.bestOfRun().restore(model);
            past.forEach(
                    m -> goesOn = stopping.goOn(m.validationLoss())); // it keeps what the model has: the best weights
        }
        checkpoint.restore(model, optimizer);
        state = checkpoint.state();
        return this;
    }

    /** Asks a running {@link #fit} to save and return after the step under way; may be called from any thread. */
    public void stop() {
        stopAsked = true;
    }

    /**
     * Trains until the epochs are done, patience is lost, or {@link #stop} is called.
     *
     * @return the metrics of the epochs that are complete
     * @throws TrainingException if the loss is not finite: it names the step, the layer and the operation; or if the
     *     weights are not, when they would be saved: it names the parameter
     * @throws KawiException if another training works in the folder
     */
    public List<EpochMetrics> fit(Dataset train, Dataset validation) {
        if (train.size() == 0 || validation.size() == 0) {
            throw new KawiException("fit: examples to train on and to validate on are needed, but there are %d and %d"
                    .formatted(train.size(), validation.size()));
        }
        RunFolder run = folder;
        if (run == null) {
            return Kawi.withStream(state.seed(), state.drawnKeys(), () -> run(train, validation));
        }
        state = state.with(run.settings(), run.provenance());
        try (RunFolder.Lock _ = run.lock()) {
            return Kawi.withStream(state.seed(), state.drawnKeys(), () -> run(train, validation));
        }
    }

    private List<EpochMetrics> run(Dataset train, Dataset validation) {
        Loader loader = new Loader(train, batchSize, Key.of(seed).fold(1), true);
        save("step-", 2);
        while (state.epoch() < epochs && state.epochsSinceBest() < patience && goesOn) {
            if (!trainEpoch(loader)) {
                save("step-", 2);
                return state.history();
            }
            if (average == null) {
                finishEpoch(validation);
            } else {
                average.with(train, () -> finishEpoch(validation));
            }
            save("step-", 2);
        }
        if (stopping != null && stopping.bestEpoch() > 0) {
            stopping.restoreBest();
        } else if (average != null) {
            average.take(train);
        }
        return state.history();
    }

    /** Whether {@link #fit} returned because it was asked to, before its end. */
    public boolean stopped() {
        return stopAsked && state.epoch() < epochs;
    }

    /** The steps of one epoch, or of what remains of it; false if stopped. */
    private boolean trainEpoch(Loader loader) {
        model.train();
        ProgressLine progress = new ProgressLine(quiet, out);
        Iterator<Batch> batches = loader.epoch(state.epoch(), state.batch());
        int batch = state.batch();
        double lossSum = state.lossSum();
        long correct = state.correct();
        long seen = state.seen();
        double before = state.seconds();
        long start = System.nanoTime();
        lastSaved = start;
        while (batches.hasNext()) {
            if (stopAsked) {
                return false;
            }
            Batch b = batches.next();
            long drawn = Kawi.drawnKeys();
            Tensor output = model.forward(b.x());
            Tensor l = loss.apply(output, b.y());
            Tensor hits = Scoring.hits(output, b.y());
            if (!optimizer.step(l, hits)) {
                progress.clear();
                throw diverged(Double.isFinite(l.item()) ? "the gradient" : "the loss", b, drawn, batch);
            }
            batch++;
            seen += b.size();
            lossSum += l.item() * b.size();
            correct += (long) hits.item();
            long now = System.nanoTime();
            double seconds = before + (now - start) / 1e9;
            state = state.batch(Kawi.drawnKeys(), batch, optimizer.steps(), lossSum, correct, seen, seconds);
            if ((now - lastSaved) / 1e9 > checkpointSeconds) {
                save("step-", 2);
                lastSaved = System.nanoTime();
            }
            double rate = seen / Math.max(1e-9, seconds);
            long left = (long) (epochs - state.epoch() - 1) * loader.size() + loader.size() - seen;
            progress.show(
                    state.epoch() + 1,
                    epochs,
                    seen,
                    loader.size(),
                    lossSum / seen,
                    (double) correct / seen,
                    rate,
                    left / rate);
        }
        progress.clear();
        return true;
    }

    /** Scores the model, and keeps it where it is the best. */
    private Score finishEpoch(Dataset validation) {
        Score score = evaluate(validation);
        EpochMetrics metrics = new EpochMetrics(
                state.epoch() + 1,
                state.step(),
                optimizer.learningRate(),
                state.lossSum() / state.seen(),
                (double) state.correct() / state.seen(),
                score.loss(),
                score.accuracy(),
                state.seconds(),
                state.seen() / state.seconds());
        List<EpochMetrics> history = new ArrayList<>(state.history());
        history.add(metrics);
        boolean better = better(score);
        state = state.epoch(
                Kawi.drawnKeys(),
                better ? score.accuracy() : state.best(),
                better ? 0 : state.epochsSinceBest() + 1,
                List.copyOf(history));
        if (!quiet) {
            out.println(String.format(
                    Locale.ROOT,
                    "epoch %d/%d  loss %.4f  accuracy %.4f  validation loss %.4f  accuracy %.4f  %.1f s  %,.0f examples/s",
                    metrics.epoch(),
                    epochs,
                    metrics.trainLoss(),
                    metrics.trainAccuracy(),
                    metrics.validationLoss(),
                    metrics.validationAccuracy(),
                    metrics.seconds(),
                    metrics.examplesPerSecond()));
        }
        if (better) {
            save("best-", 1);
        }
        RunFolder run = folder;
        if (run != null) {
            run.metrics(history);
        }
        return score;
    }

    private boolean better(Score score) {
        if (stopping == null) {
            return score.accuracy() > state.best();
        }
        int before = stopping.bestEpoch();
        goesOn = stopping.goOn(score.loss());
        return stopping.bestEpoch() > before;
    }

    /** Mean loss and share predicted right over a data set. */
    public record Score(double loss, double accuracy) {}

    /** Scores the model as it is now, without training behaviour; afterwards it behaves as before. */
    public Score evaluate(Dataset dataset) {
        return Scoring.of(model, loss, dataset);
    }

    private void save(String prefix, int keep) {
        RunFolder run = folder;
        if (run != null) {
            run.save(prefix, keep, model, optimizer, state);
        }
    }

    /** Runs the step again, layer by layer, to find where the first value that is not finite came from. */
    private TrainingException diverged(String what, Batch b, long drawn, int batch) {
        Kawi.restore(seed, drawn);
        String where = FirstNonFinite.find(model, b.x(), output -> loss.apply(output, b.y()));
        return new TrainingException(
                "%s is not finite at step %d (epoch %d, batch %d): %s. Nothing is lost: %s. Start anew with a smaller learning rate, or clip the gradients"
                        .formatted(
                                what,
                                optimizer.steps() + 1,
                                state.epoch() + 1,
                                batch + 1,
                                where,
                                folder == null
                                        ? "the parameters are those before this step"
                                        : "the last checkpoint before it is in " + folder.path()));
    }
}
