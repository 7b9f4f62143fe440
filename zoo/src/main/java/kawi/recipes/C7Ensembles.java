package kawi.recipes;

import static kawi.recipes.RecipeData.accuracy;

import java.util.List;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.classic.Bagging;
import kawi.classic.DecisionTree;
import kawi.classic.Model;
import kawi.classic.Voting;
import kawi.optim.Adam;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Many models in place of one. Trees of bootstrap samples vote on digits (Breiman 1996). Networks trained on bootstrap samples of the same noisy data from other
 * starting points are independent given the data, so the variance of the mean of B of them is that of one divided by B; what all share is left.
 */
final class C7Ensembles implements Demonstration {
    private static final int TREES = 32;
    private static final int NETWORKS = 256;
    private static final int HIDDEN = 24;
    private static final int POINTS = 40;

    @Override
    public String id() {
        return "C7";
    }

    @Override
    public String sentence() {
        return "bagging of trees on digits; the variance of ensembles of networks falls as 1/B";
    }

    @Override
    public void run(Report report) {
        trees(report);
        networks(report);
    }

    private static void trees(Report report) {
        RecipeData.TrainAndTest digits = RecipeData.optdigits(report);
        RecipeData.Examples train = digits.train();
        RecipeData.Examples test = digits.test();
        List<Model> models = Bagging.fit((x, y) -> DecisionTree.fit(x, y, 12), train.x(), train.y(), TREES, Key.of(0));
        double one = models.stream()
                .mapToDouble(m -> accuracy(m.predict(test.x()), test.y()))
                .average()
                .orElseThrow();
        int[] sizes = {1, 2, 4, 8, 16, TREES};
        double[] wrong = IntStream.of(sizes)
                .mapToDouble(b -> 1 - accuracy(new Voting(models.subList(0, b)).predict(test.x()), test.y()))
                .toArray();
        report.figure("one_tree", "accuracy of one tree on the test digits, on average", one, Reference.NONE);
        report.figure(
                "voting_trees",
                "wrong votes of %d trees against the mistakes of one".formatted(TREES),
                wrong[sizes.length - 1] / (1 - one),
                Reference.atMost(0.5));
        report.picture(
                "trees",
                Plot.of("Votes of trees on optdigits", "trees B", "share of wrong test digits")
                        .logX()
                        .line("voting", IntStream.of(sizes).asDoubleStream().toArray(), wrong));
    }

    private static void networks(Report report) {
        Tensor x = Tensor.linspace(-1, 1, POINTS).to(DType.F64);
        Tensor y =
                x.mul(5).sin().add(Key.of(1).normal(DType.F64, POINTS).mul(0.3)).realized();
        Tensor at = Tensor.linspace(-1, 1, 81).to(DType.F64);
        Tensor predictions = trained(x, y, at); // [networks, 81]
        double[] sizes = {1, 2, 4, 8, 16, 32};
        double[] variance = new double[sizes.length];
        double[] error = new double[sizes.length];
        double[] theory = new double[sizes.length];
        Tensor truth = at.mul(5).sin();
        for (int i = 0; i < sizes.length; i++) {
            int size = (int) sizes[i];
            Tensor means = predictions.reshape(NETWORKS / size, size, 81).mean(1); // ensembles of their own networks
            variance[i] = means.variance(1, 0).mean().item();
            error[i] = means.sub(truth).square().mean().item();
            theory[i] = variance[0] / size;
        }
        report.figure(
                "variance_slope",
                "the variance of the mean of B networks falls as B to this power",
                Closeness.slope(sizes, variance),
                Reference.near(-1, 0.1));
        report.figure(
                "error_ratio",
                "squared error of 32 networks against one",
                error[sizes.length - 1] / error[0],
                Reference.atMost(0.9));
        report.picture(
                "networks",
                Plot.of("Ensembles of networks on bootstrap samples", "networks B", "mean square")
                        .logX()
                        .logY()
                        .line("variance", sizes, variance)
                        .line("variance of one / B", sizes, theory)
                        .line("error", sizes, error));
    }

    /** Networks x → tanh → ŷ, all at once along a first axis, each with its own start and its own bootstrap sample; their values at other places. */
    private static Tensor trained(Tensor x, Tensor y, Tensor at) {
        Tensor[] xs = new Tensor[NETWORKS];
        Tensor[] ys = new Tensor[NETWORKS];
        for (int m = 0; m < NETWORKS; m++) {
            Tensor drawn = Bagging.sample(POINTS, Key.of(100 + m));
            xs[m] = x.take(0, drawn);
            ys[m] = y.take(0, drawn);
        }
        Tensor inputs = Tensor.stack(0, xs).unsqueeze(2).to(DType.F32).realized(); // [networks, points, 1]
        Tensor targets = Tensor.stack(0, ys).unsqueeze(2).to(DType.F32).realized();
        Networks networks = new Networks();
        Adam adam = new Adam(networks.parameters(), 0.02);
        for (int step = 0; step < 600; step++) {
            Tensor squares = networks.forward(inputs).sub(targets).square();
            adam.step(squares.mean(1, 2).sum()); // a sum: each network has its own gradient alone
        }
        Tensor places = at.to(DType.F32).reshape(1, 81, 1).expand(NETWORKS, 81, 1);
        return networks.forward(places).squeeze(2).to(DType.F64).realized();
    }

    private static final class Networks {
        private final Parameter w1 =
                new Parameter(Key.of(2).normal(NETWORKS, 1, HIDDEN).mul(3));
        private final Parameter b1 =
                new Parameter(Key.of(3).normal(NETWORKS, 1, HIDDEN).mul(1.5));
        private final Parameter w2 =
                new Parameter(Key.of(4).normal(NETWORKS, HIDDEN, 1).mul(0.3));
        private final Parameter b2 = new Parameter(Tensor.zeros(NETWORKS, 1, 1));

        List<Parameter> parameters() {
            return List.of(w1, b1, w2, b2);
        }

        /** {@code [networks, n, 1]} → {@code [networks, n, 1]}. */
        Tensor forward(Tensor x) {
            return x.mul(w1).add(b1).tanh().matmul(w2).add(b2);
        }
    }
}
