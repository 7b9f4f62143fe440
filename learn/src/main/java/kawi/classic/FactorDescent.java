package kawi.classic;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * The stochastic gradient descent of {@link MatrixFactorization}, rating by rating, a user's together. As the implicit sum Σ y_j is the same for all ratings of a
 * user, it is formed once for the user; what it should move by is collected and given to each y_j at the user's end.
 */
final class FactorDescent {
    private final MatrixFactorization.Options options;
    private final Key key;
    private final int factors;
    private final int[] item;
    private final double[] rating;
    private final double mean;
    /** The ratings of user u are numbers order[starts[u]] to order[starts[u + 1] − 1]. */
    private final int[] starts;

    private final int[] order;
    private final double[] userBias;
    private final double[] itemBias;
    private final double[][] p;
    private final double[][] q;
    private final double[][] y;

    FactorDescent(
            int users,
            int items,
            int[] user,
            int[] item,
            double[] rating,
            MatrixFactorization.Options options,
            Key key) {
        this.options = options;
        this.key = key;
        this.factors = options.factors();
        this.item = item;
        this.rating = rating;
        this.mean = Arrays.stream(rating).average().orElseThrow();
        starts = new int[users + 1];
        for (int u : user) {
            starts[u + 1]++;
        }
        Arrays.parallelPrefix(starts, Integer::sum);
        int[] next = starts.clone();
        order = new int[user.length];
        for (int n = 0; n < user.length; n++) {
            order[next[user[n]]++] = n;
        }
        userBias = new double[users];
        itemBias = new double[items];
        p = random(users, key.fold(1));
        q = random(items, key.fold(2));
        y = options.implicit() ? random(items, key.fold(3)) : new double[0][];
        int[] ratingsOf = new int[items];
        for (int i : item) {
            ratingsOf[i]++;
        }
        for (int u = 0; u < users; u++) {
            forgetUnless(starts[u + 1] > starts[u], p[u]);
        }
        for (int i = 0; i < items; i++) {
            forgetUnless(ratingsOf[i] > 0, q[i]);
        }
    }

    private static void forgetUnless(boolean rated, double[] vector) {
        if (!rated) {
            Arrays.fill(vector, 0);
        }
    }

    /** Small normal numbers, so that the products start near 0. */
    private double[][] random(int count, Key key) {
        double[] all = key.normal(DType.F64, count, factors)
                .mul(0.1 / Math.sqrt(Math.max(1, factors)))
                .toDoubleArray();
        return IntStream.range(0, count)
                .mapToObj(k -> Arrays.copyOfRange(all, k * factors, (k + 1) * factors))
                .toArray(double[][]::new);
    }

    MatrixFactorization run() {
        double rate = options.learningRate();
        for (int epoch = 0; epoch < options.epochs(); epoch++) {
            for (int u : key.fold(100L + epoch).permutationArray(userBias.length)) {
                learnUser(u, rate);
            }
            if (!Double.isFinite(Arrays.stream(userBias).sum())) {
                throw new KawiException(
                        "MatrixFactorization: the descent has left the numbers in round %d of %d; take a learning rate below %s"
                                .formatted(epoch + 1, options.epochs(), options.learningRate()));
            }
            rate *= options.decay();
        }
        double[][] profiles = new double[p.length][];
        for (int u = 0; u < p.length; u++) {
            profiles[u] = profile(u);
        }
        return new MatrixFactorization(mean, Tensor.of(userBias), Tensor.of(itemBias), matrix(profiles), matrix(q));
    }

    private Tensor matrix(double[][] rows) {
        return Tensor.of(Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray(), rows.length, factors);
    }

    /** |N(u)|^−½. */
    private double share(int u) {
        return 1 / Math.sqrt(Math.max(1, starts[u + 1] - starts[u]));
    }

    /** p_u with the implicit sum. */
    private double[] profile(int u) {
        double[] sum = p[u].clone();
        if (options.implicit()) {
            double share = share(u);
            for (int n = starts[u]; n < starts[u + 1]; n++) {
                double[] yj = y[item[order[n]]];
                for (int f = 0; f < factors; f++) {
                    sum[f] += share * yj[f];
                }
            }
        }
        return sum;
    }

    private void learnUser(int u, double rate) {
        double[] profile = profile(u);
        double[] pu = p[u];
        double[] push = new double[factors]; // Σ e·qᵢ, for the y of the user
        double l1 = options.biasPenalty();
        double l2 = options.factorPenalty();
        for (int n = starts[u]; n < starts[u + 1]; n++) {
            int i = item[order[n]];
            double[] qi = q[i];
            double product = 0;
            for (int f = 0; f < factors; f++) {
                product += qi[f] * profile[f];
            }
            double e = rating[order[n]] - mean - userBias[u] - itemBias[i] - product;
            userBias[u] += rate * (e - l1 * userBias[u]);
            itemBias[i] += rate * (e - l1 * itemBias[i]);
            for (int f = 0; f < factors; f++) {
                double before = qi[f];
                push[f] += e * before;
                qi[f] += rate * (e * profile[f] - l2 * before);
                double change = rate * (e * before - l2 * pu[f]);
                pu[f] += change;
                profile[f] += change;
            }
        }
        if (options.implicit()) {
            double share = share(u);
            for (int n = starts[u]; n < starts[u + 1]; n++) {
                double[] yj = y[item[order[n]]];
                for (int f = 0; f < factors; f++) {
                    yj[f] += rate * (share * push[f] - l2 * yj[f]);
                }
            }
        }
    }
}
