package kawi.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all optimisers have in common; their rules are held against sequences in {@link OptimizerReferenceTest}. */
class OptimizerTest {
    @Test
    void clippingScalesAllGradientsByTheirJointNorm() {
        Parameter a = new Parameter(Tensor.of(new double[] {3, 0}));
        Parameter b = new Parameter(Tensor.of(new double[] {4}));
        // The gradients are (3, 0) and (4): joint norm 5, clipped to 1.
        new Sgd(List.of(a, b), 1)
                .clipNorm(1)
                .step(a.square().sum().add(b.square().sum()).mul(0.5));
        assertThat(a.toDoubleArray()).containsExactly(new double[] {3 - 0.6, 0}, within(1e-15));
        assertThat(b.toDoubleArray()).containsExactly(new double[] {4 - 0.8}, within(1e-15));
    }

    @Test
    void aLossThatIsNotFiniteLeavesTheParameters() {
        Parameter p = new Parameter(Tensor.of(new double[] {-1}));
        assertThat(new Sgd(List.of(p), 1).step(p.log().sum(), new Tensor[0])).isFalse();
        assertThat(p.item()).isEqualTo(-1);
    }

    @Test
    void parametersOutsideOfTheLossStay() {
        Parameter used = new Parameter(Tensor.of(new double[] {1}));
        Parameter unused = new Parameter(Tensor.of(new double[] {2}));
        new Sgd(List.of(used, unused), 0.5).step(used.square().sum());
        assertThat(used.item()).isEqualTo(0);
        assertThat(unused.item()).isEqualTo(2);
    }

    @Test
    void aLossWithoutParametersIsRefused() {
        Parameter p = new Parameter(Tensor.of(new double[] {1, -2}));
        Parameter other = new Parameter(Tensor.of(new double[] {3}));
        Optimizer sgd = new Sgd(List.of(p), 0.1);
        Tensor stale = p.square().sum();
        sgd.step(stale);
        double[] before = p.toDoubleArray();
        Tensor[] losses = {
            p.detach().square().sum(),
            Tensor.scalar(p.square().sum().item(), DType.F64),
            other.sum(),
            p.argmax(0).to(DType.F64),
            p.detach().mul(other).sum(),
            stale
        };
        for (Tensor loss : losses) {
            assertThatThrownBy(() -> sgd.step(loss))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContaining("step: the loss depends on none of the 1 parameters")
                    .hasMessageContaining("detach()");
        }
        assertThat(p.toDoubleArray()).containsExactly(before);
        assertThat(sgd.steps()).isEqualTo(1);
        sgd.step(p.mul(0).sum()); // depends, with the gradient 0
        assertThatThrownBy(() -> new Lbfgs().minimize(List.of(p), () -> other.sum()))
                .hasMessageContaining("minimize: the loss depends on none of the 1 parameters");
    }

