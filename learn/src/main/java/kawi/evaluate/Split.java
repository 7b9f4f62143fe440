package kawi.evaluate;

import java.util.Arrays;
import java.util.BitSet;
import kawi.base.KawiException;

/**
 * Which examples are for training and which for testing, by their numbers; none is in both. {@link Splits} makes them.
 *
 * @param train numbers of training examples
 * @param test numbers of test examples
 */
public record Split(int[] train, int[] test) {
    /** Checks that no example is in both parts. */
    public Split {
        BitSet known = new BitSet();
        for (int i : train) {
            known.set(i);
        }
        for (int i : test) {
            if (known.get(i)) {
                throw new KawiException(
                        "Split: example %d is in both parts, so the test would count what was learnt by heart; take it out of one"
                                .formatted(i));
            }
        }
        train = train.clone();
        test = test.clone();
    }

    /** This split of a part: example i of it is example {@code numbers[i]} of the whole. Used to split a training part again. */
    public Split of(int[] numbers) {
        return new Split(
                Arrays.stream(train).map(i -> numbers[i]).toArray(),
                Arrays.stream(test).map(i -> numbers[i]).toArray());
    }

    /** How many examples there are of each. */
    @Override
    public String toString() {
        return "Split[%d for training, %d for testing]".formatted(train.length, test.length);
    }
}
