package kawi.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimisers against their published update rules, written out for one number in double precision. */
class OptimizerTest {
    /** One number's update: from θ, g and the step counted from 1. */
    private interface Rule {
        double next(double theta, double g, int t);
    }

    private static Rule sgd(double lr, double mu, boolean nesterov, double decay) {
        double[] v = {0};
        return (theta, g0, t) -> {
            double g = g0 + decay * theta;
            v[0] = mu * v[0] + g;
            return theta - lr * (mu == 0 ? g : nesterov ? g + mu * v[0] : v[0]);
        };
    }

    private static Rule adam(double lr, double b1, double b2, double eps, double l2, double decoupled) {
        double[] m = {0};
        double[] v = {0};
        return (theta0, g0, t) -> {
            double theta = theta0 * (1 - lr * decoupled);
            double g = g0 + l2 * theta0;
            m[0] = b1 * m[0] + (1 - b1) * g;
            v[0] = b2 * v[0] + (1 - b2) * g * g;
            double mHat = m[0] / (1 - Math.pow(b1, t));
            double vHat = v[0] / (1 - Math.pow(b2, t));
            return theta - lr * mHat / (Math.sqrt(vHat) + eps);
        };
    }

    static Stream<Arguments> methods() {
        return Stream.of(
                method("sgd", p -> new Sgd(p, 0.1), () -> sgd(0.1, 0, false, 0)),
                method("momentum", p -> new Sgd(p, 0.05, 0.9), () -> sgd(0.05, 0.9, false, 0)),
                method("nesterov", p -> new Sgd(p, 0.05, 0.9, true, 0.01), () -> sgd(0.05, 0.9, true, 0.01)),
                method("decay", p -> new Sgd(p, 0.05, 0, false, 0.1), () -> sgd(0.05, 0, false, 0.1)),
                method("adam", p -> new Adam(p, 0.01), () -> adam(0.01, 0.9, 0.999, 1e-8, 0, 0)),
                method(
                        "adam l2",
                        p -> new Adam(p, 0.01, 0.8, 0.95, 1e-6, 0.1),
                        () -> adam(0.01, 0.8, 0.95, 1e-6, 0.1, 0)),
                method(
                        "adamw",
                        p -> new AdamW(p, 0.01, 0.9, 0.99, 1e-8, 0.3),
                        () -> adam(0.01, 0.9, 0.99, 1e-8, 0, 0.3)));
    }

    private static Arguments method(
            String name, Function<List<Parameter>, Optimizer> optimizer, java.util.function.Supplier<Rule> rule) {
        return Arguments.of(name, optimizer, rule);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("methods")
    void followsItsPublishedRule(
            String name, Function<List<Parameter>, Optimizer> make, java.util.function.Supplier<Rule> rules) {
        double[] theta = {1.5, -0.7, 0.2};
        double[] scale = {1, 3, -2};
        Parameter p = new Parameter(Tensor.of(theta.clone()));
        Optimizer optimizer = make.apply(List.of(p));
        Rule[] rule = {rules.get(), rules.get(), rules.get()};
        for (int t = 1; t <= 7; t++) {
            // loss = Σ (θᵢ − scaleᵢ)², gradient 2(θ − scale)
            optimizer.step(p.sub(Tensor.of(scale)).square().sum());
            for (int i = 0; i < 3; i++) {
                theta[i] = rule[i].next(theta[i], 2 * (theta[i] - scale[i]), t);
            }
            // The engine computes in f64 with the same formulas, arranged a little differently: a few ulps a step.
            assertThat(p.toDoubleArray()).as("%s, step %d", name, t).containsExactly(theta, within(1e-13));
        }
    }

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

    static Stream<Arguments> schedules() {
        return Stream.of(
                Arguments.of("constant", Schedule.constant(0.1), new long[] {0, 5}, new double[] {0.1, 0.1}),
                Arguments.of(
                        "step", Schedule.step(1, 10, 0.5), new long[] {0, 9, 10, 25}, new double[] {1, 1, 0.5, 0.25}),
                Arguments.of(
                        "cosine", Schedule.cosine(1, 0, 100), new long[] {0, 50, 100, 200}, new double[] {1, 0.5, 0, 0
                        }),
                Arguments.of(
                        "warm-up",
                        Schedule.warmUp(4, Schedule.step(1, 10, 0.1)),
                        new long[] {0, 1, 3, 4, 13, 14},
                        new double[] {0.25, 0.5, 1, 1, 1, 0.1}),
                // PyTorch's OneCycleLR(max_lr=1, total_steps=10, pct_start=0.3): 0.04 at 0, 1 at its step 2, 4e-6 at 9
                Arguments.of("one cycle", Schedule.oneCycle(1, 10, 0.3), new long[] {0, 2, 9, 50}, new double[] {
                    0.04, 1, 4e-6, 4e-6
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("schedules")
    void schedulesGiveTheirExactValues(String name, Schedule schedule, long[] steps, double[] rates) {
        for (int i = 0; i < steps.length; i++) {
            assertThat(schedule.at(steps[i])).as("%s at %d", name, steps[i]).isCloseTo(rates[i], within(1e-12));
        }
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
        for (double wrong : new double[] {Double.NaN, -1, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Schedule.cosine(0.1, wrong, 10))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContainingAll("cosine", "last", String.valueOf(wrong));
            assertThatThrownBy(() -> Schedule.step(0.1, 10, wrong))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContainingAll("step", "factor", String.valueOf(wrong));
        }
    }

    @Test
    void aStepThatFailsIsNotCounted() {
        Parameter p = new Parameter(Tensor.of(new double[] {1, 2, 3}));
        Adam adam = new Adam(List.of(p), 0.1);
        Tensor outside = p.take(0, Tensor.of(new long[] {7})).sum();
        assertThatThrownBy(() -> adam.step(outside)).isInstanceOf(IndexOutOfBoundsException.class);
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
            assertThat(adam.state().get("0.0").toDoubleArray()).containsExactly(0, 0);
            assertThat(adam.steps()).isZero();
            assertThat(adam.step(p.square().sum(), new Tensor[0])).isTrue();
            assertThat(p.toDoubleArray()).containsExactly(new double[] {0, 3.9}, within(1e-6));
        }
    }
}
