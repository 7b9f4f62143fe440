package kawi.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.linalg.Linalg;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Index;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Linear models against SciPy, closed forms and conditions of optimality. */
class LinearModelsTest {
    private final Tensor x = ClassicReference.matrix("x");
    private final Tensor y = ClassicReference.vector("y");
    private final Tensor sign = ClassicReference.vector("sign");
    private final Tensor label = ClassicReference.vector("label");

    private static double[] parameters(LinearModel m) {
        double[] w = Arrays.copyOf(m.weights().toDoubleArray(), m.weights().dim(0) + 1);
        w[w.length - 1] = m.bias().item();
        return w;
    }

    @Test
    void closedForms() {
        assertThat(parameters(LeastSquares.fit(x, y)))
                .containsExactly(ClassicReference.numbers("leastSquares"), within(1e-11));
        assertThat(parameters(Ridge.fit(x, y, 2.5))).containsExactly(ClassicReference.numbers("ridge"), within(1e-11));
    }

    /** More features than examples: the smallest weights of those that fit, which lie in the span of the rows. */
    @Test
    void moreFeaturesThanExamples() {
        Tensor wide = x.t().matmul(x).slice(0, 0, 3);
        wide = Tensor.concat(1, wide, wide.square());
        Tensor t = Tensor.of(new double[] {1, 2, 4});
        LinearModel m = LeastSquares.fit(wide, t);
        assertThat(m.predict(wide).toDoubleArray()).containsExactly(new double[] {1, 2, 4}, within(1e-8));
        Tensor q = Linalg.qr(wide.sub(wide.mean(0)).t().slice(1, 0, 2)).q(); // centred, three rows span two dimensions
        Tensor outside = m.weights().sub(q.matmul(q.t().matmul(m.weights())));
        assertThat(outside.norm().item()).isLessThan(1e-9 * m.weights().norm().item());
    }

    /** With r the residual: xⱼᵀr/n = λρ·sign(wⱼ) + λ(1 − ρ)wⱼ where wⱼ ≠ 0, and |xⱼᵀr/n| ≤ λρ where it is 0. */
    @ParameterizedTest
    @CsvSource({"0.1, 1", "0.5, 1", "0.1, 0.5", "1, 0.2", "0.3, 0", "0, 1"})
    void elasticNetIsOptimal(double lambda, double ratio) {
        LinearModel m = ElasticNet.fit(x, y, lambda, ratio);
        Tensor residual = y.sub(m.predict(x));
        assertThat(residual.mean().item()).isCloseTo(0, within(1e-10));
        double[] slope = x.sub(x.mean(0)).t().matmul(residual).div(x.dim(0)).toDoubleArray();
        double[] w = m.weights().toDoubleArray();
        for (int j = 0; j < w.length; j++) {
            if (w[j] == 0) {
                assertThat(Math.abs(slope[j])).isLessThanOrEqualTo(lambda * ratio + 1e-8);
            } else {
                assertThat(slope[j])
                        .isCloseTo(lambda * ratio * Math.signum(w[j]) + lambda * (1 - ratio) * w[j], within(1e-8));
            }
        }
    }

    @Test
    void penaltiesAtTheirEnds() {
        assertThat(parameters(Lasso.fit(x, y, 0)))
                .containsExactly(ClassicReference.numbers("leastSquares"), within(1e-7));
        double largest =
                x.sub(x.mean(0)).t().matmul(y.sub(y.mean())).div(60).abs().max().item();
        assertThat(Lasso.fit(x, y, largest * 1.0001).weights().toDoubleArray()).containsOnly(0);
        assertThat(Lasso.fit(x, y, largest * 0.99).weights().ne(0).sum().item()).isEqualTo(1);
        // ‖·‖²/2n + λ/2‖w‖² is ridge regression with λn
        assertThat(parameters(ElasticNet.fit(x, y, 2.5 / 60, 0)))
                .containsExactly(ClassicReference.numbers("ridge"), within(1e-7));
    }

    @Test
    void aConstantFeatureGetsNoWeight() {
        Tensor with = Tensor.concat(1, x, Tensor.full(5, DType.F64, 60, 1));
        for (LinearModel m :
                new LinearModel[] {LeastSquares.fit(with, y), Ridge.fit(with, y, 1), Lasso.fit(with, y, 0.01)}) {
            assertThat(m.weights().select(0, 4).item()).isCloseTo(0, within(1e-12));
        }
    }

