package kawi.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Conv2dTest {

    /** Elements before the data of each tensor: offsets must be honoured. */
    private static final int X = 3;

    private static final int W = 5;
    private static final int Y = 7;

    static Stream<ConvShape> shapes() {
        return Stream.of(
                // batch, channels, size, outChannels, kernel, stride, pads top bottom left right, dilation, groups
                new ConvShape(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(3, 1, 28, 28, 8, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(2, 5, 26, 26, 13, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(2, 3, 9, 11, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                new ConvShape(2, 3, 9, 12, 4, 3, 5, 2, 2, 1, 2, 3, 0, 1, 1, 1),
                new ConvShape(2, 3, 10, 13, 4, 2, 3, 3, 2, 0, 1, 2, 1, 1, 2, 1),
                new ConvShape(2, 4, 14, 9, 6, 3, 2, 1, 1, 2, 2, 1, 1, 2, 3, 2),
                new ConvShape(3, 6, 8, 8, 6, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 6),
                new ConvShape(2, 4, 9, 9, 12, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 4),
                new ConvShape(4, 16, 7, 7, 20, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(4, 8, 9, 9, 5, 1, 1, 2, 2, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(2, 3, 20, 20, 8, 7, 7, 4, 4, 3, 3, 3, 3, 1, 1, 1),
                new ConvShape(2, 2, 4, 4, 3, 2, 2, 2, 2, 3, 3, 3, 3, 2, 2, 1),
                new ConvShape(2, 3, 1, 30, 40, 1, 5, 1, 1, 0, 0, 2, 2, 1, 1, 1),
                new ConvShape(2, 3, 30, 1, 2, 5, 1, 1, 1, 2, 2, 0, 0, 1, 1, 1),
                new ConvShape(2, 40, 6, 6, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                new ConvShape(5, 2, 5, 5, 3, 5, 5, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(3, 3, 7, 7, 14, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                new ConvShape(2, 3, 15, 33, 5, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1),
                new ConvShape(2, 3, 9, 40, 5, 1, 1, 2, 2, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(1, 2, 6, 6, 2, 3, 3, 4, 4, 4, 4, 4, 4, 2, 2, 1),
                new ConvShape(2, 2, 3, 3, 2, 4, 4, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(0, 2, 8, 8, 2, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(2, 0, 8, 8, 2, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                new ConvShape(2, 2, 8, 8, 0, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 1));
    }

    /** All that meets in one product x · w → y. */
    private interface Meeting {
        void at(int x, int w, int y);
    }

    private static void forEachProduct(ConvShape s, Meeting meeting) {
        int inChannels = s.inChannels() / s.groups();
        int outChannels = s.outChannels() / s.groups();
        for (int b = 0; b < s.batch(); b++) {
            for (int o = 0; o < s.outChannels(); o++) {
                for (int p = 0; p < s.outH(); p++) {
                    for (int q = 0; q < s.outW(); q++) {
                        for (int i = 0; i < inChannels; i++) {
                            for (int r = 0; r < s.kernelH(); r++) {
                                for (int t = 0; t < s.kernelW(); t++) {
                                    int h = p * s.strideH() - s.padTop() + r * s.dilationH();
                                    int v = q * s.strideW() - s.padLeft() + t * s.dilationW();
                                    if (h >= 0 && h < s.height() && v >= 0 && v < s.width()) {
                                        int channel = o / outChannels * inChannels + i;
                                        meeting.at(
                                                ((b * s.inChannels() + channel) * s.height() + h) * s.width() + v,
                                                ((o * inChannels + i) * s.kernelH() + r) * s.kernelW() + t,
                                                ((b * s.outChannels() + o) * s.outH() + p) * s.outW() + q);
                                    }
                                }
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
        return s.outChannels() * (s.inChannels() / s.groups()) * s.kernelH() * s.kernelW();
    }

    private static int ySize(ConvShape s) {
        return s.batch() * s.outChannels() * s.outH() * s.outW();
    }

    private static MemorySegment forward(ConvShape s, DType type, int threads, Tile tile, Epilogue epilogue) {
        MemorySegment y = Values.dirty(type, Y + ySize(s) + 1);
        PackedConv.run(
                Workers.of(threads),
                tile,
                Correlation.forward(s, type.bytes()),
                Values.random(type, X + xSize(s), 1),
                X,
                Values.random(type, W + wSize(s), 2),
                W,
                y,
                Y,
                epilogue);
        return y;
    }

    private static MemorySegment byData(ConvShape s, DType type, int threads, Tile tile) {
        MemorySegment dx = Values.dirty(type, X + xSize(s) + 1);
        PackedConv.run(
                Workers.of(threads),
                tile,
                Correlation.byData(s, type.bytes()),
                Values.random(type, Y + ySize(s), 3),
                Y,
                Values.random(type, W + wSize(s), 2),
                W,
                dx,
                X,
                null);
        return dx;
    }

    private static MemorySegment byWeight(ConvShape s, DType type, int threads, Tile tile) {
        MemorySegment dw = Values.dirty(type, W + wSize(s) + 1);
        Conv2d.byWeight(
                Workers.of(threads),
                tile,
                s,
                Values.random(type, X + xSize(s), 1),
                X,
                Values.random(type, Y + ySize(s), 3),
                Y,
                dw,
                W);
        return dw;
    }

    /**
     * The rounding error of a sum of n products is below n · u · Σ |a·b|; {@code magnitudes} holds that sum of absolute
     * values, and n is at most {@code terms}.
     */
    private static void check(
            DType type, MemorySegment found, int offset, double[] expected, double[] magnitudes, int terms) {
        double unit = type == DType.F32 ? 0x1p-24 : 0x1p-53;
        for (int i = 0; i < offset; i++) {
            assertThat(Values.get(type, found, i)).as("before the tensor").isEqualTo(77);
        }
        assertThat(Values.get(type, found, offset + expected.length))
                .as("after the tensor")
                .isEqualTo(77);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(Values.get(type, found, offset + i) - expected[i]))
                    .as("element %d: %s, expected %s", i, Values.get(type, found, offset + i), expected[i])
                    .isLessThanOrEqualTo((terms + 2) * unit * magnitudes[i] * 1.01);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void agreesWithTheDefinition(ConvShape s) {
        for (DType type : List.of(DType.F32, DType.F64)) {
            double[] x = Values.values(type, Values.random(type, X + xSize(s), 1), X + xSize(s));
            double[] w = Values.values(type, Values.random(type, W + wSize(s), 2), W + wSize(s));
            double[] dy = Values.values(type, Values.random(type, Y + ySize(s), 3), Y + ySize(s));
            double[] y = new double[ySize(s)];
            double[] yMagnitude = new double[ySize(s)];
            double[] dx = new double[xSize(s)];
            double[] dxMagnitude = new double[xSize(s)];
            double[] dw = new double[wSize(s)];
            double[] dwMagnitude = new double[wSize(s)];
            forEachProduct(s, (i, j, l) -> {
                y[l] += x[X + i] * w[W + j];
                yMagnitude[l] += Math.abs(x[X + i] * w[W + j]);
                dx[i] += dy[Y + l] * w[W + j];
                dxMagnitude[i] += Math.abs(dy[Y + l] * w[W + j]);
                dw[j] += x[X + i] * dy[Y + l];
                dwMagnitude[j] += Math.abs(x[X + i] * dy[Y + l]);
            });
            int taps = s.kernelH() * s.kernelW();
            Tile tile = Tile.of(type);
            check(type, forward(s, type, 2, tile, null), Y, y, yMagnitude, s.inChannels() * taps);
            check(type, byData(s, type, 2, tile), X, dx, dxMagnitude, s.outChannels() * taps);
            check(type, byWeight(s, type, 2, tile), W, dw, dwMagnitude, s.batch() * s.outH() * s.outW());
        }
    }

    static Stream<ConvShape> chosenShapes() {
        return Stream.concat(
                shapes(),
                Stream.of(
                        // each way of computing a convolution, and its neighbours
                        new ConvShape(9, 16, 9, 9, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                        new ConvShape(9, 16, 9, 9, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1),
                        new ConvShape(9, 16, 12, 9, 16, 3, 3, 1, 2, 1, 1, 1, 1, 1, 1, 1),
                        new ConvShape(9, 16, 9, 9, 32, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1),
                        new ConvShape(9, 32, 9, 9, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2),
                        new ConvShape(9, 16, 9, 9, 32, 3, 3, 1, 1, 3, 3, 3, 3, 1, 1, 1),
                        new ConvShape(1, 16, 9, 9, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                        new ConvShape(2, 16, 40, 33, 16, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1),
                        new ConvShape(9, 16, 9, 9, 32, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1),
                        new ConvShape(3, 64, 14, 14, 80, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1)));
    }

    /** The way that the shape decides for, against packed products. */
    @ParameterizedTest
    @MethodSource("chosenShapes")
    void everyWayComputesTheSame(ConvShape s) {
        Tile tile = Tile.plain(DType.F32);
        Workers workers = Workers.of(2);
        MemorySegment x = Values.random(DType.F32, X + xSize(s), 1);
        MemorySegment w = Values.random(DType.F32, W + wSize(s), 2);
        MemorySegment dy = Values.random(DType.F32, Y + ySize(s), 3);
        MemorySegment y = Values.dirty(DType.F32, Y + ySize(s));
        MemorySegment dx = Values.dirty(DType.F32, X + xSize(s));
        MemorySegment dw = Values.dirty(DType.F32, W + wSize(s));
        Conv2d.forward(workers, DType.F32, s, x, X, w, W, y, Y, null);
        Conv2d.byData(workers, DType.F32, s, dy, Y, w, W, dx, X);
        Conv2d.byWeight(workers, DType.F32, s, x, X, dy, Y, dw, W);
        int taps = s.kernelH() * s.kernelW();
        near(y, forward(s, DType.F32, 2, tile, null), Y, ySize(s), s.inChannels() * taps);
        near(dx, byData(s, DType.F32, 2, tile), X, xSize(s), s.outChannels() * taps);
        near(dw, byWeight(s, DType.F32, 2, tile), W, wSize(s), s.batch() * s.outPositions());
    }

    /** Sums of n products of normal values in two orders; six standard deviations of their rounding, and a floor. */
    private static void near(MemorySegment found, MemorySegment expected, int offset, int size, int n) {
        double tolerance = 6 * 0x1p-24 * (1 + n);
        for (int i = offset; i < offset + size; i++) {
            double e = Values.get(DType.F32, expected, i);
            assertThat(Values.get(DType.F32, found, i)).as("element %d", i).isBetween(e - tolerance, e + tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void givesTheSameBitsAtAnyWidthAndOnAnyNumberOfThreads(ConvShape s) {
        for (DType type : List.of(DType.F32, DType.F64)) {
            MemorySegment y = forward(s, type, 1, Values.tile(type, 0), null);
            MemorySegment dx = byData(s, type, 1, Values.tile(type, 0));
            MemorySegment dw = byWeight(s, type, 1, Values.tile(type, 0));
            for (int bits : Values.WIDTHS) {
                for (int threads : new int[] {1, 2, 3}) {
                    Tile tile = Values.tile(type, bits);
                    String name = bits + " bits, " + threads + " threads";
                    assertThat(Values.firstDifference(type, y, forward(s, type, threads, tile, null), Y + ySize(s)))
                            .as(name)
                            .isEqualTo(-1);
                    assertThat(Values.firstDifference(type, dx, byData(s, type, threads, tile), X + xSize(s)))
                            .as(name)
                            .isEqualTo(-1);
                    assertThat(Values.firstDifference(type, dw, byWeight(s, type, threads, tile), W + wSize(s)))
                            .as(name)
                            .isEqualTo(-1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void finishesEachElementOnce(ConvShape s) {
        int positions = s.outH() * s.outW();
        var counts = new AtomicIntegerArray(ySize(s));
        forward(s, DType.F32, 2, Tile.of(DType.F32), (image, row0, row1, col0, col1) -> {
            for (int channel = row0; channel < row1; channel++) {
                for (int position = col0; position < col1; position++) {
                    counts.incrementAndGet((image * s.outChannels() + channel) * positions + position);
                }
            }
        });
        for (int i = 0; i < counts.length(); i++) {
            assertThat(counts.get(i)).isEqualTo(1);
        }
    }

    @Test
    void keepsNotANumberWithinItsWindows() {
        var s = new ConvShape(1, 2, 9, 9, 3, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1);
        MemorySegment x = Values.random(DType.F32, xSize(s), 1);
        Values.set(DType.F32, x, 4 * 9 + 4, Double.NaN);
        MemorySegment y = Values.dirty(DType.F32, ySize(s));
        Conv2d.forward(Workers.of(1), DType.F32, s, x, 0, Values.random(DType.F32, wSize(s), 2), 0, y, 0, null);
        for (int i = 0; i < ySize(s); i++) {
            boolean meets = i % 25 == 12; // rows and columns 3 … 5 of x are those of position 2 alone
            assertThat(Double.isNaN(Values.get(DType.F32, y, i))).isEqualTo(meets);
        }
    }

    @Test
    void refusesSizesThatMeanNothing() {
        assertThatThrownBy(() -> new ConvShape(1, 3, 8, 8, 4, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 input and 4 output channels do not divide into 2 groups");
        assertThatThrownBy(() -> new ConvShape(1, 3, 8, 8, 4, 3, 3, 0, 1, 0, 0, 0, 0, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new ConvShape(1, 3, 2, 8, 4, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 1).outH())
                .isZero();
    }
}
