package kawi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import kawi.ChildJvm;
import kawi.recipes.Plot;
import kawi.recipes.Reference;
import kawi.recipes.Report;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command's answers, above all to wrong use: a status, and a message that says how to mend it. */
class MainTest {
    @TempDir
    Path temp;

    private record Answer(int status, String out, String err) {}

    private static Answer run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
            int status = Main.run(arguments);
            return new Answer(
                    status, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    @Test
    void infoNamesTheDevice() {
        Answer a = run("info");
        assertThat(a.status()).isZero();
        assertThat(a.out())
                .containsPattern("device +CPU, \\d+-bit vectors, \\d+ thread")
                .containsPattern("missing +nothing");
    }

    @Test
    void listNamesEveryRecipe() {
        assertThat(run("list").out()).contains("digits", "mnist");
        assertThat(run("list", temp.toString()).out()).contains("no runs in " + temp);
        Answer help = run("train", "--help");
        assertThat(help.out())
                .contains("  digits   --epochs 3", "at least 98.5 % within a minute", "mnist", "--epochs 4");
        assertThat(help.err()).isEmpty();
        assertThat(run("help", "train").out()).contains("--resume");
        assertThat(run("--version").status()).isZero();
        assertThat(run().status()).isZero();
        assertThat(run("--help").out()).contains("./kawi bench");
    }

    static Stream<Arguments> wrongUses() {
        return Stream.of(
                wrong(2, "unknown command 'trian'. Did you mean 'train'?", "trian", "digits"),
                wrong(2, "unknown argument 'mnist'", "train", "digits", "mnist"),
                wrong(2, "unknown option '--epoch'. Did you mean '--epochs'?", "train", "digits", "--epoch"),
                wrong(2, "Did you mean 'digits'", "train", "digit"),
                wrong(2, "name a recipe", "train"),
                wrong(2, "--epochs", "train", "digits", "--epoch", "1"),
                wrong(2, "--epochs starts at 1", "train", "digits", "--epochs", "0"),
                wrong(2, "--batch starts at 1", "train", "digits", "--batch", "0"),
                wrong(2, "above 0", "train", "digits", "--lr", "NaN"),
                wrong(2, "above 0", "train", "digits", "--lr", "-1"),
                wrong(2, "--threads", "train", "digits", "--threads", "0"),
                wrong(2, "the path is empty", "train", "digits", "--out", ""),
                wrong(2, "the path is empty", "train", "digits", "--resume", " "),
                wrong(2, "the path is empty", "train", "mnist", "--data", ""),
                wrong(2, "the path is empty", "summary", ""),
                wrong(2, "the path is empty", "list", ""),
                wrong(2, "the path is empty", "predict", "", "x.png"),
                wrong(2, "the path is empty", "predict", "some/run", ""),
                wrong(2, "--batch", "train", "digits", "--batch", "99999999999"),
                wrong(2, "--lr", "train", "digits", "--lr", "1e400"),
                wrong(2, "'many'", "train", "digits", "--epochs", "many"),
                wrong(1, "there is no run", "train", "--resume", "no/such/run"),
                wrong(1, "there is no run", "summary", "no/such/run"),
                wrong(1, "there is no run", "predict", "no/such/run", "x.png"),
                wrong(2, "there is no row 'A77'. Did you mean 'A7'?", "run", "A77"),
                wrong(2, "leave out 'A5'", "run", "A5", "--all"),
                wrong(2, "unknown option '--jsn'. Did you mean '--json'?", "run", "A5", "--jsn"),
                wrong(2, "the path is empty", "run", "A5", "--out", ""),
                wrong(1, "there is a file of that name", "run", "A5", "--out", "pom.xml"),
                wrong(1, "cannot be made or written into", "run", "A5", "--out", "pom.xml/rows"),
                wrong(1, "\"libsvm\" was not found", "run", "A9", "--data", "/no/such/folder", "--out", "target/rows"),
                wrong(
                        2,
                        "'cosin' was found. Known are constant(rate), cosine(rate, last, total)",
                        "plot-schedule",
                        "cosin(1)"),
                wrong(2, "takes 3 arguments, but 2", "plot-schedule", "constant(1)", "cosine(0.1, 0)"),
                wrong(2, "--steps starts at 1", "plot-schedule", "constant(1)", "--steps", "0"),
                wrong(2, "SCHEDULE", "plot-schedule"),
                wrong(1, "there is a file of that name", "plot-schedule", "constant(1)", "--out", "pom.xml/x.png"),
                wrong(1, "no/such/script.jsh cannot be read", "shell", "no/such/script.jsh"),
                wrong(2, "IMAGE.png", "predict", "some/run"),
                wrong(1, "/no/such/folder", "train", "mnist", "--data", "/no/such/folder"));
    }

    private static Arguments wrong(int status, String message, String... arguments) {
        return Arguments.of(List.of(arguments), status, message);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongUses")
    void wrongUseIsAnsweredWithItsMend(List<String> arguments, int status, String message) {
        Answer a = run(arguments.toArray(new String[0]));
        assertThat(a.err()).contains(message).doesNotContain("Exception", "\tat ", "  at ");
        assertThat(a.status()).isEqualTo(status);
    }

    @Test
    void aRowTellsItsFiguresBesideTheReferences() {
        assertThat(run("run").out()).contains("A5 ", "A7 ", "--all");
        Answer a = run("run", "a7", "--out", temp.resolve("rows").toString(), "--json");
        assertThat(a.status()).as(a.err()).isZero();
        assertThat(a.out()).contains("identities that hold", "= 18", "met", "A7 meets its references");
        List<String> lines = a.out().lines().toList();
        JsonNode json = JsonMapper.builder().build().readTree(lines.getLast());
        assertThat(json.propertyNames()).containsExactly("id", "figures", "reference", "met", "seconds");
        assertThat(json.get("id").asString()).isEqualTo("A7");
        assertThat(json.get("figures").get("identities").asInt()).isEqualTo(18);
        assertThat(json.get("reference").get("identities").get("exactly").asInt())
                .isEqualTo(18);
        assertThat(json.get("reference").get("error").get("at_most").asDouble()).isEqualTo(1e-9);
        assertThat(json.get("met").asBoolean()).isTrue();
        assertThat(json.get("seconds").asDouble()).isPositive();
    }

    @Test
    void schedulesArePlotted() throws Exception {
        Path file = temp.resolve("new").resolve("rates.png");
        String text = "cosine(0.1,0.001,1000)";
        Answer a = run("plot-schedule", text, "constant(0.05).warmUp(10)", text, "--out", file.toString());
        assertThat(a.status()).as(a.err()).isZero();
        assertThat(a.out())
                .contains(
                        text + ": 0.100000 at step 0, 0.00100024 at step 999",
                        "* " + text + ", o constant",
                        "picture " + file);
        assertThat(Files.readAllBytes(file)).startsWith(0x89, 'P', 'N', 'G');
        assertThat(run("plot-schedule", "constant(1)", "--steps", "5000000000", "--log", "--out", file.toString())
                        .status())
                .isZero();
    }

    @Test
    void theReportHoldsEverything() throws Exception {
        Path picture = temp.resolve("Z1-curve.png");
        Report report = new Report("Z1", null, temp, line -> {});
        report.figure("one", "a < b & c", 2.5, Reference.atMost(3));
        report.figure("two", "two", 4, Reference.atMost(3));
        report.figure("told", "told", 7, Reference.NONE);
        report.picture("curve", Plot.of("t", "x", "y").line("a", new double[] {1, 2}));
        Report none = new Report("Z2", null, temp, line -> {});
        String page = ReportPage.of(List.of(
                new ReportPage.Ran("Z1", "one & two", report, List.of("said <b>"), 1.25, null),
                new ReportPage.Ran("Z2", "three", none, List.of(), 100, "no \"data\"")));
        assertThat(page)
                .contains("2 rows, 0 of them", "1 min 41 s", "one &amp; two", "a &lt; b &amp; c", "said &lt;b&gt;")
                .contains("1 of 2", "≤ 3", "falls short", "could not be run", "no &quot;data&quot;")
                .contains("data:image/png;base64," + Base64.getEncoder().encodeToString(Files.readAllBytes(picture)))
                .doesNotContain("<script", "http")
                .endsWith("</html>\n");
        assertThat(page.split("<section", -1)).hasSize(3);
    }

    @Test
    void aFolderThatIsNotEmptyIsNotWrittenInto() throws Exception {
        Path file = Files.writeString(temp.resolve("mine.txt"), "mine");
        Answer a = run("train", "digits", "--out", temp.toString());
        assertThat(a.status()).isEqualTo(1);
        assertThat(a.err()).contains("is not empty");
        assertThat(Files.readString(file)).isEqualTo("mine");
        Answer b = run("train", "digits", "--out", file + "/run");
        assertThat(b.status()).isEqualTo(1);
        assertThat(b.err()).contains("--out").doesNotContain("Exception");
    }

    @Test
    void memoryThatDoesNotSufficeIsNoStackTrace() throws Exception {
        ChildJvm.Result r = ChildJvm.run(
                "java",
                temp,
                List.of(
                        "-XX:MaxDirectMemorySize=1m",
                        "-cp",
                        String.join(File.pathSeparator, ChildJvm.libraries()),
                        "kawi.cli.Main",
                        "train",
                        "digits",
                        "--out",
                        "run"));
        assertThat(r.status()).as(r.err()).isEqualTo(1);
        assertThat(r.err())
                .contains("kawi: the memory does not suffice", "--batch", "-Xmx")
                .doesNotContain("\tat ");
    }
}
