package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Naive Bayes with a normal distribution for each feature in each class: P(c | x) ∝ P(c)·Πⱼ N(xⱼ; μ_cj, σ²_cj) (Hastie, Tibshirani and Friedman 2009, section
 * 6.6.3).
 *
 * @param labels the label of each class, ascending {@code [classes]}
 * @param logPrior ln P(c) {@code [classes]}
 * @param mean μ {@code [classes, features]}
 * @param variance σ² {@code [classes, features]}
 */
public record GaussianNaiveBayes(Tensor labels, Tensor logPrior, Tensor mean, Tensor variance) implements Model {
    /** Added to every variance, as a part of the largest one: a feature may be constant within a class. */
    private static final double SMOOTHING = 1e-9;

    /**
     * Learns.
     *
     * @param x {@code [n, features]}
     * @param y labels {@code [n]}
     */
    public static GaussianNaiveBayes fit(Tensor x, Tensor y) {
        Tensor rows = Examples.features("GaussianNaiveBayes", x, 2).to(DType.F64);
        Classes classes = Classes.of("GaussianNaiveBayes", y, rows.dim(0));
        double largest = rows.dim(1) == 0 ? 0 : rows.variance(0, 0).max().item();
        if (largest == 0) {
            throw new KawiException(
                    "GaussianNaiveBayes: every feature is the same in all examples, so none tells the classes apart");
        }
        Tensor members = classes.numbers().oneHot(classes.count()).to(DType.F64).t(); // [classes, n]
        Tensor sizes = members.sumKeepDims(1);
        Tensor mean = members.matmul(rows).div(sizes).realized();
        Tensor own = rows.sub(mean.take(0, classes.numbers()));
        Tensor variance = members.matmul(own.square()).div(sizes).add(SMOOTHING * largest);
        return new GaussianNaiveBayes(
                classes.labels(), sizes.div(rows.dim(0)).log().squeeze(1).realized(), mean, variance.realized());
    }

    /** P(c | x) for each row, {@code [n, classes]} as {@code F64}. */
    public Tensor probabilities(Tensor x) {
        return logJoint(x).softmax(1);
    }

    @Override
    public Tensor predict(Tensor x) {
        return labels.take(0, logJoint(x).argmax(1));
    }

    /** ln P(c) + ln P(x | c), up to a number for each row. */
    private Tensor logJoint(Tensor x) {
        Tensor rows = Examples.sameWidth("GaussianNaiveBayes", x, mean.dim(1))
                .to(DType.F64)
                .unsqueeze(1); // [n, 1, features]
        Tensor each = rows.sub(mean).square().div(variance).add(variance.log());
        return logPrior.sub(each.sum(2).mul(0.5));
    }
}
