package kawi.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Planted leaks are found, each with its witness, and nothing else is. */
class LeakageTest {
    private static final int N = 1500;
    private static final int D = 5;

    private static double[] features() {
        double[] x = Key.of(1).normal(DType.F64, N, D).toDoubleArray();
        for (int i = 0; i < N; i++) {
            x[i * D + 4] = 3; // constant
            x[i * D + 1] *= 1000; // in another unit
        }
        return x;
    }

    @Test
    void rows() {
        Split split = Splits.timeOrdered(N, 0.4);
        double[] x = features();
        Leakage honest = Leakage.of(split).duplicates(Tensor.of(x, N, D)).nearDuplicates(Tensor.of(x, N, D), 0.01);
        assertThat(honest.clean()).as(honest.toString()).isTrue();
        assertThat(honest.toString()).isEqualTo("nothing found");
        System.arraycopy(x, 7 * D, x, 1000 * D, D); // a copy
        System.arraycopy(x, 20 * D, x, 1499 * D, D); // a copy with noise
        x[1499 * D] += 0.004;
        x[1499 * D + 1] += 4;
        Tensor planted = Tensor.of(x, N, D);
        Leakage found = Leakage.of(split).duplicates(planted).nearDuplicates(planted, 0.01);
        assertThat(found.findings())
                .containsExactly(
                        new Leakage.Finding("duplicate", 1000, 7), new Leakage.Finding("near-duplicate", 1499, 20));
        assertThatThrownBy(found::refuse)
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("duplicate: 1 of 600 test examples, such as 1000 by training example 7")
                .hasMessageContaining("Splits.grouped");
    }

    @Test
    void zerosAndNan() {
        Tensor x = Tensor.of(new double[] {0.0, Double.NaN, -0.0, Double.NaN, 1, 2}, 3, 2);
        Leakage found = Leakage.of(new Split(new int[] {0}, new int[] {1, 2})).duplicates(x);
        assertThat(found.findings()).containsExactly(new Leakage.Finding("duplicate", 1, 0));
        assertThatThrownBy(() -> found.nearDuplicates(x, 0.1)).hasMessageContaining("impute");
        assertThatThrownBy(() -> found.duplicates(Tensor.ones(2, 2))).hasMessageContaining("n above 2");
        assertThat(Leakage.of(new Split(new int[0], new int[] {0}))
                        .nearDuplicates(Tensor.ones(1, 2), 1)
                        .clean())
                .isTrue();
    }

    @Test
    void groupsAndTime() {
        Split split = new Split(new int[] {0, 1, 4}, new int[] {2, 3});
        assertThat(Leakage.of(split).groups(new int[] {5, 6, 7, 6, 9}).findings())
                .containsExactly(new Leakage.Finding("group", 3, 1));
        assertThat(Leakage.of(split).timeOrder(new double[] {1, 2, 10, 4, 5}).findings())
                .containsExactly(new Leakage.Finding("time", 3, 4));
        assertThatThrownBy(() -> Leakage.of(split).groups(new int[] {5, 6}))
                .hasMessageContaining("2 groups, but the split has an example 4");
        assertThatThrownBy(() -> Leakage.of(split).timeOrder(new double[] {1, 2}))
                .hasMessageContaining("2 times");
        assertThatThrownBy(() -> Leakage.of(split).timeOrder(new double[] {1, 2, 3, 4, Double.NaN}))
                .hasMessageContaining("example 4 is NaN");
        double[] times = new double[N];
        Arrays.setAll(times, i -> i);
        assertThat(Leakage.of(Splits.timeOrdered(N, 0.1)).timeOrder(times).clean())
                .isTrue();
        assertThat(Leakage.of(Splits.holdout(N, 0.1, 0)).timeOrder(times).findings())
                .hasSizeGreaterThan(140);
    }
}
