package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import java.util.stream.Stream;
import kawi.base.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that are read many times: their gradients, of first and second order, against finite differences in F64. */
class SharedGradientTest {
    private static final double STEP = 1e-5;

    record Sample(String name, int[] shape, Function<Tensor, Tensor> y) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Tensor values(int seed, int... shape) {
        Tensor t = Tensor.arange(shape[0] * (shape.length > 1 ? shape[1] : 1)).to(DType.F64);
        return t.mul(0.7 + seed).sin().reshape(shape);
    }

    static Stream<Sample> samples() {
        return Stream.of(
                new Sample("weights on the right, at each of 5 steps", new int[] {6, 7}, w -> {
                    Tensor h = values(1, 2, 6);
                    for (int t = 0; t < 5; t++) {
                        h = h.matmul(w).tanh().matmul(values(t, 7, 6));
                    }
                    return h.mul(values(3, 2, 6)).sum();
                }),
                new Sample("weights on the left", new int[] {7, 6}, w -> {
                    Tensor y = Tensor.zeros(DType.F64, 7, 3);
                    for (int t = 0; t < 4; t++) {
                        y = y.add(w.matmul(values(t, 6, 3)).square());
                    }
                    return y.sum();
                }),
                new Sample("weights transposed, depths that differ", new int[] {7, 6}, w -> {
                    Tensor y = Tensor.zeros(DType.F64);
                    for (int t = 1; t < 5; t++) {
                        y = y.add(values(t, t, 6).matmul(w.t()).square().sum());
                    }
                    return y.add(w.square().sum());
                }),
                new Sample("plain and transposed", new int[] {6, 6}, w -> {
                    Tensor y = Tensor.zeros(DType.F64, 1, 6);
                    for (int t = 0; t < 3; t++) {
                        y = y.add(values(t, 1, 6).matmul(w))
                                .add(values(t + 9, 1, 6).matmul(w.t()).square());
                    }
                    return y.square().sum();
                }),
                new Sample("few rows: added, not joined", new int[] {2, 2}, w -> {
                    Tensor y = values(1, 2, 2);
                    for (int t = 0; t < 4; t++) {
                        y = y.matmul(w).sin();
                    }
                    return y.sum();
                }),
                new Sample("all slices of a sequence", new int[] {9, 3}, x -> {
                    Tensor y = Tensor.zeros(DType.F64, 3);
                    for (int t = 0; t < 9; t++) {
                        y = y.mul(0.5).add(x.select(0, t)).tanh();
                    }
                    return y.sum();
                }),
                new Sample("all slices, backwards, along the other axis", new int[] {3, 20}, x -> {
                    Tensor y = Tensor.zeros(DType.F64, 3, 2);
                    for (int t = 9; t >= 0; t--) {
                        y = y.mul(0.5).add(x.slice(1, 2 * t, 2 * t + 2)).sin();
                    }
                    return y.sum();
                }),
                new Sample("slices that overlap", new int[] {12}, x -> {
                    Tensor y = Tensor.zeros(DType.F64, 3);
                    for (int t = 0; t < 10; t++) {
                        y = y.mul(0.5).add(x.slice(0, t, t + 3)).sin();
                    }
                    return y.sum();
                }),
                new Sample("slices with a gap", new int[] {21}, x -> {
                    Tensor y = Tensor.zeros(DType.F64, 2);
                    for (int t = 0; t < 10; t++) {
                        y = y.mul(0.5).add(x.slice(0, 2 * t, 2 * t + 2)).sin();
                    }
                    return y.sum();
                }),
                new Sample("every second element, in turns", new int[] {20}, x -> {
                    Tensor y = Tensor.zeros(DType.F64, 10);
                    for (int t = 0; t < 10; t++) {
                        y = y.mul(0.5).add(x.slice(0, t % 2, 20, 2)).sin();
                    }
                    return y.sum();
                }));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void haveTheGradientOfTheSum(Sample sample) {
        check(sample, sample.y);
        check(sample, x -> {
            Tensor variable = x instanceof Variable ? x : new Parameter(x);
            return Kawi.grad(sample.y.apply(variable), variable).square().sum();
        });
    }

    private static void check(Sample sample, Function<Tensor, Tensor> y) {
        Tensor start = values(5, sample.shape);
        var x = new Parameter(start);
        double[] gradient = Kawi.grad(y.apply(x), x).toDoubleArray();
        double[] at = start.toDoubleArray();
        for (int i = 0; i < at.length; i++) {
            double[] up = at.clone();
            double[] down = at.clone();
            up[i] += STEP;
            down[i] -= STEP;
            double expected = (y.apply(Tensor.of(up, sample.shape)).item()
                            - y.apply(Tensor.of(down, sample.shape)).item())
                    / (2 * STEP);
            // The differences' own error: STEP² times a third derivative, and 1e-16 / STEP of rounding.
            assertThat(gradient[i])
                    .isBetween(expected - 1e-6 * (1 + Math.abs(expected)), expected + 1e-6 * (1 + Math.abs(expected)));
        }
    }
}