    @Test
    void impossibleSettingsAreRefused() {
        List<Parameter> p = List.of(new Parameter(Tensor.ones(1)));
        assertThatThrownBy(() -> new Sgd(p, Double.NaN))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> new Sgd(p, 0.1, 1))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("momentum");
        assertThatThrownBy(() -> new Adam(List.of(), 0.1))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("no parameters");
        assertThatThrownBy(() -> new Sgd(p, 0.1).clipNorm(0)).isInstanceOf(KawiException.class);
    }

    @Test
    void aStepThatFailsIsNotCounted() {
        Parameter p = new Parameter(Tensor.of(new double[] {1, 2, 3}));
        Adam adam = new Adam(List.of(p), 0.1);
        Tensor outside = p.take(0, Tensor.of(new long[] {7})).sum();
        assertThatThrownBy(() -> adam.step(outside)).isInstanceOf(KawiException.class);
        assertThat(adam.steps()).isZero();
        adam.step(p.sum());
        assertThat(p.toDoubleArray()).containsExactly(new double[] {0.9, 1.9, 2.9}, within(1e-6));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-30, 1e-3, 1, 1e10, 1e18, 3e19, 1e25, 3e38})
    void clippingScalesWhateverTheSize(double size) {
        double[] shape = {3, -4, 0, 0.5};
        double norm = size / 4 * Math.sqrt(9 + 16 + 0.25 + 1);
        for (DType type : new DType[] {DType.F32, DType.F64}) {
            for (double max : new double[] {1, 1e-3, 1e30}) {
                Parameter a = new Parameter(Tensor.zeros(type, 4));
                Parameter b = new Parameter(Tensor.zeros(type, 1));
                Tensor g = Tensor.of(shape).mul(size / 4).to(type);
                Tensor loss = a.mul(g).sum().add(b.mul(size / 4).sum());
                Optimizer sgd = new Sgd(List.of(a, b), 1).clipNorm(max);
                assertThat(sgd.step(loss, new Tensor[0])).isTrue();
                double scale = Math.min(1, max / norm);
                double[] moved = Tensor.concat(0, a, b).toDoubleArray();
                for (int i = 0; i < 5; i++) {
                    double wanted = -(i < 4 ? shape[i] : 1) * size / 4 * scale;
                    assertThat(moved[i])
                            .as("%s, norm %s clipped to %s, element %d", type, norm, max, i)
                            .isCloseTo(wanted, within(Math.abs(wanted) * 1e-6));
                }
            }
        }
    }

    @Test
    void clippingRefusesGradientsThatAreNotFinite() {
        for (boolean inPlace : new boolean[] {false, true}) {
            Parameter p = new Parameter(Tensor.of(new double[] {0, 4}));
            Optimizer adam = new Adam(List.of(p), 0.1).clipNorm(1).inPlace(inPlace);
            assertThat(adam.step(p.sqrt().sum(), new Tensor[0])).as("∞").isFalse();
            assertThat(adam.step(p.sqrt().mul(p).sum(), new Tensor[0]))
                    .as("NaN")
                    .isFalse();
            assertThat(p.toDoubleArray()).containsExactly(0, 4);
            assertThat(adam.state().get("0.m").toDoubleArray()).containsExactly(0, 0);
            assertThat(adam.steps()).isZero();
            assertThat(adam.step(p.square().sum(), new Tensor[0])).isTrue();
            assertThat(p.toDoubleArray()).containsExactly(new double[] {0, 3.9}, within(1e-6));
        }
    }

    private static Parameter column(double... values) {
        return new Parameter(Tensor.of(values));
    }

    /** A settings method is wrong, and how the error names it. */
    static Stream<Arguments> wrongSettings() {
        Parameter p = column(1, 2);
        Optimizer sgd = new Sgd(List.of(p), 0.1);
        Optimizer grouped = new Sgd(List.of(p), 0.1);
        grouped.group(List.of(p));
        return Stream.of(
                Arguments.of("Adam: β₂ lies in 0 to below 1, but 1.0", (Runnable)
                        () -> new Adam(List.of(p), 0.1).betas(0.9, 1)),
                Arguments.of("RAdam: ε is a number above 0, but 0.0", (Runnable)
                        () -> new RAdam(List.of(p), 0.1).epsilon(0)),
                Arguments.of("Nesterov's momentum needs", (Runnable) () -> new Sgd(List.of(p), 0.1).nesterov()),
                Arguments.of(
                        "weight decay: λ is a number from 0 on, but NaN", (Runnable) () -> sgd.weightDecay(Double.NaN)),
                Arguments.of("accumulate: the number of losses starts at 1, but 0", (Runnable) () -> sgd.accumulate(0)),
                Arguments.of("α lies in 0 to 1, but 1.5", (Runnable) () -> new Lookahead(sgd, 5, 1.5)),
                Arguments.of("resume: steps taken start at 0, but -1", (Runnable) () -> sgd.resume(-1)),
                Arguments.of("none of the 1", (Runnable) () -> sgd.group(List.of(column(1)))),
                Arguments.of("in another group already", (Runnable) () -> grouped.group(List.of(p))),
                Arguments.of("no average is kept", (Runnable) sgd::takeAverage),
                Arguments.of(
                        "clipping by value: the largest value is a number above 0", (Runnable) () -> Clip.value(-1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongSettings")
    void aWrongSettingIsNamedWithItsRange(String message, Runnable setting) {
        assertThatThrownBy(setting::run).isInstanceOf(KawiException.class).hasMessageContaining(message);
    }

    /** On ½θ², where the steps within multiply θ by 0.9: each Lookahead has slow weights of its own. */
    @Test
    void nestedLookaheads() {
        Parameter p = column(1);
        Optimizer nested = new Lookahead(new Lookahead(new Sgd(List.of(p), 0.1), 2, 0.5), 4, 0.25);
        double theta = 1;
        double inner = 1;
        double outer = 1;
        for (int t = 1; t <= 9; t++) {
            nested.step(p.square().sum().mul(0.5));
            theta *= 0.9;
            if (t % 2 == 0) {
                theta = inner += 0.5 * (theta - inner);
            }
            if (t % 4 == 0) {
                theta = outer += 0.25 * (theta - outer);
            }
            assertThat(p.toDoubleArray()).as("step %d", t).containsExactly(new double[] {theta}, within(1e-14));
        }
    }

    @Test
    void parametersWithoutElementsTakeLazySteps() {
        for (int[] shape : new int[][] {{0}, {0, 3}, {3, 0}}) {
            Parameter none = new Parameter(Tensor.zeros(shape));
            new Adam(List.of(none), 0.1).lazyRows().step(none.sum());
            assertThat(none.size()).isZero();
        }
    }

    @Test
    void whatIsKeptIsFixedFromTheFirstStepOn() {
        Parameter p = column(1);
        Adam adam = new Adam(List.of(p), 0.1);
        adam.step(p.square().sum());
        adam.amsgrad();
        assertThatThrownBy(() -> adam.step(p.square().sum()))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("vMax", "[m, v]", "before the first step");
    }

    @Test
    void accumulatedLossesMakeTheStepOfTheWholeBatch() {
        Tensor x = Key.of(3).normal(DType.F64, 12, 4);
        Parameter whole = new Parameter(Tensor.zeros(DType.F64, 4));
        Parameter parts = new Parameter(Tensor.zeros(DType.F64, 4));
        Optimizer atOnce = new Adam(List.of(whole), 0.1).clipNorm(0.5).weightDecay(0.1);
        Optimizer inThree =
                new Adam(List.of(parts), 0.1).clipNorm(0.5).weightDecay(0.1).accumulate(3);
        for (int t = 0; t < 5; t++) {
            atOnce.step(x.matmul(whole).sub(1).square().mean());
            for (int i = 0; i < 3; i++) {
                assertThat(inThree.steps()).isEqualTo(t);
                inThree.step(x.narrow(0, 4 * i, 4).matmul(parts).sub(1).square().mean());
            }
        }
        assertThat(inThree.steps()).isEqualTo(5);
        assertThat(parts.toDoubleArray()).containsExactly(whole.toDoubleArray(), within(1e-13));
    }

    @Test
    void aLossThatIsNotFiniteDoesNotCountAmongTheAccumulated() {
        Parameter p = column(1);
        Optimizer sgd = new Sgd(List.of(p), 0.5).accumulate(2);
        assertThat(sgd.step(p.sum(), new Tensor[0])).isTrue();
        assertThat(sgd.step(p.sum().mul(Double.NaN), new Tensor[0])).isFalse();
        assertThat(p.item()).isEqualTo(1);
        assertThat(sgd.step(p.sum(), new Tensor[0])).isTrue();
        assertThat(p.item()).isEqualTo(0.5);
    }

    @Test
    void proximalStepsShrinkAndProject() {
        Parameter w = new Parameter(Tensor.of(new double[][] {{3, 4}, {0.3, 0.4}, {-0.05, 0}}));
        Parameter bias = column(7, -7);
        Tensor still = w.sum().add(bias.sum()).mul(0);
        new Sgd(List.of(w, bias), 0.1).proximal(Proximal.maxNorm(1)).step(still);
        assertThat(w.toDoubleArray()).containsExactly(new double[] {0.6, 0.8, 0.3, 0.4, -0.05, 0}, within(1e-15));
        assertThat(bias.toDoubleArray()).containsExactly(7, -7);
        new Sgd(List.of(w, bias), 0.1)
                .proximal(Proximal.l1(1))
                .proximal(Proximal.nonNegative())
                .step(w.sum().add(bias.sum()).mul(0));
        assertThat(w.toDoubleArray()).containsExactly(new double[] {0.5, 0.7, 0.2, 0.3, 0, 0}, within(1e-15));
        assertThat(bias.toDoubleArray()).containsExactly(new double[] {6.9, 0}, within(1e-15));
        new Sgd(List.of(bias), 0.5).proximal(Proximal.l2(2)).step(bias.sum().mul(0));
        assertThat(bias.toDoubleArray()).containsExactly(new double[] {3.45, 0}, within(1e-15));
    }

    @Test
    void theAverageStandsInForTheParametersAndGivesThemBack() {
        for (boolean inPlace : new boolean[] {false, true}) {
            Parameter p = column(4);
            Optimizer sgd =
                    new Sgd(List.of(p), 0.25).average(Average.polyakRuppert(0)).inPlace(inPlace);
            double sum = 0;
            for (int t = 1; t <= 4; t++) {
                sgd.step(p.square().sum()); // halves it
                sum += 4 / Math.pow(2, t);
                double mean = sgd.averaged(p::item);
                assertThat(mean).isCloseTo(sum / t, within(1e-15));
                assertThat(p.item()).isEqualTo(4 / Math.pow(2, t));
            }
            sgd.takeAverage();
            assertThat(p.item()).isCloseTo(sum / 4, within(1e-15));
            sgd.step(p.square().sum());
            assertThat(p.item()).isCloseTo(sum / 8, within(1e-15));
            assertThat(sgd.averaged(p::item)).isCloseTo((sum + sum / 8) / 5, within(1e-15));
        }
    }

    @Test
    void gradientsOfExactlyZeroMoveNothingTheyShouldNot() {
        for (Function<List<Parameter>, Optimizer> method : List.<Function<List<Parameter>, Optimizer>>of(
                p -> new AdaGrad(p, 0.1),
                p -> new RmsProp(p, 0.1).centred(),
                AdaDelta::new,
                p -> new Adam(p, 0.1),
                p -> new AdaMax(p, 0.1),
                p -> new NAdam(p, 0.1),
                p -> new RAdam(p, 0.1),
                p -> new Lars(p, 0.1, 0.9),
                p -> new Lamb(p, 0.1))) {
            Parameter p = column(1, 0);
            Parameter empty = new Parameter(Tensor.zeros(0, 3));
            Optimizer optimizer = method.apply(List.of(p, empty));
            for (int t = 0; t < 8; t++) {
                optimizer.step(p.sum().mul(0).add(empty.sum()));
            }
            assertThat(p.toDoubleArray())
                    .as(optimizer.getClass().getSimpleName())
                    .containsExactly(1, 0);
        }
    }
}
