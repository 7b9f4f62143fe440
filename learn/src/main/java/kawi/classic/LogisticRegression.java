package kawi.classic;

import java.util.function.UnaryOperator;
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
        Tensor features = Examples.features("LogisticRegression", x, 2);
        return fit(features::matmul, features.dim(0), features.dim(1), features.dtype(), y, lambda);
    }

    /** As {@link #fit(Tensor, Tensor, double)} from sparse rows. */
    public static LogisticRegression fit(SparseMatrix x, Tensor y, double lambda) {
        SparseMatrix features = Examples.features("LogisticRegression", x, 2);
        return fit(features::matmul, features.rows(), features.columns(), features.dtype(), y, lambda);
    }

    private static LogisticRegression fit(
            UnaryOperator<Tensor> x, int n, int features, DType dtype, Tensor y, double lambda) {
        Centred.checkPenalty("LogisticRegression", lambda);
        Classes classes = Classes.of("LogisticRegression", y, n);
        if (classes.count() != 2) {
            throw new KawiException(
                    "LogisticRegression: it tells two classes apart, but there are %d; SoftmaxRegression takes any number"
                            .formatted(classes.count()));
        }
        Tensor signs = classes.numbers().to(dtype).mul(2).sub(1);
        Tensor theta = Convex.minimum(
                t -> {
                    Tensor w = t.slice(0, 0, features);
                    Tensor margin = x.apply(w).add(t.select(0, features)).mul(signs);
                    return margin.neg().softplus().mean().add(w.square().sum().mul(lambda / 2));
                },
                Tensor.zeros(dtype, features + 1));
        return new LogisticRegression(
                classes.labels(),
                theta.slice(0, 0, features).realized(),
                theta.select(0, features).realized());
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
