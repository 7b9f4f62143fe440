package kawi.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.data.RealData;
import kawi.sparse.LibSvm;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The SVM's optimum by its optimality conditions, by duality, in closed form, and beside LIBSVM. */
class SvmTest {
    private static final Map<String, Kernel> KERNELS = Map.of(
            "linear", Kernel.linear(),
            "polynomial", Kernel.polynomial(3, 0.5, 1),
            "rbf", Kernel.rbf(0.7),
            "own: 1/(1 + ‖x − z‖²)",
                    (dots, left, right) ->
                            left.add(right).sub(dots.mul(2)).add(1).reciprocal());

    static Stream<Arguments> problems() {
        return KERNELS.keySet().stream()
                .flatMap(kernel -> Stream.of(0.1, 1.0, 50.0)
                        .flatMap(c -> Stream.of(true, false).map(shrinking -> Arguments.of(kernel, c, shrinking))));
    }

    /** With tolerance ε every condition holds to ε, and primal and dual differ by at most C·n·ε. */
    @ParameterizedTest
    @MethodSource("problems")
    void theConditionsOfOptimalityHold(String name, double c, boolean shrinking) {
        Kernel kernel = KERNELS.get(name);
        int n = 150;
        Tensor points = Key.of(1).normal(n, 2);
        Tensor y = points.select(1, 0)
                .square()
                .add(points.select(1, 1))
                .add(Key.of(2).normal(n).mul(0.5))
                .gt(0.5)
                .to(DType.F32)
                .mul(2)
                .sub(1)
                .realized();
        SparseMatrix x = SparseMatrix.fromDense(points);
        Svm svm = Svm.fit(x, y, kernel, new Svm.Options(c, 1e-4, 0, shrinking));
        Svm.Machine m = svm.machines().getFirst();
        double[] a = m.coefficients().toDoubleArray();
        double[] f = svm.decisions(x).toDoubleArray();
        double[] label = y.toDoubleArray();
        double[] multiplier = new double[n];
        for (int s = 0; s < a.length; s++) {
            multiplier[row(points, m.supportVectors().slice(s, s + 1).toDense())] = Math.abs(a[s]);
        }
        // The kernel is computed in single precision: 150 terms of up to C·k·2⁻²³ besides.
        double slack = 2e-4 + 2e-5 * c;
        for (int i = 0; i < n; i++) {
            double margin = label[i] * f[i];
            if (multiplier[i] == 0) {
                assertThat(margin).isGreaterThanOrEqualTo(1 - slack);
            } else if (multiplier[i] == c) {
                assertThat(margin).isLessThanOrEqualTo(1 + slack);
            } else {
                assertThat(margin).isCloseTo(1, within(slack));
            }
        }
        assertThat(Arrays.stream(a).sum()).isCloseTo(0, within(1e-9 * c * n));
        assertThat(Arrays.stream(a).map(Math::abs).max().orElseThrow()).isLessThanOrEqualTo(c);
        assertThat(m.bounded())
                .isEqualTo((int) Arrays.stream(a).filter(v -> Math.abs(v) == c).count());
        Tensor support = m.supportVectors().toDense().to(DType.F64);
        Tensor ka = kernel.matrix(support, support).matmul(m.coefficients());
        double norm = m.coefficients().mul(ka).sum().item();
        double hinge = IntStream.range(0, n)
                .mapToDouble(i -> Math.max(0, 1 - label[i] * f[i]))
                .sum();
        assertThat(0.5 * norm + c * hinge + m.objective()).isCloseTo(0, within(c * n * slack));
    }

    private static int row(Tensor points, Tensor wanted) {
        return (int) points.sub(wanted).abs().sum(1).argmin(0).item();
    }

    /** Two points at distance d apart: α = 2/d², and the plane lies in the middle. */
    @Test
    void twoPoints() {
        Tensor x = Tensor.of(new float[][] {{1, 1}, {4, 5}});
        Svm svm = Svm.fit(x, Tensor.of(new int[] {7, 3}), Kernel.linear(), 10);
        Svm.Machine m = svm.machines().getFirst();
        assertThat(m.objective()).isCloseTo(-2.0 / 25, within(1e-7));
        assertThat(m.coefficients().abs().toDoubleArray()).containsExactly(new double[] {0.08, 0.08}, within(1e-7));
        Tensor middle = Tensor.of(new float[][] {{2.5f, 3}, {1, 1}, {4, 5}});
        assertThat(svm.decisions(SparseMatrix.fromDense(middle)).toDoubleArray())
                .containsExactly(new double[] {0, 1, -1}, within(1e-6));
        assertThat(svm.predict(middle.slice(0, 1, 3)).toIntArray()).containsExactly(7, 3);
        assertThat(svm.predict(middle).dtype()).isEqualTo(DType.I32);
    }

