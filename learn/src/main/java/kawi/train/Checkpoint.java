package kawi.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kawi.base.KawiException;
import kawi.io.AtomicFiles;
import kawi.io.SafeTensors;
import kawi.nn.Module;
import kawi.optim.Optimizer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder from which training can go on: {@code model.safetensors}, {@code optimizer.safetensors} and {@code
 * state.json}, which holds the checksums of all three and is written last. A folder without it, or whose checksums
 * do not agree, is not a checkpoint.
 */
public record Checkpoint(Path folder, TrainingState state) {
    private static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final Map<String, String> METADATA = Map.of("format", "pt");
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * Writes a checkpoint; afterwards it is complete on the disk, or all is as it was: a new folder is gone again, and a
     * checkpoint that lay in an old one still lies there.
     */
    public static Checkpoint write(Path folder, Module model, Optimizer optimizer, TrainingState state) {
        AtomicFiles.Content weights = SafeTensors.content(Weights.entries(model.state()), METADATA);
        AtomicFiles.Content slots = SafeTensors.content(Weights.entries(optimizer.state()), METADATA);
        MessageDigest weightsDigest = digest();
        MessageDigest slotsDigest = digest();
        boolean fresh = !Files.exists(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new KawiException(
                    "the folder %s cannot be made (%s); choose another with --out".formatted(folder, reason(e)), e);
        }
        Map<Path, AtomicFiles.Content> files = new LinkedHashMap<>();
        files.put(folder.resolve(MODEL), c -> weights.writeTo(new Digesting(c, weightsDigest)));
        files.put(folder.resolve(OPTIMIZER), c -> slots.writeTo(new Digesting(c, slotsDigest)));
        // Written after the other two, when their checksums are known.
        TrainingState[] sealed = new TrainingState[1];
        files.put(folder.resolve(STATE), c -> {
            Map<String, String> sums = new TreeMap<>(Map.of(MODEL, hex(weightsDigest), OPTIMIZER, hex(slotsDigest)));
            sums.put(STATE, ownSum(state.withChecksums(sums)));
            sealed[0] = state.withChecksums(sums);
            AtomicFiles.writeFully(c, ByteBuffer.wrap(JSON.writeValueAsBytes(sealed[0])));
        });
        try {
            AtomicFiles.writeAll(files);
        } catch (RuntimeException e) {
            if (fresh) {
                delete(folder);
            }
            throw e;
        }
        return new Checkpoint(folder, sealed[0]);
    }

    /** Reads a checkpoint's state and verifies its files; an error says what is damaged. */
    public static Checkpoint read(Path folder) {
        Path file = folder.resolve(STATE);
        if (!Files.isRegularFile(file)) {
            throw new KawiException("%s is no checkpoint: it has no %s".formatted(folder, STATE));
        }
        TrainingState state;
        try {
            state = JSON.readValue(file.toFile(), TrainingState.class);
        } catch (JacksonException e) {
            throw new KawiException("%s is damaged: it is not the JSON that was written".formatted(file), e);
        }
        if (state == null) {
            throw new KawiException("%s is damaged: it is not the JSON that was written".formatted(file));
        }
        if (state.format() != TrainingState.FORMAT) {
            throw new KawiException("%s has format %d, but this version of Kawi reads format %d"
                    .formatted(file, state.format(), TrainingState.FORMAT));
        }
        Map<String, String> others = state.sha256() == null ? new TreeMap<>() : new TreeMap<>(state.sha256());
        if (!ownSum(state.withChecksums(others)).equals(others.remove(STATE))) {
            throw new KawiException("%s is damaged: it was changed after it was written".formatted(file));
        }
        others.forEach((name, expected) -> {
            Path part = folder.resolve(name);
            if (!Files.isRegularFile(part)) {
                throw new KawiException("%s is damaged: %s is missing".formatted(folder, name));
            }
            String found = sha256(part);
            if (!found.equals(expected)) {
                throw new KawiException("%s is damaged: %s has %d bytes and SHA-256 %s…, but %s… was written"
                        .formatted(folder, name, part.toFile().length(), start(found), start(expected)));
            }
        });
        return new Checkpoint(folder, state);
    }

    /** The checksum of everything that a state says but this checksum itself. */
    private static String ownSum(TrainingState state) {
        Map<String, String> others = new TreeMap<>(state.sha256());
        others.remove(STATE);
        MessageDigest digest = digest();
        digest.update(JSON.writeValueAsBytes(state.withChecksums(others)));
        return hex(digest);
    }

    /** The first digits of a checksum. */
    private static String start(String sha256) {
        return sha256.substring(0, Math.min(12, sha256.length()));
    }

    /** Gives a module the weights. */
    public void restore(Module model) {
        Path file = folder.resolve(MODEL);
        Weights.load(model.state(), SafeTensors.read(file), file.toString());
    }

