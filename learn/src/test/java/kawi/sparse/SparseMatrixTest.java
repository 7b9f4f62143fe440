package kawi.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.sparse.SparseMatrix.Layout;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against plain loops over dense arrays, derivatives against differences. */
class SparseMatrixTest {
    /** A random matrix: coordinates in no order, some of them twice, some rows and columns without any. */
    private record Sample(Layout layout, DType dtype, int rows, int columns, int[] i, int[] j, double[] values) {
        static Sample of(Layout layout, DType dtype, int rows, int columns, int count) {
            Random random = new Random(31L * rows + 7L * columns + count);
            int n = rows == 0 || columns == 0 ? 0 : count;
            int[] i = random.ints(n, 0, Math.max(1, rows)).toArray();
            int[] j = random.ints(n, 0, Math.max(1, columns)).toArray();
            if (n > 2) {
                i[n - 1] = i[0];
                j[n - 1] = j[0];
            }
            // sums of two quarters are exact in every type
            double[] v = random.ints(n, 1, 40).mapToDouble(x -> x / 4.0).toArray();
            return new Sample(layout, dtype, rows, columns, i, j, v);
        }

        Tensor tensor() {
            return Tensor.of(values, values.length).to(dtype).realized();
        }

        SparseMatrix matrix(Tensor entries) {
            SparseMatrix s = SparseMatrix.coo(rows, columns, i, j, entries);
            return layout == Layout.CSR ? s : s.toCsc();
        }

        SparseMatrix matrix() {
            return matrix(tensor());
        }

        double[][] dense() {
            double[][] a = new double[rows][columns];
            for (int e = 0; e < i.length; e++) {
                a[i[e]][j[e]] += values[e];
            }
            return a;
        }

        Tensor numbers(int... shape) {
            Random random = new Random(shape.length + 5L);
            double[] a = random.doubles(Shape.of(shape).size(), -2, 2).toArray();
            return Tensor.of(a, shape).to(dtype).realized();
        }

        /** Sums of some hundred products of numbers up to 20. */
        double tolerance() {
            return dtype == DType.F32 ? 2e-3 : 1e-11;
        }

        @Override
        public String toString() {
            return "%s %s %d × %d with %d".formatted(layout, dtype, rows, columns, i.length);
        }
    }

    static Stream<Sample> samples() {
        List<Sample> all = new ArrayList<>();
        for (Layout layout : Layout.values()) {
            for (DType type : new DType[] {DType.F32, DType.F64}) {
                for (int[] s : new int[][] {
                    {5, 7, 13},
                    {1, 1, 1},
                    {1, 9, 4},
                    {9, 1, 4},
                    {4, 3, 0},
                    {0, 3, 0},
                    {3, 0, 0},
                    {0, 0, 0},
                    {40, 6, 300},
                    {6, 40, 20},
                    {3, 200, 12},
                    {700, 11, 4000}
                }) {
                    all.add(Sample.of(layout, type, s[0], s[1], s[2]));
                }
            }
        }
        return all.stream();
    }

    private static void assertSame(String what, Tensor got, double[][] wanted, int columns, double tolerance) {
        assertThat(got.shape()).as(what).isEqualTo(Shape.of(wanted.length, columns));
        assertThat(got.toDoubleArray())
                .as(what)
                .containsExactly(
                        Arrays.stream(wanted).flatMapToDouble(Arrays::stream).toArray(), within(tolerance));
    }

