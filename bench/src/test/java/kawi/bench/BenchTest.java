package kawi.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What needs no peer: statistics, inputs, the table and its JSON, names and options. */
class BenchTest {
    private static final Case ITEM = Case.kernel("gemm", "gemm-4", Case.Work.flops(2e9), 1e-5, _ -> _ -> List.of(), "");
    private static final Ceilings CEILINGS = new Ceilings(2, 500, 200, 220, 30, 33);

    private static Result result(double[] kawi, double[] peer) {
        return new Result(ITEM, peer.length == 0 ? null : Peer.OPENBLAS, kawi, peer, 1e-6, 120, 240, null);
    }

    @Test
    void mediansAreInTheMiddle() {
        assertThat(Statistics.median(3, 1, 2)).isEqualTo(2);
        assertThat(Statistics.median(4, 1, 2, 3)).isEqualTo(2.5);
        assertThat(Statistics.median()).isNaN();
        assertThat(Statistics.geometricMean(0.5, 2, 8)).isCloseTo(2, within(1e-12));
    }

    @Test
    void ratiosAreTakenRoundByRound() {
        // The machine was slow in the last round, for both: the ratio of medians would be 15 / 10 as well, that of
        // means not.
        Result r = result(new double[] {10, 10, 40}, new double[] {15, 20, 60});
        assertThat(r.ratios()).containsExactly(1.5, 2, 1.5);
        assertThat(r.ratio()).isEqualTo(1.5);
        assertThat(r.kawiMillis()).isEqualTo(10);
        assertThat(r.peerMillis()).isEqualTo(20);
    }

    @Test
    void differencesAreRelativeToTheLargestNumber() {
        assertThat(Statistics.difference(new float[] {1, 10}, new float[] {1.1f, 10}))
                .isCloseTo(0.01, within(1e-6));
        assertThat(Statistics.difference(new float[] {0, 0}, new float[] {0, 0}))
                .isZero();
        assertThat(Statistics.difference(new float[] {Float.NaN}, new float[] {1}))
                .isInfinite();
        assertThat(Statistics.difference(new float[] {Float.POSITIVE_INFINITY}, new float[] {Float.POSITIVE_INFINITY}))
                .isZero();
        assertThat(Statistics.difference(new float[1], new float[2])).isInfinite();
    }

    @ParameterizedTest
    @ValueSource(strings = {"f:0.0:1.5:64x784", "f:1.0:0.02:3", "i:50257:4x64", "f:0.0:1.0:"})
    void specificationsSurviveTheWayToTheOtherProcess(String text) {
        assertThat(Spec.parse(text).text()).isEqualTo(text);
    }

    @Test
    void inputsHaveTheirSpreadAndDifferFromEachOther() {
        Spec spec = Spec.floats(1, 0.5, 100, 1000);
        Spec labels = Spec.integers(10, 1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocate(spec.bytes(), 8);
            MemorySegment second = arena.allocate(spec.bytes(), 8);
            MemorySegment numbers = arena.allocate(labels.bytes(), 8);
            spec.fill(first, 0);
            spec.fill(second, 1);
            labels.fill(numbers, 2);
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < 100_000; i++) {
                double v = first.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                sum += v;
                squares += (v - 1) * (v - 1);
            }
            // 100,000 draws: five standard errors of the mean, and a little more of the deviation
            assertThat(sum / 100_000).isCloseTo(1, within(0.008));
            assertThat(Math.sqrt(squares / 100_000)).isCloseTo(0.5, within(0.005));
            assertThat(first.mismatch(second)).isNotEqualTo(-1);
            for (int i = 0; i < 1000; i++) {
                assertThat(numbers.getAtIndex(ValueLayout.JAVA_LONG, i)).isBetween(0L, 9L);
            }
        }
    }

    @Test
    void theTableShowsMediansSpreadAndCeiling() {
        String row = new Report(CEILINGS).row(result(new double[] {10, 8, 12}, new double[] {20, 20, 18}));
        assertThat(row).contains("gemm-4", "10.00", "20.00", "2.00", "1.50–2.50", "200", "40 %", "120", "240");
    }

    @Test
    void jsonHasTheAgreedNames() {
        Report report = new Report(CEILINGS);
        assertThat(report.json(result(new double[] {10}, new double[] {20})))
                .isEqualTo(
                        "{\"case\":\"gemm-4\",\"threads\":2,\"kawi_ms\":10.00,\"peer\":\"libtorch-openblas\",\"peer_ms\":20.00,"
                                + "\"ratio\":2.000,\"ratio_min\":2.000,\"ratio_max\":2.000,\"difference\":1.000e-06,\"tolerance\":1.000e-05,"
                                + "\"gflops\":200.0,\"of_peak\":0.4000,\"kawi_rss_mb\":120.0,\"peer_rss_mb\":240.0}");
        assertThat(report.json(result(new double[] {10}, new double[0]))).doesNotContain("ratio");
        assertThat(report.json(Result.failed(ITEM, null, "a \"b\"")))
                .contains("\"kawi_ms\":null")
                .endsWith("\"failure\":\"a \\\"b\\\"\"}");
    }

    @Test
    void ceilingsSurviveTheWayFromTheirProcess() {
        assertThat(Ceilings.parse(CEILINGS.text())).isEqualTo(CEILINGS);
    }

    @Test
    void casesHaveNamesOfTheirOwn() {
        List<String> names = Cases.all().stream().map(Case::name).toList();
        assertThat(names).doesNotHaveDuplicates().allMatch(n -> n.matches("[a-z0-9-]+"));
    }

    @Test
    void scriptsGetAroundThemWhatTheyLack() {
        assertThat(Script.whole("def run(self): pass")).contains("def prepare(", "def timed(", "def sgd(");
        assertThat(Script.whole("def prepare(self): pass").split("def prepare\\(", -1))
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --case gemm-10          | no case matches gemm-10
        --suite gem             | there is no suite gem
        --peer torch            | there is no peer torch
        --threads 0             | --threads starts at 1
        --threads two           | two
        --thread 2              | --thread
        gemm                    | gemm
        """)
    void mistakesAreExplainedWithStatus2(String arguments, String message) {
        StringWriter err = new StringWriter();
        int status = new CommandLine(new BenchCommand())
                .setParameterExceptionHandler(BenchCommand::wrongUse)
                .setErr(new PrintWriter(err))
                .execute(arguments.split(" "));
        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).startsWith("kawi bench: ").contains(message).doesNotContain("Exception");
    }
}
