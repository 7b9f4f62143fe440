package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import kawi.base.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Remainder and floored quotient of floating-point numbers as NumPy 2.4 has them. */
class RemainderTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    /** x, y, np.remainder in float64, np.remainder in float32, np.floor_divide in float64. */
    static Stream<double[]> numpy() {
        return Stream.of(new double[][] {
            {5, INF, 5, 5, 0},
            {-5, INF, INF, INF, -1},
            {5, -INF, -INF, -INF, -1},
            {-5, -INF, -5, -5, 0},
            {0.0, INF, 0.0, 0.0, 0},
            {-0.0, INF, 0.0, 0.0, -0.0},
            {1e20, 3, 1, 2, 3.333333333333333e19},
            {1e10, 0.1, 0.09999944488848769, 0.0883902832865715, 99999999999.0},
            {-1e10, 0.1, 5.551115123125783e-07, 0.011609718203544617, -100000000000.0},
            {1, 0.1, 0.09999999999999995, 0.09999998658895493, 9},
            {-1, 0.1, 5.551115123125783e-17, 1.4901161193847656e-08, -10},
            {1e30, -7, -2, -6, -1.4285714285714285e29},
            {6, 3, 0.0, 0.0, 2},
            {-6, 3, 0.0, 0.0, -2},
            {6, -3, -0.0, -0.0, -2},
            {-6, -3, -0.0, -0.0, 2},
            {0.0, -3, -0.0, -0.0, -0.0},
            {-0.0, 3, 0.0, 0.0, -0.0},
            {INF, 3, NAN, NAN, NAN},
            {5, 0.0, NAN, NAN, INF},
            {NAN, 3, NAN, NAN, NAN},
            {-1e-30, 3, 3, 3, -1},
            {1e-30, -3, -3, -3, -1},
            {3.4e38, 1e-38, 1.1159762302644539e-39, 2.1024914002913836e-39, 3.4000000000000004e76},
            {7.5, 2.5, 0.0, 0.0, 3},
            {-7.25, 2.5, 0.25, 0.25, -3},
        });
    }

    @ParameterizedTest
    @MethodSource("numpy")
    void agreesWithNumPy(double[] row) {
        Tensor x = Tensor.of(new double[] {row[0]});
        Tensor y = Tensor.of(new double[] {row[1]});
        assertThat((Double) x.remainder(y).item()).as("f64").isEqualTo((Double) row[2]);
        assertThat((Double) x.to(DType.F32).remainder(y.to(DType.F32)).item())
                .as("f32")
                .isEqualTo((Double) row[3]);
        assertThat((Double) x.floorDiv(y).item()).as("quotient").isEqualTo((Double) row[4]);
    }

    @Test
    void liesBetweenZeroAndTheDivisorWhateverTheQuotient() {
        Random random = new Random(5);
        int n = 1000;
        double[] a = random.doubles(n)
                .map(u -> (u - 0.5) * Math.exp(random.nextGaussian() * 15))
                .toArray();
        double[] b = random.doubles(n)
                .map(u -> (u - 0.5) * Math.exp(random.nextGaussian() * 10))
                .toArray();
        for (DType type : new DType[] {DType.F32, DType.F64}) {
            Tensor y = Tensor.of(b).to(type);
            double[] r = Tensor.of(a).to(type).remainder(y).toDoubleArray();
            double[] divisors = y.toDoubleArray();
            for (int i = 0; i < n; i++) {
                assertThat(r[i] / divisors[i])
                        .as("%s: %s rem %s = %s", type, a[i], divisors[i], r[i])
                        .isBetween(0.0, 1.0);
            }
        }
    }

    @Test
    void theDerivativeCountsHowOftenTheDivisorWasTaken() {
        double[][] cases = {{7.5, 2, 3}, {-7.5, 2, -4}, {1, 0.1, 9}, {-1, 0.1, -10}, {7.5, -2, -4}, {5, INF, 0}};
        for (double[] c : cases) {
            Tensor x = Tensor.of(new double[] {c[0]}).requiresGrad();
            Tensor y = Tensor.of(new double[] {c[1]}).requiresGrad();
            Tensor r = x.remainder(y).sum();
            assertThat(Kawi.grad(r, x).item()).isEqualTo(1);
            assertThat(Kawi.grad(r, y).item()).as("%s rem %s", c[0], c[1]).isEqualTo(0.0 - c[2]);
        }
    }
}
