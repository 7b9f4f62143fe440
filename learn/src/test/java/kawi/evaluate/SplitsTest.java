package kawi.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folds part the examples. */
class SplitsTest {
    @ParameterizedTest
    @CsvSource({"10, 5", "11, 3", "7, 7", "2, 2", "100, 9"})
    void everyExampleIsTestedOnceAndNeverTrainedOnThen(int n, int k) {
        List<Split> splits = Splits.kFold(n, k, 3);
        assertThat(splits).hasSize(k);
        int[] all = IntStream.range(0, n).toArray();
        assertThat(splits.stream()
                        .flatMapToInt(s -> IntStream.of(s.test()))
                        .sorted()
                        .toArray())
                .isEqualTo(all);
        for (Split s : splits) {
            assertThat(s.test().length).isBetween(n / k, (n + k - 1) / k);
            assertThat(IntStream.concat(IntStream.of(s.train()), IntStream.of(s.test()))
                            .sorted()
                            .toArray())
                    .isEqualTo(all);
        }
    }

    @Test
    void theSeedDecides() {
        assertThat(Splits.kFold(50, 5, 1).getFirst().test())
                .isEqualTo(Splits.kFold(50, 5, 1).getFirst().test());
        assertThat(Splits.kFold(50, 5, 1).getFirst().test())
                .isNotEqualTo(Splits.kFold(50, 5, 2).getFirst().test());
    }

    @ParameterizedTest
    @CsvSource({"3, 4", "3, 1", "0, 2", "5, -1"})
    void refusesOtherNumbersOfFolds(int n, int k) {
        assertThatThrownBy(() -> Splits.kFold(n, k, 0))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("kFold: %d folds of %d examples".formatted(k, n));
    }
}