    private static double[][] transposed(double[][] a, int columns) {
        double[][] t = new double[columns][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < columns; j++) {
                t[j][i] = a[i][j];
            }
        }
        return t;
    }

    /** A·X for X [·, k] in row-major order. */
    private static double[][] product(double[][] a, double[] x, int k) {
        double[][] y = new double[a.length][k];
        for (int i = 0; i < a.length; i++) {
            for (int p = 0; p < a[i].length; p++) {
                for (int c = 0; c < k; c++) {
                    y[i][c] += a[i][p] * x[p * k + c];
                }
            }
        }
        return y;
    }

    @ParameterizedTest
    @MethodSource("samples")
    void layoutsAndTransposesMeanTheSame(Sample s) {
        SparseMatrix a = s.matrix();
        double[][] dense = s.dense();
        long places = IntStream.range(0, s.i.length)
                .mapToLong(e -> (long) s.i[e] * s.columns + s.j[e])
                .distinct()
                .count();
        assertThat(a.entries()).isEqualTo((int) places);
        assertThat(a.layout()).isEqualTo(s.layout);
        assertThat(a.dtype()).isEqualTo(s.dtype);
        assertThat(a.shape()).isEqualTo(Shape.of(s.rows, s.columns));
        for (SparseMatrix b :
                List.of(a, a.toCsr(), a.toCsc(), a.toCsc().toCsr(), a.t().t(), SparseMatrix.fromDense(a.toDense()))) {
            assertSame(b.toString(), b.toDense(), dense, s.columns, 0);
            assertSame(b + "ᵀ", b.t().toDense(), transposed(dense, s.columns), s.rows, 0);
        }
        SparseMatrix csr = SparseMatrix.csr(
                s.rows,
                s.columns,
                a.toCsr().pointers(),
                a.toCsr().indices(),
                a.toCsr().values());
        SparseMatrix csc = SparseMatrix.csc(
                s.rows,
                s.columns,
                a.toCsc().pointers(),
                a.toCsc().indices(),
                a.toCsc().values());
        assertSame("csr", csr.toDense(), dense, s.columns, 0);
        assertSame("csc", csc.toDense(), dense, s.columns, 0);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void products(Sample s) {
        SparseMatrix a = s.matrix();
        for (int k : new int[] {0, 1, 2, 5, 33}) {
            Tensor x = s.numbers(s.columns, k);
            assertSame("AX", a.matmul(x), product(s.dense(), x.toDoubleArray(), k), k, s.tolerance());
            Tensor y = s.numbers(s.rows, k);
            double[][] wanted = product(transposed(s.dense(), s.columns), y.toDoubleArray(), k);
            assertSame("AᵀY", a.t().matmul(y), wanted, k, s.tolerance());
        }
        Tensor v = s.numbers(s.columns);
        assertThat(a.matmul(v).shape()).isEqualTo(Shape.of(s.rows));
        assertThat(a.matmul(v).toDoubleArray())
                .isEqualTo(a.matmul(v.unsqueeze(1)).toDoubleArray());
        assertThat(a.rowSums().toDoubleArray())
                .containsExactly(
                        Arrays.stream(s.dense())
                                .mapToDouble(r -> Arrays.stream(r).sum())
                                .toArray(),
                        within(s.tolerance()));
        assertThat(a.rowNorms().toDoubleArray())
                .containsExactly(
                        Arrays.stream(s.dense())
                                .mapToDouble(r -> Math.sqrt(
                                        Arrays.stream(r).map(x -> x * x).sum()))
                                .toArray(),
                        within(s.tolerance()));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void productsWithElements(Sample s) {
        SparseMatrix a = s.matrix();
        int m = s.rows;
        int n = s.columns;
        for (int[] shape : new int[][] {{m, n}, {m, 1}, {1, n}, {n}, {1, 1}, {1}, {}}) {
            Tensor b = shape.length == 0 ? Tensor.scalar(-1.5, s.dtype) : s.numbers(shape);
            double[] wanted = a.toDense().mul(b).add(0).toDoubleArray(); // no −0
            assertThat(a.mul(b).toDense().toDoubleArray())
                    .as(Arrays.toString(shape))
                    .isEqualTo(wanted);
        }
        assertThat(a.mul(-3).toDense().toDoubleArray())
                .isEqualTo(a.toDense().mul(-3).add(0).toDoubleArray());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void rowsOfTheMatrix(Sample s) {
        SparseMatrix a = s.matrix();
        double[][] dense = s.dense();
        for (int from = 0; from <= s.rows; from += Math.max(1, s.rows / 3)) {
            for (int to = from; to <= s.rows; to += Math.max(1, s.rows / 3)) {
                assertSame("slice", a.slice(from, to).toDense(), Arrays.copyOfRange(dense, from, to), s.columns, 0);
            }
        }
        Random random = new Random(3);
        int[] i = s.rows == 0 ? new int[0] : random.ints(17, 0, s.rows).toArray();
        int[] j = s.rows == 0 ? new int[0] : random.ints(17, 0, s.rows).toArray();
        assertSame(
                "take",
                a.take(i).toDense(),
                Arrays.stream(i).mapToObj(r -> dense[r]).toArray(double[][]::new),
                s.columns,
                0);
        assertThat(a.take().rows()).isZero();
        double[][] differences = new double[i.length][s.columns];
        double[] dots = new double[i.length];
        for (int p = 0; p < i.length; p++) {
            for (int c = 0; c < s.columns; c++) {
                differences[p][c] = dense[i[p]][c] - dense[j[p]][c];
                dots[p] += dense[i[p]][c] * dense[j[p]][c];
            }
        }
        assertSame("differences", a.rowDifferences(i, j).toDense(), differences, s.columns, 0);
        assertThat(a.rowDots(i, j).toDoubleArray()).containsExactly(dots, within(s.tolerance()));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void sameBitsForAnyNumberOfThreads(Sample s) {
        int threads = Kawi.threads();
        List<double[]> results = new ArrayList<>();
        try {
            for (int t : new int[] {1, 2, 3}) {
                Kawi.threads(t);
                List<Double> bits = new ArrayList<>();
                for (int k : new int[] {1, 5}) {
                    Tensor v = s.matrix().values().realized().requiresGrad();
                    Tensor x = s.numbers(s.columns, k).requiresGrad();
                    Tensor y = s.matrix().withValues(v).matmul(x);
                    for (Tensor out : List.of(
                            y, Kawi.grad(y.sin().sum(), v), Kawi.grad(y.sin().sum(), x))) {
                        Arrays.stream(out.toDoubleArray()).forEach(bits::add);
                    }
                }
                results.add(bits.stream().mapToDouble(d -> d).toArray());
            }
        } finally {
            Kawi.threads(threads);
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
        assertThat(results.get(2)).isEqualTo(results.get(0));
    }

    // Derivatives

    private static Arguments function(String name, Function<SparseMatrix, Function<Tensor, Tensor>> f) {
        return Arguments.of(name, f);
    }

    static Stream<Arguments> functions() {
        int[] i = {0, 3, 4, 4, 1, 2};
        int[] j = {1, 3, 0, 2, 2, 2};
        return Stream.of(
                function("AX", a -> a::matmul),
                function("(AX)²", a -> x -> a.matmul(x).square()),
                function("AᵀAX", a -> x -> a.t().matmul(a.matmul(x))),
                function(
                        "sin AX, other layout",
                        a -> x -> (a.layout() == Layout.CSR ? a.toCsc() : a.toCsr())
                                .matmul(x)
                                .sin()),
                function("column", a -> x -> a.matmul(x.select(1, 0)).exp()),
                function("slice", a -> x -> a.slice(1, 4).matmul(x).square()),
                function("take", a -> x -> a.take(4, 0, 4).matmul(x).square()),
                function(
                        "differences",
                        a -> x -> a.rowDifferences(i, j).matmul(x).square()),
                function("dots", a -> x -> a.rowDots(i, j).mul(x.sum()).sin()),
                function("norms", a -> x -> a.rowNorms().mul(x.sum())),
                function("dense", a -> x -> a.toDense().matmul(x).square()),
                function("scaled columns", a -> x -> a.mul(x.select(1, 0)).matmul(x)),
                function(
                        "scaled rows",
                        a -> x -> a.mul(a.matmul(x).slice(1, 0, 1)).matmul(x)),
                function("by dense", a -> x -> a.mul(a.matmul(x).matmul(x.t())).matmul(x)));
    }

    /** By the values (given in coordinates, some at one place) and by the dense side; the step is 10⁻⁴ with five points. */
    @ParameterizedTest
    @MethodSource("functions")
    void firstAndSecondDerivatives(String name, Function<SparseMatrix, Function<Tensor, Tensor>> f) {
        for (Layout layout : Layout.values()) {
            Sample s = Sample.of(layout, DType.F64, 5, 4, 9);
            Function<List<Tensor>, Tensor> y = in -> {
                Tensor out = f.apply(s.matrix(in.get(0))).apply(in.get(1));
                return out.mul(Tensor.linspace(-1, 2, (int) out.size())
                                .to(DType.F64)
                                .reshape(out.shape().dims()))
                        .sum();
            };
            Function<List<Tensor>, Tensor> slope = in -> {
                List<Tensor> xs = in.stream().map(Tensor::requiresGrad).toList();
                List<Tensor> g = Kawi.grad(y.apply(xs), xs);
                return g.get(0).square().sum().add(g.get(1).square().sum());
            };
            List<Tensor> at = List.of(
                    s.tensor().mul(0.1).realized(), s.numbers(4, 3).mul(0.4).realized());
            List<Tensor> xs = at.stream().map(Tensor::requiresGrad).toList();
            List<Tensor> first = Kawi.grad(y.apply(xs), xs);
            Tensor norm = first.get(0).square().sum().add(first.get(1).square().sum());
            List<Tensor> second = Kawi.grad(norm, xs);
            Random random = new Random(8);
            for (int input = 0; input < 2; input++) {
                double[] direction = random.doubles(at.get(input).size(), -1, 1).toArray();
                Tensor d = Tensor.of(direction, at.get(input).shape().dims());
                compare(
                        name + ", first by " + input,
                        first.get(input).mul(d).sum().item(),
                        difference(y, at, input, d));
                compare(
                        name + ", second by " + input,
                        second.get(input).mul(d).sum().item(),
                        difference(slope, at, input, d));
            }
        }
    }

    private static void compare(String what, double got, double wanted) {
        assertThat(got).as(what).isCloseTo(wanted, within(1e-7 * Math.max(1, Math.abs(wanted))));
    }

    private static double difference(Function<List<Tensor>, Tensor> f, List<Tensor> at, int input, Tensor d) {
        double h = 1e-4;
        double sum = 0;
        for (double[] term : new double[][] {{1, 8}, {-1, -8}, {2, -1}, {-2, 1}}) {
            List<Tensor> moved = new ArrayList<>(at);
            moved.set(input, at.get(input).add(d.mul(h * term[0])).realized());
            sum += term[1] * f.apply(moved).item();
        }
        return sum / (12 * h);
    }

    @Test
    void fromDenseIsDifferentiable() {
        Tensor a = Tensor.of(new double[] {0, 2, 3, 0}, 2, 2).requiresGrad();
        Tensor y = SparseMatrix.fromDense(a)
                .matmul(Tensor.of(new double[] {5, 7}))
                .square()
                .sum();
        assertThat(Kawi.grad(y, a).toDoubleArray()).containsExactly(0, 2 * 14 * 7, 2 * 15 * 5, 0);
        assertThat(SparseMatrix.fromDense(Tensor.of(new double[] {Double.NaN, 0}, 1, 2))
                        .entries())
                .isEqualTo(1);
    }

    @Test
    void rowsOfColumnMatricesInBatchedAndRecordedFunctions() {
        SparseMatrix csc = SparseMatrix.fromDense(Tensor.of(new double[] {1, 0, 2, 0, 3, 4}, 2, 3))
                .toCsc();
        Function<Tensor, Tensor> dots = v -> csc.withValues(v).rowDots(new int[] {0}, new int[] {1});
        Tensor values = Tensor.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4); // columns (1 0), (0 2), (3 4)
        assertThat(Transform.vmap(dots).apply(values).toDoubleArray()).containsExactly(3 * 4, 7 * 8);
        assertThat(Kawi.jit(dots).apply(values.select(0, 1)).toDoubleArray()).containsExactly(7 * 8);
    }

    @Test
    void rowNormsOfZeroRowsHaveTheDerivativeZero() {
        Tensor v = Tensor.of(new double[] {0, 3, 4}).requiresGrad();
        SparseMatrix a = SparseMatrix.csr(3, 2, new int[] {0, 0, 1, 3}, new int[] {1, 0, 1}, v);
        assertThat(a.rowNorms().toDoubleArray()).containsExactly(0, 0, 5);
        assertThat(Kawi.grad(a.rowNorms().sum(), v).toDoubleArray())
                .containsExactly(new double[] {0, 0.6, 0.8}, within(1e-15));
    }

    // Messages

    static Stream<Arguments> mistakes() {
        SparseMatrix a = SparseMatrix.coo(2, 3, new int[] {0}, new int[] {1}, Tensor.ones(1));
        return Stream.of(
                mistake(
                        "coo: entry 0 lies in row 2 and column 0, but the matrix is [2, 3]",
                        () -> SparseMatrix.coo(2, 3, new int[] {2}, new int[1], Tensor.ones(1))),
                mistake(
                        "coo: rows, columns and values must be of one number, but are 1, 2 and [1]",
                        () -> SparseMatrix.coo(2, 3, new int[1], new int[2], Tensor.ones(1))),
                mistake("negative extent", () -> SparseMatrix.coo(-1, 3, new int[0], new int[0], Tensor.ones(0))),
                mistake(
                        "pointers of 2 rows and 1 indices are 3 numbers from 0 to 1, but there are 2, from 0 to 1",
                        () -> SparseMatrix.csr(2, 3, new int[] {0, 1}, new int[1], Tensor.ones(1))),
                mistake(
                        "pointers must not decrease, but those of row 0 are 0 and -1",
                        () -> SparseMatrix.csr(2, 3, new int[] {0, -1, 1}, new int[1], Tensor.ones(1))),
                mistake(
                        "in row 0 there is 1 after 1; coo sorts",
                        () -> SparseMatrix.csr(1, 3, new int[] {0, 2}, new int[] {1, 1}, Tensor.ones(2))),
                mistake(
                        "the indices of a column ascend from 0 to 1 at most, each once, but in column 0 there is 2",
                        () -> SparseMatrix.csc(2, 1, new int[] {0, 1}, new int[] {2}, Tensor.ones(1))),
                mistake(
                        "1 entries have floating-point values [1], but i32[1]",
                        () -> a.withValues(Tensor.of(new int[1]))),
                mistake(
                        "takes a vector [3] or a matrix [3, k], but the other has shape [2]",
                        () -> a.matmul(Tensor.ones(2))),
                mistake(
                        "mul: shape [2] does not broadcast to that of the sparse matrix, [2, 3]; rows are scaled by [2, 1]",
                        () -> a.mul(Tensor.ones(2))),
                mistake("slice: rows 1 to 3 are asked of a matrix with 2 rows", () -> a.slice(1, 3)),
                mistake("take: row 2 at position 1 does not exist; rows run from 0 to 1", () -> a.take(0, 2)),
                mistake("rowDots: row -1 of pair 0 does not exist", () -> a.rowDots(new int[] {-1}, new int[1])),
                mistake(
                        "rowDifferences: pairs need as many first rows",
                        () -> a.rowDifferences(new int[1], new int[2])),
                mistake("fromDense: a matrix [m, n] is needed", () -> SparseMatrix.fromDense(Tensor.ones(3))));
    }

    private static Arguments mistake(String message, Runnable call) {
        return Arguments.of(message, call);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void messagesSayWhatIsWrong(String message, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(KawiException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("SparseMatrixTest");
    }
}
