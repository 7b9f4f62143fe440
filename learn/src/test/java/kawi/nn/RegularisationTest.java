package kawi.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.optim.Sgd;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Noise, weight normalisation, smoothed labels, and batch statistics computed anew. */
class RegularisationTest {
    @Test
    void noiseIsAddedInTrainingAlone() {
        Kawi.seed(1);
        GaussianNoise noise = new GaussianNoise(0.5);
        Tensor x = Tensor.full(3, DType.F32, 100, 100);
        Tensor y = noise.forward(x);
        // 10,000 numbers: the mean's deviation is 0.5/100, that of the variance 0.25·√(2/10,000)
        assertThat(y.mean().item()).isCloseTo(3, within(0.02));
        assertThat(y.std(1).item()).isCloseTo(0.5, within(0.02));
        noise.eval();
        assertThat(noise.forward(x)).isSameAs(x);
        assertThatThrownBy(() -> new GaussianNoise(-1))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("-1.0");
    }

    @Test
    void weightNormalisationKeepsTheFunctionAndSplitsItsGradient() {
        Tensor w = Tensor.of(new double[][] {{3, 4}, {0, -2}});
        WeightNorm norm = new WeightNorm(w);
        assertThat(norm.g.toDoubleArray()).containsExactly(new double[] {5, 2}, within(1e-15));
        assertThat(norm.value().toDoubleArray()).containsExactly(w.toDoubleArray(), within(1e-15));
        // equation 3: ∇g = ∇w·v/‖v‖ and ∇v = g/‖v‖·∇w − g∇g/‖v‖²·v; here ∇w = (1, 1) in both rows
        List<Tensor> gradients = Kawi.grad(norm.value().sum(), List.of(norm.g, norm.v));
        assertThat(gradients.get(0).toDoubleArray()).containsExactly(new double[] {1.4, -1}, within(1e-15));
        assertThat(gradients.get(1).toDoubleArray())
                .containsExactly(new double[] {1 - 1.4 / 5 * 3, 1 - 1.4 / 5 * 4, 1, 0}, within(1e-15));
        assertThat(norm.namedParameters().keySet()).containsExactly("v", "g");
        assertThatThrownBy(() -> new WeightNorm(Tensor.zeros(2, 3))).hasMessageContaining("no direction");
        assertThatThrownBy(() -> new WeightNorm(Tensor.ones(2))).hasMessageContaining("rank 2");
    }

    @Test
    void aWeightNormalisedLayerLearns() {
        Kawi.seed(2);
        WeightNormLinear layer = new WeightNormLinear(3, 2);
        Tensor x = Key.of(1).normal(50, 3);
        Tensor y = x.matmul(Key.of(2).normal(3, 2)).add(1).realized();
        Sgd sgd = new Sgd(layer.parameters(), 0.1);
        for (int i = 0; i < 300; i++) {
            sgd.step(Losses.mse(layer.forward(x), y));
        }
        assertThat(Losses.mse(layer.forward(x), y).item()).isLessThan(1e-6);
        assertThatThrownBy(() -> layer.forward(Tensor.ones(1, 4))).hasMessageContaining("its last extent must be 3");
        assertThatThrownBy(() -> new WeightNormLinear(0, 1)).isInstanceOf(KawiException.class);
    }

    /** (1 − ε)·(−ln pₗ) + ε·mean(−ln p), by hand for p = softmax(ln 1, ln 2, ln 5) = (1, 2, 5)/8. */
    @Test
    void smoothedLabels() {
        Tensor logits = Tensor.of(new double[][] {{0, Math.log(2), Math.log(5)}});
        double wanted =
                -0.9 * Math.log(5 / 8.0) - 0.1 / 3 * (Math.log(1 / 8.0) + Math.log(2 / 8.0) + Math.log(5 / 8.0));
        assertThat(Losses.crossEntropy(logits, Tensor.of(new long[] {2}), 0.1).item())
                .isCloseTo(wanted, within(1e-14));
    }

    @Test
    void batchStatisticsComputedAnewAreTheMeansOverTheBatches() {
        BatchNorm norm = new BatchNorm(2);
        Module model = new Sequential(norm, new Linear(2, 1)).eval();
        List<Tensor> batches = List.of(
                Key.of(1).normal(6, 2).mul(3).realized(),
                Key.of(2).normal(10, 2).add(1).realized());
        BatchNorm.recompute(model, batches);
        for (int c = 0; c < 2; c++) {
            double mean = 0;
            double variance = 0;
            for (Tensor b : batches) {
                mean += b.select(1, c).mean().item() / 2;
                variance += b.select(1, c).variance(1).item() / 2;
            }
            assertThat(norm.runningMean.toDoubleArray()[c]).isCloseTo(mean, within(1e-5));
            assertThat(norm.runningVariance.toDoubleArray()[c]).isCloseTo(variance, within(1e-5));
        }
        assertThat(model.training()).isFalse();
        // its own momentum is back: one batch moves the statistics by a tenth
        model.train();
        double before = norm.runningMean.toDoubleArray()[0];
        model.forward(batches.get(0)).realized();
        double own = batches.get(0).select(1, 0).mean().item();
        assertThat(norm.runningMean.toDoubleArray()[0]).isCloseTo(0.9 * before + 0.1 * own, within(1e-5));
        assertThatThrownBy(() -> BatchNorm.recompute(model, List.of())).hasMessageContaining("no inputs");
    }
}
