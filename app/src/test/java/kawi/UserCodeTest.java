package kawi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user of the library does, in processes of their own: the README's class, a class path, a module path. */
class UserCodeTest {
    private static final String TRAINING = """
            package demo;

            import kawi.nn.Linear;
            import kawi.nn.Losses;
            import kawi.nn.Module;
            import kawi.optim.Sgd;
            import kawi.tensor.Kawi;
            import kawi.tensor.Tensor;

            public class Training {
                static class Line extends Module {
                    private final Linear layer = new Linear(1, 1);

                    @Override
                    public Tensor forward(Tensor x) {
                        return layer.forward(x);
                    }
                }

                public static void main(String[] args) {
                    Kawi.seed(0);
                    Line model = new Line();
                    Sgd optimizer = new Sgd(model.parameters(), 0.1);
                    Tensor x = Tensor.linspace(-1, 1, 50).unsqueeze(1);
                    Tensor y = x.mul(3).sub(1);
                    Tensor loss = Tensor.scalar(0);
                    for (int i = 0; i < 300; i++) {
                        loss = Losses.mse(model.forward(x), y);
                        optimizer.step(loss);
                    }
                    System.out.println(model.state().keySet() + (loss.item() < 1e-8 ? " learnt" : " " + loss.item()));
                }
            }
            """;

    @TempDir
    Path temp;

    private void compile(Path target, List<String> flags, Path... sources) throws Exception {
        List<String> arguments = new ArrayList<>(flags);
        arguments.addAll(List.of("-d", target.toString(), "-proc:none"));
        Stream.of(sources).map(Path::toString).forEach(arguments::add);
        ChildJvm.Result r = ChildJvm.run("javac", temp, arguments);
        assertThat(r.status()).as(r.err()).isZero();
    }

    private Path write(String name, String text) throws Exception {
        Path file = temp.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static String joined(List<String> entries, String more) {
        return String.join(File.pathSeparator, entries) + File.pathSeparator + more;
    }

    @ParameterizedTest
    @ValueSource(strings = {"--add-modules=jdk.incubator.vector", "-Dno.vector.module=true"})
    void aClassOnTheClassPathDefinesItsModuleAndTrains(String flag) throws Exception {
        Path source = write("demo/Training.java", TRAINING);
        Path classes = temp.resolve("classes");
        compile(classes, List.of("-cp", String.join(File.pathSeparator, ChildJvm.libraries())), source);
        ChildJvm.Result r = ChildJvm.run(
                "java", temp, List.of(flag, "-cp", joined(ChildJvm.libraries(), classes.toString()), "demo.Training"));
        assertThat(r.out()).as(r.err()).isEqualToIgnoringNewLines("[layer.weight, layer.bias] learnt");
        assertThat(r.status()).isZero();
    }

    @Test
    void aClassOnTheModulePathDefinesItsModuleAndTrains() throws Exception {
        Path source = write("demo/Training.java", TRAINING);
        Path module = write("module-info.java", "module demo { requires kawi.learn; opens demo to kawi.learn; }");
        Path classes = temp.resolve("classes");
        String path = String.join(File.pathSeparator, ChildJvm.libraries());
        compile(classes, List.of("-p", path), source, module);
        ChildJvm.Result r = ChildJvm.run(
                "java",
                temp,
                List.of("-p", joined(ChildJvm.libraries(), classes.toString()), "-m", "demo/demo.Training"));
        assertThat(r.out()).as(r.err()).isEqualToIgnoringNewLines("[layer.weight, layer.bias] learnt");
    }

    @Test
    void aPackageThatIsNotOpenedIsToldHowToOpenIt() throws Exception {
        Path source = write("demo/Training.java", TRAINING);
        Path module = write("module-info.java", "module demo { requires kawi.learn; }");
        Path classes = temp.resolve("classes");
        compile(classes, List.of("-p", String.join(File.pathSeparator, ChildJvm.libraries())), source, module);
        ChildJvm.Result r = ChildJvm.run(
                "java",
                temp,
                List.of("-p", joined(ChildJvm.libraries(), classes.toString()), "-m", "demo/demo.Training"));
        assertThat(r.status()).isNotZero();
        assertThat(r.err()).contains("opens demo to kawi.learn");
    }

    /** Runs the first class of a page as it stands. */
    private ChildJvm.Result run(Path page, String name) throws Exception {
        String text = Files.readString(page);
        int from = text.indexOf("```java\n") + 8;
        Path source = write(name + ".java", text.substring(from, text.indexOf("```", from)));
        Path classes = temp.resolve("classes");
        compile(classes, List.of("-cp", String.join(File.pathSeparator, ChildJvm.libraries())), source);
        return ChildJvm.run(
                "java",
                temp,
                List.of(
                        "--add-modules=jdk.incubator.vector",
                        "-XX:+UseParallelGC",
                        "-cp",
                        joined(ChildJvm.libraries(), classes.toString()),
                        name));
    }

    @Test
    void theReadmesThirtyLinesRunAsTheyStand() throws Exception {
        ChildJvm.Result r = run(Path.of("..", "README.md"), "Quickstart");
        assertThat(r.out()).as(r.err()).matches("right: \\d+ of 10000\\s*");
        // One epoch; softmax regression stays below 9,000.
        assertThat(Integer.parseInt(r.out().split(" ")[1])).isGreaterThan(9700);
    }

    @Test
    void thePageOnNetworksRunsAsItStands() throws Exception {
        ChildJvm.Result r = run(Path.of("..", "docs", "networks.md"), "Networks");
        List<String> out = r.out().lines().toList();
        assertThat(out).as(r.err()).hasSize(8).anyMatch(line -> line.startsWith("gated    Gated "));
        assertThat(out.subList(6, 8)).containsExactly("true", "true");
    }

    @Test
    void thePageOnTransformationsRunsAsItStands() throws Exception {
        ChildJvm.Result r = run(Path.of("..", "docs", "transformations.md"), "Transformations");
        assertThat(r.out().lines()).as(r.err()).containsExactly("true true", "true");
    }

    @Test
    void thePageOnDebuggingRunsAsItStands() throws Exception {
        ChildJvm.Result r = run(Path.of("..", "docs", "debugging.md"), "Debugging");
        List<String> out = r.out().lines().toList();
        assertThat(out).as(r.err()).hasSize(6);
        assertThat(out.get(0)).contains("sub: shapes [32, 4] and [32]", "KeepDims");
        assertThat(out.get(1)).contains("operation log makes NaN");
        assertThat(out.subList(2, 6)).containsExactly("true", "false", "2", "true");
        assertThat(r.err())
                .contains("strict: sub of shapes [32, 1] and [32] broadcasts to [32, 32]", "Debugging.java:");
    }
}
