package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/**
 * Logistic regression for two classes: P(second | x) = σ(x·w + b), with w and b at the minimum of 1/n Σ ln(1 + exp(−yᵢ(xᵢ·w + b))) + ½λ‖w‖², where y is
 * −1 and 1 (Cox 1958; Hastie, Tibshirani and Friedman 2009, section 4.4).
 *
 * @param labels the two labels, ascending {@code [2]}
 * @param weights w {@code [features]}
 * @param bias b
 */
public record LogisticRegression(Tensor labels, Tensor weights, Tensor bias) implements Model {
    /**
     * Learns from dense rows.
     *
     * @param x {@code [n, features]}
     * @param y labels {@code [n]} of two classes
     * @param lambda λ, from 0; where a plane separates the classes it must be above 0, or w grows without end
     */
    public static LogisticRegression fit(Tensor x, Tensor y, double lambda) {
        return fit(LinearScores.of("LogisticRegression", x), y, lambda);
    }

    /** As {@link #fit(Tensor, Tensor, double)} from sparse rows. */
    public static LogisticRegression fit(SparseMatrix x, Tensor y, double lambda) {
        return fit(LinearScores.of("LogisticRegression", x), y, lambda);
    }

    private static LogisticRegression fit(LinearScores x, Tensor y, double lambda) {
        Centred.checkPenalty("LogisticRegression", lambda);
        Classes classes = Classes.of("LogisticRegression", y, x.examples());
        if (classes.count() != 2) {
            throw new KawiException(
                    "LogisticRegression: it tells two classes apart, but there are %d; SoftmaxRegression takes any number"
                            .formatted(classes.count()));
        }
        Tensor signs = classes.numbers().to(x.dtype()).mul(2).sub(1);
        Tensor theta = x.fit(scores -> scores.mul(signs).neg().softplus().mean(), lambda);
        return new LogisticRegression(
                classes.labels(),
                theta.slice(0, 0, x.features()).realized(),
                theta.select(0, x.features()).realized());
    }

    /** The probability of the second class for each row, {@code [n]}. */
    public Tensor probability(Tensor x) {
        return Examples.sameWidth("LogisticRegression", x, weights.dim(0))
                .matmul(weights)
                .add(bias)
                .sigmoid();
    }

    /** As {@link #probability(Tensor)}. */
    public Tensor probability(SparseMatrix x) {
        return Examples.sameWidth("LogisticRegression", x, weights.dim(0))
                .matmul(weights)
                .add(bias)
                .sigmoid();
    }

    @Override
    public Tensor predict(Tensor x) {
        return label(probability(x));
    }

    /** As {@link #predict(Tensor)}. */
    public Tensor predict(SparseMatrix x) {
        return label(probability(x));
    }

    private Tensor label(Tensor probability) {
        return labels.take(0, probability.gt(0.5).to(DType.I64));
    }
}
