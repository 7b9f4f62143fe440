package kawi.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.tensor.Key;

/** Ways to part examples 0 to n − 1 into those to train on and those to test on. */
public final class Splits {
    private Splits() {}

    /**
     * k parts in random order, whose sizes differ by one at most; each is the test part once, and the others together train (Stone 1974,
     * <em>Cross-validatory choice and assessment of statistical predictions</em>).
     *
     * @throws KawiException unless 2 ≤ k ≤ n
     */
    public static List<Split> kFold(int n, int k, long seed) {
        if (k < 2 || k > n) {
            throw new KawiException(
                    "kFold: %d folds of %d examples were asked for; there are from 2 folds to one for each example"
                            .formatted(k, n));
        }
        int[] order = Key.of(seed).permutationArray(n);
        List<Split> splits = new ArrayList<>();
        for (int fold = 0; fold < k; fold++) {
            int from = (int) ((long) n * fold / k);
            int to = (int) ((long) n * (fold + 1) / k);
            int[] train = IntStream.concat(Arrays.stream(order, 0, from), Arrays.stream(order, to, n))
                    .toArray();
            splits.add(new Split(train, Arrays.copyOfRange(order, from, to)));
        }
        return splits;
    }
}
