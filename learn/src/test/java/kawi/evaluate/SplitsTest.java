package kawi.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.base.KawiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example is where the kind of split wants it. */
class SplitsTest {
    private static final int[] CLASSES =
            new Random(1).ints(103, 0, 10).map(v -> v < 6 ? 7 : v < 9 ? -2 : 30).toArray();

    private static int[] sorted(Split s) {
        return IntStream.concat(Arrays.stream(s.train()), Arrays.stream(s.test()))
                .sorted()
                .toArray();
    }

    private static long count(int[] numbers, int[] classes, int c) {
        return Arrays.stream(numbers).filter(i -> classes[i] == c).count();
    }

    static Stream<Arguments> single() {
        return Stream.of(
                Arguments.of("holdout", Splits.holdout(103, 0.3, 1)),
                Arguments.of("stratified", Splits.stratified(CLASSES, 0.3, 1)),
                Arguments.of("timeOrdered", Splits.timeOrdered(103, 0.3)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("single")
    void aPartition(String name, Split s) {
        assertThat(sorted(s)).isEqualTo(IntStream.range(0, 103).toArray());
        assertThat(s.test()).hasSize(31).isSorted();
        assertThat(s.train()).isSorted();
    }

    static Stream<Arguments> folds() {
        return Stream.of(
                Arguments.of("kFold", Splits.kFold(103, 10, 1)),
                Arguments.of("stratifiedKFold", Splits.stratifiedKFold(CLASSES, 10, 1)),
                Arguments.of("leaveOneOut", Splits.leaveOneOut(5)),
                Arguments.of("groupedKFold", Splits.groupedKFold(CLASSES, 3, 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("folds")
    void eachExampleIsTestedOnce(String name, List<Split> splits) {
        int n = sorted(splits.getFirst()).length;
        assertThat(splits.stream()
                        .flatMapToInt(s -> Arrays.stream(s.test()))
                        .sorted()
                        .toArray())
                .isEqualTo(IntStream.range(0, n).toArray());
        assertThat(splits).allSatisfy(s -> assertThat(sorted(s)).hasSize(n));
        if (!name.startsWith("grouped")) {
            assertThat(splits)
                    .allSatisfy(s -> assertThat(s.test().length).isBetween(n / splits.size(), n / splits.size() + 1));
        }
    }

    @Test
    void classesKeepTheirShares() {
        for (int c : new int[] {7, -2, 30}) {
            int[] all = IntStream.range(0, CLASSES.length).toArray();
            double wanted = count(all, CLASSES, c) * 31.0 / 103;
            assertThat((double) count(Splits.stratified(CLASSES, 0.3, 5).test(), CLASSES, c))
                    .isBetween(Math.floor(wanted), Math.ceil(wanted));
            double each = count(all, CLASSES, c) / 10.0;
            assertThat(Splits.stratifiedKFold(CLASSES, 10, 5))
                    .allSatisfy(s -> assertThat((double) count(s.test(), CLASSES, c))
                            .isBetween(Math.floor(each), Math.ceil(each)));
        }
    }

    @Test
    void groupsStayTogether() {
        int[] groups = new Random(2).ints(200, 0, 40).toArray();
        Split s = Splits.grouped(groups, 0.25, 3);
        assertThat(Leakage.of(s).groups(groups).clean()).isTrue();
        assertThat(s.test().length).isBetween(45, 55);
        assertThat(Splits.groupedKFold(groups, 5, 3)).allSatisfy(f -> {
            assertThat(Leakage.of(f).groups(groups).clean()).isTrue();
            assertThat(f.test().length).isBetween(35, 45);
        });
        assertThat(Splits.grouped(new int[] {1, 1, 1, 2}, 0.5, 0).train()).isNotEmpty();
        assertThat(Leakage.of(Splits.holdout(200, 0.25, 3)).groups(groups).clean())
                .isFalse();
    }

    @Test
    void walkingForward() {
        assertThat(Splits.walkForward(10, 3, 2, 1).stream()
                        .map(s -> Arrays.toString(s.train()) + Arrays.toString(s.test())))
                .containsExactly("[0, 1, 2][4, 5]", "[0, 1, 2, 3, 4][6, 7]", "[0, 1, 2, 3, 4, 5, 6][8, 9]");
        assertThat(Splits.slidingWindow(10, 2, 2, 0, 3).stream()
                        .map(s -> Arrays.toString(s.train()) + Arrays.toString(s.test())))
                .containsExactly("[3, 4, 5][6, 7]", "[5, 6, 7][8, 9]");
        assertThat(Splits.timeOrdered(10, 0.2).test()).containsExactly(8, 9);
    }

    @Test
    void theSeedDecides() {
        assertThat(Splits.kFold(50, 5, 1).getFirst().test())
                .isEqualTo(Splits.kFold(50, 5, 1).getFirst().test())
                .isNotEqualTo(Splits.kFold(50, 5, 2).getFirst().test());
        assertThat(Splits.stratified(CLASSES, 0.2, 1).test())
                .isNotEqualTo(Splits.stratified(CLASSES, 0.2, 2).test());
    }

    @Test
    void aTrainingPartIsSplitAgain() {
        Split outer = Splits.holdout(20, 0.25, 0);
        Split inner = Splits.holdout(outer.train().length, 0.2, 1).of(outer.train());
        assertThat(sorted(inner)).isEqualTo(outer.train());
    }

    @Test
    void wrongUseIsAnswered() {
        assertThatThrownBy(() -> new Split(new int[] {1, 2}, new int[] {2}))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("example 2 is in both parts");
        assertThatThrownBy(() -> new Split(new int[] {-1}, new int[] {0})).hasMessageContaining("number -1");
        assertThatThrownBy(() -> new Split(new int[] {0, 5}, new int[] {1}).of(new int[] {7, 8}))
                .hasMessageContaining("example 5 is split off, but the part has 2");
        assertThatThrownBy(() -> Splits.stratified(new int[] {4, 4, 4}, 0.5, 0))
                .hasMessageContaining("all 3 examples are of one class, 4");
        assertThatThrownBy(() -> Splits.stratifiedKFold(new int[0], 2, 0)).hasMessageContaining("all 0 examples");
        assertThatThrownBy(() -> Splits.grouped(new int[] {4, 4}, 0.5, 0)).hasMessageContaining("1 groups, and 2");
        assertThatThrownBy(() -> Splits.groupedKFold(new int[] {1, 2, 1}, 3, 0))
                .hasMessageContaining("2 groups, and 3");
        assertThatThrownBy(() -> Splits.walkForward(10, 5, 2, 0)).hasMessageContaining("no example to train on");
    }

    @ParameterizedTest
    @CsvSource({"0, 0.5", "1, 0.5", "10, 0", "10, 1", "10, NaN", "10, 0.01", "10, 0.99"})
    void emptyParts(int n, double share) {
        assertThatThrownBy(() -> Splits.holdout(n, share, 0)).hasMessageContaining("leave a part empty");
    }

    @ParameterizedTest
    @CsvSource({"10, 1", "10, 11", "0, 2", "3, -1"})
    void wrongFolds(int n, int k) {
        assertThatThrownBy(() -> Splits.kFold(n, k, 0))
                .hasMessageContaining("kFold: %d folds of %d examples".formatted(k, n));
    }
}
