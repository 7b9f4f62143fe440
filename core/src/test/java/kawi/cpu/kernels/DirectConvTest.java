package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import kawi.cpu.Workers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Direct convolutions against sums in double precision, and bit for bit at every width and on any threads. */
class DirectConvTest {
    private static final int[] WIDTHS = {0, 128, 256, 512};

    /** batch, in, height, width, out, kernelH, kernelW, top, bottom, left, right, dilationH, dilationW, stride, groups. */
    static Stream<ConvShape> shapes() {
        int[][] table = {
            {1, 1, 5, 5, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1},
            {1, 1, 8, 8, 1, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1},
            {2, 3, 9, 9, 5, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1},
            {3, 4, 12, 12, 13, 5, 5, 2, 2, 2, 2, 1, 1, 1, 1},
            {5, 1, 28, 28, 16, 5, 5, 0, 0, 0, 0, 1, 1, 1, 1},
            {9, 2, 7, 10, 24, 3, 2, 1, 0, 0, 1, 1, 1, 1, 1},
            {2, 7, 10, 11, 9, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1},
            {4, 5, 6, 40, 17, 1, 7, 0, 0, 3, 3, 1, 1, 1, 1},
            {1, 8, 26, 26, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
            {6, 16, 12, 12, 32, 5, 5, 0, 0, 0, 0, 1, 1, 1, 1},
            {8, 3, 8, 8, 7, 2, 3, 1, 1, 2, 0, 1, 1, 1, 1},
            {2, 3, 30, 31, 7, 7, 7, 3, 3, 3, 3, 1, 1, 2, 1},
            {2, 5, 15, 29, 13, 3, 3, 1, 1, 1, 1, 1, 1, 2, 1},
            {2, 2, 9, 33, 3, 1, 1, 0, 0, 0, 0, 1, 1, 2, 1},
            {1, 2, 11, 14, 3, 2, 3, 2, 0, 3, 1, 2, 1, 3, 1},
            {3, 5, 13, 70, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 5},
            {2, 6, 12, 9, 6, 3, 3, 1, 1, 1, 1, 1, 1, 2, 6},
            {2, 4, 9, 9, 12, 7, 7, 3, 3, 3, 3, 1, 1, 1, 4},
            {2, 8, 10, 12, 6, 3, 3, 1, 1, 1, 1, 2, 2, 1, 2},
            {1, 2, 3, 4, 2, 2, 2, 3, 3, 3, 3, 1, 1, 4, 1},
            {1, 3, 300, 90, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1},
        };
        return Stream.of(table)
                .map(t -> new ConvShape(
                        t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[13], t[13], t[7], t[8], t[9], t[10], t[11], t[12],
                        t[14]));
    }

    private static MemorySegment random(long n, long seed) {
        Random random = new Random(seed);
        MemorySegment m = Arena.ofAuto().allocate(n * 4, 64);
        for (long i = 0; i < n; i++) {
            m.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return m;
    }

    private interface Product {
        void of(int x, int w, int y);
    }

    private static void visit(ConvShape s, Product product) {
        for (int n = 0; n < s.batch(); n++) {
            for (int o = 0; o < s.outChannels(); o++) {
                for (int i = 0; i < s.outH(); i++) {
                    for (int j = 0; j < s.outW(); j++) {
                        for (int c = 0; c < s.groupInChannels(); c++) {
                            for (int r = 0; r < s.kernelH(); r++) {
                                for (int q = 0; q < s.kernelW(); q++) {
                                    int h = i * s.strideH() - s.padTop() + r * s.dilationH();
                                    int v = j * s.strideW() - s.padLeft() + q * s.dilationW();
                                    if (h >= 0 && h < s.height() && v >= 0 && v < s.width()) {
                                        int channel = o / s.groupOutChannels() * s.groupInChannels() + c;
                                        product.of(
                                                ((n * s.inChannels() + channel) * s.height() + h) * s.width() + v,
                                                ((o * s.groupInChannels() + c) * s.kernelH() + r) * s.kernelW() + q,
                                                ((n * s.outChannels() + o) * s.outH() + i) * s.outW() + j);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void allProductsAreRightAndHaveTheSameBitsEverywhere(ConvShape s) {
        int nx = s.batch() * s.inChannels() * s.height() * s.width();
        int nw = s.outChannels() * s.groupInChannels() * s.taps();
        int ny = s.batch() * s.outChannels() * s.outPositions();
        MemorySegment x = random(nx + 3, 1);
        MemorySegment w = random(nw + 2, 2);
        MemorySegment g = random(ny + 1, 3);
        double[] y = new double[ny];
        double[] dx = new double[nx];
        double[] dw = new double[nw];
        visit(s, (xi, wi, yi) -> {
            y[yi] += (double) at(x, xi + 3) * at(w, wi + 2);
            dx[xi] += (double) at(g, yi + 1) * at(w, wi + 2);
            dw[wi] += (double) at(g, yi + 1) * at(x, xi + 3);
        });
        MemorySegment[] expected = null;
        for (int bits : WIDTHS) {
            for (int threads : new int[] {1, 2, 3}) {
                Workers workers = Workers.of(threads);
                MemorySegment[] results = {random(ny + 5, 4), random(nx + 5, 5), random(nw + 5, 6)};
                var finished = new AtomicIntegerArray(ny);
                Correlation forward = Correlation.forward(s, 4);
                DirectConv.run(workers, bits, forward, x, 3, w, 2, results[0], 5, (n, r0, r1, c0, c1) -> {
                    for (int c = r0; c < r1; c++) {
                        for (int p = c0; p < c1; p++) {
                            finished.incrementAndGet((n * s.outChannels() + c) * s.outPositions() + p);
                        }
                    }
                });
                for (int i = 0; i < ny; i++) {
                    assertThat(finished.get(i)).isEqualTo(1);
                }
                DirectConv.run(workers, bits, Correlation.byData(s, 4), g, 1, w, 2, results[1], 5, null);
                GroupedWeights.run(workers, bits, s, x, 3, g, 1, results[2], 5);
                if (expected == null) {
                    expected = results;
                    near(results[0], y, s.inChannels() * s.taps());
                    near(results[1], dx, s.outChannels() * s.taps());
                    near(results[2], dw, s.batch() * s.outPositions());
                }
                for (int i = 0; i < 3; i++) {
                    assertThat(results[i].mismatch(expected[i]))
                            .as("%d bits, %d threads, product %d", bits, threads, i)
                            .isEqualTo(-1);
                }
            }
        }
    }

    private static float at(MemorySegment m, int i) {
        return m.getAtIndex(JAVA_FLOAT, i);
    }

    /** Rounding of n products of numbers of size 1 grows as √n; six standard deviations, and a floor. */
    private static void near(MemorySegment result, double[] expected, int n) {
        double tolerance = 6 * 0x1p-24 * (1 + n);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) at(result, i + 5)).isBetween(expected[i] - tolerance, expected[i] + tolerance);
        }
    }
}
