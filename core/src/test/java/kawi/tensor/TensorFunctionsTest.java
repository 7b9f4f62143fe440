package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the figures of {@link FunctionsTest} do not show: edges, ties, derivatives at odd places, long lines, mistakes. */
class TensorFunctionsTest {
    private static final double NAN = Double.NaN;

    private static Tensor f64(double... values) {
        return Tensor.of(values);
    }

    private static void shows(Tensor t, String type, double... values) {
        assertThat(t.type()).hasToString(type);
        assertThat(t.toDoubleArray()).containsExactly(values, within(1e-12));
    }

    /** The differences inside of a softmax are no integers, which would overflow. */
    @Test
    void softmaxOfIntegers() {
        Tensor x = Tensor.of(new int[] {Integer.MIN_VALUE, -7, Integer.MAX_VALUE});
        shows(x.softmax(0), "f32[3]", 0, 0, 1);
        shows(x.logSoftmax(0), "f32[3]", -0x1p32, -0x1p31, 0); // rounded to F32
        shows(x.logSumExp(0), "f32[]", 0x1p31);
        shows(Tensor.of(new boolean[] {true, true}).softmax(0), "f32[2]", 0.5, 0.5);
    }

    /** NumPy's rule: with fewer numbers than the correction there are no degrees of freedom, not a negative number of them. */
    @Test
    void variancesWithoutDegreesOfFreedom() {
        shows(f64(1, 2, 4).variance(5), "f64[]", Double.POSITIVE_INFINITY);
        shows(f64(1, 2, 4).std(3), "f64[]", Double.POSITIVE_INFINITY);
        shows(Tensor.zeros(DType.F64, 0).variance(1), "f64[]", Double.NaN);
        shows(Tensor.of(new double[] {1, 2, 3, 5}, 2, 2).cov(5).select(0, 0), "f64[2]", 1 / 0.0, 1 / 0.0);
    }

    @Test
    void emptyAndSingle() {
        Tensor none = Tensor.zeros(DType.F64, 0);
        shows(none.sort(0).values(), "f64[0]");
        shows(none.cumprod(0), "f64[0]");
        shows(none.cummax(0).indices(), "i64[0]");
        shows(none.unique().values(), "f64[0]");
        shows(none.unique().counts(), "i64[0]");
        shows(none.diff(1, 0), "f64[0]");
        shows(none.roll(3, 0), "f64[0]");
        shows(none.searchSorted(f64(1, 2), false), "i64[2]", 0, 0);
        shows(f64(1, 2).searchSorted(none, false), "i64[0]");
        shows(none.histogram(2, 0, 1), "i64[2]", 0, 0);
        shows(Tensor.of(new int[0]).bincount(3), "i64[3]", 0, 0, 0);
        shows(none.nonzero(), "i64[0, 1]");
        shows(f64(3).topk(0, 0).values(), "f64[0]");
        shows(f64(3).median(), "f64[]", 3);
        shows(f64(3).diff(2, 0), "f64[0]");
        shows(Tensor.scalar(3, DType.F64).quantile(0.2), "f64[]", 3);
        shows(Tensor.scalar(3).unique().inverse(), "i64[]", 0);
        shows(Tensor.scalar(2).nonzero(), "i64[1, 0]");
        shows(Fft.fft(f64(3, 4).reshape(1, 2)), "f64[1, 2]", 3, 4);
        shows(Fft.irfft(f64(6, 9).reshape(1, 2), 1), "f64[1]", 6);
        shows(none.prod(), "f64[]", 1);
        shows(Tensor.zeros(DType.F64, 2, 0).tril(0), "f64[2, 0]");
        shows(Tensor.zeros(DType.F64, 2, 0).diagonal(), "f64[0]");
        shows(none.diagEmbed(1), "f64[1, 1]", 0);
        shows(Tensor.zeros(DType.F64, 0, 3).nanMean(0), "f64[3]", NAN, NAN, NAN);
        assertThatThrownBy(none::median).hasMessageContaining("there are no elements");
    }

