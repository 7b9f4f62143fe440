package kawi.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Metrics against naive counting and hand-worked cases. */
class MetricsTest {
    private static final Tensor ACTUAL = Tensor.of(new long[] {0, 0, 0, 1, 1, 2, 2, 2, 2, 2});
    private static final Tensor PREDICTED = Tensor.of(new long[] {0, 1, 0, 1, 1, 2, 2, 0, 0, 2});

    @Test
    void confusion() {
        ConfusionMatrix m = ConfusionMatrix.of(PREDICTED, ACTUAL, 4);
        assertThat(m.counts()).isDeepEqualTo(new long[][] {{2, 1, 0, 0}, {0, 2, 0, 0}, {2, 0, 3, 0}, {0, 0, 0, 0}});
        assertThat(m.accuracy()).isEqualTo(0.7).isEqualTo(Metrics.accuracy(PREDICTED, ACTUAL));
        assertThat(m.precision(0)).isEqualTo(2 / 4.0);
        assertThat(m.recall(0)).isEqualTo(2 / 3.0);
        assertThat(m.f1(0)).isCloseTo(2 * 0.5 * (2 / 3.0) / (0.5 + 2 / 3.0), within(1e-15));
        assertThat(m.f1(3)).isZero(); // neither there nor predicted
        assertThat(m.macroPrecision()).isCloseTo((0.5 + 2 / 3.0 + 1 + 0) / 4, within(1e-15));
        assertThat(m.macroRecall()).isCloseTo((2 / 3.0 + 1 + 0.6 + 0) / 4, within(1e-15));
        assertThat(m.macroF1()).isCloseTo((4 / 7.0 + 0.8 + 0.75 + 0) / 4, within(1e-15));
        assertThat(m.microF1()).isEqualTo(0.7);
        assertThat(m.toString()).contains("recall", "0.6667", "0.7000");
    }

    @Test
    void topK() {
        Tensor scores = Tensor.of(new double[] {0.1, 0.7, 0.2, 0.5, 0.5, 0, 1, 1, 1}, 3, 3);
        Tensor labels = Tensor.of(new long[] {2, 0, 1});
        assertThat(Metrics.topK(scores, labels, 1)).isEqualTo(0); // a tie with another class is no hit
        assertThat(Metrics.topK(scores, labels, 2)).isEqualTo(2 / 3.0);
        assertThat(Metrics.topK(scores, labels, 3)).isEqualTo(1);
        Tensor random = Key.of(1).normal(50, 7);
        Tensor y = Tensor.of(new Random(1).ints(50, 0, 7).toArray());
        assertThat(Metrics.topK(random, y, 1)).isEqualTo(Metrics.accuracy(random.argmax(1), y));
    }

    @Test
    void regression() {
        Tensor y = Tensor.of(new double[] {1, 2, 3, 4});
        Tensor p = Tensor.of(new double[] {1, 2, 5, 0});
        assertThat(Metrics.rmse(p, y)).isCloseTo(Math.sqrt(5), within(1e-15));
        assertThat(Metrics.mae(p, y)).isEqualTo(1.5);
        assertThat(Metrics.r2(p, y)).isCloseTo(1 - 20 / 5.0, within(1e-15));
        assertThat(Metrics.r2(y, y)).isEqualTo(1);
        assertThat(Metrics.r2(Tensor.full(2.5, 4), y)).isCloseTo(0, within(1e-12));
        assertThatThrownBy(() -> Metrics.r2(y, Tensor.ones(4))).hasMessageContaining("no variance to explain");
    }

    @Test
    void curves() {
        RocCurve roc =
                RocCurve.of(Tensor.of(new double[] {3, 2, 2, 1}), Tensor.of(new boolean[] {true, false, true, false}));
        assertThat(roc.falsePositiveRate()).containsExactly(0, 0, 0.5, 1);
        assertThat(roc.truePositiveRate()).containsExactly(0, 0.5, 1, 1);
        assertThat(roc.thresholds()).containsExactly(Double.POSITIVE_INFINITY, 3, 2, 1);
        assertThat(roc.auc()).isEqualTo(0.875);
        assertThat(RocCurve.of(Tensor.of(new double[] {0, -0.0}), Tensor.of(new double[] {0, 1}))
                        .auc())
                .isEqualTo(0.5);
        PrecisionRecallCurve pr = PrecisionRecallCurve.of(
                Tensor.of(new double[] {3, 2, 2, 1}), Tensor.of(new boolean[] {true, false, true, false}));
        assertThat(pr.recall()).containsExactly(0.5, 1, 1);
        assertThat(pr.precision()).containsExactly(1, 2 / 3.0, 0.5);
        assertThat(pr.averagePrecision()).isCloseTo(0.5 + 0.5 * 2 / 3, within(1e-15));
    }

