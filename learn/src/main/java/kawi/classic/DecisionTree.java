package kawi.classic;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * A classification tree: each inner node asks whether one feature is at most a threshold, and the one whose answer leaves least impurity n·Σ_c p_c(1 − p_c), Gini's, is
 * chosen (Breiman, Friedman, Olshen and Stone 1984). Depth 1 is a decision stump. It is here for {@link Bagging}: nothing is pruned.
 *
 * @param labels the label of each class, ascending {@code [classes]}
 * @param features how wide the training rows were
 * @param root the first question
 */
public record DecisionTree(Tensor labels, int features, Node root) implements Model {
    private static final int DEEPEST = 500;

    /** A question or a leaf. */
    public sealed interface Node {}

    /** Goes to {@code low} where x[feature] ≤ threshold, else to {@code high}. */
    public record Question(int feature, double threshold, Node low, Node high) implements Node {}

    /** The class of most of the examples that came here. */
    public record Leaf(int winner) implements Node {}

    /**
     * Learns.
     *
     * @param x {@code [n, features]}
     * @param y labels {@code [n]}
     * @param depth questions on one way at most, from 1 to 500
     */
    public static DecisionTree fit(Tensor x, Tensor y, int depth) {
        Tensor rows = Examples.features("DecisionTree", x, 2);
        if (depth < 1 || depth > DEEPEST) {
            throw new KawiException(
                    "DecisionTree: the depth is from 1 to %d, but %d was given".formatted(DEEPEST, depth));
        }
        Classes classes = Classes.of("DecisionTree", y, rows.dim(0));
        int n = rows.dim(0);
        double[][] columns = new double[rows.dim(1)][];
        double[] all = rows.t().toDoubleArray();
        for (int j = 0; j < columns.length; j++) {
            columns[j] = Arrays.copyOfRange(all, j * n, (j + 1) * n);
        }
        Node root = grow(columns, classes, IntStream.range(0, n).toArray(), depth);
        return new DecisionTree(classes.labels(), rows.dim(1), root);
    }

    private static Node grow(double[][] columns, Classes classes, int[] members, int depth) {
        int[] counts = new int[classes.count()];
        for (int i : members) {
            counts[classes.of()[i]]++;
        }
        Cut best = depth == 0 ? Cut.none(counts) : best(columns, classes, members, counts);
        if (best.feature < 0) {
            return new Leaf(IntStream.range(0, counts.length)
                    .boxed()
                    .max(Comparator.<Integer>comparingInt(c -> counts[c]).thenComparing(c -> -c))
                    .orElseThrow());
        }
        double[] column = columns[best.feature];
        int[] low =
                IntStream.of(members).filter(i -> column[i] <= best.threshold).toArray();
        int[] high =
                IntStream.of(members).filter(i -> column[i] > best.threshold).toArray();
        return new Question(
                best.feature,
                best.threshold,
                grow(columns, classes, low, depth - 1),
                grow(columns, classes, high, depth - 1));
    }

    /** A question and what impurity it leaves; feature −1 asks nothing. */
    private record Cut(int feature, double threshold, double impurity) {
        static Cut none(int[] counts) {
            return new Cut(-1, 0, DecisionTree.impurity(counts));
        }
    }

    private static Cut best(double[][] columns, Classes classes, int[] members, int[] counts) {
        Cut best = Cut.none(counts);
        for (int j = 0; j < columns.length; j++) {
            double[] column = columns[j];
            int[] order = IntStream.of(members)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> column[i]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            int[] low = new int[counts.length];
            int[] high = counts.clone();
            for (int m = 0; m + 1 < order.length; m++) {
                low[classes.of()[order[m]]]++;
                high[classes.of()[order[m]]]--;
                double here = column[order[m]];
                double next = column[order[m + 1]];
                double left = here < next ? impurity(low) + impurity(high) : best.impurity;
                if (left < best.impurity - 1e-9) {
                    double middle = here + (next - here) / 2;
                    best = new Cut(j, middle < next ? middle : here, left);
                }
            }
        }
        return best;
    }

    private static double impurity(int[] counts) {
        double n = 0;
        double squares = 0;
        for (int c : counts) {
            n += c;
            squares += (double) c * c;
        }
        return n == 0 ? 0 : n - squares / n;
    }

    @Override
    public Tensor predict(Tensor x) {
        double[] all = Examples.sameWidth("DecisionTree", x, features).toDoubleArray();
        int[] winners = new int[x.dim(0)];
        for (int i = 0; i < winners.length; i++) {
            Node node = root;
            while (node instanceof Question q) {
                node = all[i * features + q.feature] <= q.threshold ? q.low : q.high;
            }
            winners[i] = ((Leaf) node).winner;
        }
        return labels.take(0, Tensor.of(winners));
    }

    /** Questions on the longest way. */
    public int depth() {
        return depth(root);
    }

    private static int depth(Node node) {
        return node instanceof Question q ? 1 + Math.max(depth(q.low), depth(q.high)) : 0;
    }
}
