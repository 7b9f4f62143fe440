package kawi.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers over sequences, against plain loops and finite differences. */
class SequenceLayersTest {
    /** f32 rounding of sums of some ten terms around 1. */
    private static final Offset<Float> NEAR = Offset.offset(5e-6f);

    @BeforeEach
    void seed() {
        Kawi.seed(11);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** A unit's new output from what its gates get from the input, and from the state before: {@code a[k]} and {@code b[k]}. */
    private interface Unit {
        double next(int unit, double[] a, double[] b, double before);
    }

    /** The recurrence as it stands in the papers, one number at a time; h is the state before and, in the end, after. */
    private static float[] recurrence(Recurrent layer, Tensor x, double[] h, Unit formula) {
        int steps = x.dim(0);
        int batch = x.dim(1);
        int in = x.dim(2);
        int hidden = layer.weightHh.dim(1);
        int gates = layer.weightHh.dim(0) / hidden;
        float[] wi = layer.weightIh.toFloatArray();
        float[] wh = layer.weightHh.toFloatArray();
        float[] bi = layer.biasIh.toFloatArray();
        float[] bh = layer.biasHh.toFloatArray();
        float[] xs = x.toFloatArray();
        float[] out = new float[steps * batch * hidden];
        for (int t = 0; t < steps; t++) {
            double[] before = h.clone();
            for (int n = 0; n < batch; n++) {
                for (int u = 0; u < hidden; u++) {
                    double[] a = new double[gates];
                    double[] b = new double[gates];
                    for (int k = 0; k < gates; k++) {
                        int row = k * hidden + u;
                        a[k] = bi[row];
                        b[k] = bh[row];
                        for (int j = 0; j < in; j++) {
                            a[k] += wi[row * in + j] * xs[(t * batch + n) * in + j];
                        }
                        for (int j = 0; j < hidden; j++) {
                            b[k] += wh[row * hidden + j] * before[n * hidden + j];
                        }
                    }
                    int at = n * hidden + u;
                    h[at] = formula.next(at, a, b, before[at]);
                    out[t * batch * hidden + at] = (float) h[at];
                }
            }
        }
        return out;
    }

    private static float[] lstm(Lstm layer, Tensor x, double[] h, double[] c) {
        return recurrence(layer, x, h, (at, a, b, before) -> {
            c[at] = sigmoid(a[1] + b[1]) * c[at] + sigmoid(a[0] + b[0]) * Math.tanh(a[2] + b[2]);
            return sigmoid(a[3] + b[3]) * Math.tanh(c[at]);
        });
    }

    private static float[] gru(Gru layer, Tensor x, double[] h) {
        return recurrence(layer, x, h, (at, a, b, before) -> {
            double r = sigmoid(a[0] + b[0]);
            double z = sigmoid(a[1] + b[1]);
            return (1 - z) * Math.tanh(a[2] + r * b[2]) + z * before;
        });
    }

    @Test
    void lstmIsItsRecurrence() {
        Lstm layer = new Lstm(3, 5);
        Tensor x = Tensor.randn(4, 2, 3);
        assertThat(layer.forward(x).toFloatArray())
                .containsExactly(lstm(layer, x, new double[10], new double[10]), NEAR);
    }

    @Test
    void lstmGoesOnFromAState() {
        Lstm layer = new Lstm(3, 5);
        Tensor x = Tensor.randn(6, 2, 3);
        Tensor zeros = Tensor.zeros(2, 5);
        Lstm.Output first = layer.forward(x.slice(0, 0, 4), new Lstm.State(zeros, zeros));
        Lstm.Output second = layer.forward(x.slice(0, 4, 6), first.state().detach());
        assertThat(Tensor.concat(0, first.sequence(), second.sequence()).toFloatArray())
                .containsExactly(layer.forward(x).toFloatArray(), NEAR);
    }

    @Test
    void gruIsItsRecurrence() {
        Gru layer = new Gru(3, 5);
        Tensor x = Tensor.randn(4, 2, 3);
        assertThat(layer.forward(x).toFloatArray()).containsExactly(gru(layer, x, new double[10]), NEAR);
    }

    @Test
    void gruGoesOnFromAState() {
        Gru layer = new Gru(3, 5);
        Tensor x = Tensor.randn(6, 2, 3);
        Gru.Output first = layer.forward(x.slice(0, 0, 4), Tensor.zeros(2, 5));
        Gru.Output second = layer.forward(x.slice(0, 4, 6), first.state().detach());
        assertThat(Tensor.concat(0, first.sequence(), second.sequence()).toFloatArray())
                .containsExactly(layer.forward(x).toFloatArray(), NEAR);
    }

    /** softmax(q·kᵀ/√d)·v over the places up to each one, one number at a time. */
    private static float[] attention(float[] q, float[] k, float[] v, int length, int width) {
        float[] out = new float[q.length];
        for (int s = 0; s < q.length; s += length * width) {
            for (int i = 0; i < length; i++) {
                double[] weight = new double[i + 1];
                for (int j = 0; j <= i; j++) {
                    double dot = 0;
                    for (int d = 0; d < width; d++) {
                        dot += q[s + i * width + d] * k[s + j * width + d];
                    }
                    weight[j] = Math.exp(dot / Math.sqrt(width));
                }
                double sum = Arrays.stream(weight).sum();
                for (int d = 0; d < width; d++) {
                    double y = 0;
                    for (int j = 0; j <= i; j++) {
                        y += weight[j] / sum * v[s + j * width + d];
                    }
                    out[s + i * width + d] = (float) y;
                }
            }
        }
        return out;
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void attentionIsItsFormula(int length, int width) {
        Tensor q = Tensor.randn(2, 3, length, width);
        Tensor k = Tensor.randn(2, 3, length, width);
        Tensor v = Tensor.randn(2, 3, length, width);
        assertThat(CausalSelfAttention.attention(q, k, v).toFloatArray())
                .containsExactly(attention(q.toFloatArray(), k.toFloatArray(), v.toFloatArray(), length, width), NEAR);
    }

    static Stream<Arguments> lengths() {
        return Stream.of(Arguments.of(1, 4), Arguments.of(7, 5), Arguments.of(16, 8));
    }

    @Test
    void laterPlacesDoNotShowInEarlierOnes() {
        CausalSelfAttention layer = new CausalSelfAttention(8, 2);
        Tensor x = Tensor.randn(1, 6, 8);
        Tensor changed = Tensor.concat(1, x.slice(1, 0, 4), Tensor.randn(1, 2, 8));
        Tensor difference = layer.forward(x).sub(layer.forward(changed)).abs();
        assertThat(difference.slice(1, 0, 4).max().item()).isZero();
        assertThat(difference.slice(1, 4, 6).max().item()).isGreaterThan(0.01);
    }

    static Stream<Arguments> layers() {
        Lstm lstm = new Lstm(3, 4);
        CausalSelfAttention attention = new CausalSelfAttention(6, 2);
        return Stream.of(
                Arguments.of("lstm", lstm, new int[] {3, 2, 3}),
                Arguments.of("gru", new Gru(3, 4), new int[] {3, 2, 3}),
                Arguments.of("attention", attention, new int[] {2, 4, 6}));
    }

    /** Central differences with a step of 1e-2 in f32: truncation some 1e-4, rounding some 1e-5. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void gradientsAreFiniteDifferences(String name, Module layer, int[] shape) {
        Tensor x = Tensor.randn(shape);
        Tensor weights = Tensor.randn(layer.forward(x).shape().dims());
        Function<Tensor, Tensor> loss = y -> y.mul(weights).sum();
        for (Parameter p : layer.parameters()) {
            float[] gradient = Kawi.grad(loss.apply(layer.forward(x)), p).toFloatArray();
            float[] values = p.toFloatArray();
            for (int i = 0; i < values.length; i += 7) {
                double up = lossWith(layer, x, loss, p, values, i, 1e-2f);
                double down = lossWith(layer, x, loss, p, values, i, -1e-2f);
                assertThat((double) gradient[i]).isCloseTo((up - down) / 2e-2, within(2e-3));
            }
        }
    }

    private static double lossWith(
            Module layer, Tensor x, Function<Tensor, Tensor> loss, Parameter p, float[] values, int place, float step) {
        int[] shape = p.shape().dims();
        float[] moved = values.clone();
        moved[place] += step;
        p.assign(Tensor.of(moved, shape));
        double result = loss.apply(layer.forward(x)).item();
        p.assign(Tensor.of(values, shape));
        return result;
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> new Gru(3, 4).forward(Tensor.ones(2, 3)))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("Gru", "[T, N, 3]", "[2, 3]");
        assertThatThrownBy(() -> new Lstm(3, 4).forward(Tensor.ones(2, 3)))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("[T, N, 3]", "[2, 3]");
        assertThatThrownBy(() -> new CausalSelfAttention(6, 2).forward(Tensor.ones(2, 3, 5)))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("[N, T, 6]", "[2, 3, 5]");
        assertThatThrownBy(() -> new CausalSelfAttention(6, 4))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("4 heads do not divide 6");
    }
}
