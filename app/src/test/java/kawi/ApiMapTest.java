package kawi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.io.Npy;
import kawi.io.Npz;
import kawi.linalg.Linalg;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Activations;
import kawi.tensor.Fft;
import kawi.tensor.Index;
import kawi.tensor.Indexed;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Special;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;
import kawi.tensor.Unique;
import org.junit.jupiter.api.Test;

/** docs/api-map.md names no method that does not exist. */
class ApiMapTest {
    private static final List<Class<?>> CLASSES = List.of(
            Tensor.class,
            Kawi.class,
            Key.class,
            Fft.class,
            Special.class,
            Activations.class,
            Npy.class,
            Npz.class,
            Linalg.class,
            SparseMatrix.class,
            Transform.class);
    /** Where a call after a point may belong, besides {@link Tensor}. */
    private static final List<Class<?>> RESULTS = List.of(Tensor.class, Indexed.class, Unique.class, List.class);

    private static final Pattern CALL = Pattern.compile("(?:\\b([A-Z]\\w*)\\.|(\\.))?\\b([a-z]\\w*)\\(");

    private static Set<String> methods(List<Class<?>> classes, boolean onlyStatic) {
        return classes.stream()
                .flatMap(c -> Arrays.stream(c.getMethods()))
                .filter(m -> !onlyStatic || Modifier.isStatic(m.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMethodNamedExists() throws IOException {
        int present = 0;
        int absent = 0;
        List<String> wrong = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("..", "docs", "api-map.md"))) {
            if (!line.startsWith("| ") || line.startsWith("| PyTorch")) {
                continue;
            }
            String kawi = line.split(" \\| ")[2];
            if (kawi.startsWith("absent: ")) {
                absent++;
                assertThat(kawi.length()).as(line).isGreaterThan(20);
                continue;
            }
            present++;
            assertThat(kawi).as(line).startsWith("`");
            Matcher m = CALL.matcher(kawi);
            boolean any = false;
            while (m.find()) {
                any = true;
                String type = m.group(1);
                Set<String> known = type != null
                        ? methods(
                                CLASSES.stream()
                                        .filter(c -> c.getSimpleName().equals(type))
                                        .toList(),
                                !type.equals("Key") && !type.equals("SparseMatrix"))
                        : m.group(2) != null ? methods(RESULTS, false) : methods(List.of(Index.class), true);
                if (!known.contains(m.group(3))) {
                    wrong.add(line);
                }
            }
            assertThat(any).as("a method in " + line).isTrue();
        }
        System.out.printf("api-map: %d rows present, %d absent%n", present, absent);
        assertThat(wrong).as("rows that name a method which is not there").isEmpty();
        assertThat(present).isGreaterThanOrEqualTo(250);
        assertThat(Stream.of(present, absent)).allMatch(n -> n > 0);
    }
}
