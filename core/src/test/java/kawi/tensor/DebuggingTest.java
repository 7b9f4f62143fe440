package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said when shapes do not fit, when broadcasting adds an axis, and when numbers are not finite. */
class DebuggingTest {
    @AfterEach
    void off() {
        Kawi.debug(false);
        Kawi.strict(false);
        Kawi.detectAnomalies(false);
        Kawi.eager(false);
    }

    private static final String HERE = "DebuggingTest.java:";

    private static Tensor ones(int... shape) {
        return Key.of(1).uniform(shape).add(1).realized();
    }

    record Case(String name, Supplier<Tensor> mistake, String... said) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> misfits() {
        return Stream.of(
                new Case("mean", () -> ones(32, 10).sub(ones(32, 10).mean(1)), "sub", "[32, 10]", "[32]", "KeepDims"),
                new Case("max", () -> ones(4, 5, 6).div(ones(4, 5, 6).max(2)), "div", "maxKeepDims", "unsqueeze(2)"),
                new Case("min", () -> ones(4).min(0).unsqueeze(0).expand(3).add(ones(4)), "add", "[3]", "[4]"),
                new Case("rows", () -> ones(2, 3).mul(ones(2)), "mul", "second fits as .unsqueeze(1), shape [2, 1]"),
                new Case("rows first", () -> ones(2).mul(ones(2, 3)), "first fits as .unsqueeze(1), shape [2, 1]"),
                new Case("turned", () -> ones(2, 3).add(ones(3, 2)), "transpose the", ".transpose(-1, -2)", "[3, 2]"),
                new Case("batch", () -> ones(7, 2, 3).add(ones(3, 2)), "transpose the second", "[2, 3]"),
                new Case("flat", () -> ones(2, 3).add(ones(6)), "6 elements", ".reshape(2, 3)"),
                new Case("no help", () -> ones(2, 3).add(ones(7)), "reshape, unsqueeze or transpose"),
                new Case("empty", () -> ones(0, 3).add(ones(2, 3)), "[0, 3]", "[2, 3]"),
                new Case("weights", () -> ones(32, 10).matmul(ones(5, 10)), "matmul", "transpose the second"),
                new Case("data", () -> ones(32, 10).matmul(ones(32, 5)), "matmul", "transpose the first"),
                new Case("images", () -> ones(8, 4, 4).matmul(ones(16, 2)), "flatten(1, -1)", "[8, 16]"),
                new Case("batches", () -> ones(2, 3, 4).matmul(ones(3, 4, 5)), "matmul", "batch axes"),
                new Case(
                        "where", () -> Tensor.where(ones(4).gt(1), ones(2, 3), ones(3)), "where", "condition", "third"),
                new Case("reshape", () -> ones(2, 3).reshape(4), "reshape", "[2, 3]", "6", "operand"),
                new Case("permute", () -> ones(2, 3).permute(0, 0), "permute", "each axis once"),
                new Case("channels", () -> ones(1, 3, 8, 8).conv2d(ones(4, 1, 3, 3)), "conv2d", "first", "second"),
                new Case("concat", () -> Tensor.concat(0, ones(2, 3), ones(2, 4)), "[2, 3]", "[2, 4]"),
                new Case("type", () -> ones(3).to(DType.BOOL).neg(), "neg", "bool", ".to(DType.F32)"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void anErrorSaysWhatIsAndWhatWouldFit(Case c) {
        assertThatThrownBy(c.mistake::get)
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll(c.said)
                .hasMessageContaining("kawi.tensor.DebuggingTest.");
    }

    @Test
    void underDebugAnErrorSaysWhereOperandsComeFrom() {
        Kawi.debug(true);
        Tensor a = ones(2, 3).exp();
        Tensor b = Tensor.of(new float[] {1, 2});
        int line = new Throwable().getStackTrace()[0].getLineNumber();
        assertThatThrownBy(() -> a.add(b))
                .hasMessageContainingAll(
                        "first: f32[2, 3], the result of exp, recorded at",
                        HERE + (line - 2),
                        "second: f32[2], given values, recorded at",
                        HERE + (line - 1),
                        HERE + (line + 1))
                .hasMessageNotContaining("Kawi.debug");
        Kawi.debug(false);
        assertThatThrownBy(() -> ones(2).exp().add(ones(3)))
                .hasMessageContainingAll("result of exp", "Kawi.debug(true)");
    }

    // Strict

    @Test
    void aBroadcastThatAddsAnAxisIsReportedOncePerLine() {
        List<String> reports = new ArrayList<>();
        Kawi.strict(reports::add);
        for (int i = 0; i < 3; i++) {
            ones(5, 1).sub(ones(5)).square().mean().item();
        }
        assertThat(reports).hasSize(1);
        assertThat(reports.get(0)).contains("sub", "[5, 1]", "[5]", "[5, 5]", "neither", "KeepDims", HERE);
        ones(2, 3).mul(ones(3));
        Tensor.where(ones(2, 3).gt(1), ones(3), ones(2, 3));
        Tensor.where(ones(3).gt(1), ones(2, 3), ones(2, 3));
        ones(2, 3).div(ones(3));
        assertThat(reports).hasSize(5);
    }

    @Test
    void numbersAndDerivativesAndEqualRanksAreNotReported() {
        Kawi.strict(report -> {
            throw new AssertionError(report);
        });
        Tensor x = ones(3, 4).requiresGrad();
        Tensor y = x.mul(2).add(Tensor.scalar(1)).mul(ones(3, 1)).sub(x.meanKeepDims(1));
        Kawi.grad(y.softmax(1).logSumExp(1).add(x.variance(1, 1)).sum(), x)
                .sum()
                .item();
    }

    // Anomalies

    private static Tensor f(double... values) {
        float[] a = new float[values.length];
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) values[i];
        }
        return Tensor.of(a);
    }