    @Test
    void logisticAndSoftmax() {
        LogisticRegression m = LogisticRegression.fit(x, sign, 0.01);
        double[] wanted = ClassicReference.numbers("logistic");
        assertThat(m.weights().toDoubleArray()).containsExactly(Arrays.copyOf(wanted, 4), within(1e-6));
        assertThat(m.bias().item()).isCloseTo(wanted[4], within(1e-6));
        LogisticRegression sparse = LogisticRegression.fit(SparseMatrix.fromDense(x), sign, 0.01);
        assertThat(sparse.weights().toDoubleArray()).containsExactly(m.weights().toDoubleArray(), within(1e-9));
        assertThat(sparse.predict(SparseMatrix.fromDense(x)).allEqual(m.predict(x)))
                .isTrue();
        assertThat(m.predict(x).isIn(Tensor.of(new double[] {-1, 1})).all().item())
                .isEqualTo(1);

        SoftmaxRegression s = SoftmaxRegression.fit(x, label, 0.01);
        assertThat(s.probabilities(x).toDoubleArray())
                .containsExactly(ClassicReference.numbers("softmax"), within(1e-5));
        assertThat(SoftmaxRegression.fit(SparseMatrix.fromDense(x), label, 0.01)
                        .predict(SparseMatrix.fromDense(x))
                        .allEqual(s.predict(x)))
                .isTrue();
    }

    /** Columns of 0.1, whose mean by addition is not 0.1. */
    @Test
    void roundingLeavesNoWeightToAConstantFeature() {
        Tensor free = Key.of(1).normal(DType.F64, 20, 1);
        Tensor wide = Tensor.concat(1, free, Tensor.full(0.1, DType.F64, 20, 1));
        Tensor target = Key.of(2).normal(DType.F64, 20);
        double alone = LeastSquares.fit(free, target).weights().item();
        for (LinearModel m : List.of(
                ElasticNet.fit(wide, target, 0, 0.5), Ridge.fit(wide, target, 1e-12), LeastSquares.fit(wide, target))) {
            assertThat(m.weights().toDoubleArray()).containsExactly(new double[] {alone, 0}, within(1e-9));
        }
    }

    /** In single precision the gradient of a feature in thousands would hide that of one in hundredths. */
    @Test
    void featuresOfAnyScaleInSinglePrecision() {
        Tensor x = Key.of(1)
                .normal(60, 3)
                .mul(Tensor.of(new double[] {1e4, 1, 1e-2}))
                .to(DType.F32);
        Tensor label = Key.of(2).normal(60).add(x.select(1, 2).mul(100)).gt(0).to(DType.I64);
        LogisticRegression exact = LogisticRegression.fit(x.to(DType.F64), label, 1e-8);
        for (LogisticRegression m : List.of(
                LogisticRegression.fit(x, label, 1e-8),
                LogisticRegression.fit(SparseMatrix.fromDense(x), label, 1e-8))) {
            assertThat(m.weights().toDoubleArray()[2]).isGreaterThan(50);
            assertThat(m.probability(x).sub(exact.probability(x)).abs().max().item())
                    .isLessThan(2e-3); // 1e-3 of the first gradient, over a curvature of about ½ of the largest
        }
    }

    @Test
    void badInputIsNamed() {
        Tensor bad = x.indexPut(Tensor.scalar(Double.POSITIVE_INFINITY, DType.F64), Index.at(3), Index.at(2));
        fails(() -> LeastSquares.fit(bad, y), "feature 2 of example 3 is Infinity");
        fails(() -> LeastSquares.fit(x, y.slice(0, 0, 9)), "60 examples have targets [60]");
        fails(() -> LeastSquares.fit(x.flatten(), y), "a matrix [examples, features]");
        fails(() -> Ridge.fit(x, y, 0), "LeastSquares.fit");
        Tensor twice = Tensor.concat(1, x, x).mul(1e6);
        fails(() -> Ridge.fit(twice, y, 1e-12), "Ridge: λ = 1.0E-12 is lost in rounding beside");
        fails(() -> KernelRidge.fit(twice, y, Kernel.linear(), 1e-12), "KernelRidge: λ = 1.0E-12 is lost");
        fails(() -> Ridge.fit(x.mul(1e200), y, 1), "beyond the numbers of double precision");
        fails(() -> Ridge.fit(x, y, Double.NaN), "λ");
        fails(() -> ElasticNet.fit(x, y, 1, 1.5), "ratio");
        fails(() -> LogisticRegression.fit(x, label, 1), "there are 3; SoftmaxRegression");
        fails(() -> SoftmaxRegression.fit(x, Tensor.ones(60), 1), "all 60 have the label 1");
        fails(() -> Ridge.fit(x, y, 1).predict(Tensor.ones(2, 5)), "fitted to 4 features");
    }

    private static void fails(Runnable work, String message) {
        assertThatThrownBy(work::run).isInstanceOf(KawiException.class).hasMessageContaining(message);
    }
}
