package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * One unit that decides by the side of a plane, learnt from mistakes: for each example on the wrong side w += y·x and b += y, with y as −1 and 1 (Rosenblatt
 * 1958). Where a plane separates the classes the mistakes come to an end, after (R/margin)² at most (Novikoff 1962); otherwise they never do. Whether one does,
 * {@link Separability} decides.
 *
 * @param labels the two labels, ascending {@code [2]}
 * @param weights w {@code [features]}
 * @param bias b
 * @param mistakes how often it was corrected
 * @param separates whether the last round was without mistakes
 */
public record Perceptron(Tensor labels, Tensor weights, double bias, long mistakes, boolean separates)
        implements Model {
    /**
     * Learns in rounds over the examples in their order, until a round is without mistakes.
     *
     * @param x {@code [n, features]}
     * @param y labels of two classes {@code [n]}
     * @param rounds how many at most
     */
    public static Perceptron fit(Tensor x, Tensor y, int rounds) {
        Tensor rows = Examples.features("Perceptron", x, 2);
        Classes classes = Classes.of("Perceptron", y, rows.dim(0));
        if (classes.count() != 2 || rounds < 1) {
            throw new KawiException(
                    "Perceptron: it tells 2 classes apart in 1 round or more, but there are %d classes and %d rounds"
                            .formatted(classes.count(), rounds));
        }
        double[] all = rows.toDoubleArray();
        int features = rows.dim(1);
        double[] w = new double[features];
        double b = 0;
        long mistakes = 0;
        boolean separates = false;
        for (int round = 0; round < rounds && !separates; round++) {
            separates = true;
            for (int i = 0; i < rows.dim(0); i++) {
                double sign = 2.0 * classes.of()[i] - 1;
                double f = b;
                for (int j = 0; j < features; j++) {
                    f += w[j] * all[i * features + j];
                }
                if (!(sign * f > 0)) {
                    for (int j = 0; j < features; j++) {
                        w[j] += sign * all[i * features + j];
                    }
                    b += sign;
                    mistakes++;
                    separates = false;
                }
            }
        }
        return new Perceptron(classes.labels(), Tensor.of(w).to(rows.dtype()).realized(), b, mistakes, separates);
    }

    @Override
    public Tensor predict(Tensor x) {
        Tensor f = Examples.sameWidth("Perceptron", x, weights.dim(0))
                .matmul(weights)
                .add(bias);
        return labels.take(0, f.gt(0).to(DType.I64));
    }
}
