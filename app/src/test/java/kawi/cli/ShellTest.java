package kawi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kawi.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell as a script from a pipe sees it: what is imported, how values look, that nothing else is printed. */
class ShellTest {
    private static final String SCRIPT = """
            var x = Tensor.of(new double[][] {{1, 2}, {3, 4}});
            grad((Tensor z) -> z.square().sum()).apply(x)
            Linalg.det(x).item()
            new Linear(2, 3)
            Plot.of("curve", "x", "y").line("y = x", new double[] {0, 1}, new double[] {0, 1})
            x.matmul(Tensor.ones(3, 3))
            Kawi.device()
            twice(prepared)
            new Csv()
            Splits.kFold(4, 2, 0).size()
            Ridge.fit(Tensor.eye(3), Tensor.ones(3), 1).weights().shape()
            """;

    @TempDir
    Path temp;

    @Test
    void aScriptFromAPipeIsAnswered() throws Exception {
        Path script = Files.writeString(temp.resolve("script.jsh"), SCRIPT);
        Path before = Files.writeString(
                temp.resolve("before.jsh"), "int prepared = 21;\nint twice(int n) { return 2 * n; }\n");
        Path out = temp.resolve("out");
        Path err = temp.resolve("err");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        "-Xmn16m",
                        "-cp",
                        String.join(File.pathSeparator, ChildJvm.libraries()),
                        "kawi.cli.Main",
                        "shell",
                        before.toString())
                .redirectInput(script.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        String said = Files.readString(out);
        assertThat(said)
                .contains(
                        "[[2.0, 4.0],",
                        "[6.0, 8.0]]  f64[2, 2]",
                        "==> Linear(2, 3)",
                        "* y = x; y over x",
                        "==> 42",
                        "==> [3]")
                .contains("[2, 2] and [3, 3] do not fit", "CPU")
                .containsPattern("==> -2\\.0|==> -1\\.99999|==> -2\\.00000")
                .doesNotContain("jshell>", "Welcome", "cannot find symbol", "error:");
        assertThat(said.lines().filter(line -> line.contains("|  Exception"))).hasSize(1);
        assertThat(List.of(temp.toFile().list())).containsExactlyInAnyOrder("script.jsh", "before.jsh", "out", "err");
    }
}
