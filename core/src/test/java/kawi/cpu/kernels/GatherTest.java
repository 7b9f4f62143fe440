package kawi.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GatherTest {

    /** outer, axis, count (or axisOut), inner. */
    static Stream<int[]> sizes() {
        return Stream.of(
                new int[] {1, 1, 1, 1},
                new int[] {1, 10, 300, 70},
                new int[] {3, 5, 7, 1},
                new int[] {2, 4, 3, 129},
                new int[] {50, 9, 20, 3},
                new int[] {1, 500, 700, 200},
                new int[] {1, 5, 0, 4},
                new int[] {0, 5, 3, 4},
                new int[] {2, 5, 3, 0},
                new int[] {1, 1000, 5000, 1});
    }

    private static MemorySegment places(DType type, int count, int axis, long seed) {
        MemorySegment index = Values.dirty(type, count);
        var random = new Random(seed);
        for (int i = 0; i < count; i++) {
            Values.set(type, index, i, random.nextInt(axis));
        }
        return index;
    }

    private static final List<DType> SUMMED = List.of(DType.F32, DType.F64, DType.I32, DType.I64);

    @ParameterizedTest
    @MethodSource("sizes")
    void takesRowsAndAddsThemBack(int[] size) {
        int outer = size[0];
        int axis = size[1];
        int count = size[2];
        int inner = size[3];
        for (DType type : DType.values()) {
            DType indexType = type.bytes() == 4 ? DType.I32 : DType.I64;
            MemorySegment index = places(indexType, count, axis, 5);
            MemorySegment x = Values.random(type, (long) outer * axis * inner, 6);
            MemorySegment g = Values.random(type, (long) outer * count * inner, 7);
            double[] sums = new double[outer * axis * inner];
            for (int threads : new int[] {1, 2, 3}) {
                MemorySegment y = Values.dirty(type, (long) outer * count * inner);
                double[] taken = new double[outer * count * inner];
                Gather.take(Workers.of(threads), type, outer, axis, inner, x, indexType, index, count, y);
                for (int o = 0; o < outer; o++) {
                    for (int i = 0; i < count; i++) {
                        int place = (int) Values.get(indexType, index, i);
                        for (int j = 0; j < inner; j++) {
                            int at = (o * axis + place) * inner + j;
                            int row = (o * count + i) * inner + j;
                            taken[row] = Values.get(type, x, at);
                            if (threads == 1) {
                                sums[at] = rounded(type, sums[at] + Values.get(type, g, row));
                            }
                        }
                    }
                }
                assertThat(Arrays.equals(Values.values(type, y, taken.length), taken))
                        .isTrue();
                if (SUMMED.contains(type)) {
                    MemorySegment dx = Values.dirty(type, sums.length);
                    Gather.takeAdd(Workers.of(threads), type, outer, axis, inner, g, indexType, index, count, dx);
                    assertThat(Arrays.equals(Values.values(type, dx, sums.length), sums))
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void gathersElementsAndAddsThemBack(int[] size) {
        int outer = size[0];
        int axisIn = size[1];
        int axisOut = size[2];
        int inner = size[3];
        int count = outer * axisOut * inner;
        for (DType type : DType.values()) {
            DType indexType = type.bytes() == 4 ? DType.I64 : DType.I32;
            MemorySegment index = places(indexType, count, axisIn, 5);
            MemorySegment x = Values.random(type, (long) outer * axisIn * inner, 6);
            MemorySegment g = Values.random(type, count, 7);
            double[] sums = new double[outer * axisIn * inner];
            for (int threads : new int[] {1, 2, 3}) {
                MemorySegment y = Values.dirty(type, count);
                double[] gathered = new double[count];
                Gather.gather(Workers.of(threads), type, outer, axisIn, axisOut, inner, x, indexType, index, y);
                for (int at = 0; at < count; at++) {
                    int place = (int) Values.get(indexType, index, at);
                    int from = (at / inner / axisOut * axisIn + place) * inner + at % inner;
                    gathered[at] = Values.get(type, x, from);
                    if (threads == 1) {
                        sums[from] = rounded(type, sums[from] + Values.get(type, g, at));
                    }
                }
                assertThat(Arrays.equals(Values.values(type, y, gathered.length), gathered))
                        .isTrue();
                if (SUMMED.contains(type)) {
                    MemorySegment dx = Values.dirty(type, sums.length);
                    Gather.scatterAdd(
                            Workers.of(threads), type, outer, axisIn, axisOut, inner, g, indexType, index, dx);
                    assertThat(Arrays.equals(Values.values(type, dx, sums.length), sums))
                            .isTrue();
                }
            }
        }
    }

    /** One addition of floats in double precision, then rounded, is their sum as floats. */
    private static double rounded(DType type, double value) {
        return type == DType.F32 ? (float) value : value;
    }

    @Test
    void namesThePlaceThatIsOutOfRange() {
        MemorySegment x = Values.random(DType.F32, 12, 1);
        MemorySegment y = Values.dirty(DType.F32, 12);
        for (double wrong : new double[] {3, -1}) {
            MemorySegment index = Values.of(DType.I64, 0, 2, wrong, 1);
            String message = "index " + (long) wrong + " at position 2 is outside 0 to 2";
            assertThatThrownBy(() -> Gather.take(Workers.of(2), DType.F32, 1, 3, 2, x, DType.I64, index, 4, y))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("take: " + message);
            assertThatThrownBy(() -> Gather.takeAdd(Workers.of(2), DType.F32, 1, 3, 2, x, DType.I64, index, 4, y))
                    .hasMessageContaining("takeAdd: " + message);
            assertThatThrownBy(() -> Gather.gather(Workers.of(2), DType.F32, 1, 3, 2, 2, x, DType.I64, index, y))
                    .hasMessageContaining("gather: " + message);
            assertThatThrownBy(() -> Gather.scatterAdd(Workers.of(2), DType.F32, 1, 3, 2, 2, x, DType.I64, index, y))
                    .hasMessageContaining("scatterAdd: " + message);
        }
    }
}
