package kawi.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the curriculum runs and reaches its references; rows seed their own random numbers. */
class DemonstrationTest {
    @TempDir
    Path folder;

    private final List<String> lines = new ArrayList<>();

    private Report report(Demonstration row) {
        return new Report(row.id(), null, folder, lines::add);
    }

    static Stream<Demonstration> rows() {
        return Demonstration.all().stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void meetsItsReferences(Demonstration row) {
        Report report = report(row);
        row.run(report);
        assertThat(report.figures()).allSatisfy(f -> {
            assertThat(f.met()).as("%s = %s", f.key(), f.value()).isTrue();
            assertThat(f.key()).matches("[a-z0-9_]+");
        });
        assertThat(report.met()).isTrue();
        assertThat(lines).isNotEmpty();
        assertThat(report.pictures()).allSatisfy(p -> assertThat(Files.size(p)).isPositive());
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
