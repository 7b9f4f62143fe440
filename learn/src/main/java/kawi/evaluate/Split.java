package kawi.evaluate;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
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
            known.set(number(i));
        }
        for (int i : test) {
            if (known.get(number(i))) {
                throw new KawiException(
                        "Split: example %d is in both parts, so the test would count what was learnt by heart; take it out of one"
                                .formatted(i));
            }
        }
        train = train.clone();
        test = test.clone();
    }

    private static int number(int example) {
        if (example < 0) {
            throw new KawiException("Split: examples count from 0, but there is number " + example);
        }
        return example;
    }

    /** This split of a part: example i of it is example {@code numbers[i]} of the whole. Used to split a training part again. */
    public Split of(int[] numbers) {
        if (largest() >= numbers.length) {
            throw new KawiException("Split: example %d is split off, but the part has %d, counted from 0"
                    .formatted(largest(), numbers.length));
        }
        return new Split(
                Arrays.stream(train).map(i -> numbers[i]).toArray(),
                Arrays.stream(test).map(i -> numbers[i]).toArray());
    }

    /** The largest number of an example; −1 where there is none. */
    int largest() {
        return IntStream.concat(Arrays.stream(train), Arrays.stream(test)).max().orElse(-1);
    }

    /** How many examples there are of each. */
    @Override
    public String toString() {
        return "Split[%d for training, %d for testing]".formatted(train.length, test.length);
    }
}
