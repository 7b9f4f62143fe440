package kawi.evaluate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import kawi.base.KawiException;
import kawi.data.DataException;
import kawi.io.AtomicFiles;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trials in a file: a line of JSON on the search, then one for each trial, sorted, so that the file does not depend on their order. Written whole
 * or not at all.
 */
final class TrialFile {
    private static final JsonMapper JSON = JsonMapper.shared();

    private record Place(Configuration configuration, int budget) {}

    private final Path path;
    private final long seed;
    private final Map<Place, Trial> trials = new HashMap<>();

    private TrialFile(Path path, long seed) {
        this.path = path;
        this.seed = seed;
    }

    static TrialFile open(Path path, long seed) {
        TrialFile file = new TrialFile(path, seed);
        if (Files.exists(path)) {
            file.read();
        }
        return file;
    }

    synchronized @Nullable Trial find(Configuration configuration, int budget) {
        return trials.get(new Place(configuration, budget));
    }

    synchronized void add(Trial trial) {
        trials.put(new Place(trial.configuration(), trial.budget()), trial);
        StringBuilder text = new StringBuilder(line(Map.of("search", 1, "seed", seed)));
        trials.values().stream()
                .map(t -> {
                    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
                    fields.put("configuration", t.configuration().values());
                    fields.put("budget", t.budget());
                    fields.put("score", Double.toString(t.score())); // JSON has no NaN
                    return line(fields);
                })
                .sorted()
                .forEach(text::append);
        AtomicFiles.write(path, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String line(Map<String, ?> fields) {
        return JSON.writeValueAsString(new java.util.TreeMap<>(fields)) + "\n";
    }

    private void read() {
        int number = 0;
        try {
            for (String line : Files.readAllLines(path)) {
                number++;
                JsonNode node = JSON.readTree(line);
                if (number == 1) {
                    if (!node.path("search").isInt() || node.path("seed").asLong(seed + 1) != seed) {
                        throw new DataException(
                                "%s, line 1: a search under seed %d was expected, found: %s. Name another file, or search under its seed"
                                        .formatted(path, seed, shortened(line)));
                    }
                    continue;
                }
                Map<String, Object> values = new HashMap<>();
                node.path("configuration")
                        .properties()
                        .forEach(e -> values.put(
                                e.getKey(),
                                e.getValue().isNumber()
                                        ? (Object) e.getValue().asDouble()
                                        : e.getValue().asString()));
                Configuration configuration = new Configuration(values);
                int budget = node.path("budget").asInt();
                double score = Double.parseDouble(node.path("score").asString());
                trials.put(new Place(configuration, budget), new Trial(configuration, budget, score));
            }
        } catch (JacksonException | NumberFormatException | KawiException e) {
            throw new DataException(
                    "%s, line %d: this is no trial of a search; name another file, or remove it"
                            .formatted(path, number),
                    e);
        } catch (IOException e) {
            throw new DataException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
        }
    }

    private static String shortened(String line) {
        return line.length() <= 60 ? line : line.substring(0, 60) + "…";
    }
}