    /** Gives a module the weights and an optimiser its slots. */
    public void restore(Module model, Optimizer optimizer) {
        restore(model);
        Path file = folder.resolve(OPTIMIZER);
        Weights.load(optimizer.state(), SafeTensors.read(file), file.toString());
        optimizer.resume(state.step());
    }

    /** The folders in which checkpoints of a run lie, the latest first; whether they are sound is not looked at. */
    static List<Path> folders(Path run, String prefix) {
        Path parent = run.resolve("checkpoints");
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> list = Files.list(parent)) {
            return new ArrayList<>(list.filter(p -> p.getFileName().toString().startsWith(prefix))
                    .sorted(Comparator.comparing((Path p) -> p.getFileName().toString())
                            .reversed())
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The latest checkpoint of a run.
     *
     * @throws KawiException if it is damaged; the message names the latest sound one
     */
    public static Checkpoint latest(Path run) {
        if (Files.isRegularFile(run.resolve(STATE))) {
            return read(run);
        }
        if (!Files.isDirectory(run)) {
            throw new KawiException("there is no run %s; ./kawi list shows the runs".formatted(run));
        }
        List<Path> folders = folders(run, "step-").stream()
                .filter(f -> Files.exists(f.resolve(STATE)))
                .toList();
        if (folders.isEmpty()) {
            throw new KawiException("the run %s has no checkpoint yet".formatted(run));
        }
        try {
            return read(folders.get(0));
        } catch (KawiException damaged) {
            for (Path other : folders.subList(1, folders.size())) {
                try {
                    read(other);
                } catch (KawiException alsoDamaged) {
                    continue;
                }
                throw new KawiException(
                        "%s%nThe last good checkpoint is %s; go on from it with --resume %s"
                                .formatted(firstLine(damaged), other, other),
                        damaged);
            }
            for (Path best : folders(run, "best-")) {
                try {
                    read(best);
                } catch (KawiException alsoDamaged) {
                    continue;
                }
                throw new KawiException(
                        "%s%nNo other checkpoint of its latest steps is sound, but the best one by validation is: %s; go on from it with --resume %s"
                                .formatted(firstLine(damaged), best, best),
                        damaged);
            }
            throw new KawiException(
                    firstLine(damaged) + "\nNo other checkpoint of this run is sound; start it anew", damaged);
        }
    }

    /** The best checkpoint of a run by validation, or the latest where none is marked. */
    public static Checkpoint best(Path run) {
        for (Path folder : folders(run, "best-")) {
            if (!Files.exists(folder.resolve(STATE))) {
                continue;
            }
            try {
                return read(folder);
            } catch (KawiException damaged) {
                throw new KawiException(
                        "%s%nName another checkpoint of the run instead, for example %s"
                                .formatted(firstLine(damaged), latest(run).folder()),
                        damaged);
            }
        }
        return latest(run);
    }

    /** As {@link #best}, of the run that this checkpoint belongs to. */
    Checkpoint bestOfRun() {
        Path all = folder().toAbsolutePath().normalize().getParent();
        Path run = all == null ? null : all.getParent();
        if (run == null) {
            throw new KawiException("the checkpoint %s lies in no run".formatted(folder()));
        }
        return best(run);
    }

    /**
     * Removes checkpoints of a kind but the latest {@code keep}, one of which is {@code saved}: those of later steps, if
     * there are, were left behind when the run went on from an earlier one.
     */
    static void prune(Path run, String prefix, int keep, Path saved) {
        List<Path> folders = folders(run, prefix);
        if (folders.remove(saved)) {
            folders.add(0, saved);
        }
        folders.subList(Math.min(keep, folders.size()), folders.size()).forEach(Checkpoint::delete);
    }

    /** The message without the line of code that it ends with. */
    private static String firstLine(KawiException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.AccessDeniedException
                ? "no permission"
                : e instanceof java.nio.file.FileSystemException f && f.getReason() != null
                        ? f.getReason()
                        : e.toString();
    }

    private static void delete(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path p : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(p);
            }
        } catch (IOException | UncheckedIOException e) {
            // What cannot be removed is no checkpoint without its state, and is removed with a later one.
        }
    }

    /** Passes bytes on and into a digest. */
    private record Digesting(WritableByteChannel target, MessageDigest digest) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) throws IOException {
            ByteBuffer same = source.duplicate();
            int n = target.write(source);
            digest.update(same.limit(same.position() + n));
            return n;
        }

        @Override
        public boolean isOpen() {
            return target.isOpen();
        }

        @Override
        public void close() throws IOException {
            target.close();
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String sha256(Path file) {
        MessageDigest digest = digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new KawiException("%s cannot be read: %s".formatted(file, reason(e)), e);
        }
        return hex(digest);
    }
}
