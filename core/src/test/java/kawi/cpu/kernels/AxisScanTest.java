package kawi.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AxisScanTest {

    static Stream<int[]> sizes() {
        return Stream.of(
                new int[] {1, 1, 1},
                new int[] {7, 10, 1},
                new int[] {3, 1000, 70},
                new int[] {200, 3, 5},
                new int[] {1, 5, 300},
                new int[] {0, 5, 3},
                new int[] {4, 6, 0});
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void findsTheFirstExtreme(int[] size) {
        for (DType type : DType.values()) {
            if (type.isHalf()) {
                continue; // kernels that compute never see them
            }
            MemorySegment x = Values.dirty(type, (long) size[0] * size[1] * size[2]);
            MemorySegment random = Values.random(DType.I32, (long) size[0] * size[1] * size[2], 4);
            for (int i = 0; i < size[0] * size[1] * size[2]; i++) {
                Values.set(type, x, i, Math.abs(Values.get(DType.I32, random, i)) % 5);
            }
            for (boolean max : new boolean[] {true, false}) {
                MemorySegment place = Values.dirty(DType.I64, (long) size[0] * size[2]);
                AxisScan.argReduce(Workers.of(2), type, max, size[0], size[1], size[2], x, place);
                for (int o = 0; o < size[0]; o++) {
                    for (int j = 0; j < size[2]; j++) {
                        int best = 0;
                        for (int i = 1; i < size[1]; i++) {
                            double a = Values.get(type, x, ((long) o * size[1] + i) * size[2] + j);
                            double b = Values.get(type, x, ((long) o * size[1] + best) * size[2] + j);
                            best = (max ? a > b : a < b) ? i : best;
                        }
                        assertThat(Values.get(DType.I64, place, (long) o * size[2] + j))
                                .isEqualTo(best);
                    }
                }
            }
        }
    }

    @Test
    void prefersNotANumber() {
        double nan = Double.NaN;
        for (DType type : List.of(DType.F32, DType.F64)) {
            MemorySegment x = Values.of(type, 1, nan, nan, 9, nan, 3, 2, 2);
            for (boolean max : new boolean[] {true, false}) {
                MemorySegment place = Values.dirty(DType.I64, 2);
                AxisScan.argReduce(Workers.of(1), type, max, 2, 4, 1, x, place);
                assertThat(Values.values(DType.I64, place, 2)).containsExactly(1, 0);
            }
        }
    }

    @Test
    void distinguishesLargeIntegers() {
        MemorySegment x = Values.dirty(DType.I64, 2);
        x.set(ValueLayout.JAVA_LONG, 0, Long.MAX_VALUE - 1);
        x.set(ValueLayout.JAVA_LONG, 8, Long.MAX_VALUE);
        MemorySegment place = Values.dirty(DType.I64, 1);
        AxisScan.argReduce(Workers.of(1), DType.I64, true, 1, 2, 1, x, place);
        assertThat(Values.get(DType.I64, place, 0)).isEqualTo(1);
    }

    @Test
    void refusesAnEmptyAxis() {
        MemorySegment data = Values.dirty(DType.I64, 1);
        assertThatThrownBy(() -> AxisScan.argReduce(Workers.of(1), DType.F32, true, 1, 0, 1, data, data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("argmax along an empty axis");
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void sumsInOrderAlongTheAxis(int[] size) {
        for (DType type : List.of(DType.F32, DType.F64, DType.I32, DType.I64)) {
            int count = size[0] * size[1] * size[2];
            MemorySegment x = Values.random(type, count, 8);
            for (boolean reverse : new boolean[] {false, true}) {
                for (int threads : new int[] {1, 2, 3}) {
                    MemorySegment y = Values.dirty(type, count);
                    AxisScan.cumsum(Workers.of(threads), type, reverse, size[0], size[1], size[2], x, y);
                    for (int o = 0; o < size[0]; o++) {
                        for (int j = 0; j < size[2]; j++) {
                            double sum = 0;
                            for (int step = 0; step < size[1]; step++) {
                                int i = reverse ? size[1] - 1 - step : step;
                                long at = ((long) o * size[1] + i) * size[2] + j;
                                sum += Values.get(type, x, at);
                                double expected = type == DType.F32 ? (float) sum : sum;
                                assertThat(Values.get(type, y, at)).isEqualTo(expected);
                            }
                        }
                    }
                }
            }
        }
    }
}
