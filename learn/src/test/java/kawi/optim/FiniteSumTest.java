package kawi.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.data.RealData;
import kawi.sparse.LibSvm;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Methods that take one example at a time, against dense loops written from the papers, and at their minimum. */
class FiniteSumTest {
    private static final int ROWS = 40;
    private static final int COLUMNS = 7;

    /** Some rows are empty, and one column is in no row. */
    private static double[][] rows() {
        Random random = new Random(5);
        double[][] x = new double[ROWS][COLUMNS];
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < COLUMNS - 1 && i % 9 != 0; j++) {
                x[i][j] = random.nextInt(3) == 0 ? random.nextGaussian() : 0;
            }
        }
        return x;
    }

    private static double[] targets(PointLoss loss) {
        Random random = new Random(6);
        return random.doubles(ROWS, -2, 2)
                .map(v -> loss == PointLoss.LOGISTIC ? Math.signum(v) : v)
                .toArray();
    }

    private static LinearSum sum(PointLoss loss, double lambda) {
        return new LinearSum(SparseMatrix.fromDense(Tensor.of(rows())), Tensor.of(targets(loss)), loss, lambda);
    }

    private static double slope(PointLoss loss, double z, double y) {
        return loss == PointLoss.SQUARED ? z - y : -y / (1 + Math.exp(y * z));
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }

    static Stream<Arguments> problems() {
        return Stream.of(
                Arguments.of(PointLoss.LOGISTIC, 0.01),
                Arguments.of(PointLoss.LOGISTIC, 0.0),
                Arguments.of(PointLoss.SQUARED, 0.1),
                Arguments.of(PointLoss.SQUARED, 0.0));
    }

    /** ∇fᵢ(w) − whatever is remembered, plus its mean, coordinate by coordinate, with the examples in the same order. */
    @ParameterizedTest
    @MethodSource("problems")
    void stepsAreThoseOfThePapers(PointLoss loss, double lambda) {
        double[][] x = rows();
        double[] y = targets(loss);
        Tensor start = Tensor.of(new double[] {1, -1, 0.5, 0, 2, -2, 3});
        for (String method : new String[] {"sgd", "svrg", "saga"}) {
            double eta = 0.05;
            Random order = new Random(9);
            double[] w = start.toDoubleArray();
            double[] remembered = new double[ROWS];
            for (int round = 0; round < 3; round++) {
                if (method.equals("svrg") || method.equals("saga") && round == 0) {
                    for (int i = 0; i < ROWS; i++) {
                        remembered[i] = slope(loss, dot(x[i], w), y[i]);
                    }
                }
                for (int t = 0; t < (method.equals("svrg") ? 2 * ROWS : ROWS); t++) {
                    int i = order.nextInt(ROWS);
                    double now = slope(loss, dot(x[i], w), y[i]);
                    double[] direction = new double[COLUMNS];
                    for (int j = 0; j < COLUMNS; j++) {
                        double mean = 0;
                        for (int k = 0; k < ROWS; k++) {
                            mean += remembered[k] * x[k][j] / ROWS;
                        }
                        direction[j] = (now - remembered[i]) * x[i][j] + mean + lambda * w[j];
                    }
                    for (int j = 0; j < COLUMNS; j++) {
                        w[j] -= eta * direction[j];
                    }
                    if (method.equals("saga")) {
                        remembered[i] = now;
                    }
                }
            }
            Stopping three = new Stopping(0, 3);
            FiniteSumMethod tried = switch (method) {
                case "sgd" -> new IncrementalGradient(eta, 9, three);
                case "svrg" -> new Svrg(eta, 2, 9, three);
                default -> new Saga(eta, 9, three);
            };
            Minimum m = tried.minimize(sum(loss, lambda), start);
            // the same sums in another order, a few hundred times
            assertThat(m.x().toDoubleArray()).as(method).containsExactly(w, within(1e-12));
            assertThat(m.trace().getLast().evaluations())
                    .isEqualTo(
                            switch (method) {
                                case "sgd" -> 3 * ROWS;
                                case "svrg" -> 9 * ROWS;
                                default -> 4 * ROWS;
                            });
        }
    }

    @ParameterizedTest
    @MethodSource("problems")
    void theMinimum(PointLoss loss, double lambda) {
        LinearSum f = sum(loss, Math.max(lambda, 0.1));
        Minimum exact = new Newton(new Stopping(1e-13, 50)).minimize(f::loss, Tensor.zeros(DType.F64, COLUMNS));
        Stopping stop = new Stopping(1e-9, 400);
        for (FiniteSumMethod method : new FiniteSumMethod[] {new Svrg(0, 2, 1, stop), new Saga(0, 1, stop)}) {
            Minimum m = method.minimize(f, Tensor.ones(COLUMNS));
            assertThat(m.converged()).as(m.reason()).isTrue();
            assertThat(m.x().toDoubleArray()).containsExactly(exact.x().toDoubleArray(), within(1e-9 / f.lambda()));
        }
        Minimum stalled = new IncrementalGradient(0, 1, new Stopping(1e-9, 50)).minimize(f, Tensor.ones(COLUMNS));
        assertThat(stalled.value() - exact.value()).isGreaterThan(1e-4);
    }

    /** a9a with λ = 1e-4 against NumPy's minimum, which {@code src/test/python/a9a_logistic.py} computed. */
    @Test
    void a9a() throws IOException {
        LibSvm.Data data = LibSvm.read(RealData.path("libsvm/a9a"), 123);
        try (InputStream in = FiniteSumTest.class.getResourceAsStream("a9a.json")) {
            JsonNode wanted = JsonMapper.shared().readTree(in);
            LinearSum f = new LinearSum(
                    data.x(), data.y(), PointLoss.LOGISTIC, wanted.get("lambda").asDouble());
            double[] w = StreamSupport.stream(wanted.get("w").spliterator(), false)
                    .mapToDouble(JsonNode::asDouble)
                    .toArray();
            Minimum exact = new NewtonCg(new Stopping(1e-12, 50)).minimize(f::loss, Tensor.zeros(DType.F64, 123));
            assertThat(exact.value()).isCloseTo(wanted.get("value").asDouble(), within(1e-14));
            assertThat(exact.x().toDoubleArray()).containsExactly(w, within(1e-8)); // 1e-12 / λ
            Minimum saga = new Saga(0, 1, new Stopping(0, 10)).minimize(f, Tensor.zeros(123));
            assertThat(saga.value() - exact.value()).isBetween(0.0, 1e-4);
        }
    }

    /** L bounds the curvature of every example along every direction. */
    @Test
    void smoothness() {
        LinearSum f = sum(PointLoss.SQUARED, 0.5);
        double largest = Arrays.stream(rows()).mapToDouble(r -> dot(r, r)).max().orElseThrow();
        assertThat(f.smoothness()).isCloseTo(largest + 0.5, within(1e-12));
        assertThat(sum(PointLoss.LOGISTIC, 0).smoothness()).isCloseTo(largest / 4, within(1e-12));
    }

    @Test
    void errorsSayHowToMendThem() {
        SparseMatrix x = SparseMatrix.fromDense(Tensor.of(rows()));
        Tensor zeroOrOne = Tensor.of(new double[ROWS]);
        assertThatThrownBy(() -> new LinearSum(x, zeroOrOne, PointLoss.LOGISTIC, 0))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("targets −1 and 1");
        assertThatThrownBy(() -> new LinearSum(x, Tensor.ones(3), PointLoss.SQUARED, 0))
                .hasMessageContaining("[40, 7]")
                .hasMessageContaining("[3]");
        assertThatThrownBy(() -> new LinearSum(x, Tensor.ones(ROWS), PointLoss.SQUARED, -1))
                .hasMessageContaining("λ from 0");
        LinearSum f = sum(PointLoss.SQUARED, 0.5);
        Stopping one = new Stopping(0, 50);
        assertThatThrownBy(() -> new Saga(3, 0, one).minimize(f, Tensor.zeros(COLUMNS)))
                .hasMessageContaining("below 1/λ = 2.0");
        assertThatThrownBy(() -> new Svrg(0, -1, 0, one)).hasMessageContaining("above 0, but -1.0");
        LinearSum flat =
                new LinearSum(SparseMatrix.fromDense(Tensor.zeros(3, 2)), Tensor.ones(3), PointLoss.LOGISTIC, 0);
        assertThat(new Saga(0, 0, one).minimize(flat, Tensor.zeros(2)).converged())
                .isTrue();
        Minimum diverged = new IncrementalGradient(1.9, 0, one).minimize(f, Tensor.ones(COLUMNS));
        assertThat(diverged.converged()).isFalse();
        assertThat(diverged.value()).isFinite();
    }
}
