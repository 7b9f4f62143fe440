package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import kawi.base.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Right gradients are called right, wrong ones wrong, and the curve of errors has the slopes that theory gives it. */
class GradCheckTest {
    record Case(String name, UnaryOperator<Tensor> f) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Tensor X = Key.of(3).uniform(DType.F64, 4, 3).add(0.5).realized();

    static Stream<Case> right() {
        return Stream.of(
                new Case("polynomial", x -> x.pow(3).sum()),
                new Case("matrix", x -> x.matmul(x.t())),
                new Case("softmax", x -> x.softmax(1)),
                new Case("constant sum", x -> x.softmax(1).sum()),
                new Case("log", x -> x.log()),
                new Case(
                        "dropout",
                        x -> x.mul(Kawi.nextKey()
                                        .uniform(DType.F64, 4, 3)
                                        .gt(0.5)
                                        .to(DType.F64))
                                .exp()),
                new Case("constant", x -> Tensor.ones(DType.F64, 3)),
                new Case("f32 argument", x -> x.sin().cumsum(0)));
    }

    @ParameterizedTest
    @MethodSource("right")
    void rightOnesPass(Case c) {
        GradCheck check = Kawi.gradCheck(c.f::apply, c.name.startsWith("f32") ? X.to(DType.F32) : X);
        assertThat(check.passed()).as(check.toString()).isTrue();
        assertThat(check.worst()).isEmpty();
        assertThat(check.toString()).contains("right");
    }

    static Stream<Case> wrong() {
        return Stream.of(
                new Case("detached", x -> x.mul(x.detach())),
                new Case("read", x -> x.mul(x.sum().item())),
                new Case("rule", Transform.customGradient(Tensor::exp, (x, y, v) -> v.mul(x))),
                new Case(
                        "factor",
                        Transform.customGradient(
                                Tensor::sin, (x, y, v) -> v.mul(x.cos()).mul(1.001))));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void wrongOnesDoNot(Case c) {
        GradCheck check = Kawi.gradCheck(c.f::apply, X);
        assertThat(check.passed()).as(check.toString()).isFalse();
        assertThat(check.worst()).isNotEmpty();
        assertThat(check.toString()).contains("WRONG", "hardly depends on the step", "detach", "element");
    }

    @Test
    void theErrorFallsAsTheSquareOfTheStepAndRisesAgain() {
        List<GradCheck.Point> curve = Kawi.gradCheck(x -> x.exp().sum(), X).curve();
        assertThat(curve).hasSize(12);
        for (int i = 0; i < 3; i++) { // a step a tenth as long: an error a hundredth as large, h²/6 · f‴
            double ratio = curve.get(i).error() / curve.get(i + 1).error();
            assertThat(ratio).isCloseTo(100, within(5.0));
        }
        assertThat(curve.getLast().error()).isGreaterThan(curve.get(5).error());
    }

    @Test
    void aCornerAndF32AreTold() {
        Tensor at0 = Tensor.of(new double[] {0, 1});
        assertThat(Kawi.gradCheck(Tensor::relu, at0).passed()).isFalse();
        GradCheck single = Kawi.gradCheck(x -> x.to(DType.F32).exp(), X);
        assertThat(single.passed()).isFalse();
        assertThat(single.toString()).contains("f32");
    }

    @Test
    void wrongElementsOfSeveralArgumentsAreNamed() {
        GradCheck check = GradCheck.of(
                xs -> xs.get(0)
                        .mul(xs.get(1))
                        .add(Transform.stopGradient(xs.get(1).slice(0, 1, 2))),
                List.of(Tensor.of(new double[] {1, 2}), Tensor.of(new double[] {3, 5})));
        assertThat(check.worst()).allMatch(e -> e.argument() == 1 && e.index() == 1);
        assertThat(check.worst()).hasSize(1);
        assertThatThrownBy(() -> Kawi.gradCheck(Tensor::square, Tensor.of(new int[] {1})))
                .hasMessageContainingAll("gradCheck", "i32", "DType.F64");
    }
}
