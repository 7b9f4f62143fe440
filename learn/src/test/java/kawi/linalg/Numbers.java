package kawi.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.tensor.Tensor;

/** Random matrices and comparisons for the tests. */
final class Numbers {
    private Numbers() {}

    /** Normal numbers, F64. */
    static Tensor normal(Random random, int... shape) {
        double[] a = new double[(int) Shape.of(shape).size()];
        for (int i = 0; i < a.length; i++) {
            a[i] = random.nextGaussian();
        }
        return shape.length == 0 ? Tensor.scalar(a[0], DType.F64) : Tensor.of(a, shape);
    }

    static Tensor eye(int n) {
        return Tensor.eye(n).to(DType.F64);
    }

    static Tensor transpose(Tensor a) {
        return a.transpose(-1, -2);
    }

    /** AAᵀ + I, positive definite. */
    static Tensor positive(Random random, int... shape) {
        Tensor a = normal(random, shape);
        return a.matmul(transpose(a)).add(eye(shape[shape.length - 1]));
    }

    /** The shapes are equal and no element is further off than {@code tolerance} times the largest wanted, or 1; NaN and ∞ agree. */
    static void assertClose(String what, Tensor got, Tensor wanted, double tolerance) {
        assertThat(got.shape()).as(what).isEqualTo(wanted.shape());
        double[] g = got.toDoubleArray();
        double[] w = wanted.toDoubleArray();
        double scale = IntStream.range(0, w.length)
                .mapToDouble(i -> Double.isFinite(w[i]) ? Math.abs(w[i]) : 0)
                .max()
                .orElse(0);
        for (int i = 0; i < w.length; i++) {
            boolean equal = Double.isFinite(w[i])
                    ? Math.abs(g[i] - w[i]) <= tolerance * scale
                    : g[i] == w[i] || g[i] != g[i] && w[i] != w[i];
            assertThat(equal)
                    .as("%s, element %d of %s: %s, wanted %s", what, i, w.length, g[i], w[i])
                    .isTrue();
        }
    }
}
