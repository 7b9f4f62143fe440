package kawi.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.tensor.Key;

/**
 * Ways to split n examples into training and test parts. What is drawn depends on the seed alone. Numbers ascend within a part, but for {@link #kFold}.
 *
 * <p>Choose by what the model will meet in use: new examples of the same kind ({@link #holdout}, or {@link #stratified} where a class is rare), new
 * patients, writers or machines ({@link #grouped}), or the future ({@link #timeOrdered}, {@link #walkForward}).
 */
public final class Splits {
    private Splits() {}

    // One split

    /** round(n·testShare) examples drawn at random for testing. */
    public static Split holdout(int n, double testShare, long seed) {
        int[] order = Key.of(seed).permutationArray(n);
        return parts(n, Arrays.copyOf(order, testSize(n, testShare)));
    }

    /**
     * As {@link #holdout}, with each class's share in the test part as in the whole, up to one example.
     *
     * @param classes the class of each example, any numbers
     */
    public static Split stratified(int[] classes, double testShare, long seed) {
        int n = classes.length;
        int wanted = testSize(n, testShare);
        List<int[]> strata = shuffledClasses(classes, seed);
        // Largest remainders: round each class's count down, then add one where most was lost.
        int[] counts = new int[strata.size()];
        double[] lost = new double[strata.size()];
        for (int c = 0; c < counts.length; c++) {
            double exact = (double) strata.get(c).length * wanted / n;
            counts[c] = (int) exact;
            lost[c] = exact - counts[c];
        }
        int missing = wanted - Arrays.stream(counts).sum();
        IntStream.range(0, counts.length)
                .boxed()
                .sorted((a, b) -> Double.compare(lost[b], lost[a]))
                .limit(missing)
                .forEach(c -> counts[c]++);
        int[] test = IntStream.range(0, counts.length)
                .flatMap(c -> Arrays.stream(strata.get(c), 0, counts[c]))
                .toArray();
        return parts(n, test);
    }

    /**
     * Whole groups drawn at random for testing until they hold about n·testShare examples: no group is in both parts.
     *
     * @param groups the group of each example, such as the number of the patient
     */
    public static Split grouped(int[] groups, double testShare, long seed) {
        int n = groups.length;
        double wanted = testSize(n, testShare);
        List<int[]> members = shuffledGroups(groups, seed, 2);
        List<int[]> test = new ArrayList<>();
        int size = 0;
        for (int[] group : members) {
            boolean nearer = Math.abs(size + group.length - wanted) <= Math.abs(size - wanted);
            if ((nearer || test.isEmpty()) && test.size() + 1 < members.size()) {
                test.add(group);
                size += group.length;
            }
        }
        return parts(n, test.stream().flatMapToInt(Arrays::stream).toArray());
    }

    /** The last round(n·testShare) examples for testing, where examples are in the order of time. */
    public static Split timeOrdered(int n, double testShare) {
        return parts(n, IntStream.range(n - testSize(n, testShare), n).toArray());
    }

    // Several splits, each example tested once

    /**
     * k parts in random order, whose sizes differ by one at most; each is the test part once, and the others together train (Stone 1974,
     * <em>Cross-validatory choice and assessment of statistical predictions</em>).
     */
    public static List<Split> kFold(int n, int k, long seed) {
        needFolds(n, k);
        int[] order = Key.of(seed).permutationArray(n);
        return IntStream.range(0, k)
                .mapToObj(fold -> {
                    int from = (int) ((long) n * fold / k);
                    int to = (int) ((long) n * (fold + 1) / k);
                    int[] train = IntStream.concat(Arrays.stream(order, 0, from), Arrays.stream(order, to, n))
                            .toArray();
                    return new Split(train, Arrays.copyOfRange(order, from, to));
                })
                .toList();
    }

    /** As {@link #kFold}, each class spread over the parts as evenly as possible. */
    public static List<Split> stratifiedKFold(int[] classes, int k, long seed) {
        // Class after class, every k-th example of the row goes to the same part.
        int[] order = shuffledClasses(classes, seed).stream()
                .flatMapToInt(Arrays::stream)
                .toArray();
        return folds(classes.length, k, order);
    }

    /** k parts of whole groups, the largest group first into the part that holds least. */
    public static List<Split> groupedKFold(int[] groups, int k, long seed) {
        List<int[]> members = new ArrayList<>(shuffledGroups(groups, seed, k));
        needFolds(groups.length, k);
        members.sort((a, b) -> b.length - a.length); // stable: equal ones stay in random order
        List<List<int[]>> folds = new ArrayList<>();
        int[] sizes = new int[k];
        for (int f = 0; f < k; f++) {
            folds.add(new ArrayList<>());
        }
        for (int[] group : members) {
            int least = IntStream.range(0, k)
                    .reduce((a, b) -> sizes[b] < sizes[a] ? b : a)
                    .orElseThrow();
            folds.get(least).add(group);
            sizes[least] += group.length;
        }
        return folds.stream()
                .map(f -> parts(
                        groups.length, f.stream().flatMapToInt(Arrays::stream).toArray()))
                .toList();
    }