    private static Tensor slope(Tensor at, java.util.function.UnaryOperator<Tensor> f) {
        Tensor x = at.requiresGrad();
        return Kawi.grad(f.apply(x).sum(), x);
    }

    static Stream<Case> anomalies() {
        double inf = Double.POSITIVE_INFINITY;
        return Stream.of(
                new Case("log", () -> f(1, -1).log(), "log makes NaN in 1 of 2", "from -1.000 to 1.000", "clamp"),
                new Case("log 0", () -> f(1, 0).log().exp(), "log makes an infinity in 1 of 2", "−∞ at 0"),
                new Case("sqrt", () -> f(-4).sqrt(), "sqrt makes NaN", "below 0"),
                new Case("0/0", () -> f(0, 1).div(f(0, 1)), "div makes NaN in 1 of 2", "divisor"),
                new Case("1/0", () -> f(1).div(f(0)), "div makes an infinity", "divisor"),
                new Case("f16", () -> f(1e5, 1).to(DType.F16), "cast makes an infinity in 1 of 2", "f16", "65504"),
                new Case("exp", () -> f(90, 1).exp().sum(), "exp makes an infinity in 1 of 2", "88.7"),
                new Case("0·∞", () -> f(0).mul(f(inf)), "mul makes NaN", "1 of 1 infinite", "0 · ∞"),
                new Case("∞−∞", () -> f(inf).sub(f(inf)), "sub makes NaN", "∞ − ∞"),
                new Case("pow", () -> f(-2).pow(0.3), "pow makes NaN", "fraction"),
                new Case("cast", () -> f(1).to(DType.F64).mul(1e300).to(DType.F32), "cast makes an infinity", "3.4e38"),
                new Case(
                        "matmul",
                        () -> f(1e38, 1e38)
                                .mul(1.5)
                                .unsqueeze(0)
                                .matmul(ones(2, 2).mul(2)),
                        "infinity",
                        "of 2 elements"),
                new Case("given", () -> f(Double.NaN, 1).add(1), "add makes NaN", "look at the data"),
                new Case("√ at 0", () -> slope(f(0, 1), Tensor::sqrt), "for the derivative of sqrt", "infinite at 0"),
                new Case("norm", () -> slope(f(0, 0), x -> x.square().sum().sqrt()), "derivative of sqrt"),
                new Case(
                        "where",
                        () -> slope(f(0, 4), x -> Tensor.where(x.gt(0), x.log(), x)),
                        "log",
                        "from 0.000 to 4.000",
                        "where before it"));
    }

    @ParameterizedTest
    @MethodSource("anomalies")
    void theFirstAnomalyIsNamed(Case c) {
        Kawi.detectAnomalies(true);
        assertThatThrownBy(() -> c.mistake.get().realized())
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll(c.said)
                .hasMessageContainingAll("detectAnomalies", "recorded at", HERE);
        Kawi.eager(true);
        assertThatThrownBy(() -> c.mistake.get().realized()).hasMessageContainingAll(c.said);
    }

    @Test
    void masksAreNoAnomalyAndNumbersAreTheSame() {
        Supplier<Tensor> work = () -> {
            Tensor mask = Tensor.ones(4, 4).tril(0).gt(0);
            Tensor x = Key.of(2).normal(4, 4).requiresGrad();
            Tensor y = Tensor.where(mask, x, Tensor.scalar(Double.NEGATIVE_INFINITY))
                    .softmax(1);
            return Tensor.concat(0, y, Kawi.grad(y.square().sum(), x));
        };
        float[] plain = work.get().toFloatArray();
        Kawi.detectAnomalies(true);
        assertThat(work.get().toFloatArray()).isEqualTo(plain);
        Tensor infinite = f(Double.POSITIVE_INFINITY, 1);
        assertThatCode(() -> infinite.add(1).toFloatArray()).doesNotThrowAnyException();
        var jit = Kawi.jit((Tensor x) -> x.log());
        jit.apply(f(1));
        assertThatThrownBy(() -> jit.apply(f(-1)).item()).hasMessageContaining("log makes NaN");
    }

    @Test
    void firstNonFiniteSaysLinesThatWereRemembered() {
        assertThat(Kawi.firstNonFinite(f(1, 2).log())).isEmpty();
        assertThat(Kawi.firstNonFinite(f(-1).log().add(1)).orElseThrow())
                .contains("operation log makes NaN")
                .doesNotContain("recorded");
        assertThat(Kawi.firstNonFinite(f(Double.POSITIVE_INFINITY).mul(2)).orElseThrow())
                .contains("operation mul");
        Kawi.debug(true);
        assertThat(Kawi.firstNonFinite(f(-1).log().add(1)).orElseThrow()).contains("recorded at", HERE);
    }
}
