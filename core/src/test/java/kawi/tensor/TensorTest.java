package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Threefry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The surface, against what NumPy gives, written out. */
class TensorTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    private static final int NONE = Integer.MIN_VALUE;

    private static void shows(Tensor t, String type, double... values) {
        assertThat(t.type()).hasToString(type);
        assertThat(t.toDoubleArray()).containsExactly(values);
    }

    private static void showsAbout(Tensor t, double... values) {
        assertThat(t.toDoubleArray()).containsExactly(values, within(1e-6));
    }

    private static Tensor f32(double... values) {
        return Tensor.of(values).to(DType.F32);
    }

    // Slices

    /** np.arange(5)[from:to:step] */
    @ParameterizedTest
    @MethodSource("slices")
    void slices(int from, int to, int step, long[] wanted) {
        assertThat(Tensor.arange(5).slice(0, from, to, step).toLongArray()).isEqualTo(wanted);
        Tensor rows = Tensor.arange(10).reshape(5, 2).slice(-2, from, to, step);
        assertThat(rows.shape()).isEqualTo(Shape.of(wanted.length, 2));
        assertThat(rows.slice(1, 1, 2).toLongArray())
                .isEqualTo(Arrays.stream(wanted).map(i -> 2 * i + 1).toArray());
    }

    static Stream<Arguments> slices() {
        return Stream.of(
                Arguments.of(1, 4, 1, new long[] {1, 2, 3}),
                Arguments.of(0, 5, 2, new long[] {0, 2, 4}),
                Arguments.of(1, 100, 2, new long[] {1, 3}),
                Arguments.of(-3, -1, 1, new long[] {2, 3}),
                Arguments.of(-100, 2, 1, new long[] {0, 1}),
                Arguments.of(3, 3, 1, new long[] {}),
                Arguments.of(4, 2, 1, new long[] {}),
                Arguments.of(5, 9, 1, new long[] {}),
                Arguments.of(4, 1, -1, new long[] {4, 3, 2}),
                Arguments.of(4, NONE, -1, new long[] {4, 3, 2, 1, 0}),
                Arguments.of(4, NONE, -2, new long[] {4, 2, 0}),
                Arguments.of(100, -100, -3, new long[] {4, 1}),
                Arguments.of(-1, -4, -1, new long[] {4, 3, 2}),
                Arguments.of(1, 3, -1, new long[] {}),
                Arguments.of(0, 5, Integer.MAX_VALUE, new long[] {0}),
                Arguments.of(4, NONE, Integer.MIN_VALUE, new long[] {4}),
                Arguments.of(0, Integer.MAX_VALUE, 1, new long[] {0, 1, 2, 3, 4}));
    }

    @Test
    void placesAndViews() {
        Tensor x = Tensor.arange(6).reshape(2, 3);
        shows(x.select(0, -1), "i64[3]", 3, 4, 5);
        shows(x.select(1, 1), "i64[2]", 1, 4);
        shows(x.t(), "i64[3, 2]", 0, 3, 1, 4, 2, 5);
        shows(x.flip(0), "i64[2, 3]", 3, 4, 5, 0, 1, 2);
        shows(x.flip(), "i64[2, 3]", 5, 4, 3, 2, 1, 0);
        shows(x.flip(-1), "i64[2, 3]", 2, 1, 0, 5, 4, 3);
        shows(x.reshape(-1, 2), "i64[3, 2]", 0, 1, 2, 3, 4, 5);
        shows(x.t().reshape(-1), "i64[6]", 0, 3, 1, 4, 2, 5);
        shows(x.unsqueeze(-1).squeeze(), "i64[2, 3]", 0, 1, 2, 3, 4, 5);
        shows(x.unsqueeze(1).flatten(0, 1), "i64[2, 3]", 0, 1, 2, 3, 4, 5);
        shows(x.slice(0, 0, 1).expand(2, 2, 3).sum(0, 1), "i64[3]", 0, 4, 8);
        shows(Tensor.zeros(0, 3).reshape(-1, 3), "f32[0, 3]");
        assertThatThrownBy(() -> Tensor.zeros(0, 3).reshape(-1, 0)).isInstanceOf(KawiException.class);
        assertThat(x.permute(1, 0).shape()).isEqualTo(Shape.of(3, 2));
        assertThat(Tensor.zeros(1, 1).squeeze().rank()).isZero();
    }

    // Types

    @ParameterizedTest
    @CsvSource({
        "BOOL, U8, U8",
        "BOOL, I32, I32",
        "U8, I32, I32",
        "I32, I64, I64",
        "I64, F32, F32",
        "F32, F64, F64",
        "I64, F64, F64"
    })
    void promotes(DType a, DType b, DType c) {
        assertThat(Tensor.ones(a, 2).mul(Tensor.ones(b, 3, 1)).type()).hasToString(c + "[3, 2]");
        assertThat(Tensor.ones(b, 2).maximum(Tensor.ones(a, 2)).dtype()).isEqualTo(c);
        assertThat(Tensor.ones(a, 2).lt(Tensor.ones(b, 2)).dtype()).isEqualTo(DType.BOOL);
        assertThat(Tensor.where(Tensor.ones(DType.BOOL, 2), Tensor.ones(a, 2), Tensor.ones(b, 2))
                        .dtype())
                .isEqualTo(c);
        assertThat(Tensor.concat(0, Tensor.ones(a, 2), Tensor.ones(b, 2)).dtype())
                .isEqualTo(c);
    }

    @Test
    void numbersTakeTheTypeOfTheTensor() {
        Tensor bytes = Tensor.of(new byte[] {1, (byte) 250});
        Tensor ints = Tensor.of(new int[] {7, -7});
        shows(bytes.add(10), "u8[2]", 11, 4);
        shows(bytes.lt(300), "bool[2]", 1, 1);
        shows(bytes.gt(-1), "bool[2]", 1, 1);
        shows(ints.mul(2), "i32[2]", 14, -14);
        shows(ints.add(0.5), "f32[2]", 7.5, -6.5);
        shows(ints.add(3e9), "i64[2]", 3e9 + 7, 3e9 - 7);
        shows(ints.clamp(-INF, 3), "f32[2]", 3, -7);
        shows(ints.isFinite(), "bool[2]", 1, 1);
        shows(ints.isNan(), "bool[2]", 0, 0);
        shows(ints.div(2), "f32[2]", 3.5, -3.5);
        shows(ints.floorDiv(Tensor.of(new int[] {2})), "i32[2]", 3, -4);
        shows(ints.remainder(3), "i32[2]", 1, 2);
        shows(f32(7, -7).remainder(3), "f32[2]", 1, 2);
        shows(ints.pow(2), "i32[2]", 49, 49);
        shows(ints.pow(3), "i32[2]", 343, -343);
        shows(ints.pow(0), "i32[2]", 1, 1);
        shows(ints.pow(1), "i32[2]", 7, -7);
        shows(ints.pow(11), "i32[2]", 1977326743, -1977326743);
        shows(ints.pow(12), "i32[2]", 956385313, 956385313); // wraps, as NumPy's
        shows(bytes.pow(3), "u8[2]", 1, (250 * 250 * 250) % 256);
        shows(Tensor.of(new long[] {3}).pow(40), "i64[1]", 12157665459056928801.0 - 0x1p64);
        shows(Tensor.of(new boolean[] {true, false}).pow(2), "i64[2]", 1, 0);
        shows(Tensor.of(new boolean[] {true, false}).pow(0), "i64[2]", 1, 1);
        showsAbout(ints.pow(-1), 1 / 7.0, -1 / 7.0);
        showsAbout(Tensor.of(new int[] {4}).pow(0.5), 2);
        assertThat(ints.pow(-1).dtype()).isEqualTo(DType.F32);
        showsAbout(f32(2, 4).pow(-0.5), 0.70710678, 0.5);
        shows(f32(1, 2).mul(Tensor.scalar(0.1, DType.F64)), "f64[2]", 0.1, 0.2);
        shows(Tensor.full(300, DType.U8, 1), "u8[1]", 44);
        shows(Tensor.full(0.5, DType.BOOL, 1), "bool[1]", 1);
        shows(Tensor.full(-3e9, DType.I32, 1), "i32[1]", Integer.MIN_VALUE);
    }

    @Test
    void arraysOfIntegersAreCastAsTensorsAre() {
        Tensor wide = Tensor.of(new double[] {3e9, -3e9, 1e30, -INF, NAN, 2.9, -2.9});
        for (Tensor t : new Tensor[] {wide, wide.to(DType.F32), wide.to(DType.I64)}) {
            assertThat(t.toIntArray()).isEqualTo(t.to(DType.I32).toIntArray());
            assertThat(t.toLongArray()).isEqualTo(t.to(DType.I64).toLongArray());
        }
        assertThat(wide.toIntArray()).startsWith(Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    @Test
    void casts() {
        Tensor x = Tensor.of(new double[] {-1.7, 2.9, 0, NAN, 1e300, -INF});
        shows(x.to(DType.I32), "i32[6]", -1, 2, 0, 0, Integer.MAX_VALUE, Integer.MIN_VALUE);
        shows(x.to(DType.I64), "i64[6]", -1, 2, 0, 0, Long.MAX_VALUE, Long.MIN_VALUE);
        shows(x.to(DType.BOOL), "bool[6]", 1, 1, 0, 1, 1, 1);
        shows(x.to(DType.F32), "f32[6]", -1.7f, 2.9f, 0, NAN, INF, -INF);
        shows(Tensor.of(new int[] {-1, 256, 3}).to(DType.U8), "u8[3]", 255, 0, 3);
        // constants are cast before anything runs, and just so
        for (double v : new double[] {-1.7, 2.9, 0.5, NAN, 1e300, -INF, 300, -1}) {
            for (DType d : DType.values()) {
                Tensor constant = Tensor.scalar(v, DType.F64).to(d);
                Tensor value = Tensor.of(new double[] {v}).to(d).reshape();
                assertThat(constant.toDoubleArray()).as("%s to %s", v, d).isEqualTo(value.toDoubleArray());
            }
        }
        assertThat(Tensor.of(new long[] {(1L << 60) + 1})
                        .add(Tensor.full(1, DType.I64, 1))
                        .toLongArray())
                .containsExactly((1L << 60) + 2);
    }

    // Reductions

    @Test
    void sumsAndMeans() {
        Tensor x = Tensor.arange(6).reshape(2, 3).to(DType.F32);
        shows(x.sum(), "f32[]", 15);
        shows(x.sum(0), "f32[3]", 3, 5, 7);
        shows(x.sumKeepDims(-1), "f32[2, 1]", 3, 12);
        shows(x.mean(1), "f32[2]", 1, 4);
        shows(x.max(1), "f32[2]", 2, 5);
        shows(x.min(), "f32[]", 0);
        shows(Tensor.of(new boolean[] {true, false, true}).sum(), "i64[]", 2);
        shows(Tensor.of(new byte[] {(byte) 200, (byte) 200}).sum(), "i64[]", 400);
        shows(Tensor.of(new int[] {Integer.MAX_VALUE, 1}).sum(), "i64[]", 0x1p31);
        shows(Tensor.of(new int[] {1, 2}).mean(), "f32[]", 1.5);
        shows(Tensor.of(new byte[] {3, (byte) 200}).max(), "u8[]", 200);
        shows(Tensor.of(new boolean[] {true, false}).max(), "bool[]", 1);
        shows(Tensor.zeros(2, 0).sum(1), "f32[2]", 0, 0);
        shows(Tensor.zeros(0).mean(), "f32[]", NAN);
        shows(f32(1, NAN, 3).max(), "f32[]", NAN);
        shows(f32(1, NAN, 3).sum(), "f32[]", NAN);
        shows(f32(-INF, -INF).max(), "f32[]", -INF);
    }

    @Test
    void truthValues() {
        Tensor b = Tensor.of(new boolean[] {true, false, true, true}, 2, 2);
        shows(b.any(1), "bool[2]", 1, 1);
        shows(b.all(1), "bool[2]", 0, 1);
        shows(b.all(), "bool[]", 0);
        shows(b.not().any(0), "bool[2]", 0, 1);
        shows(Tensor.zeros(0).any(), "bool[]", 0);
        shows(Tensor.zeros(0, 2).all(0), "bool[2]", 1, 1);
        shows(f32(0, 0).any(), "bool[]", 0);
        shows(b.xor(b.t()), "bool[2, 2]", 0, 1, 1, 0);
    }

    @Test
    void variances() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4, 10, 20}, 2, 3);
        showsAbout(x.variance(0, 1), 2.0 / 3, 392.0 / 9);
        showsAbout(x.variance(1, 1), 1, 196.0 / 3);
        showsAbout(x.variance(0), 530.0 / 6 - 400.0 / 9);
        shows(Tensor.of(new double[] {5}).variance(1), "f64[]", NAN);
    }

    @Test
    void places() {
        shows(f32(1, 5, 5, 2).argmax(0), "i64[]", 1);
        shows(f32(3, 1, 1, 2).argmin(0), "i64[]", 1);
        shows(f32(1, NAN, 5, NAN).argmax(0), "i64[]", 1);
        shows(f32(1, NAN, 0).argmin(0), "i64[]", 1);
        shows(f32(-0.0, 0.0).argmax(0), "i64[]", 0);
        shows(f32(-INF, -INF).argmax(0), "i64[]", 0);
        shows(Tensor.of(new long[] {1L << 60, (1L << 60) + 1}).argmax(0), "i64[]", 1);
        shows(Tensor.arange(6).reshape(2, 3).argmax(0), "i64[3]", 1, 1, 1);
        shows(Tensor.of(new boolean[] {false, true, true}).argmax(0), "i64[]", 1);
    }

    @Test
    void runningSumsAndProducts() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        shows(x.cumsum(0), "f64[2, 3]", 1, 2, 3, 5, 7, 9);
        shows(x.cumsum(-1), "f64[2, 3]", 1, 3, 6, 4, 9, 15);
        shows(Tensor.of(new boolean[] {true, true, false, true}).cumsum(0), "i64[4]", 1, 2, 2, 3);
        shows(x.prod(1), "f64[2]", 6, 120);
        shows(x.prod(0), "f64[3]", 4, 10, 18);
        shows(Tensor.of(new int[] {2, 3, 7}).prod(0), "i64[]", 42);
        shows(Tensor.zeros(2, 0).prod(1), "f32[2]", 1, 1);
        for (double[] v : new double[][] {{2, 3, 4}, {2, 0, 4}, {0, 3, 0}, {5}}) {
            Parameter w = new Parameter(Tensor.of(v));
            double[] wanted = new double[v.length];
            for (int i = 0; i < v.length; i++) {
                wanted[i] = 1;
                for (int j = 0; j < v.length; j++) {
                    wanted[i] *= i == j ? 1 : v[j];
                }
            }
            assertThat(Kawi.grad(w.prod(0), w).toDoubleArray()).isEqualTo(wanted);
        }
    }

    @Test
    void equalExtremesShareTheGradient() {
        Parameter w = new Parameter(Tensor.of(new double[] {2, 5, 5, 1}));
        shows(Kawi.grad(w.max(), w), "f64[4]", 0, 0.5, 0.5, 0);
        shows(Kawi.grad(w.maximum(Tensor.full(5, DType.F64, 4)).sum(), w), "f64[4]", 0, 0.5, 0.5, 0);
        shows(Kawi.grad(w.clamp(1.5, 4).sum(), w), "f64[4]", 1, 0, 0, 0);
        shows(Kawi.grad(w.sub(5).relu().sum(), w), "f64[4]", 0, 0, 0, 0);
        shows(Kawi.grad(w.sub(5).abs().sum(), w), "f64[4]", -1, 0, 0, -1);
    }

    @Test
    void powersAtTheirEdges() {
        Parameter w = new Parameter(Tensor.of(new double[] {0, 1, 2}));
        shows(w.pow(3), "f64[3]", 0, 1, 8);
        Tensor g = Kawi.grad(w.pow(3).sum(), w);
        shows(g, "f64[3]", 0, 3, 12);
        shows(Kawi.grad(g.sum(), w), "f64[3]", 0, 6, 12);
        shows(w.pow(0), "f64[3]", 1, 1, 1);
        shows(Kawi.grad(w.pow(0).sum(), w), "f64[3]", 0, 0, 0);
        Parameter e = new Parameter(Tensor.of(new double[] {2, 2, 2}));
        Tensor first = Kawi.grad(w.pow(e).sum(), e);
        showsAbout(first, 0, 0, 4 * Math.log(2));
        assertThat(Kawi.grad(first.sum(), w).toDoubleArray()[0]).isFinite();
    }

    // Softmax and its kin

    @Test
    void exponentialsNeitherOverflowNorLoseAll() {
        showsAbout(f32(1000, 1000).softmax(0), 0.5, 0.5);
        showsAbout(f32(-1000, 0).softmax(0), 0, 1);
        showsAbout(f32(-INF, 0, 0).softmax(0), 0, 0.5, 0.5);
        showsAbout(f32(1000, 1000).logSumExp(0), 1000 + (float) Math.log(2));
        shows(f32(-INF, -INF).logSumExp(0), "f32[]", -INF);
        shows(f32(-INF, 3).logSumExp(0), "f32[]", 3);
        shows(f32(INF, 3).logSumExp(0), "f32[]", INF);
        showsAbout(f32(0, -1000).logSoftmax(0), 0, -1000);
        shows(f32(-INF, 0).logSoftmax(0), "f32[2]", -INF, 0);
        showsAbout(Tensor.of(new int[] {1, 1}).softmax(0), 0.5, 0.5);
        showsAbout(Tensor.of(new int[] {1, 1}).logSumExp(0), 1 + Math.log(2));
        showsAbout(f32(-100, 0, 100).sigmoid(), 0, 0.5, 1);
        showsAbout(f32(-100, 0, 100).softplus(), 0, Math.log(2), 100);
        showsAbout(Tensor.of(new byte[] {0, 9}).softplus(), Math.log(2), Math.log1p(Math.exp(9)));
        Parameter z = new Parameter(Tensor.of(new double[] {-800, -1, -0.0, 0, 1, 800}));
        double q = 1 / (1 + Math.exp(1));
        Tensor slope = Kawi.grad(z.softplus().sum(), z);
        showsAbout(slope, 0, q, 0.5, 0.5, 1 - q, 1);
        showsAbout(Kawi.grad(slope.sum(), z), 0, q * (1 - q), 0.25, 0.25, q * (1 - q), 0);
        Parameter w = new Parameter(Tensor.of(new double[] {1000, 999, -INF}));
        double p = 1 / (1 + Math.exp(-1));
        showsAbout(Kawi.grad(w.logSumExp(0), w), p, 1 - p, 0);
        showsAbout(Kawi.grad(w.logSoftmax(0).select(0, 0), w), 1 - p, p - 1, 0);
        shows(f32(NAN, -1, 2).relu(), "f32[3]", NAN, 0, 2);
    }

    // Moving

    @Test
    void takesAndScatters() {
        Tensor x = Tensor.arange(6).reshape(2, 3);
        Tensor index = Tensor.of(new int[] {2, 0, 0, 1}, 2, 2);
        shows(x.take(1, index), "i64[2, 2, 2]", 2, 0, 0, 1, 5, 3, 3, 4);
        shows(x.take(0, Tensor.scalar(1, DType.I64)), "i64[3]", 3, 4, 5);
        shows(x.gather(1, index), "i64[2, 2]", 2, 0, 3, 4);
        shows(x.scatterAdd(1, index, Tensor.ones(DType.I64, 2, 2)), "i64[2, 3]", 1, 1, 3, 4, 5, 5);
        shows(f32(0, 0).scatterAdd(0, Tensor.of(new long[] {1, 1, 1}), f32(1, 2, 3)), "f32[2]", 0, 6);
        shows(Tensor.of(new int[] {2, 0}).oneHot(3), "f32[2, 3]", 0, 0, 1, 1, 0, 0);
        Parameter w = new Parameter(Tensor.of(new double[] {1, 2, 3}));
        shows(
                Kawi.grad(
                        w.take(0, Tensor.of(new int[] {0, 2, 2}))
                                .mul(Tensor.of(new double[] {5, 6, 7}))
                                .sum(),
                        w),
                "f64[3]",
                5,
                0,
                13);
    }

    @Test
    void joinsAndPads() {
        Tensor x = Tensor.arange(4).reshape(2, 2);
        shows(Tensor.stack(0, x, x.neg()), "i64[2, 2, 2]", 0, 1, 2, 3, 0, -1, -2, -3);
        shows(Tensor.stack(-1, x, x.neg()), "i64[2, 2, 2]", 0, 0, 1, -1, 2, -2, 3, -3);
        shows(Tensor.concat(-1, x, x.slice(1, 0, 1)), "i64[2, 3]", 0, 1, 0, 2, 3, 2);
        shows(x.pad(1, 1, 0, 0), "i64[2, 3]", 0, 0, 1, 0, 2, 3);
        shows(x.pad(0, 0, 1, -7), "i64[3, 2]", 0, 1, 2, 3, -7, -7);
        shows(f32(1).pad(0, 1, 1, NAN), "f32[3]", NAN, 1, NAN);
        shows(f32(1).pad(0, 1, 0, -INF), "f32[2]", -INF, 1);
        Tensor mask = Tensor.of(new boolean[] {true, false});
        shows(f32(1, 2).maskedFill(mask, -INF), "f32[2]", -INF, 2);
        shows(Tensor.where(mask, f32(1), f32(2).reshape(1, 1)), "f32[1, 2]", 1, 2);
    }

    @Test
    void ranges() {
        shows(Tensor.arange(2, 5), "i64[3]", 2, 3, 4);
        shows(Tensor.arange(0), "i64[0]");
        showsAbout(Tensor.linspace(-1, 1, 5), -1, -0.5, 0, 0.5, 1);
        shows(Tensor.linspace(3, 9, 1), "f32[1]", 3);
        shows(Tensor.eye(2), "f32[2, 2]", 1, 0, 0, 1);
        shows(Tensor.of(new float[][] {{1, 2}, {3, 4}}), "f32[2, 2]", 1, 2, 3, 4);
    }

    @Test
    void products() {
        Tensor m = Tensor.arange(6).reshape(2, 3);
        Tensor v = Tensor.of(new long[] {1, 0, 2});
        shows(m.matmul(v), "i64[2]", 4, 13);
        shows(Tensor.of(new long[] {1, 1}).matmul(m), "i64[3]", 3, 5, 7);
        shows(v.matmul(v), "i64[]", 5);
        assertThat(Tensor.ones(4, 1, 2, 3).matmul(Tensor.ones(5, 3, 6)).shape()).isEqualTo(Shape.of(4, 5, 2, 6));
        assertThat(Tensor.ones(2, 0).matmul(Tensor.ones(0, 3)).toFloatArray())
                .containsOnly(0)
                .hasSize(6);
        Tensor image = Tensor.arange(9).reshape(1, 1, 3, 3).to(DType.F32);
        shows(image.conv2d(Tensor.ones(1, 1, 2, 2)), "f32[1, 1, 2, 2]", 8, 12, 20, 24);
        shows(image.maxPool2d(2, 1, 0), "f32[1, 1, 2, 2]", 4, 5, 7, 8);
        shows(image.neg().maxPool2d(2, 2, 1), "f32[1, 1, 2, 2]", -0.0, -1, -3, -4);
        shows(image.avgPool2d(2, 2, 1), "f32[1, 1, 2, 2]", 0, 0.75, 2.25, 6);
        shows(Tensor.full(NAN, DType.F32, 1, 1, 2, 2).maxPool2d(2, 2, 0), "f32[1, 1, 1, 1]", NAN);
    }

    @Test
    void text() {
        assertThat(Tensor.scalar(2.5)).hasToString("2.5000  f32[]");
        assertThat(Tensor.of(new int[] {1, -20, 3, 4}, 2, 2)).hasToString("[[  1, -20],\n [  3,   4]]  i32[2, 2]");
        assertThat(f32(1, NAN)).hasToString("[1.0, NaN]  f32[2]");
        assertThat(Tensor.zeros(0)).hasToString("[]  f32[0]");
        assertThat(Tensor.arange(2000)).hasToString("[   0,    1,    2, …, 1997, 1998, 1999]  i64[2000]");
        assertThat(Tensor.arange(8).reshape(2, 2, 2))
                .hasToString("[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]  i64[2, 2, 2]");
        assertThat(f32(1e-9, 1, -2.5e7)).hasToString("[ 1.0000e-09,  1.0000e+00, -2.5000e+07]  f32[3]");
        assertThat(Tensor.zeros(DType.BOOL, 1, 2)).hasToString("[[false, false]]  bool[1, 2]");
        assertThat(Tensor.zeros(2, 0)).hasToString("[[],\n []]  f32[2, 0]");
        assertThat(f32(INF, -INF)).hasToString("[ Infinity, -Infinity]  f32[2]");
        String large = Tensor.zeros(40, 50).toString();
        assertThat(large.lines())
                .hasSize(7)
                .anyMatch(" …,"::equals)
                .last()
                .asString()
                .endsWith("]]  f32[40, 50]");
    }

    // Random numbers

    /** The known answers of Random123 (kat_vectors: threefry2x32, 20 rounds). */
    @ParameterizedTest
    @CsvSource({
        "00000000, 00000000, 00000000, 00000000, 6b200159, 99ba4efe",
        "ffffffff, ffffffff, ffffffff, ffffffff, 1cb996fc, bb002be7",
        "243f6a88, 85a308d3, 13198a2e, 03707344, c4923a9c, 483df7a0"
    })
    void threefryGivesTheKnownAnswers(String c0, String c1, String k0, String k1, String x0, String x1) {
        long block = Threefry.block(hex(k0), hex(k1), hex(c0), hex(c1));
        assertThat(String.format("%08x %08x", (int) block, (int) (block >>> 32)))
                .isEqualTo(x0 + " " + x1);
    }

    private static int hex(String s) {
        return Integer.parseUnsignedInt(s, 16);
    }

    @Test
    void numbersDependOnKeyAndPlaceAlone() {
        Key key = Key.of(5);
        float[] u = key.uniform(1000).toFloatArray();
        assertThat(key.uniform(10, 100).toFloatArray()).isEqualTo(u);
        assertThat(Arrays.copyOf(u, 10)).isEqualTo(key.uniform(10).toFloatArray());
        assertThat(key.uniform(1000).add(0).slice(0, 999, NONE, -1).flip(0).toFloatArray())
                .isEqualTo(u);
        assertThat(key.fold(1).uniform(1000).toFloatArray()).isNotEqualTo(u);
        assertThat(key.fold(1))
                .isNotEqualTo(key.fold(2))
                .isNotEqualTo(key.fold(1L << 32))
                .isNotEqualTo(key.fold(-1));
        Kawi.seed(9);
        float[] a = Tensor.rand(3).toFloatArray();
        float[] b = Tensor.rand(3).toFloatArray();
        assertThat(a).isNotEqualTo(b);
        Kawi.seed(9);
        assertThat(Tensor.rand(3).toFloatArray()).isEqualTo(a);
        long drawn = Kawi.drawnKeys();
        Tensor.rand(1);
        Kawi.restore(9, drawn);
        assertThat(Tensor.rand(3).toFloatArray()).isEqualTo(b);
    }

    @ParameterizedTest
    @CsvSource({"F32", "F64"})
    void moments(DType type) {
        int n = 200_000;
        Tensor u = Key.of(1).uniform(type, n);
        Tensor z = Key.of(2).normal(type, n);
        double deviation = 1 / Math.sqrt(n);
        assertThat(u.min().item()).isBetween(0.0, 1e-4);
        assertThat(u.max().item()).isBetween(1 - 1e-4, Math.nextDown(1.0));
        assertThat(u.mean().item()).isCloseTo(0.5, within(4 * deviation * Math.sqrt(1 / 12.0)));
        assertThat(u.variance(1).item()).isCloseTo(1 / 12.0, within(4 * deviation * Math.sqrt(1 / 180.0)));
        assertThat(z.mean().item()).isCloseTo(0, within(4 * deviation));
        assertThat(z.variance(1).item()).isCloseTo(1, within(4 * deviation * Math.sqrt(2)));
        assertThat(z.pow(3).mean().item()).isCloseTo(0, within(4 * deviation * Math.sqrt(15)));
        assertThat(z.pow(4).mean().item()).isCloseTo(3, within(4 * deviation * Math.sqrt(96)));
        // neighbours have nothing to do with each other
        Tensor pairs = z.slice(0, 0, n - 1).mul(z.slice(0, 1, n));
        assertThat(pairs.mean().item()).isCloseTo(0, within(4 * deviation));
        assertThat(Key.of(3).bernoulli(0.3, n).to(type).mean().item())
                .isCloseTo(0.3, within(4 * deviation * Math.sqrt(0.21)));
        assertThat(Key.of(3).bernoulli(0, 100).any().item()).isZero();
        assertThat(Key.of(3).bernoulli(1, 100).all().item()).isEqualTo(1);
    }

    @Test
    void permutations() {
        for (int n : new int[] {0, 1, 2, 1000}) {
            int[] order = Key.of(4).permutationArray(n);
            assertThat(Arrays.stream(order).sorted().toArray())
                    .isEqualTo(java.util.stream.IntStream.range(0, n).toArray());
        }
        int[] first = new int[5];
        for (int seed = 0; seed < 5000; seed++) {
            first[Key.of(seed).permutationArray(5)[0]]++;
        }
        assertThat(first)
                .satisfies(c -> assertThat(Arrays.stream(c)).allMatch(k -> Math.abs(k - 1000) < 4 * Math.sqrt(800)));
        assertThat(Key.of(4).permutation(10).toLongArray()).hasSize(10);
    }

    @Test
    void aStreamOfItsOwnIsNothingToTheOthers() throws InterruptedException {
        Kawi.seed(9);
        Tensor.rand(1);
        Kawi.withStream(9, 1, () -> Tensor.rand(3));
        float[] second = Tensor.rand(3).toFloatArray();
        Thread[] threads = new Thread[4];
        float[][] drawn = new float[threads.length][];
        for (int i = 0; i < threads.length; i++) {
            int number = i;
            threads[i] = new Thread(() -> Kawi.withStream(9, 0, () -> {
                for (int k = 0; k < number; k++) {
                    Tensor.rand(1);
                }
                Kawi.restore(9, 1);
                drawn[number] = Tensor.rand(3).toFloatArray();
                assertThat(Kawi.drawnKeys()).isEqualTo(2);
                return number;
            }));
            threads[i].start();
        }
        for (Thread t : threads) {
            t.join();
        }
        for (float[] d : drawn) {
            assertThat(d).isEqualTo(second);
        }
        assertThat(Kawi.drawnKeys()).isEqualTo(2);
    }
}