    @Test
    void tiesAndNan() {
        Tensor x = f64(1, 3, 3, NAN, 2, NAN);
        shows(x.cummax(0).indices(), "i64[6]", 0, 1, 2, 3, 3, 5);
        shows(x.cummin(0).values(), "f64[6]", 1, 1, 1, NAN, NAN, NAN);
        shows(x.sort(0, true).indices(), "i64[6]", 3, 5, 1, 2, 4, 0);
        shows(x.topk(3, 0, false).values(), "f64[3]", 1, 2, 3);
        shows(x.unique().counts(), "i64[4]", 1, 1, 2, 2);
        shows(x.uniqueConsecutive().inverse(), "i64[6]", 0, 1, 1, 2, 3, 4);
        shows(f64(NAN, NAN).nanMax(), "f64[]", NAN);
        shows(f64(NAN, NAN).nanMedian(), "f64[]", NAN);
        shows(f64(NAN, 4).nanVariance(1), "f64[]", NAN);
        shows(f64(5, 1, 3, 1).kthValue(2, 0).indices(), "i64[]", 3);
        // of equal elements each line has its own
        Tensor lines = Tensor.of(new int[] {1, 4, 4, 9, 0, 1, 2, 3}, 2, 4);
        Tensor values = Tensor.of(new int[] {4, 10, 3, 0}, 2, 2);
        shows(lines.searchSorted(values, false), "i64[2, 2]", 1, 4, 3, 0);
        shows(lines.searchSorted(values, true), "i64[2, 2]", 3, 4, 4, 1);
        assertThat(f64(NAN).allEqual(f64(NAN))).isFalse();
        assertThat(f64(1, 2).allClose(f64(1 + 1e-9, 2), 1e-5, 0)).isTrue();
        assertThat(Tensor.zeros(0).allEqual(Tensor.zeros(0))).isTrue();
    }

    /** As numpy.median, which takes means; numpy.quantile gives NaN for some of these. */
    @Test
    void infiniteNeighbours() {
        double inf = Double.POSITIVE_INFINITY;
        shows(f64(inf, 1, 2).median(), "f64[]", 2);
        shows(f64(inf, inf, 1, 2).median(), "f64[]", inf);
        shows(f64(-inf, -inf, 1, 2).median(), "f64[]", -inf);
        shows(f64(-inf, inf).median(), "f64[]", NAN);
        shows(f64(NAN, 1, inf, 2).nanMedian(), "f64[]", 2);
        shows(f64(1, inf).quantile(0), "f64[]", 1);
        shows(f64(1, inf).quantile(0.7), "f64[]", inf);
        Tensor x = f64(1, 2, inf).requiresGrad();
        shows(Kawi.grad(x.median(), x), "f64[3]", 0, 1, 0);
    }

    @Test
    void ranges() {
        shows(Tensor.arange(0, 1, 0.25), "f32[4]", 0, 0.25, 0.5, 0.75);
        shows(Tensor.arange(1, -1, -0.5), "f32[4]", 1, 0.5, 0, -0.5);
        shows(Tensor.arange(0, -1, 0.5), "f32[0]");
        shows(Tensor.logspace(0, 3, 4, 10), "f32[4]", 1, 10, 100, 1000);
        shows(Tensor.eye(2, 3), "f32[2, 3]", 1, 0, 0, 0, 1, 0);
        shows(Tensor.of(new double[][] {{1, 2}, {3, 4}}).fullLike(7), "f64[2, 2]", 7, 7, 7, 7);
        Kawi.seed(3);
        long[] drawn = Tensor.randint(-2, 3, 5000).toLongArray();
        assertThat(Arrays.stream(drawn).distinct().sorted().toArray()).containsExactly(-2, -1, 0, 1, 2);
        assertThat(Arrays.stream(drawn).average().orElse(9)).isCloseTo(0, within(4 * Math.sqrt(2 / 5000.0)));
    }

