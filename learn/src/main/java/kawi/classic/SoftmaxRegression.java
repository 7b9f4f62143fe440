package kawi.classic;

import kawi.nn.Losses;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/**
 * Multinomial logistic regression: P(class | x) = softmax(x·W + b), with W and b at the minimum of the mean −ln P(yᵢ | xᵢ) + ½λ‖W‖² (Hastie, Tibshirani
 * and Friedman 2009, section 4.4).
 *
 * @param labels the label of each class, ascending {@code [classes]}
 * @param weights W {@code [features, classes]}
 * @param bias b {@code [classes]}
 */
public record SoftmaxRegression(Tensor labels, Tensor weights, Tensor bias) implements Model {
    /**
     * Learns from dense rows.
     *
     * @param x {@code [n, features]}
     * @param y labels {@code [n]}
     * @param lambda λ, from 0; where planes separate the classes it must be above 0, or W grows without end
     */
    public static SoftmaxRegression fit(Tensor x, Tensor y, double lambda) {
        return fit(LinearScores.of("SoftmaxRegression", x), y, lambda);
    }

    /** As {@link #fit(Tensor, Tensor, double)} from sparse rows. */
    public static SoftmaxRegression fit(SparseMatrix x, Tensor y, double lambda) {
        return fit(LinearScores.of("SoftmaxRegression", x), y, lambda);
    }

    private static SoftmaxRegression fit(LinearScores x, Tensor y, double lambda) {
        Centred.checkPenalty("SoftmaxRegression", lambda);
        Classes classes = Classes.of("SoftmaxRegression", y, x.examples());
        Tensor numbers = classes.numbers();
        Tensor theta = x.fit(scores -> Losses.crossEntropy(scores, numbers), lambda, classes.count());
        return new SoftmaxRegression(
                classes.labels(),
                theta.slice(0, 0, x.features()).realized(),
                theta.select(0, x.features()).realized());
    }

    /** The probability of each class for each row, {@code [n, classes]}. */
    public Tensor probabilities(Tensor x) {
        return Examples.sameWidth("SoftmaxRegression", x, weights.dim(0))
                .matmul(weights)
                .add(bias)
                .softmax(1);
    }

    /** As {@link #probabilities(Tensor)}. */
    public Tensor probabilities(SparseMatrix x) {
        return Examples.sameWidth("SoftmaxRegression", x, weights.dim(0))
                .matmul(weights)
                .add(bias)
                .softmax(1);
    }

    @Override
    public Tensor predict(Tensor x) {
        return labels.take(0, probabilities(x).argmax(1));
    }

    /** As {@link #predict(Tensor)}. */
    public Tensor predict(SparseMatrix x) {
        return labels.take(0, probabilities(x).argmax(1));
    }
}
