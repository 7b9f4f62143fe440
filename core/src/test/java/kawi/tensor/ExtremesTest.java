package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.graph.HostArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Functions at ±0, ±∞, NaN, huge and subnormal numbers, on every path: generated loops of all types, and the reference. The values
 * are those of IEEE 754-2019 (9.2.1, pow), of NumPy 2.4 (fmod, floor_divide) and of SciPy's special functions.
 */
class ExtremesTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    /** f(x, y) = value; the zeros' signs count. */
    record Case(String name, BinaryOperator<Tensor> f, double x, double y, double value) {
        @Override
        public String toString() {
            return name + "(" + x + ", " + y + ")";
        }
    }

    private static Case pow(double x, double y, double value) {
        return new Case("pow", Tensor::pow, x, y, value);
    }

    private static Case fmod(double x, double y, double value) {
        return new Case("fmod", Tensor::fmod, x, y, value);
    }

    private static Case floorDiv(double x, double y, double value) {
        return new Case("floorDiv", Tensor::floorDiv, x, y, value);
    }

    private static Case digamma(double x, double value) {
        return new Case("digamma", (a, b) -> a.digamma(), x, 0, value);
    }

    private static Case lgamma(double x, double value) {
        return new Case("lgamma", (a, b) -> a.lgamma(), x, 0, value);
    }

    static Stream<Case> anyType() {
        return Stream.of(
                pow(1, INF, 1),
                pow(1, -INF, 1),
                pow(1, NAN, 1),
                pow(-1, INF, 1),
                pow(-1, -INF, 1),
                pow(-1, NAN, NAN),
                pow(-1, 3, -1),
                pow(NAN, 0, 1),
                pow(0.5, INF, 0),
                pow(-2, INF, INF),
                pow(2, -INF, 0),
                pow(-0.0, -3, -INF),
                fmod(-0.0, 2, -0.0),
                fmod(-0.0, -2, -0.0),
                fmod(0, -2, 0),
                fmod(-3, 2, -1),
                fmod(-4, 2, -0.0),
                fmod(INF, 2, NAN),
                fmod(-1, INF, -1),
                floorDiv(INF, 2, NAN),
                floorDiv(-INF, 2, NAN),
                floorDiv(INF, -2, NAN),
                floorDiv(INF, INF, NAN),
                floorDiv(INF, 0, INF),
                floorDiv(-INF, 0, -INF),
                floorDiv(1, INF, 0),
                floorDiv(1, -INF, -1),
                floorDiv(-0.0, 2, -0.0),
                floorDiv(0, 0, NAN),
                digamma(-INF, NAN),
                digamma(INF, INF),
                digamma(0.0, -INF),
                digamma(-0.0, INF),
                lgamma(-INF, -INF),
                lgamma(INF, INF),
                lgamma(0, INF),
                lgamma(-3, INF));
    }

    @ParameterizedTest
    @MethodSource("anyType")
    void everyPathHasTheValue(Case c) {
        for (DType type : new DType[] {DType.F64, DType.F32, DType.F16, DType.BF16}) {
            Tensor y = row(c.y, type);
            Tensor result = c.f.apply(row(c.x, type), y);
            HostArray reference = new Interpreter().evaluate(result);
            double[] values = result.toDoubleArray();
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i]).as("%s %s, element %d", c, type, i).isEqualTo(Double.valueOf(c.value));
                assertThat(reference.getDouble(i))
                        .as("%s %s by the reference", c, type)
                        .isEqualTo(Double.valueOf(c.value));
            }
        }
    }

    /** Enough for whole vectors and a rest. */
    private static Tensor row(double x, DType type) {
        return Tensor.full(x, DType.F64, 37).realized().to(type);
    }

    @ParameterizedTest
    @MethodSource("subnormal")
    void subnormalNumbersOfF64(Case c) {
        Tensor x = Tensor.of(new double[] {c.x});
        assertThat(c.f.apply(x, x).item()).isCloseTo(c.value, within(1e-14 * Math.min(Math.abs(c.value), 1e9)));
    }

    static Stream<Case> subnormal() {
        return Stream.of(
                digamma(4e-308, -1 / 4e-308),
                lgamma(5e-324, 744.4400719213812),
                lgamma(-5e-324, 744.4400719213812),
                lgamma(1e-310, 713.8013788281542));
    }

    @Test
    void digammaOfSubnormalNumbersIsInfinite() {
        Tensor x = Tensor.of(new double[] {5e-324, -5e-324, 1e-310, -1e-310});
        assertThat(x.digamma().toDoubleArray()).containsExactly(-INF, INF, -INF, INF);
    }

    @Test
    void acoshOfHugeNumbers() { // ln 2x, as NumPy's arccosh
        Tensor x = Tensor.of(new double[] {1, 1.5, 0x1p28, 1e9, 1e154, 1e300, INF, 0.5});
        double[] expected = {0, 0.9624236501192069, 20.101268236238415, 21.416413017506358, 355.291251501643};
        double[] values = x.acosh().toDoubleArray();
        for (int i = 0; i < expected.length; i++) {
            assertThat(values[i]).isCloseTo(expected[i], within(1e-14 * expected[i]));
        }
        assertThat(values[5]).isCloseTo(691.4686750787737, within(1e-12));
        assertThat(values[6]).isEqualTo(INF);
        assertThat(values[7]).isNaN();
        assertThat(Tensor.of(new float[] {3e38f}).acosh().item()).isCloseTo(89.28999300483437, within(1e-5));
        double[] slopes = Transform.grad((Tensor z) -> z.acosh().sum())
                .apply(x.slice(0, 1, 6))
                .toDoubleArray();
        for (int i = 0; i < slopes.length; i++) {
            double at = x.toDoubleArray()[i + 1];
            assertThat(slopes[i] * at).isCloseTo(i == 0 ? 1.5 / Math.sqrt(1.25) : 1, within(1e-12));
        }
    }

    @Test
    void anEmptyAxisHasASoftmaxWithoutElementsAndALogSumExpOfLogZero() {
        Tensor x = Tensor.zeros(2, 0);
        assertThat(x.softmax(1).shape()).isEqualTo(x.shape());
        assertThat(x.logSoftmax(-1).toFloatArray()).isEmpty();
        assertThat(x.logSumExp(1).toDoubleArray()).containsExactly(-INF, -INF);
        assertThat(x.logSumExp(0).shape().dims()).containsExactly(0);
    }
}