    /** Equal points with different labels have a curvature of 0 between them; both multipliers end at C. */
    @Test
    void equalPointsOfBothClasses() {
        Tensor x = Tensor.of(new float[][] {{1, 2}, {1, 2}, {3, 4}, {3, 4}, {0, 0}});
        Svm svm = Svm.fit(x, Tensor.of(new int[] {1, -1, 1, -1, 1}), Kernel.rbf(1), 2);
        assertThat(svm.machines().getFirst().bounded()).isGreaterThanOrEqualTo(4);
        assertThat(svm.decisions(SparseMatrix.fromDense(x)).isFinite().all().item())
                .isEqualTo(1);
    }

    /** svm-train -e 0.001 of LIBSVM 3; the optimum to 1e-4 relative. The accuracy moves with the last places of the bias. */
    @ParameterizedTest
    @CsvSource({
        "rbf, 1, -312.398874, 95.875",
        "rbf, 100, -4554.330718, 94.7",
        "polynomial, 1, -278.971565, 96.45",
    })
    void besideLibSvm(String kernel, double c, double objective, double accuracy) {
        LibSvm.Data train = LibSvm.read(RealData.path("libsvm/svmguide1"));
        LibSvm.Data test = LibSvm.read(RealData.path("libsvm/svmguide1.t"));
        Kernel k = kernel.equals("rbf") ? Kernel.rbf(0.01) : Kernel.polynomial(2, 0.001, 1);
        Svm svm = Svm.fit(train.x(), train.y(), k, c);
        assertThat(svm.machines().getFirst().objective()).isCloseTo(objective, within(-1e-4 * objective));
        double right = svm.predict(test.x()).eq(test.y()).to(DType.F32).mean().item();
        assertThat(100 * right).isCloseTo(accuracy, within(0.1));
    }

    /** svm-train -t 2 -g 0.5 -c 10 on six kinds of glass: the fifteen objectives, and the accuracy of the votes. */
    @Test
    void sixClassesBesideLibSvm() {
        LibSvm.Data glass = LibSvm.read(RealData.path("libsvm/glass"));
        Svm svm = Svm.fit(glass.x(), glass.y(), Kernel.rbf(0.5), 10);
        double[] objectives = {
            -687.081814,
            -298.351905,
            -6.677903,
            -17.378632,
            -24.401485,
            -260.688513,
            -40.125981,
            -45.594627,
            -33.907308,
            -5.131015,
            -8.476458,
            -17.757278,
            -19.348488,
            -14.676124,
            -19.284344
        };
        List<Svm.Machine> machines = svm.machines();
        assertThat(machines).hasSize(objectives.length);
        for (int m = 0; m < objectives.length; m++) {
            assertThat(machines.get(m).objective()).isCloseTo(objectives[m], within(-1e-4 * objectives[m]));
        }
        double right = svm.predict(glass.x()).eq(glass.y()).to(DType.F32).mean().item();
        assertThat(100 * right).isCloseTo(80.3738, within(0.5));
    }

    @Test
    void badInputIsNamed() {
        Tensor x = Tensor.of(new float[][] {{1, 2}, {3, Float.NaN}, {5, 6}});
        Tensor fine = Tensor.of(new float[][] {{1, 2}, {3, 4}, {5, 6}});
        Tensor y = Tensor.of(new int[] {1, -1, 1});
        Kernel k = Kernel.linear();
        fails(() -> Svm.fit(x, y, k, 1), "feature 1 of example 1 is NaN");
        fails(() -> Svm.fit(SparseMatrix.fromDense(x), y, k, 1), "feature 1 of example 1 is NaN");
        fails(() -> Svm.fit(fine, Tensor.of(new int[] {2, 2, 2}), k, 1), "all 3 have the label 2");
        fails(() -> Svm.fit(fine, Tensor.of(new float[] {1, 2, 2.5f}), k, 1), "that of example 2 is 2.5");
        fails(() -> Svm.fit(fine, Tensor.of(new float[] {1, 2, Float.NaN}), k, 1), "target of example 2 is NaN");
        fails(() -> Svm.fit(fine, Tensor.of(new int[] {1, 2}), k, 1), "3 examples have targets [3]");
        fails(() -> Svm.fit(fine.slice(0, 0, 1), Tensor.of(new int[] {1}), k, 1), "at least 2 examples");
        fails(() -> Svm.fit(fine, y, k, 0), "C and the tolerance are above 0");
        fails(() -> Kernel.rbf(-1), "γ");
        fails(() -> Kernel.polynomial(0, 1, 1), "degree");
        fails(() -> Svm.fit(fine, y, k, 1).predict(Tensor.ones(1, 3)), "fitted to 2 features");
    }

    private static void fails(Runnable work, String message) {
        assertThatThrownBy(work::run).isInstanceOf(KawiException.class).hasMessageContaining(message);
    }
}
