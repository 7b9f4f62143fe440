package kawi.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.Function;
import java.util.stream.Stream;
import kawi.linalg.Linalg;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums of squares against NIST's certified parameters and closed forms. */
class NonlinearLeastSquaresTest {
    static Stream<NonlinearLeastSquares> methods() {
        return Stream.of(
                new GaussNewton(), new LevenbergMarquardt(), new LevenbergMarquardt(10, new Stopping(1e-8, 300)));
    }

    private static final double[] X = {
        77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0
    };
    private static final double[] Y = {
        10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78
    };

    /** Misra1a and Misra1b of NIST's Statistical reference datasets, which have the same data, from their first starts. */
    @ParameterizedTest
    @MethodSource("methods")
    void certified(NonlinearLeastSquares method) {
        Tensor x = Tensor.of(X);
        Tensor y = Tensor.of(Y);
        Minimum a = method.minimize(
                b -> b.select(0, 0)
                        .mul(b.select(0, 1).mul(x).neg().expm1().neg())
                        .sub(y),
                Tensor.of(new double[] {500, 0.0001}));
        assertThat(a.x().toDoubleArray()[0] / 2.3894212918e2).isCloseTo(1, within(1e-9));
        assertThat(a.x().toDoubleArray()[1] / 5.5015643181e-4).isCloseTo(1, within(1e-9));
        assertThat(2 * a.value() / 1.2455138894e-1).isCloseTo(1, within(1e-9));
        Minimum b1 = method.minimize(
                b -> b.select(0, 0)
                        .mul(b.select(0, 1).mul(x).div(2).add(1).pow(-2).rsub(1))
                        .sub(y),
                Tensor.of(new double[] {500, 0.0001}));
        assertThat(b1.x().toDoubleArray()[0] / 3.3799746163e2).isCloseTo(1, within(1e-9));
        assertThat(b1.x().toDoubleArray()[1] / 3.9039091287e-4).isCloseTo(1, within(1e-9));
        assertThat(2 * b1.value() / 7.5464681533e-2).isCloseTo(1, within(1e-9));
    }

    /** Rosenbrock's function as the residuals 10·(b − a²) and 1 − a. */
    @ParameterizedTest
    @MethodSource("methods")
    void theValley(NonlinearLeastSquares method) {
        Minimum m = method.minimize(
                x -> Tensor.stack(
                        0,
                        x.select(0, 1).sub(x.select(0, 0).square()).mul(10),
                        x.select(0, 0).rsub(1)),
                Tensor.of(new double[] {-1.2, 1}));
        assertThat(m.converged()).as(m.reason()).isTrue();
        assertThat(m.x().toDoubleArray()).containsExactly(new double[] {1, 1}, within(1e-8));
    }

    /** Linear residuals in a matrix of unknowns: the closed form, in one step of Gauss-Newton. */
    @ParameterizedTest
    @MethodSource("methods")
    void linear(NonlinearLeastSquares method) {
        Tensor a = Key.of(1).normal(kawi.base.DType.F64, 9, 3).realized();
        Tensor b = Key.of(2).normal(kawi.base.DType.F64, 9, 2).realized();
        Function<Tensor, Tensor> residuals = x -> a.matmul(x).sub(b);
        Minimum m = method.minimize(residuals, Tensor.zeros(kawi.base.DType.F64, 3, 2));
        assertThat(m.x().toDoubleArray()).containsExactly(Linalg.lstsq(a, b).toDoubleArray(), within(1e-8));
        if (method instanceof GaussNewton) {
            assertThat(m.iterations()).isEqualTo(1);
        }
    }

    /** Only a + b is determined: Gauss-Newton's steps are the shortest, so a − b stays. */
    @ParameterizedTest
    @MethodSource("methods")
    void aJacobianThatLosesRank(NonlinearLeastSquares method) {
        Minimum m = method.minimize(x -> x.sum().exp().sub(Math.E).reshape(1), Tensor.of(new double[] {0.5, -0.5}));
        assertThat(m.x().sum().item()).isCloseTo(1, within(1e-8));
        assertThat(m.x().select(0, 0).sub(m.x().select(0, 1)).item()).isCloseTo(1, within(1e-6));
    }
}
