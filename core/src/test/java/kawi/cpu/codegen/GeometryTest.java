package kawi.cpu.codegen;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.device.LoopNest.Store;
import kawi.graph.Elementwise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sizes and strides of all kinds: the interpreter's bits at every width, with any threads, whole or box by box. */
class GeometryTest {
    static IntStream sizes() {
        return IntStream.of(0, 1, 2, 7, 16, 17, 63, 64, 65, 100, 1000, 4097);
    }

    /** out = a·b + c, of which every step rounds: a fused multiply-add would show. */
    private static LoopNest multiplyAdd(int[] sizes, DType type, Access a, Access b, Access c, Access out) {
        return new LoopNest(
                sizes,
                -1,
                null,
                List.of(a, b, c, out),
                List.of(
                        new Instruction.Load(0, type),
                        new Instruction.Load(1, type),
                        new Instruction.Load(2, type),
                        new Instruction.Apply(Elementwise.MUL, type, List.of(0, 1)),
                        new Instruction.Apply(Elementwise.ADD, type, List.of(3, 2))),
                List.of(new Store(3, 4)));
    }

    static void everyWay(Trial trial, Random random) {
        List<byte[]> expected = trial.reference();
        for (int bits : Trial.WIDTHS) {
            for (int threads = 1; threads <= 3; threads++) {
                trial.assertSame(expected, trial.run(bits, threads), bits + " bits, " + threads + " threads");
            }
            trial.assertSame(expected, trial.runBoxes(bits, random), bits + " bits, boxes");
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void stridesOfOneAxis(int n) {
        Random random = new Random(n);
        for (DType type : List.of(DType.F32, DType.F64, DType.I32, DType.U8)) {
            for (long[] s :
                    new long[][] {{1, 1, 1}, {1, 0, 1}, {0, 0, 1}, {1, -1, 1}, {2, 1, 1}, {1, 3, 2}, {-1, 0, -1}}) {
                everyWay(
                        new Trial(
                                multiplyAdd(
                                        new int[] {n},
                                        type,
                                        line(0, type, s[0], n),
                                        line(1, type, s[1], n),
                                        line(2, type, 1, n),
                                        line(3, type, s[2], n)),
                                random),
                        random);
            }
        }
    }

    private static Access line(int buffer, DType type, long stride, int n) {
        return new Access(buffer, type, 5 + Math.max(0, -stride * (n - 1)), new long[] {stride});
    }

    static Stream<int[]> planes() {
        return Stream.of(
                new int[] {1, 1},
                new int[] {1, 65},
                new int[] {65, 1},
                new int[] {3, 17},
                new int[] {17, 64},
                new int[] {100, 33},
                new int[] {2, 3000},
                new int[] {70, 130},
                new int[] {4, 0},
                new int[] {500, 9});
    }

    @ParameterizedTest
    @MethodSource("planes")
    void rowsColumnsTransposedAndSliced(int[] size) {
        Random random = new Random(size[0] * 31 + size[1]);
        int m = size[0];
        int n = size[1];
        long[][] shapes = {{n, 1}, {1, m}, {0, 1}, {1, 0}, {0, 0}, {2L * n + 3, 1}, {n, -1}, {-n, 1}, {2L * n, 2}};
        for (long[] a : shapes) {
            for (long[] out : new long[][] {{n, 1}, {1, m}, {n + 5L, 1}, {-n, 1}}) {
                everyWay(
                        new Trial(
                                multiplyAdd(
                                        size,
                                        DType.F32,
                                        plane(0, a, size),
                                        plane(1, new long[] {0, 1}, size),
                                        plane(2, new long[] {n, 1}, size),
                                        plane(3, out, size)),
                                random),
                        random);
            }
        }
    }

    private static Access plane(int buffer, long[] strides, int[] size) {
        long offset = 2;
        for (int d = 0; d < 2; d++) {
            offset += Math.max(0, -strides[d] * (size[d] - 1));
        }
        return new Access(buffer, DType.F32, offset, strides);
    }

    @Test
    void fourAxesOfWhichSomeMerge() {
        Random random = new Random(3);
        int[] sizes = {3, 5, 1, 40};
        long[][] ways = {{200, 40, 40, 1}, {0, 40, 7, 1}, {5, 1, 0, 15}, {200, 0, 0, 1}, {40, 120, 0, 1}};
        for (long[] a : ways) {
            for (long[] b : ways) {
                everyWay(
                        new Trial(
                                multiplyAdd(
                                        sizes,
                                        DType.F32,
                                        new Access(0, DType.F32, 0, a),
                                        new Access(1, DType.F32, 1, b),
                                        new Access(2, DType.F32, 0, ways[0]),
                                        new Access(3, DType.F32, 4, ways[0])),
                                random),
                        random);
            }
        }
    }

    @Test
    void updatesInPlaceWithSeveralStores() {
        // p −= 0.1·g, and g = 2g: both buffers read and written at the same place
        for (int n : new int[] {1, 16, 100, 4097, 100_000}) {
            Random random = new Random(n);
            Access p = new Access(0, DType.F32, 0, new long[] {1});
            Access g = new Access(1, DType.F32, 3, new long[] {1});
            LoopNest nest = new LoopNest(
                    new int[] {n},
                    -1,
                    null,
                    List.of(p, g),
                    List.of(
                            new Instruction.Load(0, DType.F32),
                            new Instruction.Load(1, DType.F32),
                            new Instruction.Scalar(1, DType.F32),
                            new Instruction.Apply(Elementwise.MUL, DType.F32, List.of(1, 2)),
                            new Instruction.Apply(Elementwise.SUB, DType.F32, List.of(0, 3)),
                            new Instruction.Apply(Elementwise.ADD, DType.F32, List.of(1, 1))),
                    List.of(new Store(0, 4), new Store(1, 5)));
            everyWay(new Trial(nest, random, 0, Double.doubleToRawLongBits(0.1f)), random);
        }
    }

    @Test
    void countsPlacesInEveryType() {
        for (DType type : List.of(DType.I32, DType.I64, DType.F32, DType.F64, DType.U8)) {
            for (long[] strides : new long[][] {{9, 1}, {0, -3}, {1, 0}, {100_000, 7}, {1_000_000_000_000L, 1}}) {
                List<Access> accesses = new ArrayList<>();
                accesses.add(new Access(-1, type, 12, strides));
                accesses.add(new Access(0, type, 0, new long[] {70, 1}));
                LoopNest nest = new LoopNest(
                        new int[] {5, 70},
                        -1,
                        null,
                        accesses,
                        List.of(
                                new Instruction.Index(0, type),
                                new Instruction.Load(1, type),
                                new Instruction.Apply(Elementwise.ADD, type, List.of(0, 1))),
                        List.of(new Store(1, 2)));
                Random random = new Random(5);
                everyWay(new Trial(nest, random), random);
            }
        }
    }
}
