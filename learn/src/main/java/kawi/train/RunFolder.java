package kawi.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kawi.base.KawiException;
import kawi.io.AtomicFiles;
import kawi.nn.Module;
import kawi.optim.Optimizer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a training keeps its checkpoints, metrics and curves.
 *
 * @param settings what was asked for, kept for {@code --resume}
 * @param provenance versions, machine and command
 */
record RunFolder(Path path, Map<String, String> settings, Map<String, String> provenance) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    /** Folders in which this process trains. A lock of the system does not tell one thread from another, and is lost when any channel to its file is closed. */
    private static final Set<Path> HERE = ConcurrentHashMap.newKeySet();

    /** A folder in which no other process trains until this is closed or the process ends. */
    record Lock(Path folder, FileChannel channel) implements AutoCloseable {
        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new KawiException("the lock of %s cannot be closed: %s".formatted(folder, e.getMessage()), e);
            } finally {
                HERE.remove(folder);
            }
        }
    }

    /** Keeps other trainings out. */
    Lock lock() {
        Path real;
        try {
            real = Files.createDirectories(path).toRealPath();
        } catch (IOException e) {
            throw cannotLock(e);
        }
        if (!HERE.add(real)) {
            throw taken();
        }
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = FileChannel.open(real.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            locked = channel.tryLock() != null;
            if (!locked) {
                throw taken();
            }
            return new Lock(real, channel);
        } catch (OverlappingFileLockException e) { // from this class as another class loader has it
            throw taken();
        } catch (IOException e) {
            throw cannotLock(e);
        } finally {
            if (!locked) {
                HERE.remove(real);
                close(channel);
            }
        }
    }

    private static void close(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // nothing was written to it, and the error under way says more
        }
    }

    private KawiException taken() {
        return new KawiException(
                "another training works in %s; let it end or stop it first, or train in a folder of another name"
                        .formatted(path));
    }

    private KawiException cannotLock(IOException e) {
        return new KawiException(
                "the folder %s cannot be locked against other trainings (%s); choose another with --out"
                        .formatted(path, e),
                e);
    }

    /** Saves a checkpoint, and removes those of its kind but the latest {@code keep}. */
    void save(String prefix, int keep, Module model, Optimizer optimizer, TrainingState state) {
        requireFinite(model, optimizer, state);
        String name = "%s%09d-%s".formatted(prefix, state.step(), state.batch() == 0 ? "epoch" : "batch");
        TrainingState full = state.with(settings, provenance);
        Checkpoint saved = Checkpoint.write(path.resolve("checkpoints").resolve(name), model, optimizer, full);
        Checkpoint.prune(path, prefix, keep, saved.folder());
    }

    /** What is not finite is not saved: the checkpoint before it stays the latest. */
    private void requireFinite(Module model, Optimizer optimizer, TrainingState state) {
        Optional<String> weights = Weights.nonFinite(model.state());
        Optional<String> found = weights.isPresent() ? weights : Weights.nonFinite(optimizer.state());
        if (found.isPresent()) {
            throw new TrainingException(
                    "no checkpoint is saved at step %d (epoch %d, batch %d), because %s %s. A gradient that is not finite although the loss is does that, for example that of a square root at 0. %s. Mend the operation, start anew with a smaller learning rate, or clip the gradients, which refuses such steps"
                            .formatted(
                                    state.step(),
                                    state.epoch() + 1,
                                    state.batch(),
                                    weights.isPresent() ? "the model's" : "the optimiser's state",
                                    found.get(),
                                    Checkpoint.folders(path, "step-").isEmpty()
                                            ? "There is no checkpoint before it"
                                            : "The last checkpoint before it is in " + path));
        }
    }

    /** Writes {@code metrics.jsonl} and {@code curves.png} anew. */
    void metrics(List<EpochMetrics> history) {
        StringBuilder lines = new StringBuilder();
        history.forEach(m -> lines.append(JSON.writeValueAsString(line(m))).append('\n'));
        AtomicFiles.write(path.resolve("metrics.jsonl"), lines.toString().getBytes(StandardCharsets.UTF_8));
        Curves.write(path.resolve("curves.png"), settings.getOrDefault("recipe", "training"), history);
    }

    /** JSON has no number that is not finite: null stands for it. */
    private static Map<String, @Nullable Object> line(EpochMetrics metrics) {
        Map<String, @Nullable Object> line = JSON.convertValue(metrics, new TypeReference<>() {});
        line.replaceAll((name, value) -> value instanceof Double d && !Double.isFinite(d) ? null : value);
        return line;
    }
}
