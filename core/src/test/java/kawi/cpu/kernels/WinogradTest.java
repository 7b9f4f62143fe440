package kawi.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Winograd's convolutions against sums in double precision, within the rounding of their own formula. */
class WinogradTest {
    private static final int X = 3;
    private static final int W = 5;
    private static final int Y = 7;
    private static final double UNIT = 0x1p-24;

    /** batch, in, height, width, out, top, bottom, left, right. */
    static Stream<ConvShape> shapes() {
        int[][] table = {
            {1, 16, 6, 6, 16, 0, 0, 0, 0},
            {2, 16, 9, 7, 32, 1, 1, 1, 1},
            {3, 32, 26, 26, 16, 0, 0, 0, 0},
            {2, 48, 13, 18, 16, 2, 0, 1, 2},
            {9, 16, 7, 7, 48, 1, 1, 1, 1},
            {1, 32, 33, 5, 32, 1, 1, 1, 1},
            {1, 16, 60, 61, 16, 1, 1, 1, 1},
            {2, 64, 14, 14, 64, 1, 1, 1, 1},
            {1, 16, 4, 4, 16, 2, 2, 2, 2},
            {1, 80, 6, 8, 64, 1, 1, 1, 1},
            {5, 16, 6, 300, 16, 0, 0, 0, 0},
        };
        return Stream.of(table)
                .map(t -> new ConvShape(t[0], t[1], t[2], t[3], t[4], 3, 3, 1, 1, t[5], t[6], t[7], t[8], 1, 1, 1));
    }

    private interface Product {
        void of(int x, int w, int y);
    }

    private static void visit(ConvShape s, Product product) {
        for (int n = 0; n < s.batch(); n++) {
            for (int o = 0; o < s.outChannels(); o++) {
                for (int p = 0; p < s.outPositions(); p++) {
                    for (int c = 0; c < s.inChannels(); c++) {
                        for (int t = 0; t < 9; t++) {
                            int h = p / s.outW() - s.padTop() + t / 3;
                            int v = p % s.outW() - s.padLeft() + t % 3;
                            if (h >= 0 && h < s.height() && v >= 0 && v < s.width()) {
                                product.of(
                                        ((n * s.inChannels() + c) * s.height() + h) * s.width() + v,
                                        (o * s.inChannels() + c) * 9 + t,
                                        (n * s.outChannels() + o) * s.outPositions() + p);
                            }
                        }
                    }
                }
            }
        }
    }

    private static int xSize(ConvShape s) {
        return s.batch() * s.inChannels() * s.height() * s.width();
    }

    private static int wSize(ConvShape s) {
        return s.outChannels() * s.inChannels() * 9;
    }

    private static int ySize(ConvShape s) {
        return s.batch() * s.outChannels() * s.outPositions();
    }

    private record Results(MemorySegment y, MemorySegment dx, MemorySegment dw) {}

    private static Results run(ConvShape s, int bits, int threads, MemorySegment x, MemorySegment w, MemorySegment dy) {
        Results r = new Results(
                Values.dirty(DType.F32, Y + ySize(s) + 1),
                Values.dirty(DType.F32, X + xSize(s) + 1),
                Values.dirty(DType.F32, W + wSize(s) + 1));
        Workers workers = Workers.of(threads);
        WinogradConv.run(workers, bits, Correlation.forward(s, 4), x, X, w, W, r.y, Y, null);
        Correlation byData = Correlation.byData(s, 4);
        if (Winograd.can(byData)) {
            WinogradConv.run(workers, bits, byData, dy, Y, w, W, r.dx, X, null);
        }
        WinogradWeights.run(workers, bits, s, x, X, dy, Y, r.dw, W);
        return r;
    }

    /**
     * Σ over what Winograd's formula adds up, in absolute values, were every value as large as the largest: the rounding error of
     * a result is at most this times the roundings on the way to it.
     */
    private static double magnitude(int terms, double x, double w) {
        double sum = 0;
        for (int i = 0; i < Winograd.SIZE; i++) {
            double most = 0;
            for (float[] row : Winograd.A) {
                most = Math.max(most, Math.abs(row[i]));
            }
            sum += most * absolute(Winograd.B[i]) * absolute(Winograd.G[i]);
        }
        return terms * x * w * sum * sum;
    }

    private static double absolute(float[] row) {
        double sum = 0;
        for (float value : row) {
            sum += Math.abs(value);
        }
        return sum;
    }

    /** Typical error of a plain sum of so many products of normal values: n roundings, of sums that grow as √n. */
    private static double plain(int n) {
        return UNIT * (n / Math.sqrt(6) + 10);
    }

