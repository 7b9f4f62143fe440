package kawi.classic;

import java.util.Arrays;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Ratings as r̂_ui = μ + b_u + b_i + ⟨qᵢ, p_u + |N(u)|^−½ Σ_{j∈N(u)} y_j⟩, where N(u) is what the user has rated, an implicit sign of taste (Koren 2008, <em>Factorization
 * meets the neighborhood</em>, SVD++, equation 15); without the sum it is the factorisation with biases (Koren, Bell and Volinsky 2009, equation 4). Learnt
 * by stochastic gradient descent on Σ (r − r̂)² + λ₁(b_u² + b_i²) + λ₂(‖p_u‖² + ‖qᵢ‖² + Σ‖y_j‖²).
 *
 * @param mean μ
 * @param userBiases b_u {@code [users]}
 * @param itemBiases b_i {@code [items]}
 * @param userFactors p_u with the implicit sum added {@code [users, factors]}
 * @param itemFactors qᵢ {@code [items, factors]}
 */
public record MatrixFactorization(
        double mean, Tensor userBiases, Tensor itemBiases, Tensor userFactors, Tensor itemFactors) {
    /**
     * Settings.
     *
     * @param factors length of p and q, from 0: none leaves the biases alone
     * @param epochs rounds over the ratings
     * @param learningRate η of the first round
     * @param decay what η is multiplied with after each round
     * @param biasPenalty λ₁
     * @param factorPenalty λ₂
     * @param implicit whether N(u) counts
     */
    public record Options(
            int factors,
            int epochs,
            double learningRate,
            double decay,
            double biasPenalty,
            double factorPenalty,
            boolean implicit) {
        /** Checks the ranges. */
        public Options {
            if (factors < 0
                    || epochs < 1
                    || !(learningRate > 0)
                    || !(decay > 0 && decay <= 1)
                    || !(biasPenalty >= 0)
                    || !(factorPenalty >= 0)) {
                throw new KawiException(
                        "MatrixFactorization: factors from 0, epochs from 1, rate above 0, decay in (0, 1] and penalties from 0 are needed, but there is "
                                + "%d, %d, %s, %s, %s and %s"
                                        .formatted(factors, epochs, learningRate, decay, biasPenalty, factorPenalty));
            }
        }
    }

    /**
     * Learns.
     *
     * @param users how many there are
     * @param items how many there are
     * @param user of each rating, 0 to users − 1 {@code [n]}
     * @param item of each rating, 0 to items − 1 {@code [n]}
     * @param rating {@code [n]}
     */
    public static MatrixFactorization fit(
            int users, int items, Tensor user, Tensor item, Tensor rating, Options options, Key key) {
        int n = rating.rank() == 1 ? rating.dim(0) : 0;
        double[] r = Examples.targets("MatrixFactorization", rating, n).toDoubleArray();
        int[] u = numbers("user", user, n, users);
        int[] i = numbers("item", item, n, items);
        if (n == 0) {
            throw new KawiException("MatrixFactorization: there are no ratings");
        }
        return new FactorDescent(users, items, u, i, r, options, key).run();
    }

    private static int[] numbers(String what, Tensor numbers, int n, int count) {
        if (numbers.rank() != 1 || numbers.dim(0) != n || numbers.dtype().isFloat()) {
            throw new KawiException(
                    "MatrixFactorization: %d ratings have integer numbers of their %ss [%d], but %s%s was given"
                            .formatted(n, what, n, numbers.dtype(), numbers.shape()));
        }
        long[] all = numbers.toLongArray();
        for (int k = 0; k < n; k++) {
            if (all[k] < 0 || all[k] >= count) {
                throw new KawiException("MatrixFactorization: %s %d of rating %d is unknown; %ss run from 0 to %d"
                        .formatted(what, all[k], k, what, count - 1));
            }
        }
        return Arrays.stream(all).mapToInt(v -> (int) v).toArray();
    }

    /** r̂ of pairs, numbers {@code [n]} each; what has no ratings has bias and factors of 0. */
    public Tensor predict(Tensor user, Tensor item) {
        int n = user.rank() == 1 ? user.dim(0) : 0;
        numbers("user", user, n, userBiases.dim(0));
        numbers("item", item, n, itemBiases.dim(0));
        Tensor product =
                userFactors.take(0, user).mul(itemFactors.take(0, item)).sum(1);
        return userBiases
                .take(0, user)
                .add(itemBiases.take(0, item))
                .add(product)
                .add(mean)
                .to(DType.F32);
    }
}
