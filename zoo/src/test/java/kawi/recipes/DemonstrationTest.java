package kawi.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import kawi.data.DataException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every row of the curriculum runs and reaches its references; rows seed their own random numbers. */
class DemonstrationTest {
    @TempDir
    Path folder;

    private final List<String> lines = new ArrayList<>();

    private Report report(Demonstration row, Path data) {
        return new Report(row.id(), data, folder, lines::add);
    }

    static Stream<Demonstration> rows() {
        return Demonstration.all().stream();
    }

    /** Rows that learn from real data sets: `./kawi run` holds these. Row A9 has a test of its own on other data. */
    private static final Set<String> ON_REAL_DATA =
            Set.of("A9", "B5", "B7", "B8", "B9", "B14", "B15", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C10");

    /** All rows that need no files, some with fewer samples or repetitions. */
    static Stream<Demonstration> shortRows() {
        return rows().filter(row -> !ON_REAL_DATA.contains(row.id())).map(row -> switch (row) {
            case A1Operations r -> new A1Operations(40);
            case A2BackwardCost r -> new A2BackwardCost(1);
            case A3ForwardMode r -> new A3ForwardMode(150);
            case A4GradientCheck r -> new A4GradientCheck(1);
            case A6EagerAndLazy r -> new A6EagerAndLazy(4);
            case B1NoiseBall r -> new B1NoiseBall(1200);
            case B2Condition r -> new B2Condition(3);
            case B10Averaging r -> new B10Averaging(3);
            case B11Clipping r -> new B11Clipping(150);
            default -> row;
        });
    }

    /** Figures that are times, or ratios of times, which no test can rely on. */
    private static final Set<String> TIMES = Set.of("A2.ratio", "A4.speed_up");

    @ParameterizedTest
    @MethodSource("shortRows")
    void meetsItsReferences(Demonstration row) {
        met(row, folder);
    }

    /** The quickest of those on real data, where that is there. */
    @ParameterizedTest
    @ValueSource(strings = {"B5", "B8", "B9", "B14", "B15", "C2", "C10"})
    void meetsItsReferencesOnRealData(String id) {
        String data = System.getenv("KAWI_DATA");
        Assumptions.assumeTrue(data != null && !data.isBlank(), "no data: KAWI_DATA is not set");
        met(rows().filter(r -> r.id().equals(id)).findFirst().orElseThrow(), Path.of(data));
    }

    /** Without its files a row says what it lacks. */
    @Test
    void missingFilesAreNamed() {
        rows().filter(r -> ON_REAL_DATA.contains(r.id()))
                .forEach(row -> assertThatThrownBy(() -> row.run(report(row, folder)))
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("was not found"));
    }

    private void met(Demonstration row, Path data) {
        Report report = report(row, data);
        row.run(report);
        assertThat(report.figures()).isNotEmpty().allSatisfy(f -> {
            assertThat(f.met() || TIMES.contains(row.id() + "." + f.key()))
                    .as("%s = %s, %s", f.key(), f.value(), f.reference())
                    .isTrue();
            assertThat(f.value()).as(f.key()).isFinite();
            assertThat(f.key()).matches("[a-z0-9_]+");
        });
        assertThat(lines).isNotEmpty();
        assertThat(report.pictures()).allSatisfy(p -> assertThat(Files.size(p)).isPositive());
    }

    /** Rows of a planted linear rule, and sentences whose sentiment one word tells. */
    @Test
    void sparseRowsOfAnyData() throws Exception {
        Random random = new Random(7);
        for (String name : List.of("a9a", "a9a.t")) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 400; i++) {
                boolean up = random.nextBoolean();
                int other = 3 + random.nextInt(120);
                text.append(up ? "+1 1:1 " : "-1 2:1 ").append(other).append(":1\n");
            }
            Files.createDirectories(folder.resolve("libsvm"));
            Files.writeString(folder.resolve("libsvm").resolve(name), text);
        }
        for (String name : List.of("train.tsv", "dev.tsv", "test.tsv")) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                boolean up = random.nextBoolean();
                text.append("film ").append(random.nextInt(30)).append(up ? " fine\t1\n" : " dull\t0\n");
            }
            Files.createDirectories(folder.resolve("sst2"));
            Files.writeString(folder.resolve("sst2").resolve(name), text);
        }
        A9Sparse row = new A9Sparse();
        Report report = report(row, folder);
        row.run(report);
        assertThat(report.figures())
                .allSatisfy(f -> assertThat(f.met())
                        .as("%s = %s, %s", f.key(), f.value(), f.reference())
                        .isTrue());
        assertThat(report.pictures()).hasSize(1);
        Files.writeString(folder.resolve("sst2").resolve("test.tsv"), "fine\t1\nno label\n");
        assertThatThrownBy(() -> row.run(report(row, folder)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("test.tsv, line 2");
    }

    /** The folder of recipes is the curriculum's table of contents. */
    @ParameterizedTest
    @MethodSource("rows")
    void isNamedByItsRow(Demonstration row) {
        assertThat(row.id()).matches("[A-Z][0-9]+");
        assertThat(row.getClass().getSimpleName()).matches(row.id() + "[A-Z]\\w+");
        assertThat(row.sentence()).isNotBlank().doesNotEndWith(".");
        assertThat(rows().filter(r -> r.id().equals(row.id()))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "AT_MOST, 2, 0, 2, true", "AT_MOST, 2, 0, 2.1, false", "AT_LEAST, 2, 0, 2, true", "AT_LEAST, 2, 0, 1.9, false",
        "EXACTLY, 2, 0, 2, true", "EXACTLY, 2, 0, 2.0001, false", "NEAR, 2, 0.5, 1.5, true", "NEAR, 2, 0.5, 2.6, false",
        "AT_MOST, 2, 0, NaN, false", "AT_LEAST, 2, 0, NaN, false", "EXACTLY, 2, 0, NaN, false",
                "NEAR, 2, 1, NaN, false",
        "NONE, NaN, 0, NaN, true",
    })
    void referencesAreMetOrNot(Reference.Kind kind, double value, double tolerance, double figure, boolean met) {
        assertThat(new Reference(kind, value, tolerance).metBy(figure)).isEqualTo(met);
    }

    @Test
    void aReportWithoutFiguresMeetsNothing() {
        Report report = new Report("Z1", null, folder, lines::add);
        assertThat(report.met()).isFalse();
        report.figure("one", "one", 1, Reference.NONE);
        assertThat(report.met()).isTrue();
        assertThatThrownBy(() -> report.figure("one", "again", 1, Reference.NONE))
                .hasMessageContaining("one");
    }

    @Test
    void aPlotLeavesOutWhatItsAxesCannotShow() {
        Plot plot = Plot.of("t", "x", "y")
                .logY()
                .line("a", new double[] {1, 0, Double.NaN, 100})
                .line("none", new double[0]);
        assertThat(plot.toString()).contains("100", "* a, o none", "y over x, logarithmic");
        assertThat(plot.toString().chars().filter(c -> c == '*').count()).isEqualTo(3); // two points, one in the legend
        assertThat(plot.png()).startsWith(0x89, 'P', 'N', 'G');
        assertThat(Plot.of("t", "x", "y").toString()).isEqualTo("t: no points");
        assertThatThrownBy(() -> plot.line("b", new double[2], new double[3])).hasMessageContaining("2 places but 3");
    }
}