    private static double largest(MemorySegment m, int n) {
        double largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.abs(Values.get(DType.F32, m, i)));
        }
        return largest;
    }

    private static void near(MemorySegment found, int offset, double[] expected, double tolerance, double typical) {
        double squares = 0;
        for (int i = 0; i < offset; i++) {
            assertThat(Values.get(DType.F32, found, i)).as("before the tensor").isEqualTo(77);
        }
        assertThat(Values.get(DType.F32, found, offset + expected.length))
                .as("after the tensor")
                .isEqualTo(77);
        for (int i = 0; i < expected.length; i++) {
            double error = Values.get(DType.F32, found, offset + i) - expected[i];
            assertThat(Math.abs(error)).as("element %d", i).isLessThanOrEqualTo(tolerance);
            squares += error * error;
        }
        // The bound above is for roundings that all go one way. They do not: the typical error is far smaller.
        assertThat(Math.sqrt(squares / Math.max(1, expected.length))).isLessThan(typical);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void agreesWithTheDefinitionAndHasTheSameBitsEverywhere(ConvShape s) {
        MemorySegment x = Values.random(DType.F32, X + xSize(s), 1);
        MemorySegment w = Values.random(DType.F32, W + wSize(s), 2);
        MemorySegment dy = Values.random(DType.F32, Y + ySize(s), 3);
        double[] xs = Values.values(DType.F32, x, X + xSize(s));
        double[] ws = Values.values(DType.F32, w, W + wSize(s));
        double[] gs = Values.values(DType.F32, dy, Y + ySize(s));
        double[] y = new double[ySize(s)];
        double[] dx = new double[xSize(s)];
        double[] dw = new double[wSize(s)];
        visit(s, (i, j, l) -> {
            y[l] += xs[X + i] * ws[W + j];
            dx[i] += gs[Y + l] * ws[W + j];
            dw[j] += xs[X + i] * gs[Y + l];
        });
        Results expected = run(s, 0, 1, x, w, dy);
        // Roundings on one way: 6 for each pass of a map of 6 terms, one for a rounded coefficient, one for each
        // product.
        int maps = 4 * 6 + 2 * (3 + 1) + 1;
        double mx = largest(x, X + xSize(s));
        double mw = largest(w, W + wSize(s));
        double mg = largest(dy, Y + ySize(s));
        int tiles = s.batch() * Math.ceilDiv(s.outH(), 4) * Math.ceilDiv(s.outW(), 4);
        near(
                expected.y,
                Y,
                y,
                (s.inChannels() + maps) * UNIT * magnitude(s.inChannels(), mx, mw),
                3 * plain(9 * s.inChannels()));
        if (Winograd.can(Correlation.byData(s, 4))) {
            near(
                    expected.dx,
                    X,
                    dx,
                    (s.outChannels() + maps) * UNIT * magnitude(s.outChannels(), mg, mw),
                    3 * plain(9 * s.outChannels()));
        }
        near(
                expected.dw,
                W,
                dw,
                (tiles + 8 + maps) * UNIT * magnitude(16 * tiles, mx, mg),
                3 * plain(s.batch() * s.outPositions()));
        for (int bits : Values.WIDTHS) {
            Values.tile(DType.F32, bits);
            for (int threads : new int[] {1, 3}) {
                Results found = run(s, bits, threads, x, w, dy);
                String at = bits + " bits, " + threads + " threads";
                assertThat(found.y.mismatch(expected.y)).as(at).isEqualTo(-1);
                assertThat(found.dx.mismatch(expected.dx)).as(at).isEqualTo(-1);
                assertThat(found.dw.mismatch(expected.dw)).as(at).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theEpilogueSeesEachElementOnce(ConvShape s) {
        var seen = new AtomicIntegerArray(ySize(s));
        MemorySegment y = Values.dirty(DType.F32, Y + ySize(s));
        WinogradConv.run(
                Workers.of(2),
                0,
                Correlation.forward(s, 4),
                Values.random(DType.F32, X + xSize(s), 1),
                X,
                Values.random(DType.F32, W + wSize(s), 2),
                W,
                y,
                Y,
                (n, c0, c1, p0, p1) -> {
                    for (int c = c0; c < c1; c++) {
                        for (int p = p0; p < p1; p++) {
                            int i = (n * s.outChannels() + c) * s.outPositions() + p;
                            assertThat(Values.get(DType.F32, y, Y + i)).isNotEqualTo(77);
                            seen.incrementAndGet(i);
                        }
                    }
                });
        for (int i = 0; i < ySize(s); i++) {
            assertThat(seen.get(i)).isEqualTo(1);
        }
    }

    /** Values that are not finite, or too large for the formula's sums, reach those results that see them and no others. */
    @Test
    void whatIsNotFiniteStaysWhereItBelongs() {
        ConvShape s = new ConvShape(2, 16, 11, 13, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        double[] strange = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 3e38};
        for (int bits : Values.WIDTHS) {
            for (double value : strange) {
                for (int of = 0; of < 3; of++) {
                    MemorySegment x = Values.random(DType.F32, X + xSize(s), 1);
                    MemorySegment w = Values.random(DType.F32, W + wSize(s), 2);
                    MemorySegment dy = Values.random(DType.F32, Y + ySize(s), 3);
                    MemorySegment odd = of == 0 ? x : of == 1 ? w : dy;
                    Values.set(DType.F32, odd, of == 0 ? X + 4321 : of == 1 ? W + 777 : Y + 5000, value);
                    Results found = run(s, bits, 2, x, w, dy);
                    double[] xs = Values.values(DType.F32, x, X + xSize(s));
                    double[] ws = Values.values(DType.F32, w, W + wSize(s));
                    double[] gs = Values.values(DType.F32, dy, Y + ySize(s));
                    double[] y = new double[ySize(s)];
                    double[] dx = new double[xSize(s)];
                    double[] dw = new double[wSize(s)];
                    visitWithBorder(s, (i, j, l) -> {
                        double pixel = i < 0 ? 0 : xs[X + i];
                        y[l] += pixel * ws[W + j];
                        dw[j] += pixel * gs[Y + l];
                    });
                    visit(s, (i, j, l) -> dx[i] += gs[Y + l] * ws[W + j]);
                    sameClass(found.y, Y, y);
                    sameClass(found.dw, W, dw);
                    if (of != 1) {
                        sameClass(
                                found.dx, X, dx); // a strange weight meets zeros beyond dy, of which visit says nothing
                    }
                }
            }
        }
    }

    /** The same with x = -1 for the zeros around the image. */
    private static void visitWithBorder(ConvShape s, Product product) {
        for (int n = 0; n < s.batch(); n++) {
            for (int o = 0; o < s.outChannels(); o++) {
                for (int p = 0; p < s.outPositions(); p++) {
                    for (int c = 0; c < s.inChannels(); c++) {
                        for (int t = 0; t < 9; t++) {
                            int h = p / s.outW() - s.padTop() + t / 3;
                            int v = p % s.outW() - s.padLeft() + t % 3;
                            boolean inside = h >= 0 && h < s.height() && v >= 0 && v < s.width();
                            product.of(
                                    inside ? ((n * s.inChannels() + c) * s.height() + h) * s.width() + v : -1,
                                    (o * s.inChannels() + c) * 9 + t,
                                    (n * s.outChannels() + o) * s.outPositions() + p);
                        }
                    }
                }
            }
        }
    }

    private static void sameClass(MemorySegment found, int offset, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            double value = Values.get(DType.F32, found, offset + i);
            if (Float.isFinite((float) expected[i])) {
                double tolerance = Math.abs(expected[i]) < 1e30 ? 1e-3 : 1e-4 * Math.abs(expected[i]);
                assertThat(value).as("element %d", i).isBetween(expected[i] - tolerance, expected[i] + tolerance);
            } else {
                assertThat(Float.compare((float) value, (float) expected[i]))
                        .as("element %d: %s, expected %s", i, value, expected[i])
                        .isZero();
            }
        }
    }

    /** kernel height and width, stride down and across, dilation, groups, channels. */
    @ParameterizedTest
    @CsvSource({
        "3, 3, 1, 1, 1, 1, 32, true",
        "3, 3, 2, 2, 1, 1, 32, false",
        "3, 3, 2, 1, 1, 1, 32, false",
        "3, 3, 1, 2, 1, 1, 32, false",
        "3, 3, 1, 1, 2, 1, 32, false",
        "3, 3, 1, 1, 1, 2, 32, false",
        "3, 3, 1, 1, 1, 1, 24, false",
        "9, 1, 1, 1, 1, 1, 32, false",
        "1, 9, 1, 1, 1, 1, 32, false",
        "1, 1, 1, 1, 1, 1, 32, false",
        "3, 3, 1, 1, 1, 1, 1024, false"
    })
    void onlyWhatTheFormulaIsForIsComputedByIt(
            int kernelH, int kernelW, int down, int across, int dilation, int groups, int channels, boolean can) {
        ConvShape s = new ConvShape(
                8, channels, 20, 20, channels, kernelH, kernelW, down, across, 1, 1, 1, 1, dilation, dilation, groups);
        assertThat(Winograd.can(Correlation.forward(s, 4))).isEqualTo(can);
        assertThat(Winograd.can(Correlation.byData(s, 4))).isEqualTo(can);
        assertThat(WinogradWeights.takes(s)).isEqualTo(can);
    }

    @Test
    void theMatricesAreThoseOfAConvolution() {
        // For one row: A · [(G w) ⊙ (B x)] must be x * w for every x and w, hence for unit vectors.
        for (int k = 0; k < 3; k++) {
            for (int i = 0; i < 6; i++) {
                for (int o = 0; o < 4; o++) {
                    double sum = 0;
                    for (int p = 0; p < 6; p++) {
                        sum += (double) Winograd.A[o][p] * Winograd.G[p][k] * Winograd.B[p][i];
                    }
                    assertThat(sum).isBetween((i == o + k ? 1 : 0) - 1e-6, (i == o + k ? 1 : 0) + 1e-6);
                }
            }
        }
    }
}
