package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention and its derivatives in f32, which are fused, against the composed form in f64. */
class AttentionTest {
    /** Batch, queries, keys, width, value width, diagonal. */
    static Stream<int[]> shapes() {
        return Stream.of(new int[][] {
            {1, 1, 1, 1, 1, 0},
            {2, 64, 64, 64, 64, 0},
            {3, 65, 100, 16, 17, 0},
            {1, 300, 200, 33, 80, 0},
            {1, 130, 130, 256, 256, 0},
            {2, 97, 97, 64, 64, Integer.MAX_VALUE},
            {1, 1, 500, 64, 64, 499},
            {1, 200, 300, 33, 80, 100},
            {1, 128, 40, 8, 8, -70},
            {1, 30, 40, 8, 8, -30},
            {1, 3, 0, 4, 5, 0},
            {0, 3, 3, 4, 5, 0},
            {2, 0, 3, 4, 5, 0},
        });
    }

    /** Rounding of sums of some hundred numbers of size 1, in the unit of the largest of them. */
    private static void near(Tensor found, Tensor wanted) {
        assertThat(found.shape()).isEqualTo(wanted.shape());
        float[] x = found.toFloatArray();
        float[] y = wanted.to(DType.F32).toFloatArray();
        double largest = 1; // as the numbers that were added up to it
        for (float f : y) {
            largest = Math.max(largest, Math.abs(f));
        }
        for (int i = 0; i < x.length; i++) {
            assertThat((double) x[i]).as("element %d", i).isCloseTo(y[i], within(1e-5 * largest));
        }
    }

    private static Tensor leaf(int number, int... dims) {
        return Key.of(number).normal(dims).realized();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void isTheComposedFormToTheSecondDerivative(int[] s) {
        Tensor q = leaf(1, s[0], s[1], s[3]).requiresGrad();
        Tensor k = leaf(2, s[0], s[2], s[3]).requiresGrad();
        Tensor v = leaf(3, s[0], s[2], s[4]).requiresGrad();
        Tensor g = leaf(4, s[0], s[1], s[4]).requiresGrad();
        List<Tensor> by = List.of(q, k, v);
        List<Tensor> byAll = List.of(q, k, v, g);
        List<Tensor> seeds = List.of(leaf(5, s[0], s[1], s[3]), leaf(6, s[0], s[2], s[3]), leaf(7, s[0], s[2], s[4]));
        Tensor y = Tensor.scaledDotProductAttention(q, k, v, s[5], 0.3);
        Tensor z = Tensor.scaledDotProductAttention(q.to(DType.F64), k.to(DType.F64), v.to(DType.F64), s[5], 0.3);
        near(y, z);
        List<Tensor> first = Kawi.vjp(y, g, by);
        List<Tensor> wanted = Kawi.vjp(z, g.to(DType.F64), by);
        Tensor sum = Tensor.scalar(0, DType.F32);
        Tensor sum64 = Tensor.scalar(0, DType.F64);
        for (int i = 0; i < 3; i++) {
            near(first.get(i), wanted.get(i));
            sum = sum.add(first.get(i).mul(seeds.get(i)).sum());
            sum64 = sum64.add(wanted.get(i).mul(seeds.get(i)).to(DType.F64).sum());
        }
        if (q.shape().size() == 0 || k.shape().size() == 0 || s[1] + s[5] <= 0) {
            return; // nothing depends on anything
        }
        List<Tensor> second = Kawi.vjp(sum, Tensor.ones(), byAll);
        List<Tensor> wantedSecond = Kawi.vjp(sum64, Tensor.ones().to(DType.F64), byAll);
        for (int i = 0; i < 4; i++) {
            near(second.get(i), wantedSecond.get(i));
        }
    }

    /** Heads side by side as a layer has them, one of them broadcast: read where they lie. */
    @Test
    void readsHeadsInPlace() {
        Tensor qkv = leaf(1, 2, 70, 3, 4, 24);
        Tensor heads = qkv.permute(2, 0, 3, 1, 4);
        Tensor q = heads.select(0, 0);
        Tensor k = heads.select(0, 1).slice(1, 0, 1);
        Tensor v = heads.select(0, 2);
        near(
                Tensor.scaledDotProductAttention(q, k, v, true),
                Tensor.scaledDotProductAttention(q.to(DType.F64), k.to(DType.F64), v.to(DType.F64), true));
    }

    @Test
    void aQueryThatSeesNothingGivesZero() {
        Tensor q = leaf(1, 5, 4).requiresGrad();
        Tensor k = leaf(2, 5, 4).requiresGrad();
        Tensor y = Tensor.scaledDotProductAttention(q, k, leaf(3, 5, 3), -2, 1);
        assertThat(y.slice(0, 0, 2).toFloatArray()).containsOnly(0);
        assertThat(y.slice(0, 2, 5).toFloatArray()).doesNotContain(0);
        Tensor d = Kawi.vjp(y, Tensor.ones(5, 3), List.of(q, k)).get(0);
        assertThat(d.slice(0, 0, 2).toFloatArray()).containsOnly(0);
        assertThat(Tensor.scaledDotProductAttention(q, k.slice(0, 0, 0), leaf(3, 0, 3))
                        .toFloatArray())
                .hasSize(15)
                .containsOnly(0);
    }

    @Test
    void whatIsNotANumberReachesWhoSeesIt() {
        float[] scores = new float[200];
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            scores[150] = bad;
            Tensor k = Tensor.of(scores, 200, 1);
            float[] y = Tensor.scaledDotProductAttention(Tensor.ones(200, 1), k, Tensor.ones(200, 1), true)
                    .toFloatArray();
            for (int i = 0; i < 200; i++) {
                assertThat(Float.isNaN(y[i])).as("%s, query %d", bad, i).isEqualTo(i >= 150);
            }
        }
        scores[150] = Float.NEGATIVE_INFINITY;
        assertThat(Tensor.scaledDotProductAttention(
                                Tensor.ones(200, 1), Tensor.of(scores, 200, 1), Tensor.ones(200, 1), true)
                        .toFloatArray())
                .doesNotContain(Float.NaN);
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> Tensor.scaledDotProductAttention(leaf(1, 2, 5, 4), leaf(2, 2, 5, 3), leaf(3, 2, 5, 4)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("[2, 5, 4]")
                .hasMessageContaining("[2, 5, 3]");
        assertThatThrownBy(() -> Tensor.scaledDotProductAttention(leaf(1, 4), leaf(2, 5, 4), leaf(3, 5, 4)))
                .isInstanceOf(KawiException.class);
    }
}
