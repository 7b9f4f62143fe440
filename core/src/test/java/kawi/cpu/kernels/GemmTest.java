package kawi.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class GemmTest {

    /** Sizes around the edges of tiles (6, 8, 12; 4 … 64 columns), panels (256), blocks and chunks. */
    private static final int[][] SIZES = {
        {1, 1, 1},
        {1, 1, 700},
        {1, 33, 7},
        {33, 1, 7},
        {2, 3, 5},
        {12, 32, 256},
        {13, 33, 257},
        {11, 31, 255},
        {24, 64, 512},
        {25, 65, 513},
        {64, 10, 128},
        {10, 64, 70},
        {5, 200, 3},
        {200, 5, 3},
        {100, 100, 1},
        {193, 129, 300},
        {300, 40, 20},
        {40, 300, 20},
        {7, 9, 2100},
        {130, 390, 64},
        {3, 1000, 40},
        {1000, 3, 40},
        {1, 1500, 1100},
        {1500, 1, 1100},
    };

    static Stream<int[]> sizes() {
        return Stream.of(SIZES);
    }

    /** Where a matrix lies: start, stride from row to row, from column to column, in a buffer of some size. */
    private record Layout(long offset, long row, long column, long size) {
        static List<Layout> of(int rows, int columns) {
            long all = (long) rows * columns;
            return List.of(
                    new Layout(0, columns, 1, all),
                    new Layout(3, 1, rows, all + 3),
                    new Layout(5, columns * 2L + 1, 2, rows * (columns * 2L + 1) + 5),
                    new Layout(all - 1, -columns, -1, all),
                    new Layout(0, 0, 1, columns),
                    new Layout(0, 1, 0, rows));
        }
    }

    private record Problem(DType type, int m, int n, int k, MemorySegment a, Layout la, MemorySegment b, Layout lb) {
        static Problem of(DType type, int m, int n, int k, int layoutA, int layoutB) {
            Layout la = Layout.of(m, k).get(layoutA);
            Layout lb = Layout.of(k, n).get(layoutB);
            return new Problem(type, m, n, k, Values.random(type, la.size, 1), la, Values.random(type, lb.size, 2), lb);
        }

        MemorySegment run(int threads, @Nullable Tile tile, long row) {
            MemorySegment c = Values.dirty(type, m * row);
            Gemm.run(
                    Workers.of(threads),
                    tile,
                    type,
                    m,
                    n,
                    k,
                    a,
                    new long[] {la.offset},
                    la.row,
                    la.column,
                    b,
                    new long[] {lb.offset},
                    lb.row,
                    lb.column,
                    c,
                    new long[] {0},
                    row,
                    null);
            return c;
        }

        /** An element as the chain of fused multiply-adds that it should be. */
        double chain(int i, int j) {
            double sum = 0;
            for (int p = 0; p < k; p++) {
                double x = Values.get(type, a, la.offset + i * la.row + p * la.column);
                double y = Values.get(type, b, lb.offset + p * lb.row + j * lb.column);
                sum = type == DType.F32 ? Math.fma((float) x, (float) y, (float) sum) : Math.fma(x, y, sum);
            }
            return sum;
        }

        /**
         * The error of a sum of k products is at most k · u · Σ |a·b| with u the unit roundoff, however it is ordered;
         * the sum of magnitudes stands for each element's own scale.
         */
        void check(MemorySegment c, long row) {
            double unit = type == DType.F32 ? 0x1p-24 : type == DType.F64 ? 0x1p-53 : 0;
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double sum = 0;
                    double magnitude = 0;
                    for (int p = 0; p < k; p++) {
                        double product = Values.get(type, a, la.offset + i * la.row + p * la.column)
                                * Values.get(type, b, lb.offset + p * lb.row + j * lb.column);
                        sum += product;
                        magnitude += Math.abs(product);
                    }
                    double found = Values.get(type, c, i * row + j);
                    assertThat(Math.abs(found - sum))
                            .as("c[%d, %d] = %s, expected %s, in %s", i, j, found, sum, this)
                            .isLessThanOrEqualTo((k + 1) * unit * magnitude * 1.01);
                }
            }
            for (int i = 0; i < m; i++) {
                for (long j = n; j < row; j++) {
                    assertThat(Values.get(type, c, i * row + j))
                            .as("beyond the row")
                            .isEqualTo(77);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void multipliesEverySizeInEveryType(int[] size) {
        for (DType type : List.of(DType.F32, DType.F64, DType.I32, DType.I64)) {
            Problem problem = Problem.of(type, size[0], size[1], size[2], 0, 0);
            long row = size[1] + 3;
            MemorySegment c = problem.run(2, type.isFloat() ? Tile.of(type) : null, row);
            problem.check(c, row);
        }
    }

    /** The packed operand is larger than what is packed at once, so the depth is worked off in parts. */
    @Test
    void worksOffALongDepthInParts() {
        for (int[] size : new int[][] {{170, 203, 13_000}, {203, 170, 13_000}}) {
            Problem problem = Problem.of(DType.F32, size[0], size[1], size[2], 0, 0);
            MemorySegment one = problem.run(1, Tile.of(DType.F32), size[1]);
            problem.check(one, size[1]);
            assertThat(one.mismatch(problem.run(2, Tile.of(DType.F32), size[1])))
                    .isEqualTo(-1);
            assertThat(one.mismatch(problem.run(1, Tile.plain(DType.F32), size[1])))
                    .isEqualTo(-1);
        }
    }

    /**
     * Deeper than what a task packs at once, and too large to be cut along the depth: two blocks of rows, two of columns, a
     * transposed result; the last is so large that some tasks bring their blocks to the result between the pieces of the depth.
     */
    @ParameterizedTest
    @CsvSource({"230,250,2100", "250,230,2100", "256,193,2100", "1600,520,2100"})
    void sumsInOneChainThroughAllPiecesOfTheDepth(int m, int n, int k) {
        for (DType type : List.of(DType.F32, DType.F64)) {
            Problem problem = Problem.of(type, m, n, k, 1, 1);
            MemorySegment first = problem.run(1, Tile.of(type), n + 2);
            for (int i = 0; i < m; i += 1 + m / 40) {
                for (int j = 0; j < n; j += 1 + n / 40) {
                    assertThat(Values.get(type, first, (long) i * (n + 2) + j))
                            .as("c[%d, %d] of %s", i, j, problem)
                            .isEqualTo(problem.chain(i, j));
                }
            }
            for (int bits : m < 1000 ? Values.WIDTHS : new int[] {256}) {
                assertThat(first.mismatch(problem.run(2, Values.tile(type, bits), n + 2)))
                        .as("%s bits, %s", bits, problem)
                        .isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "I32", "I64"})
    void readsThroughAnyStrides(DType type) {
        for (int layoutA = 0; layoutA < 6; layoutA++) {
            for (int layoutB = 0; layoutB < 6; layoutB++) {
                Problem problem = Problem.of(type, 29, 70, 37, layoutA, layoutB);
                problem.check(problem.run(1, type.isFloat() ? Tile.of(type) : null, 70), 70);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void givesTheSameBitsAtAnyWidthAndOnAnyNumberOfThreads(int[] size) {
        for (DType type : List.of(DType.F32, DType.F64)) {
            Problem problem = Problem.of(type, size[0], size[1], size[2], 0, 1);
            long count = (long) size[0] * size[1];
            MemorySegment expected = problem.run(1, Values.tile(type, 0), size[1]);
            for (int bits : Values.WIDTHS) {
                for (int threads : new int[] {1, 2, 3}) {
                    MemorySegment c = problem.run(threads, Values.tile(type, bits), size[1]);
                    assertThat(Values.firstDifference(type, expected, c, count))
                            .as("%s bits, %d threads, %s", bits, threads, problem)
                            .isEqualTo(-1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void givesTheSameBitsHoweverTheMatricesLie(int[] size) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        for (DType type : List.of(DType.F32, DType.F64)) {
            Problem rows = Problem.of(type, m, n, k, 0, 0);
            MemorySegment a = transposed(type, rows.a, m, k);
            MemorySegment b = transposed(type, rows.b, k, n);
            var columns = new Problem(type, m, n, k, a, new Layout(0, 1, m, 0), b, new Layout(0, 1, k, 0));
            Tile tile = Values.tile(type, Machine.vectorBits());
            assertThat(Values.firstDifference(type, rows.run(2, tile, n), columns.run(2, tile, n), (long) m * n))
                    .isEqualTo(-1);
        }
    }

    private static MemorySegment transposed(DType type, MemorySegment matrix, int rows, int columns) {
        MemorySegment result = Values.dirty(type, (long) rows * columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                Values.set(type, result, (long) j * rows + i, Values.get(type, matrix, (long) i * columns + j));
            }
        }
        return result;
    }

    /** The order of a sum is part of the contract: one chain of fused multiply-adds in increasing p. */
    @Test
    void isOneChainOfFusedMultiplyAdds() {
        Problem problem = Problem.of(DType.F32, 40, 900, 800, 0, 0);
        MemorySegment c = problem.run(2, Tile.of(DType.F32), 900);
        for (int i = 0; i < 40; i += 13) {
            for (int j = 0; j < 900; j += 17) {
                float sum = 0;
                for (int p = 0; p < 800; p++) {
                    sum = Math.fma(
                            (float) Values.get(DType.F32, problem.a, i * 800 + p),
                            (float) Values.get(DType.F32, problem.b, p * 900 + j),
                            sum);
                }
                assertThat((float) Values.get(DType.F32, c, i * 900 + j)).isEqualTo(sum);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "I32", "I64"})
    void multipliesBatches(DType type) {
        int[][] sizes = {{3, 4, 5, 200}, {17, 40, 33, 7}, {64, 64, 16, 12}, {40, 3, 9, 11}};
        for (int[] size : sizes) {
            int m = size[0];
            int n = size[1];
            int k = size[2];
            int batches = size[3];
            MemorySegment a = Values.random(type, (long) m * k * batches, 3);
            MemorySegment b = Values.random(type, (long) k * n * batches, 4);
            for (int sharing = 0; sharing < 4; sharing++) {
                long[] aOffsets = new long[batches];
                long[] bOffsets = new long[batches];
                long[] cOffsets = new long[batches];
                for (int i = 0; i < batches; i++) {
                    aOffsets[i] = (sharing & 1) != 0 ? 0 : (long) i * m * k;
                    bOffsets[i] = (sharing & 2) != 0 ? 0 : (long) (batches - 1 - i) * k * n;
                    cOffsets[i] = (long) i * m * n;
                }
                MemorySegment c = Values.dirty(type, (long) m * n * batches);
                Gemm.run(Workers.of(2), type, m, n, k, a, aOffsets, k, 1, b, bOffsets, n, 1, c, cOffsets, n, null);
                for (int i = 0; i < batches; i++) {
                    var problem = new Problem(
                            type, m, n, k, a, new Layout(aOffsets[i], k, 1, 0), b, new Layout(bOffsets[i], n, 1, 0));
                    problem.check(c.asSlice(cOffsets[i] * type.bytes()), n);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "I32", "I64"})
    void isZeroWhereThereIsNothingToSum(DType type) {
        List<String> finished = new ArrayList<>();
        MemorySegment c = Values.dirty(type, 15);
        MemorySegment empty = Values.dirty(type, 1);
        long[] zero = {0};
        Gemm.run(
                Workers.of(2),
                type,
                3,
                5,
                0,
                empty,
                zero,
                0,
                1,
                empty,
                zero,
                5,
                1,
                c,
                zero,
                5,
                (batch, row0, row1, col0, col1) ->
                        finished.add(batch + ": " + row0 + "-" + row1 + ", " + col0 + "-" + col1));
        assertThat(Values.values(type, c, 15)).containsOnly(0.0);
        assertThat(finished).containsExactly("0: 0-3, 0-5");
    }

    @Test
    void doesNothingForEmptyResults() {
        MemorySegment data = Values.dirty(DType.F32, 10);
        Epilogue never = (_, _, _, _, _) -> {
            throw new AssertionError("nothing to finish");
        };
        Gemm.run(
                Workers.of(2),
                DType.F32,
                0,
                5,
                2,
                data,
                new long[1],
                2,
                1,
                data,
                new long[1],
                5,
                1,
                data,
                new long[1],
                5,
                never);
        Gemm.run(
                Workers.of(2),
                DType.F32,
                5,
                0,
                2,
                data,
                new long[1],
                2,
                1,
                data,
                new long[1],
                1,
                1,
                data,
                new long[1],
                1,
                never);
        Gemm.run(
                Workers.of(2),
                DType.F32,
                2,
                2,
                2,
                data,
                new long[0],
                2,
                1,
                data,
                new long[0],
                2,
                1,
                data,
                new long[0],
                2,
                never);
        assertThat(Values.values(DType.F32, data, 10)).containsOnly(77.0);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void finishesEachElementOnceAfterItsSum(int[] size) {
        int m = size[0];
        int n = size[1];
        for (DType type : List.of(DType.F32, DType.I64)) {
            Problem problem = Problem.of(type, m, n, size[2], 0, 0);
            MemorySegment plain = problem.run(1, type.isFloat() ? Tile.of(type) : null, n);
            MemorySegment c = Values.dirty(type, (long) m * n);
            Epilogue twicePlusOne = (batch, row0, row1, col0, col1) -> {
                assertThat(batch).isZero();
                for (int i = row0; i < row1; i++) {
                    for (int j = col0; j < col1; j++) {
                        Values.set(type, c, (long) i * n + j, 2 * Values.get(type, c, (long) i * n + j) + 1);
                    }
                }
            };
            Gemm.run(
                    Workers.of(2),
                    type,
                    m,
                    n,
                    size[2],
                    problem.a,
                    new long[1],
                    problem.la.row,
                    1,
                    problem.b,
                    new long[1],
                    problem.lb.row,
                    1,
                    c,
                    new long[1],
                    n,
                    twicePlusOne);
            for (long i = 0; i < (long) m * n; i++) {
                Values.set(type, plain, i, 2 * Values.get(type, plain, i) + 1);
            }
            assertThat(Values.firstDifference(type, plain, c, (long) m * n)).isEqualTo(-1);
        }
    }

    @Test
    void keepsNotANumberAndInfinityInTheirRowsAndColumns() {
        for (int bits : Values.WIDTHS) {
            Tile tile = Values.tile(DType.F32, bits);
            int m = 14;
            int n = 35;
            int k = 20;
            Problem problem = Problem.of(DType.F32, m, n, k, 0, 0);
            Values.set(DType.F32, problem.a, 13L * k + 4, Double.NaN);
            Values.set(DType.F32, problem.b, 7L * n + 34, Double.POSITIVE_INFINITY);
            MemorySegment c = problem.run(2, tile, n);
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double value = Values.get(DType.F32, c, (long) i * n + j);
                    if (i == 13) {
                        assertThat(value).isNaN();
                    } else if (j == 34) {
                        assertThat(Double.isInfinite(value)).isTrue();
                    } else {
                        assertThat(Double.isFinite(value)).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void refusesOtherTypesAndUnevenBatches() {
        MemorySegment data = Values.dirty(DType.F32, 10);
        assertThatThrownBy(() -> Gemm.run(
                        Workers.of(1),
                        DType.BOOL,
                        1,
                        1,
                        1,
                        data,
                        new long[1],
                        1,
                        1,
                        data,
                        new long[1],
                        1,
                        1,
                        data,
                        new long[1],
                        1,
                        null))
                .hasMessageContaining("bool");
        assertThatThrownBy(() -> Gemm.run(
                        Workers.of(1),
                        DType.F32,
                        1,
                        1,
                        1,
                        data,
                        new long[2],
                        1,
                        1,
                        data,
                        new long[1],
                        1,
                        1,
                        data,
                        new long[1],
                        1,
                        null))
                .hasMessageContaining("2, 1 and 1 offsets");
    }
}
