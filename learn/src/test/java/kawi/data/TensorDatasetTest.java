package kawi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorDatasetTest {
    /** Row i holds i·columns, i·columns + 1, …; its target is i. */
    @ParameterizedTest
    @CsvSource({"5, 2, 2", "5, 1, 5", "1, 3, 4", "4, 0, 2", "0, 3, 2"})
    void everyRowComesOnceWithItsTarget(int rows, int columns, int size) {
        Kawi.seed(3);
        Tensor x = Tensor.arange(rows * columns).to(DType.F32).reshape(rows, columns);
        Dataset data = Dataset.of(x.t().t(), Tensor.arange(rows));
        Set<Long> seen = new HashSet<>();
        for (Batch batch : data.shuffled().batches(size)) {
            assertThat(batch.x().shape().dims()).containsExactly(batch.size(), columns);
            for (int i = 0; i < batch.size(); i++) {
                long row = batch.y().toLongArray()[i];
                assertThat(seen.add(row)).isTrue();
                for (int c = 0; c < columns; c++) {
                    assertThat(batch.x().toDoubleArray()[i * columns + c]).isEqualTo(row * columns + c);
                }
            }
        }
        assertThat(seen).hasSize(rows);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void typesStay(DType type) {
        Tensor x = Tensor.of(new float[] {0, 1, 1, 0}).to(type);
        for (Batch batch : Dataset.of(x, x.reshape(4, 1, 1)).batches(3)) {
            assertThat(batch.x().dtype()).isEqualTo(type);
            assertThat(batch.y().shape().dims()).containsExactly(batch.size(), 1, 1);
            assertThat(batch.x().toDoubleArray())
                    .containsExactly(batch.y().flatten(0, -1).toDoubleArray());
        }
    }

    @Test
    void mistakes() {
        assertThatThrownBy(() -> Dataset.of(Tensor.ones(3, 2), Tensor.ones(4)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("as many targets as inputs")
                .hasMessageContaining("[3, 2] and [4]")
                .hasMessageContaining("TensorDatasetTest");
        assertThatThrownBy(() -> Dataset.of(Tensor.scalar(1), Tensor.scalar(1))).hasMessageContaining("first axis");
    }
}