    /** n splits, each with one example for testing. */
    public static List<Split> leaveOneOut(int n) {
        return folds(n, n, IntStream.range(0, n).toArray());
    }

    // The future

    /**
     * Walk-forward validation of examples in the order of time: the last {@code folds·horizon} are tested in stretches of {@code horizon}, each after training
     * on everything before it but the last {@code gap}.
     *
     * @param gap examples left out between training and test, where features or targets look that far
     */
    public static List<Split> walkForward(int n, int folds, int horizon, int gap) {
        return walk(n, folds, horizon, gap, n);
    }

    /** As {@link #walkForward}, training on the last {@code window} examples before the gap alone. */
    public static List<Split> slidingWindow(int n, int folds, int horizon, int gap, int window) {
        if (window < 1) {
            throw new KawiException("slidingWindow: the window starts at 1 example, but " + window + " was given");
        }
        return walk(n, folds, horizon, gap, window);
    }

    private static List<Split> walk(int n, int folds, int horizon, int gap, int window) {
        long first = n - (long) folds * horizon;
        if (folds < 1 || horizon < 1 || gap < 0 || first - gap < 1) {
            throw new KawiException(
                    "walkForward: %d stretches of %d after a gap of %d leave no example to train on of %d; take fewer or shorter ones"
                            .formatted(folds, horizon, gap, n));
        }
        List<Split> splits = new ArrayList<>();
        for (int from = (int) first; from < n; from += horizon) {
            int end = from - gap;
            splits.add(new Split(
                    IntStream.range(Math.max(0, end - window), end).toArray(),
                    IntStream.range(from, from + horizon).toArray()));
        }
        return splits;
    }

    // Common

    private static int testSize(int n, double share) {
        long size = Math.round(n * share);
        if (!(share > 0 && share < 1) || size < 1 || size >= n) {
            throw new KawiException(
                    "split: %d examples and a test share of %s leave a part empty; the share lies between 0 and 1, and each part needs an example"
                            .formatted(n, share));
        }
        return (int) size;
    }

    private static void needFolds(int n, int k) {
        if (k < 2 || k > n) {
            throw new KawiException(
                    "kFold: %d folds of %d examples were asked for; there are from 2 folds to one for each example"
                            .formatted(k, n));
        }
    }

    /** The example at place i of the order is tested in fold i modulo k. */
    private static List<Split> folds(int n, int k, int[] order) {
        needFolds(n, k);
        return IntStream.range(0, k)
                .mapToObj(f -> parts(
                        n,
                        IntStream.range(0, n)
                                .filter(i -> i % k == f)
                                .map(i -> order[i])
                                .toArray()))
                .toList();
    }

    private static Split parts(int n, int[] test) {
        BitSet tested = new BitSet(n);
        Arrays.stream(test).forEach(tested::set);
        return new Split(
                IntStream.range(0, n).filter(i -> !tested.get(i)).toArray(),
                tested.stream().toArray());
    }

    private static List<int[]> shuffledClasses(int[] classes, long seed) {
        List<int[]> members = byNumber(classes, Key.of(seed).permutationArray(classes.length));
        if (members.size() < 2) {
            throw new KawiException(
                    "stratified: all %d examples are of one class%s, so there is nothing to tell apart; is it the right column?"
                            .formatted(classes.length, classes.length == 0 ? "" : ", " + classes[0]));
        }
        return members;
    }

    private static List<int[]> shuffledGroups(int[] groups, long seed, int atLeast) {
        List<int[]> members = byNumber(groups, Key.of(seed).permutationArray(groups.length));
        if (members.size() < atLeast) {
            throw new KawiException("grouped: the examples have %d groups, and %d are needed, one for each part"
                    .formatted(members.size(), atLeast));
        }
        return members;
    }

    /** The examples of each number, numbers and examples in the given order. */
    private static List<int[]> byNumber(int[] numbers, int[] order) {
        Map<Integer, List<Integer>> members = new LinkedHashMap<>();
        for (int i : order) {
            members.computeIfAbsent(numbers[i], c -> new ArrayList<>()).add(i);
        }
        return members.values().stream()
                .map(m -> m.stream().mapToInt(i -> i).toArray())
                .toList();
    }
}