    @Test
    void calibration() {
        Calibration c = Calibration.of(
                Tensor.of(new double[] {0, 0.1, 0.15, 0.9, 1, 1}), Tensor.of(new double[] {0, 1, 0, 1, 1, 0}), 10);
        assertThat(c.bins()).hasSize(4);
        assertThat(c.bins().getFirst()).isEqualTo(new Calibration.Bin(0.05, 0.5, 2)); // 0.1 belongs to (0, 0.1]
        assertThat(c.expectedError()).isCloseTo((2 * 0.45 + 0.15 + 0.1 + 2 * 0.5) / 6, within(1e-15));
        assertThat(c.largestError()).isEqualTo(0.5);
        // events that come true as often as they are said to
        Tensor p = Key.of(1).uniform(DType.F64, 200_000);
        Tensor t = Key.of(2).uniform(DType.F64, 200_000).lt(p);
        assertThat(Calibration.of(p, t, 10).expectedError()).isLessThan(0.01);
        assertThat(Calibration.of(p.square(), t, 10).expectedError()).isCloseTo(1 / 6.0, within(0.01)); // ∫p − p²
    }

    @Test
    void whatMeansNothingIsRefused() {
        Tensor nan = Tensor.of(new double[] {1, Double.NaN});
        Tensor two = Tensor.of(new double[] {0, 1});
        assertThatThrownBy(() -> Metrics.rmse(nan, two))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("prediction 1 is NaN");
        assertThatThrownBy(() -> Metrics.mae(two, Tensor.ones(3))).hasMessageContaining("2 predictions but 3");
        assertThatThrownBy(() -> Metrics.accuracy(two, two)).hasMessageContaining(".to(DType.I64)");
        assertThatThrownBy(() -> Metrics.accuracy(Tensor.of(new long[0]), Tensor.of(new long[0])))
                .hasMessageContaining("n from 1 on");
        assertThatThrownBy(() -> Metrics.accuracy(Tensor.of(new long[] {(1L << 32) + 1}), Tensor.of(new long[] {1})))
                .hasMessageContaining("is 4294967297");
        for (int n : new int[] {1, 3, 7, 10}) { // the mean of 7 or 10 times 0.1 is not 0.1
            Tensor same = Tensor.full(0.1, DType.F64, n);
            assertThatThrownBy(() -> Metrics.r2(same.mul(2), same)).hasMessageContaining("no variance");
        }
        assertThatThrownBy(() -> ConfusionMatrix.of(PREDICTED, ACTUAL, 2)).hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> RocCurve.of(two, Tensor.ones(2))).hasMessageContaining("all 2 are positive");
        assertThatThrownBy(() -> RocCurve.of(two, Tensor.of(new double[] {0, 2})))
                .hasMessageContaining("0 or 1");
        assertThatThrownBy(() -> PrecisionRecallCurve.of(two, Tensor.zeros(2))).hasMessageContaining("none of the 2");
        assertThatThrownBy(() -> Calibration.of(two.add(1), two, 10)).hasMessageContaining("softmax or sigmoid");
        assertThatThrownBy(() -> Intervals.clopperPearson(3, 2, 0.95)).hasMessageContaining("impossible");
        assertThatThrownBy(() -> Intervals.wilson(1, 2, 1)).hasMessageContaining("between 0 and 1");
        assertThatThrownBy(() -> Intervals.bootstrap(3, i -> Double.NaN, 10, 0.9, 0))
                .hasMessageContaining("NaN");
        assertThat(Intervals.bca(5, i -> 4, 10, 0.9, 0)).isEqualTo(new Interval(4, 4, 0.9));
    }

    @Test
    void crossValidation() {
        Scores s = Scores.of(Splits.kFold(20, 4, 0), split -> split.test()[0] >= 0 ? split.train().length : 0);
        assertThat(s.values()).containsExactly(15, 15, 15, 15);
        assertThat(s.testOverTrain()).isEqualTo(5 / 15.0);
        Scores t = new Scores(new double[] {1, 2, 3, 4}, 0.25);
        assertThat(t.mean()).isEqualTo(2.5);
        assertThat(t.deviation()).isCloseTo(Math.sqrt(5 / 3.0), within(1e-15));
        // 3.182446 is Student's 0.975 quantile for 3 degrees of freedom; the variance (1/4 + 1/4)·s²
        assertThat(t.interval(0.95).high()).isCloseTo(2.5 + 3.182446 * Math.sqrt(5 / 6.0), within(1e-5));
        assertThat(t.toString()).isEqualTo("2.5000 ± 1.2910 (4 folds)");
    }
}
