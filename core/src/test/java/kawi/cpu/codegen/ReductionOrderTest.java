package kawi.cpu.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.device.LoopNest.Reduction;
import kawi.device.LoopNest.Store;
import kawi.graph.Elementwise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reductions to the bit, in the order that {@link LoopNest} documents, written here as plainly as it stands there. */
class ReductionOrderTest {
    private static final DType[] TYPES = {DType.F32, DType.F64, DType.I32, DType.I64};

    static IntStream lengths() {
        return IntStream.of(0, 1, 2, 7, 16, 17, 63, 64, 65, 100, 128, 129, 1000, 8192, 8193, 20_000);
    }

    /** Of the values along the axis. Doubles hold every type here: integers stay small. */
    private static double reduce(double[] v, Reduction kind, DType type, boolean innermost) {
        double total = neutral(kind, type);
        int length = innermost ? LoopNest.CHUNK : LoopNest.CHUNK_ROWS;
        for (int start = 0; start < v.length; start += length) {
            int end = Math.min(v.length, start + length);
            double chunk;
            if (innermost) {
                double[] partial = new double[LoopNest.LANES];
                Arrays.fill(partial, neutral(kind, type));
                for (int r = start; r < end; r++) {
                    partial[r % LoopNest.LANES] = combine(partial[r % LoopNest.LANES], v[r], kind, type);
                }
                for (int half = LoopNest.LANES / 2; half > 0; half /= 2) {
                    for (int l = 0; l < half; l++) {
                        partial[l] = combine(partial[l], partial[l + half], kind, type);
                    }
                }
                chunk = partial[0];
            } else {
                chunk = neutral(kind, type);
                for (int r = start; r < end; r++) {
                    chunk = combine(chunk, v[r], kind, type);
                }
            }
            total = start == 0 ? chunk : combine(total, chunk, kind, type);
        }
        return total;
    }

    private static double neutral(Reduction kind, DType type) {
        double top = switch (type) {
            case I32 -> Integer.MAX_VALUE;
            case I64 -> Long.MAX_VALUE;
            default -> Double.POSITIVE_INFINITY;
        };
        double bottom = switch (type) {
            case I32 -> Integer.MIN_VALUE;
            case I64 -> Long.MIN_VALUE;
            default -> Double.NEGATIVE_INFINITY;
        };
        return kind == Reduction.SUM ? 0 : kind == Reduction.MAX ? bottom : top;
    }

    private static double combine(double a, double b, Reduction kind, DType type) {
        double c = switch (kind) {
            case SUM -> a + b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
        return type == DType.F32 ? (float) c : c;
    }

    /** Sizes with the reduced axis in the middle of others; the body is a·b, with b constant along the reduced axis. */
    private static void check(int before, int n, int after, Reduction kind, DType type, boolean special) {
        Random random = new Random(before * 7919L + n * 31L + after);
        int[] sizes = {before, n, after};
        Access a = new Access(0, type, 3, new long[] {(long) n * after, after, 1});
        Access b = new Access(1, type, 1, new long[] {after, 0, 1});
        Access out = new Access(2, type, 2, new long[] {after, 0, 1});
        LoopNest nest = new LoopNest(
                sizes,
                1,
                kind,
                List.of(a, b, out),
                List.of(
                        new Instruction.Load(0, type),
                        new Instruction.Load(1, type),
                        new Instruction.Apply(Elementwise.MUL, type, List.of(0, 1))),
                List.of(new Store(2, 2)));
        Trial trial = new Trial(nest, random);
        for (long i = 0; i < (long) before * n * after; i++) {
            double x = type.isFloat() ? random.nextGaussian() : random.nextInt(2001) - 1000;
            if (special && type.isFloat() && random.nextInt(Math.max(2, n)) == 0) {
                x = new double[] {Double.NaN, -0.0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e30}
                        [random.nextInt(5)];
            } else if (special && random.nextInt(3) > 0) {
                x = -0.0;
            }
            trial.set(0, 3 + i, x);
        }
        for (long i = 0; i < (long) before * after; i++) {
            trial.set(1, 1 + i, type.isFloat() ? 1 + random.nextInt(3) / 3.0 : random.nextInt(5));
        }
        List<List<byte[]>> runs = new ArrayList<>();
        for (int bits : Trial.WIDTHS) {
            for (int threads : bits == 512 ? new int[] {1, 2, 3} : new int[] {2}) {
                runs.add(trial.run(bits, threads));
                trial.assertSame(
                        runs.getFirst(), runs.getLast(), kind + " at " + bits + " bits with " + threads + " threads");
            }
        }
        for (int i = 0; i < before; i++) {
            for (int j = 0; j < after; j++) {
                double[] v = new double[n];
                for (int r = 0; r < n; r++) {
                    double x = trial.before(0, 3 + ((long) i * n + r) * after + j)
                            * trial.before(1, 1 + (long) i * after + j);
                    v[r] = type == DType.F32 ? (float) x : type.isFloat() ? x : x + 0.0; // no −0 among integers
                }
                assertThat((Double) trial.get(runs.getFirst(), 2, 2 + (long) i * after + j))
                        .as("%s of %s, sizes %s, result (%d, %d)", kind, type, Arrays.toString(sizes), i, j)
                        .isEqualTo((Double) reduce(v, kind, type, after == 1));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void alongTheInnermostAxis(int n) {
        for (DType type : TYPES) {
            for (Reduction kind : Reduction.values()) {
                check(n > 10_000 ? 2 : 5, n, 1, kind, type, false);
                check(1, n, 1, kind, type, true);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void alongAnotherAxis(int n) {
        for (DType type : TYPES) {
            for (Reduction kind : Reduction.values()) {
                check(1, n, 3, kind, type, true);
                if (n < 10_000) {
                    check(2, n, n > 1000 ? 17 : 100, kind, type, false);
                }
            }
        }
    }

    @Test
    void ofManyShortRows() {
        for (DType type : TYPES) {
            for (int n : new int[] {1, 3, 10, 64}) {
                check(10_000, n, 1, Reduction.SUM, type, false);
                check(300, n, 70, Reduction.MAX, type, false);
            }
            check(1, 40, 5000, Reduction.SUM, type, false);
        }
    }

    /** any and all, and the largest byte: types that reduce without vectors. */
    @Test
    void ofNarrowTypes() {
        for (DType type : List.of(DType.BOOL, DType.U8)) {
            for (Reduction kind : List.of(Reduction.MAX, Reduction.MIN)) {
                for (int n : new int[] {1, 65, 9000}) {
                    LoopNest nest = new LoopNest(
                            new int[] {3, n},
                            1,
                            kind,
                            List.of(new Access(0, type, 0, new long[] {n, 1}), new Access(1, type, 0, new long[] {1, 0
                            })),
                            List.of(new Instruction.Load(0, type)),
                            List.of(new Store(1, 0)));
                    Trial trial = new Trial(nest, new Random(n));
                    for (int i = 0; i < n; i++) {
                        trial.set(0, i, type == DType.U8 ? 100 + i % 100 : kind == Reduction.MIN ? 1 : 0);
                    }
                    for (int bits : Trial.WIDTHS) {
                        List<byte[]> after = trial.run(bits, 2);
                        for (int i = 0; i < 3; i++) {
                            double best = trial.before(0, (long) i * n);
                            for (int r = 1; r < n; r++) {
                                best = combine(best, trial.before(0, (long) i * n + r), kind, type);
                            }
                            assertThat(trial.get(after, 1, i)).isEqualTo(best);
                        }
                    }
                }
            }
        }
    }
}
