package kawi.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PoolTest {

    static Stream<PoolShape> shapes() {
        return Stream.of(
                new PoolShape(1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1),
                new PoolShape(70, 24, 24, 2, 2, 2, 2, 0, 0, 12, 12, 1, 1),
                new PoolShape(3, 25, 23, 2, 2, 2, 2, 0, 0, 12, 11, 1, 1),
                new PoolShape(3, 9, 11, 3, 3, 2, 2, 1, 1, 5, 6, 1, 1),
                new PoolShape(5, 8, 8, 3, 3, 1, 1, 1, 1, 8, 8, 1, 1),
                new PoolShape(2, 9, 10, 3, 2, 2, 3, 1, 0, 4, 3, 2, 2),
                new PoolShape(2, 5, 5, 5, 5, 5, 5, 0, 0, 1, 1, 1, 1),
                new PoolShape(2, 7, 7, 2, 2, 3, 3, 1, 1, 3, 3, 1, 1),
                new PoolShape(2, 1, 40, 1, 4, 1, 2, 0, 2, 1, 21, 1, 1),
                new PoolShape(0, 4, 4, 2, 2, 2, 2, 0, 0, 2, 2, 1, 1));
    }

    private interface Visit {
        void at(int in, int out, int place);
    }

    private static void forEachElementOfEachWindow(PoolShape s, Visit visit) {
        for (int c = 0; c < s.planes(); c++) {
            for (int p = 0; p < s.outH(); p++) {
                for (int q = 0; q < s.outW(); q++) {
                    for (int r = 0; r < s.kernelH(); r++) {
                        for (int t = 0; t < s.kernelW(); t++) {
                            int h = p * s.strideH() - s.padTop() + r * s.dilationH();
                            int w = q * s.strideW() - s.padLeft() + t * s.dilationW();
                            if (h >= 0 && h < s.height() && w >= 0 && w < s.width()) {
                                int place = h * s.width() + w;
                                visit.at(c * s.height() * s.width() + place, (c * s.outH() + p) * s.outW() + q, place);
                            }
                        }
                    }
                }
            }
        }
    }

    private static int inSize(PoolShape s) {
        return s.planes() * s.height() * s.width();
    }

    private static int outSize(PoolShape s) {
        return s.planes() * s.outH() * s.outW();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void findsReadsAndScattersMaxima(PoolShape s) {
        for (DType type : List.of(DType.F32, DType.F64)) {
            for (int threads : new int[] {1, 3}) {
                Workers workers = Workers.of(threads);
                // Small integers: many equal values, of which the first must win.
                MemorySegment x = Values.dirty(type, inSize(s));
                MemorySegment random = Values.random(DType.I32, inSize(s), 1);
                for (int i = 0; i < inSize(s); i++) {
                    Values.set(type, x, i, Values.get(DType.I32, random, i) % 3);
                }
                MemorySegment g = Values.random(type, outSize(s), 2);
                MemorySegment index = Values.dirty(DType.I32, outSize(s));
                MemorySegment y = Values.dirty(type, outSize(s));
                MemorySegment dx = Values.dirty(type, inSize(s));
                Pool.argMax(workers, type, s, x, index);
                Pool.gather(workers, type, s, x, index, y);
                Pool.scatterAdd(workers, type, s, g, index, dx);

                int[] places = new int[outSize(s)];
                double[] best = new double[outSize(s)];
                Arrays.fill(best, Double.NEGATIVE_INFINITY);
                double[] expected = new double[inSize(s)];
                int plane = s.height() * s.width();
                forEachElementOfEachWindow(s, (in, out, place) -> {
                    if (Values.get(type, x, in) > best[out]) {
                        best[out] = Values.get(type, x, in);
                        places[out] = place;
                    }
                });
                for (int o = 0; o < outSize(s); o++) {
                    assertThat(Values.get(DType.I32, index, o)).isEqualTo(places[o]);
                    assertThat(Values.get(type, y, o)).isEqualTo(best[o]);
                    int at = o / (s.outH() * s.outW()) * plane + places[o];
                    expected[at] += Values.get(type, g, o);
                    expected[at] = type == DType.F32 ? (float) expected[at] : expected[at];
                }
                assertThat(Values.values(type, dx, inSize(s))).containsExactly(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void findsTheSameMaximaAtAnyWidth(PoolShape s) {
        // Few values, among them all that are special.
        double[] values = {0.0, -0.0, 1, Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, -2};
        for (int special = 0; special < 3; special++) {
            MemorySegment x = Values.dirty(DType.F32, inSize(s));
            MemorySegment random = Values.random(DType.I32, inSize(s), special);
            for (int i = 0; i < inSize(s); i++) {
                int choice = Math.floorMod((int) Values.get(DType.I32, random, i), special == 0 ? 7 : 40);
                Values.set(DType.F32, x, i, choice < 7 ? values[choice] : Double.NEGATIVE_INFINITY);
            }
            int[] places = new int[outSize(s)];
            double[] best = new double[outSize(s)];
            boolean[] seen = new boolean[outSize(s)];
            forEachElementOfEachWindow(s, (in, out, place) -> {
                double value = Values.get(DType.F32, x, in);
                if (!seen[out] || value > best[out] || Double.isNaN(value) && !Double.isNaN(best[out])) {
                    seen[out] = true;
                    best[out] = value;
                    places[out] = place;
                }
            });
            for (MaxKernel kernel : List.of(
                    new PlainMaxKernel(),
                    MaxKernelEmitter.emit(128),
                    MaxKernelEmitter.emit(256),
                    MaxKernelEmitter.emit(512))) {
                MemorySegment index = Values.dirty(DType.I32, outSize(s));
                Pool.argMaxFloats(kernel, new PlainRowMover(), s, x, index, 0, s.planes());
                for (int o = 0; o < outSize(s); o++) {
                    assertThat(Values.get(DType.I32, index, o)).isEqualTo(places[o]);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void sumsWindowsAndTransposesTheSum(PoolShape s) {
        for (DType type : List.of(DType.F32, DType.F64)) {
            MemorySegment x = Values.random(type, inSize(s), 1);
            MemorySegment g = Values.random(type, outSize(s), 2);
            double[] y = new double[outSize(s)];
            double[] dx = new double[inSize(s)];
            forEachElementOfEachWindow(s, (in, out, _) -> {
                y[out] += Values.get(type, x, in);
                dx[in] += Values.get(type, g, out);
            });
            for (int threads : new int[] {1, 3}) {
                MemorySegment foundY = Values.dirty(type, outSize(s));
                MemorySegment foundDx = Values.dirty(type, inSize(s));
                Pool.sum(Workers.of(threads), type, s, x, foundY);
                Pool.sumTranspose(Workers.of(threads), type, s, g, foundDx);
                // Summed in double precision, then rounded once: values are below 100.
                double tolerance = type == DType.F32 ? 100 * 0x1p-24 : 1e-13;
                for (int i = 0; i < y.length; i++) {
                    assertThat(Values.get(type, foundY, i)).isCloseTo(y[i], within(tolerance));
                }
                for (int i = 0; i < dx.length; i++) {
                    assertThat(Values.get(type, foundDx, i)).isCloseTo(dx[i], within(tolerance));
                }
            }
        }
    }

    @Test
    void prefersNotANumberThenTheFirstOfEquals() {
        double nan = Double.NaN;
        double infinity = Double.POSITIVE_INFINITY;
        double[][] windows = {
            {1, nan, infinity, 4, 1},
            {nan, nan, 1, 2, 0},
            {infinity, 1, infinity, nan, 3},
            {-0.0, 0.0, -0.0, 0.0, 0},
            {-infinity, -infinity, -infinity, -infinity, 0},
            {-3, -1, -2, -1, 1},
            {-1, -2, -3, -0.5, 3},
            {1e-45, 0, 4e-45, 4e-45, 2},
            {infinity, infinity, 1, 2, 0}
        };
        var s = new PoolShape(1, 2, 2, 2, 2, 2, 2, 0, 0, 1, 1, 1, 1);
        for (DType type : List.of(DType.F32, DType.F64)) {
            for (double[] window : windows) {
                MemorySegment x = Values.of(type, window[0], window[1], window[2], window[3]);
                MemorySegment index = Values.dirty(DType.I32, 1);
                Pool.argMax(Workers.of(1), type, s, x, index);
                assertThat(Values.get(DType.I32, index, 0))
                        .as("%s %s", type, Arrays.toString(window))
                        .isEqualTo(window[4]);
            }
        }
        // A NaN whose sign bit is set is still a NaN.
        MemorySegment x = Values.of(DType.F32, 1, 2, 3, 4);
        x.set(ValueLayout.JAVA_INT, 8, 0xffc00001);
        MemorySegment index = Values.dirty(DType.I32, 1);
        Pool.argMax(Workers.of(1), DType.F32, s, x, index);
        assertThat(Values.get(DType.I32, index, 0)).isEqualTo(2);
    }

    @Test
    void neverLetsPaddingWin() {
        var s = new PoolShape(1, 2, 2, 2, 2, 2, 2, 1, 1, 2, 2, 1, 1);
        MemorySegment x = Values.of(DType.F32, -5, -6, -7, Double.NEGATIVE_INFINITY);
        MemorySegment index = Values.dirty(DType.I32, 4);
        Pool.argMax(Workers.of(1), DType.F32, s, x, index);
        assertThat(Values.values(DType.I32, index, 4)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void namesAnIndexOutsideOfItsPlane() {
        var s = new PoolShape(1, 2, 2, 2, 2, 2, 2, 0, 0, 1, 1, 1, 1);
        MemorySegment x = Values.of(DType.F32, 1, 2, 3, 4);
        MemorySegment index = Values.of(DType.I32, 4);
        assertThatThrownBy(() -> Pool.gather(Workers.of(1), DType.F32, s, x, index, Values.dirty(DType.F32, 1)))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("index 4 at position 0 is outside of 0 to 3");
    }
}
