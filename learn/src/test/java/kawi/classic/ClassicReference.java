package kawi.classic;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import kawi.tensor.Tensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small problem and its solutions by NumPy and SciPy, written by {@code src/test/python/classic.py}. */
final class ClassicReference {
    private static final JsonNode ALL = read();

    private ClassicReference() {}

    private static JsonNode read() {
        try (InputStream in = ClassicReference.class.getResourceAsStream("reference.json")) {
            return JsonMapper.shared().readTree(Objects.requireNonNull(in).readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double[] numbers(String name) {
        return StreamSupport.stream(ALL.get(name).spliterator(), false)
                .flatMap(v -> v.isArray() ? StreamSupport.stream(v.spliterator(), false) : Stream.of(v))
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    /** A matrix, {@code F64}. */
    static Tensor matrix(String name) {
        int rows = ALL.get(name).size();
        double[] all = numbers(name);
        return Tensor.of(all, rows, all.length / rows);
    }

    /** A vector, {@code F64}. */
    static Tensor vector(String name) {
        return Tensor.of(numbers(name));
    }
}