    // Derivatives at odd places, by their formulas

    private static double[] derivatives(java.util.function.UnaryOperator<Tensor> f, double at, int orders) {
        double[] found = new double[orders];
        Tensor x = f64(at).requiresGrad();
        Tensor y = f.apply(x).sum();
        for (int i = 0; i < orders; i++) {
            y = Kawi.grad(y, x).sum();
            found[i] = y.item();
        }
        return found;
    }

    static Stream<Arguments> oddPlaces() {
        double pi = Math.PI;
        double zeta3 = 1.2020569031595942854;
        return Stream.of(
                Arguments.of("sinc", (java.util.function.UnaryOperator<Tensor>) Tensor::sinc, 0.0, new double[] {
                    0, -pi * pi / 3, 0, Math.pow(pi, 4) / 5
                }),
                Arguments.of("lgamma", (java.util.function.UnaryOperator<Tensor>) Tensor::lgamma, 1.0, new double[] {
                    -0.57721566490153286, pi * pi / 6, -2 * zeta3, Math.pow(pi, 4) / 15
                }),
                Arguments.of("erfinv", (java.util.function.UnaryOperator<Tensor>) Tensor::erfinv, 0.0, new double[] {
                    Math.sqrt(pi) / 2, 0, Math.pow(pi, 1.5) / 4
                }),
                Arguments.of(
                        "asinh", (java.util.function.UnaryOperator<Tensor>) Tensor::asinh, 0.0, new double[] {1, 0, -1
                        }),
                Arguments.of(
                        "atanh", (java.util.function.UnaryOperator<Tensor>) Tensor::atanh, 0.0, new double[] {1, 0, 2}),
                Arguments.of(
                        "asin", (java.util.function.UnaryOperator<Tensor>) Tensor::asin, 0.0, new double[] {1, 0, 1}),
                Arguments.of("asin at 1", (java.util.function.UnaryOperator<Tensor>) Tensor::asin, 1.0, new double[] {
                    Double.POSITIVE_INFINITY
                }),
                Arguments.of("acos at -1", (java.util.function.UnaryOperator<Tensor>) Tensor::acos, -1.0, new double[] {
                    Double.NEGATIVE_INFINITY
                }),
                Arguments.of("acosh at 1", (java.util.function.UnaryOperator<Tensor>) Tensor::acosh, 1.0, new double[] {
                    Double.POSITIVE_INFINITY
                }),
                Arguments.of(
                        "fmod at 0", (java.util.function.UnaryOperator<Tensor>) x -> x.fmod(2), 0.0, new double[] {1, 0
                        }),
                Arguments.of(
                        "logAddExp of equals",
                        (java.util.function.UnaryOperator<Tensor>) x -> x.logAddExp(f64(2)),
                        2.0,
                        new double[] {0.5, 0.25, 0}),
                Arguments.of(
                        "hypot of equals",
                        (java.util.function.UnaryOperator<Tensor>) x -> x.hypot(f64(1)),
                        1.0,
                        new double[] {Math.sqrt(0.5), Math.sqrt(0.125)}),
                Arguments.of(
                        "norm of 0", (java.util.function.UnaryOperator<Tensor>) x -> x.norm(2), 0.0, new double[] {0}),
                Arguments.of(
                        "elu far",
                        (java.util.function.UnaryOperator<Tensor>) x -> Activations.elu(x, 1),
                        900.0,
                        new double[] {1, 0}),
                Arguments.of(
                        "xlogy at 0",
                        (java.util.function.UnaryOperator<Tensor>) x -> Special.xlogy(f64(0), x),
                        0.0,
                        new double[] {0, 0}),
                Arguments.of(
                        "entr", (java.util.function.UnaryOperator<Tensor>) Special::entr, 1.0, new double[] {-1, -1, 1
                        }),
                Arguments.of(
                        "softsign",
                        (java.util.function.UnaryOperator<Tensor>) Activations::softsign,
                        1.0,
                        new double[] {0.25, -0.25}),
                Arguments.of("log2", (java.util.function.UnaryOperator<Tensor>) Tensor::log2, 4.0, new double[] {
                    1 / (4 * Math.log(2)), -1 / (16 * Math.log(2))
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("oddPlaces")
    void derivativesAtOddPlaces(String name, java.util.function.UnaryOperator<Tensor> f, double at, double[] wanted) {
        double[] found = derivatives(f, at, wanted.length);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(found[i])
                    .as("order %d", i + 1)
                    .isCloseTo(wanted[i], within(1e-11 * Math.max(1, Math.abs(wanted[i]))));
        }
    }

    /** ∂/∂xᵢ Σₖ x₀…xₖ without a division: zeros do no harm. */
    @Test
    void productsWithZeros() {
        double[] x = {2, 0, 3, 0, 5};
        Parameter p = new Parameter(f64(x));
        double[] g = Kawi.grad(p.cumprod(0).sum(), p).toDoubleArray();
        for (int i = 0; i < x.length; i++) {
            double wanted = 0;
            for (int k = i; k < x.length; k++) {
                double product = 1;
                for (int j = 0; j <= k; j++) {
                    product *= j == i ? 1 : x[j];
                }
                wanted += product;
            }
            assertThat(g[i]).isEqualTo(wanted);
        }
        assertThat(Kawi.grad(p.prod(), p).toDoubleArray()).containsExactly(0, 0, 0, 0, 0);
    }

    // Long lines, through the engine

    @ParameterizedTest
    @ValueSource(strings = {"F32", "F64", "I32", "I64", "U8"})
    void sortsLongLines(String type) {
        Random random = new Random(5);
        int n = 20_011;
        double[] values = random.ints(n, 0, 250).asDoubleStream().toArray();
        Tensor x = f64(values).to(DType.valueOf(type));
        Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
        Arrays.sort(order, java.util.Comparator.comparingDouble(i -> values[i]));
        assertThat(x.argsort(0).toIntArray())
                .isEqualTo(Arrays.stream(order).mapToInt(Integer::intValue).toArray());
    }

    /** A wave of one frequency has one line; what is transformed comes back; Parseval: Σ|x|² = Σ|y|²/n. */
    @ParameterizedTest
    @ValueSource(ints = {1024, 1000, 30030, 10007, 9973 * 2, 8191})
    void longTransforms(int n) {
        int frequency = n / 3;
        Tensor angle =
                Tensor.arange(n).mul(frequency).remainder(n).to(DType.F64).mul(2 * Math.PI / n);
        double[] wave =
                Fft.abs(Fft.fft(Fft.polar(Tensor.ones(DType.F64, n), angle))).toDoubleArray();
        for (int k = 0; k < n; k++) {
            assertThat(wave[k]).isCloseTo(k == frequency ? n : 0, within(1e-15 * n * Math.log(n) * 8));
        }
        Tensor x = Key.of(n).normal(DType.F64, n);
        Tensor y = Fft.rfft(x);
        assertThat(Fft.irfft(y, n).sub(x).abs().max().item()).isLessThan(1e-13);
        Tensor whole = Fft.fft(Fft.complex(x, Tensor.zeros(DType.F64)));
        assertThat(whole.square().sum().item() / n).isCloseTo(x.square().sum().item(), within(1e-10 * n));
        assertThat(Fft.fft(Fft.complex(x, x))
                        .to(DType.F32)
                        .sub(Fft.fft(Fft.complex(x, x).to(DType.F32)))
                        .abs()
                        .max()
                        .item())
                .isLessThan(1e-5 * Math.sqrt(n));
    }

    // Mistakes

    static Stream<Arguments> mistakes() {
        Tensor x = Tensor.zeros(3, 4);
        return Stream.of(
                mistake(() -> x.topk(5, 1), "topk: 5 elements of axis 1 of shape [3, 4]"),
                mistake(() -> x.kthValue(0, 1), "k runs from 1 to 4"),
                mistake(() -> x.quantile(1.5), "quantile: the fraction lies in 0 to 1"),
                mistake(() -> x.split(1, 1, 2), "parts of [1, 2] do not make up axis 1 of shape [3, 4]"),
                mistake(() -> x.unflatten(1, 3, -1), "axis 1 of shape [3, 4] does not divide into [3, -1]"),
                mistake(() -> x.moveAxis(new int[] {0, 0}, new int[] {0, 1}), "name an axis twice"),
                mistake(() -> x.unfold(1, 5, 1), "windows of 5 in steps of 1 do not fit axis 1"),
                mistake(() -> x.pad(1, 4, 0, Padding.REFLECT), "cannot be added by REFLECT"),
                mistake(() -> x.dot(x), "two vectors of one length are needed"),
                mistake(() -> x.tensordot(x, new int[] {0}, new int[] {1}), "do not go together"),
                mistake(() -> x.tensordot(x, 3), "do not have 3 axes to sum over"),
                mistake(() -> x.cross(x, 1), "vectors of 3 are needed along axis 1"),
                mistake(() -> x.cdist(Tensor.zeros(2, 5), 2), "rows of one length are needed"),
                mistake(() -> x.bitwiseNot(), "bitwiseNot: integers are needed"),
                mistake(() -> x.bincount(0), "bincount: a vector of integers is needed"),
                mistake(() -> Tensor.of(new int[] {-1}).bincount(0), "numbers from 0 on are counted, but one is -1"),
                mistake(() -> x.histogram(0, 0, 1), "bins ≥ 1"),
                mistake(() -> x.searchSorted(Tensor.zeros(2, 2), false), "do not fit sorted lines"),
                mistake(() -> Fft.fft(x), "make them with Fft.complex"),
                mistake(() -> Fft.fft(Tensor.zeros(3, 2), 1), "fft: axis 1 does not exist in shape [3]"),
                mistake(() -> Fft.irfft(Tensor.zeros(3, 2), 0), "a transform has at least 1 place"),
                mistake(() -> Special.polygamma(-1, x), "the order starts at 0"),
                mistake(() -> Activations.glu(Tensor.zeros(3), 0), "does not divide into two halves"),
                mistake(() -> Tensor.arange(0, 1, 0.0), "there is no number of steps"),
                mistake(() -> Tensor.randint(3, 3, 1), "low < high"),
                mistake(() -> x.repeatInterleave(Tensor.of(new int[] {1}), 0), "needs 3 counts from 0 on"));
    }

    private static Arguments mistake(Supplier<Object> what, String message) {
        return Arguments.of(what, message);
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource
    void mistakes(Supplier<Object> what, String message) {
        assertThatThrownBy(what::get).isInstanceOf(KawiException.class).hasMessageContaining(message);
    }

    @Test
    void partsAndGrids() {
        Tensor x = Tensor.arange(7);
        assertThat(x.chunk(3, 0).stream().map(Tensor::shape)).containsExactly(Shape.of(3), Shape.of(3), Shape.of(1));
        assertThat(x.chunk(9, 0)).hasSize(7);
        List<Tensor> grid = Tensor.meshgrid(Tensor.arange(2), Tensor.arange(3));
        shows(grid.get(0), "i64[2, 3]", 0, 0, 0, 1, 1, 1);
        shows(grid.get(1), "i64[2, 3]", 0, 1, 2, 0, 1, 2);
        Tensor m = Tensor.of(new boolean[] {true, false, true});
        shows(m.diff(1, 0), "bool[2]", 1, 1);
        shows(m.bitwiseNot(), "bool[3]", 0, 1, 0);
        shows(m.cumprod(0), "i64[3]", 1, 0, 0);
    }
}
