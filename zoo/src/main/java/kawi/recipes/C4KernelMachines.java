package kawi.recipes;

import static kawi.recipes.RecipeData.accuracy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.classic.Kernel;
import kawi.classic.KernelRidge;
import kawi.classic.RandomFourierFeatures;
import kawi.classic.Ridge;
import kawi.classic.Svm;
import kawi.evaluate.Split;
import kawi.evaluate.Splits;
import kawi.sparse.LibSvm;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Kernel machines. A support vector machine as LIBSVM's guide goes about it (Hsu, Chang and Lin 2003, <em>A practical guide to support vector
 * classification</em>): scale, choose C and γ by cross-validation, train on all. Then LIBSVM's own optimum on a9a. Kernel ridge regression
 * on the same data, and random Fourier features, which come as near to it as 1/√D.
 */
final class C4KernelMachines implements Demonstration {
    private static final double[] COSTS = {0.5, 2, 8, 32};
    private static final int DRAWS = 8;
    private static final double[] GAMMAS = {0.5, 2, 8};

    @Override
    public String id() {
        return "C4";
    }

    @Override
    public String sentence() {
        return "kernels: the SVM by SMO beside LIBSVM on svmguide1 and a9a, kernel ridge, random Fourier features";
    }

    @Override
    public void run(Report report) {
        Path census = report.data(A9Sparse.A9A);
        Path guideData = report.data(RecipeData.SVMGUIDE);
        Guide guide = Guide.of(guideData);
        chooseByCrossValidation(report, guide);
        ridgeAndRandomFeatures(report, guide);
        besideLibSvm(report, LibSvm.read(census.resolve("a9a"), 123), LibSvm.read(census.resolve("a9a.t"), 123));
    }

    /** svmguide1, each feature scaled to −1 … 1 by the training rows. */
    private record Guide(Tensor x, Tensor y, Tensor testX, Tensor testY) {
        static Guide of(Path folder) {
            LibSvm.Data train = LibSvm.read(folder.resolve("svmguide1"), 4);
            LibSvm.Data test = LibSvm.read(folder.resolve("svmguide1.t"), 4);
            Tensor x = train.x().toDense();
            Tensor low = x.min(0).realized();
            Tensor span = x.max(0).sub(low).realized();
            return new Guide(scaled(x, low, span), train.y(), scaled(test.x().toDense(), low, span), test.y());
        }

        private static Tensor scaled(Tensor x, Tensor low, Tensor span) {
            return x.sub(low).div(span).mul(2).sub(1).realized();
        }
    }

    private static void chooseByCrossValidation(Report report, Guide data) {
        SparseMatrix x = SparseMatrix.fromDense(data.x);
        List<Split> folds = Splits.kFold(x.rows(), 5, 1);
        double best = 0;
        double bestCost = 0;
        double bestGamma = 0;
        report.say("svmguide1, accuracy of 5 folds in %%, C down and γ across: %s", List.of(0.5, 2, 8));
        for (double cost : COSTS) {
            StringBuilder line = new StringBuilder("%6.1f".formatted(cost));
            for (double gamma : GAMMAS) {
                double right = 0;
                for (Split fold : folds) {
                    Svm svm = Svm.fit(
                            x.take(fold.train()), data.y.take(0, Tensor.of(fold.train())), Kernel.rbf(gamma), cost);
                    Tensor held = data.y.take(0, Tensor.of(fold.test()));
                    right += accuracy(svm.predict(x.take(fold.test())), held) * fold.test().length;
                }
                double share = right / x.rows();
                line.append("%8.2f".formatted(100 * share));
                if (share > best) {
                    best = share;
                    bestCost = cost;
                    bestGamma = gamma;
                }
            }
            report.say("%s", line);
        }
        Svm svm = Svm.fit(x, data.y, Kernel.rbf(bestGamma), bestCost);
        report.say("chosen: C = %s, γ = %s", bestCost, bestGamma);
        report.figure(
                "svmguide1_accuracy",
                "svmguide1: accuracy of the chosen SVM on the test rows",
                accuracy(svm.predict(data.testX), data.testY),
                Reference.atLeast(0.965));
    }

