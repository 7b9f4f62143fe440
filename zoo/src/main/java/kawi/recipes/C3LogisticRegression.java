package kawi.recipes;

import static kawi.recipes.RecipeData.accuracy;

import java.nio.file.Path;
import kawi.base.DType;
import kawi.classic.LogisticRegression;
import kawi.classic.SoftmaxRegression;
import kawi.sparse.LibSvm;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/**
 * Logistic regression, 1/n Σ ln(1 + exp(−y(x·w + b))) + ½λ‖w‖², on the sparse rows of a9a, and softmax regression on the pixels of MNIST, both by truncated
 * Newton. Where a convex function is smallest its gradient is 0; the gradient is taken here by Kawi's own differentiation of the same function.
 */
final class C3LogisticRegression implements Demonstration {
    private static final double LAMBDA = 1e-4;

    @Override
    public String id() {
        return "C3";
    }

    @Override
    public String sentence() {
        return "logistic regression on a9a and softmax regression on MNIST, at the minimum of their losses";
    }

    @Override
    public void run(Report report) {
        Path census = report.data(A9Sparse.A9A);
        LibSvm.Data train = LibSvm.read(census.resolve("a9a"), 123);
        LibSvm.Data test = LibSvm.read(census.resolve("a9a.t"), 123);
        RecipeData.TrainAndTest digits = RecipeData.mnist(report);

        var x = train.x().withValues(train.x().values().to(DType.F64));
        LogisticRegression logistic = LogisticRegression.fit(x, train.y(), LAMBDA);
        Tensor w = logistic.weights().requiresGrad();
        Tensor loss = x.matmul(w)
                .add(logistic.bias())
                .mul(train.y().to(DType.F64))
                .neg()
                .softplus()
                .mean()
                .add(w.square().sum().mul(LAMBDA / 2));
        report.say("a9a: loss %.6f", loss.item());
        report.figure(
                "a9a_gradient",
                "a9a: largest element of the gradient by the weights",
                Kawi.grad(loss, w).abs().max().item(),
                Reference.atMost(1e-8));
        report.figure(
                "a9a_accuracy",
                "a9a: accuracy on the test rows",
                accuracy(logistic.predict(test.x()), test.y()),
                Reference.atLeast(0.849));
        Calibration calibration =
                Calibration.of(logistic.probability(test.x()), test.y().gt(0).to(DType.F64));
        report.picture(
                "calibration",
                Plot.of(
                                "Logistic regression on a9a: is a probability of p right p of the time?",
                                "probability given",
                                "share found")
                        .line("test rows, ten equal parts", calibration.given, calibration.found)
                        .line("as it should be", new double[] {0, 1}, new double[] {0, 1}));
        report.figure(
                "a9a_calibration",
                "a9a: largest gap between the two in ten equal parts",
                calibration.worst(),
                Reference.atMost(0.05));

        SoftmaxRegression softmax =
                SoftmaxRegression.fit(digits.train().x(), digits.train().y(), 1e-3);
        report.figure(
                "mnist_accuracy",
                "MNIST: accuracy of softmax regression on the test images",
                accuracy(softmax.predict(digits.test().x()), digits.test().y()),
                Reference.atLeast(0.92));
    }

    /** Rows sorted by the probability given and cut into ten: the mean probability of each part, and how many of it were so. */
    private record Calibration(double[] given, double[] found) {
        static Calibration of(Tensor probability, Tensor truth) {
            Tensor order = probability.argsort(0);
            int part = probability.dim(0) / 10;
            return new Calibration(means(probability.take(0, order), part), means(truth.take(0, order), part));
        }

        private static double[] means(Tensor sorted, int part) {
            return sorted.slice(0, 0, 10 * part).reshape(10, part).mean(1).toDoubleArray();
        }

        double worst() {
            double worst = 0;
            for (int i = 0; i < given.length; i++) {
                worst = Math.max(worst, Math.abs(given[i] - found[i]));
            }
            return worst;
        }
    }
}
