package kawi.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.optim.Adam;
import kawi.optim.Optimizer;
import kawi.optim.Sgd;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LayersTest {
    /** f32 rounding of short sums. */
    private static final Offset<Float> NEAR = Offset.offset(2e-6f);

    @BeforeEach
    void seed() {
        Kawi.seed(7);
    }

    static class Base extends Module {
        final Linear first = new Linear(4, 3);
    }

    static class Nested extends Base {
        final List<Module> blocks = List.of(new Linear(3, 3, false), new BatchNorm(3));
        final Linear[] heads = {new Linear(3, 2), new Linear(3, 1)};
        final Linear shared = heads[0];
        final Parameter scale = new Parameter(Tensor.ones(1));
        int notAPart = 3;
    }

    @Test
    void parametersAreNamedByTheirFields() {
        Nested m = new Nested();
        assertThat(m.state().keySet())
                .containsExactly(
                        "first.weight",
                        "first.bias",
                        "blocks.0.weight",
                        "blocks.1.weight",
                        "blocks.1.bias",
                        "blocks.1.runningMean",
                        "blocks.1.runningVariance",
                        "heads.0.weight",
                        "heads.0.bias",
                        "heads.1.weight",
                        "heads.1.bias",
                        "scale");
        assertThat(m.namedParameters()).doesNotContainKey("blocks.1.runningMean");
        assertThat(m.parameterCount()).isEqualTo(4 * 3 + 3 + 9 + 6 + 8 + 4 + 1);
    }

    @Test
    void trainAndEvalReachEveryPart() {
        Nested m = new Nested();
        m.eval();
        assertThat(m.modules().values()).allMatch(x -> !x.training());
        m.train();
        assertThat(m.modules().values()).allMatch(Module::training);
    }

    @Test
    void linearIsXWTransposedPlusB() {
        Linear l = new Linear(3, 2);
        l.weight.assign(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        l.bias.assign(Tensor.of(new float[] {10, 20}));
        assertThat(l.forward(Tensor.of(new float[] {1, 0, -1, 2, 1, 0}, 2, 3)).toFloatArray())
                .containsExactly(new float[] {8, 18, 14, 33}, NEAR);
        assertThatThrownBy(() -> l.forward(Tensor.ones(2, 4)))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("[2, 4]", "must be 3");
    }

    @Test
    void batchNormUsesTheBatchInTrainingAndRunningStatisticsOtherwise() {
        BatchNorm norm = new BatchNorm(2);
        Tensor x = Tensor.of(new float[] {1, 10, 3, 20, 5, 60}, 3, 2);
        float[] y = norm.forward(x).toFloatArray();
        double s0 = Math.sqrt(8 / 3.0 + 1e-5);
        assertThat(y[0]).isCloseTo((float) (-2 / s0), NEAR);
        assertThat(y[4]).isCloseTo((float) (2 / s0), NEAR);
        // 0.9·old + 0.1·batch, the variance unbiased: 4 for the first channel
        assertThat(norm.runningMean.toFloatArray()).containsExactly(new float[] {0.3f, 3}, NEAR);
        assertThat(norm.runningVariance.toFloatArray()[0]).isCloseTo(0.9f + 0.4f, NEAR);
        norm.eval();
        float[] z = norm.forward(x).toFloatArray();
        assertThat(z[0]).isCloseTo((float) ((1 - 0.3) / Math.sqrt(1.3 + 1e-5)), NEAR);
    }

    @Test
    void batchNormTakesOtherFloatsAndRefusesASingleValue() {
        float[] values = {1, 10, 3, 20, 5, 60};
        BatchNorm single = new BatchNorm(2);
        BatchNorm twice = new BatchNorm(2);
        float[] expected = single.forward(Tensor.of(values, 3, 2)).toFloatArray();
        Tensor wide = twice.forward(Tensor.of(values, 3, 2).to(DType.F64));
        assertThat(wide.dtype()).isEqualTo(DType.F64);
        assertThat(wide.toFloatArray()).containsExactly(expected, NEAR);
        assertThat(twice.runningVariance.dtype()).isEqualTo(DType.F32);
        assertThat(twice.runningVariance.toFloatArray())
                .containsExactly(single.runningVariance.toFloatArray(), Offset.offset(1e-4f));
        for (int[] shape : new int[][] {{0, 2}, {1, 2}, {1, 2, 1, 1}, {3, 2, 0, 5}}) {
            float[] mean = single.runningMean.toFloatArray();
            assertThatThrownBy(() -> single.forward(Tensor.ones(shape)))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContainingAll("at least 2 values", Arrays.toString(shape), "eval()");
            assertThat(single.runningMean.toFloatArray()).isEqualTo(mean);
        }
        assertThat(single.forward(Tensor.ones(1, 2, 1, 2)).toFloatArray()).hasSize(4);
        single.eval();
        assertThat(single.forward(Tensor.ones(0, 2)).toFloatArray()).isEmpty();
        assertThat(single.forward(Tensor.ones(1, 2)).toFloatArray()).hasSize(2);
    }

    @Test
    void aRefusedStepLeavesTheRunningStatistics() {
        for (boolean inPlace : new boolean[] {false, true}) {
            BatchNorm norm = new BatchNorm(2);
            Optimizer optimizer = new Adam(norm.parameters(), 0.1).inPlace(inPlace);
            float[] mean = {0, 0};
            for (int i = 0; i < 4; i++) {
                float odd = i % 2 == 1 ? Float.NaN : 1;
                Tensor y = norm.forward(Tensor.of(new float[] {odd, 10, 3, 20, 5, 60}, 3, 2));
                assertThat(optimizer.step(y.square().mean(), y)).isEqualTo(i % 2 == 0);
                if (i % 2 == 0) {
                    mean = new float[] {0.9f * mean[0] + 0.3f, 0.9f * mean[1] + 3};
                }
                assertThat(norm.runningMean.toFloatArray()).containsExactly(mean, NEAR);
                assertThat(norm.runningVariance.isFinite().all().item()).isEqualTo(1);
            }
        }
    }

    @Test
    void layerNormHasMeanZeroAndVarianceOne() {
        Tensor y = new LayerNorm(5).forward(Tensor.randn(4, 5));
        assertThat(y.mean(1).toFloatArray()).containsExactly(new float[4], NEAR);
        // ε = 1e-5 makes the variance a little smaller than 1
        assertThat(y.variance(0, 1).toFloatArray()).containsExactly(new float[] {1, 1, 1, 1}, Offset.offset(1e-3f));
    }

    @Test
    void dropoutKeepsTheExpectationAndRestsInUse() {
        Dropout d = new Dropout(0.25);
        float[] y = d.forward(Tensor.ones(100_000)).toFloatArray();
        int dropped = 0;
        for (float v : y) {
            assertThat(v == 0 || v == (float) (1 / 0.75)).isTrue();
            dropped += v == 0 ? 1 : 0;
        }
        // binomial: standard deviation 137, five of them
        assertThat(dropped).isCloseTo(25_000, within(700));
        d.eval();
        Tensor x = Tensor.randn(8);
        assertThat(d.forward(x).toFloatArray()).isEqualTo(x.toFloatArray());
    }

    @Test
    void embeddingTakesRowsAndItsGradientAddsThem() {
        Embedding e = new Embedding(5, 2);
        Tensor y = e.forward(Tensor.of(new int[] {3, 1, 3}));
        float[] w = e.weight.toFloatArray();
        assertThat(y.toFloatArray()).containsExactly(w[6], w[7], w[2], w[3], w[6], w[7]);
        assertThat(Kawi.grad(y.sum(), e.weight).toFloatArray()).containsExactly(0, 0, 1, 1, 0, 0, 2, 2, 0, 0);
    }

    static Stream<Arguments> initialisers() {
        return Stream.of(
                Arguments.of("he", Initializer.he(), Math.sqrt(2.0 / 300)),
                Arguments.of("xavier", Initializer.xavier(), Math.sqrt(2.0 / 500)),
                Arguments.of("fan-in uniform", Initializer.fanInUniform(), 1 / Math.sqrt(300 * 3)),
                Arguments.of("normal", Initializer.normal(0.3), 0.3));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("initialisers")
    void initialisersHaveTheirPublishedSpread(String name, Initializer initializer, double deviation) {
        Tensor w = initializer.of(200, 300);
        // 60,000 draws: the standard error of a standard deviation is below 0.3 %
        assertThat(Math.sqrt(w.variance(0).item())).isCloseTo(deviation, within(0.015 * deviation));
        assertThat(w.mean().item()).isCloseTo(0, within(5 * deviation / Math.sqrt(60_000)));
    }

    @ParameterizedTest
    @MethodSource("matrices")
    void orthogonalRowsOrColumnsAreOrthonormal(int rows, int columns) {
        Tensor w = Initializer.orthogonal().of(rows, columns);
        Tensor gram = rows <= columns ? w.matmul(w.t()) : w.t().matmul(w);
        assertThat(gram.sub(Tensor.eye(Math.min(rows, columns))).abs().max().item())
                .isLessThan(1e-6);
    }

    static Stream<Arguments> matrices() {
        return Stream.of(Arguments.of(5, 5), Arguments.of(3, 8), Arguments.of(9, 4), Arguments.of(1, 6));
    }

    @Test
    void summaryCountsWhatAHandCounts() {
        Sequential m = new Sequential(
                new Conv2d(1, 4, 3), Activation.relu(), new MaxPool2d(2), new Flatten(), new Linear(4 * 3 * 3, 10));
        Summary s = Summary.of(m, 1, 1, 8, 8);
        assertThat(s.parameters()).isEqualTo(4 * 9 + 4 + 360 + 10);
        assertThat(s.multiplyAdds()).isEqualTo(6 * 6 * 4 * 9 + 360);
        assertThat(s.rows())
                .extracting(Summary.Row::name)
                .containsExactly("layers.0", "layers.1", "layers.2", "layers.3", "layers.4");
        assertThat(s.toString()).contains("Conv2d(1, 4, kernel 3)", "[1, 4, 6, 6]", "1,656", "3×3", "144");
        assertThat(s.rows()).extracting(Summary.Row::units).containsExactly(144L, 144L, 36L, 36L, 10L);
        assertThat(s.rows()).extracting(Summary.Row::receptiveField).containsExactly("3×3", "3×3", "4×4", "4×4", "all");
        assertThat(s.rows())
                .extracting(Summary.Row::activationBytes)
                .containsExactly(4 * 144L, 4 * 144L, 4 * 36L, 4 * 36L, 40L);
        assertThat(s.activationBytes()).isEqualTo(4 * (144 + 144 + 36 + 36 + 10));
    }

    @Test
    void summariesAndStatisticsLeaveEveryPartAsItWas() {
        Sequential m = new Sequential(new Linear(3, 4), new BatchNorm(4), new Linear(4, 4), new BatchNorm(4));
        Module frozen = m.modules().get("layers.1").eval();
        m.summary(2, 3);
        assertThat(m.modules().values()).allMatch(part -> part.training() != (part == frozen));
        m.eval();
        Module learning = m.modules().get("layers.3").train();
        BatchNorm.recompute(m, List.of(Tensor.ones(2, 3)));
        assertThat(m.modules().values()).allMatch(part -> part.training() == (part == learning));
    }

    @Test
    void summaryOfABatchCountsUnitsPerExampleAndThePlansMemory() {
        Sequential m = new Sequential(new Linear(16, 32), Activation.tanh(), new Linear(32, 8), Activation.tanh());
        Summary s = Summary.of(m, 4, 16);
        assertThat(s.rows()).extracting(Summary.Row::units).containsExactly(32L, 32L, 8L, 8L);
        assertThat(s.rows()).extracting(Summary.Row::receptiveField).containsOnly("");
        assertThat(s.multiplyAdds()).isEqualTo(4 * (16 * 32 + 32 * 8));
        assertThat(s.activationBytes()).isEqualTo(4 * 4 * (32 + 32 + 8 + 8));
        // Bias and tanh run with each product: [4, 32] alone lies between the two.
        assertThat(s.peakBytes()).isEqualTo(4 * 32 * 4);
    }

    // Losses

    private static final float[] LOGITS = {1, 2, 0.5f, -1, 0, 3};

    private static double logSoftmax(int row, int c) {
        double sum = 0;
        for (int j = 0; j < 3; j++) {
            sum += Math.exp(LOGITS[row * 3 + j]);
        }
        return LOGITS[row * 3 + c] - Math.log(sum);
    }

    @Test
    void crossEntropyIsMinusTheLogProbabilityOfTheLabel() {
        Tensor logits = Tensor.of(LOGITS, 2, 3);
        double expected = -(logSoftmax(0, 1) + logSoftmax(1, 0)) / 2;
        for (Tensor labels : List.of(Tensor.of(new long[] {1, 0}), Tensor.of(new int[] {1, 0}))) {
            assertThat(Losses.crossEntropy(logits, labels).item()).isCloseTo(expected, within(1e-6));
        }
        assertThat(Losses.nll(logits.logSoftmax(1), Tensor.of(new long[] {1, 0}))
                        .item())
                .isCloseTo(expected, within(1e-6));
    }

    @Test
    void smoothedLabelsSpreadAndIgnoredOnesDoNotCount() {
        Tensor logits = Tensor.of(LOGITS, 2, 3);
        double all = (logSoftmax(0, 0) + logSoftmax(0, 1) + logSoftmax(0, 2)) / 3;
        double expected = -(0.9 * logSoftmax(0, 1) + 0.1 * all);
        assertThat(Losses.crossEntropy(logits, Tensor.of(new long[] {1, Losses.IGNORED}), 0.1, Losses.IGNORED)
                        .item())
                .isCloseTo(expected, within(1e-6));
    }

    @Test
    void binaryCrossEntropyIsStableForLargeLogits() {
        Tensor z = Tensor.of(new float[] {0.3f, -2, 500, -500});
        Tensor t = Tensor.of(new float[] {1, 0, 1, 1});
        double expected = (Math.log1p(Math.exp(-0.3)) + Math.log1p(Math.exp(-2)) + 0 + 500) / 4;
        assertThat(Losses.bceWithLogits(z, t).item()).isCloseTo(expected, within(1e-4));
    }

    @Test
    void binaryCrossEntropyOfLogitZeroHasTheDerivativeOfTheSigmoid() {
        Tensor z = Tensor.of(new double[] {0, 0, 0, -1}).requiresGrad();
        Tensor t = Tensor.of(new double[] {0, 1, 0.5, 1});
        double[] g = Kawi.grad(Losses.bceWithLogits(z, t).mul(4), z).toDoubleArray();
        assertThat(g).containsExactly(new double[] {0.5, -0.5, 0, 1 / (1 + Math.E) - 1}, within(1e-12));
    }

    @Test
    void withoutSmoothingAClassOfProbabilityZeroCountsForNothing() {
        Tensor logits = Tensor.of(new float[] {1, 2, Float.NEGATIVE_INFINITY}, 1, 3);
        Tensor label = Tensor.of(new long[] {1});
        assertThat(Losses.crossEntropy(logits, label, 0, Losses.IGNORED).item())
                .isEqualTo(Losses.crossEntropy(logits, label).item())
                .isCloseTo(Math.log1p(Math.exp(-1)), within(1e-6));
    }

    @Test
    void lossesRefuseShapesThatWouldBroadcastSilently() {
        assertThatThrownBy(() -> Losses.mse(Tensor.ones(4, 1), Tensor.ones(4)))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("[4, 1]", "[4]");
        assertThatThrownBy(() -> Losses.crossEntropy(Tensor.ones(4, 3), Tensor.ones(4)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("integer labels");
        assertThatThrownBy(() -> new Module() {}.forward(Tensor.ones(1)))
                .hasMessageContainingAll("an anonymous Module has no forward", "LayersTest");
        Parameter scores = new Parameter(Tensor.ones(2, 3));
        Optimizer sgd = new Sgd(List.of(scores), 0.1);
        for (long bad : new long[] {3, -100}) {
            Tensor labels = Tensor.of(new long[] {0, bad});
            assertThatThrownBy(() -> sgd.step(Losses.crossEntropy(scores, labels)))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContainingAll("label of example 1 is " + bad, "3 classes", "LayersTest.java:");
            assertThatThrownBy(() -> Losses.nll(scores.logSoftmax(1), labels).item())
                    .hasMessageContainingAll("label", bad < 0 ? "ignored" : "outputs");
        }
        assertThatThrownBy(() -> Losses.crossEntropy(Tensor.ones(2, 3), Tensor.of(new long[] {0, 3}))
                        .item())
                .hasMessageContainingAll("3", "0 to 2");
    }

    @Test
    void aModuleWithoutForwardOfOneTensorSaysSo() {
        assertThatThrownBy(() -> new Base().forward(Tensor.ones(1)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("Base");
    }

    /** (x·w)·W + b, without traced. */
    static class Quiet extends Module {
        final Parameter scale = new Parameter(Tensor.ones(4));
        final Linear output = new Linear(4, 1);

        @Override
        public Tensor forward(Tensor x) {
            return output.forward(x.mul(scale));
        }
    }

    @Test
    void summariesTellOfParametersInLayersThatTheyDoNotList() {
        assertThat(new Quiet().summary(1, 4)).contains("4 parameters lie in layers that are not listed", "traced");
        assertThat(new Linear(4, 1).summary(1, 4)).doesNotContain("not listed");
    }

    static Stream<Arguments> mistakenTargets() {
        return Stream.of(
                Arguments.of(Tensor.ones(3, 1), Tensor.ones(3), "by target.unsqueeze(-1)"),
                Arguments.of(Tensor.ones(3), Tensor.ones(3, 1), "by target.squeeze(-1)"),
                Arguments.of(Tensor.ones(3, 2), Tensor.ones(3), "reshape one of them"),
                Arguments.of(Tensor.scalar(1), Tensor.ones(1), "by target.squeeze(-1)"));
    }

    @ParameterizedTest
    @MethodSource("mistakenTargets")
    void lossesNameTheRemedy(Tensor prediction, Tensor target, String remedy) {
        assertThatThrownBy(() -> Losses.mse(prediction, target)).hasMessageContaining(remedy);
        assertThatThrownBy(() -> Losses.crossEntropy(Tensor.ones(2, 3), Tensor.ones(2)))
                .hasMessageContaining("cast the labels with .to(DType.I64)");
    }
}