    private static void ridgeAndRandomFeatures(Report report, Guide data) {
        double gamma = 2;
        double lambda = 0.1;
        int[] some = IntStream.range(0, 1000).map(i -> 3 * i).toArray(); // the file has one class after the other
        Tensor x = data.x.take(0, Tensor.of(some)).realized();
        Tensor y = data.y.take(0, Tensor.of(some)).mul(2).sub(1).realized();
        for (var entry : List.of(
                new Named("linear", Kernel.linear()),
                new Named("polynomial of degree 3", Kernel.polynomial(3, 1, 1)),
                new Named("RBF", Kernel.rbf(gamma)))) {
            Tensor f = KernelRidge.fit(x, y, entry.kernel, lambda).predict(data.testX);
            report.say(
                    "kernel ridge on %,d rows, %s: accuracy %.2f %%",
                    some.length, entry.name, 100 * accuracy(f.gt(0).to(DType.F32), data.testY));
        }
        Tensor exact = KernelRidge.fit(x, y, Kernel.rbf(gamma), lambda)
                .predict(data.testX)
                .realized();
        Tensor kernel = Kernel.rbf(gamma).matrix(x, x).realized();
        double[] counts = {32, 128, 512, 2048};
        double[] errors = new double[counts.length];
        for (int k = 0; k < counts.length; k++) {
            double square = 0;
            for (int draw = 0; draw < DRAWS; draw++) {
                Tensor z = RandomFourierFeatures.of(
                                4, (int) counts[k], gamma, Key.of(draw).fold(k))
                        .transform(x);
                square += z.matmul(z.t()).sub(kernel).square().mean().item() / DRAWS;
            }
            errors[k] = Math.sqrt(square);
        }
        RandomFourierFeatures many = RandomFourierFeatures.of(4, 2048, gamma, Key.of(0));
        Tensor approximate = Ridge.fit(many.transform(x), y, lambda).predict(many.transform(data.testX));
        double slope = Closeness.slope(counts, errors);
        report.figure(
                "random_features_slope",
                "random Fourier features: the kernel's error falls as D to this power",
                slope,
                Reference.near(-0.5, 0.05));
        report.figure(
                "random_features_agree",
                "ridge on 2,048 random features decides as kernel ridge does",
                approximate.gt(0).eq(exact.gt(0)).to(DType.F32).mean().item(),
                Reference.atLeast(0.99));
        double[] theory = new double[counts.length];
        for (int k = 0; k < counts.length; k++) {
            theory[k] = errors[0] * Math.sqrt(counts[0] / counts[k]);
        }
        report.picture(
                "random-features",
                Plot.of("Random Fourier features of the RBF kernel", "features D", "root mean square error of k")
                        .logX()
                        .logY()
                        .line("measured", counts, errors)
                        .line("∝ 1/√D", counts, theory));
    }

    private record Named(String name, Kernel kernel) {}

    /** LIBSVM 3: svm-train -c 1 -g 1/123 -e 0.001. */
    private static void besideLibSvm(Report report, LibSvm.Data train, LibSvm.Data test) {
        long start = System.nanoTime();
        Svm svm = Svm.fit(train.x(), train.y(), Kernel.rbf(1 / 123.0), 1);
        double seconds = (System.nanoTime() - start) / 1e9;
        Svm.Machine machine = svm.machines().getFirst();
        report.say("a9a: %,d steps", machine.steps());
        report.figure(
                "a9a_objective",
                "a9a: dual objective, LIBSVM's to 1e-4 relative",
                machine.objective(),
                Reference.near(-11596.3548, 1.15963548));
        report.figure(
                "a9a_support_vectors",
                "a9a: support vectors (LIBSVM 11,958)",
                machine.supportVectors().rows(),
                Reference.near(11_958, 60));
        report.figure(
                "a9a_bounded",
                "a9a: of these at the bound (LIBSVM 11,836)",
                machine.bounded(),
                Reference.near(11_836, 60));
        report.figure(
                "a9a_accuracy",
                "a9a: accuracy on the test rows in %, LIBSVM's to 0.1",
                100 * accuracy(svm.predict(test.x()), test.y()),
                Reference.near(84.8167, 0.1));
        report.figure("a9a_seconds", "a9a: seconds to train", seconds, Reference.NONE);
    }
}
