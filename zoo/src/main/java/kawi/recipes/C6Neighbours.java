package kawi.recipes;

import static kawi.recipes.RecipeData.accuracy;

import kawi.base.DType;
import kawi.classic.KMeans;
import kawi.classic.NearestNeighbours;
import kawi.classic.Pca;
import kawi.classic.Tsne;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * What is near to what, on handwritten digits of 8 × 8 points: the nearest neighbours decide, k-means finds groups without labels, and t-SNE draws a map of
 * them, beside that of the two first principal components.
 */
final class C6Neighbours implements Demonstration {
    private static final int ON_MAP = 1000;

    @Override
    public String id() {
        return "C6";
    }

    @Override
    public String sentence() {
        return "nearest neighbours, k-means and a t-SNE map of handwritten digits";
    }

    @Override
    public void run(Report report) {
        RecipeData.TrainAndTest digits = RecipeData.optdigits(report);
        RecipeData.Examples train = digits.train();
        RecipeData.Examples test = digits.test();
        // The figures of the data set's own description, to one digit in 1,797: which of three different neighbours
        // wins is
        // not said there.
        for (var reference : new double[][] {{1, 98.00}, {3, 97.83}}) {
            int k = (int) reference[0];
            NearestNeighbours model = NearestNeighbours.fit(train.x(), train.y(), k);
            report.figure(
                    "neighbours_" + k,
                    "accuracy of %d nearest neighbours on the test digits in %%".formatted(k),
                    100 * accuracy(model.predict(test.x()), test.y()),
                    Reference.near(reference[1], 0.06));
        }

        KMeans groups = KMeans.fit(train.x(), 10, Key.of(0));
        report.say("k-means: 10 groups, inertia %.0f, %d iterations", groups.inertia(), groups.iterations());
        report.figure(
                "k_means_purity",
                "k-means: share of digits that are the most frequent one of their group",
                purity(groups.predict(train.x()), train.y()),
                Reference.atLeast(0.7));
        KMeans one = KMeans.fit(train.x(), 10, 1, Key.of(0));
        report.figure(
                "k_means_starts",
                "inertia of ten starts against the first alone",
                groups.inertia() / one.inertia(),
                Reference.atMost(1));

        Tensor x = test.x().slice(0, 0, ON_MAP).realized();
        Tensor y = test.y().slice(0, 0, ON_MAP).realized();
        Tsne.Embedding map = Tsne.embed(x, new Tsne.Options(), Key.of(0));
        report.say("t-SNE: Σ p ln(p/q) = %.3f", map.divergence());
        Tensor plane = Pca.fit(x, 2).transform(x);
        report.figure(
                "map_neighbour",
                "t-SNE: share of digits whose nearest neighbour on the map is the same digit",
                sameAsNeighbour(map.places(), y),
                Reference.atLeast(0.9));
        report.figure(
                "plane_neighbour",
                "the same on the plane of two principal components",
                sameAsNeighbour(plane, y),
                Reference.NONE);
        report.picture(
                "t-sne",
                scatter("t-SNE of 1,000 handwritten digits", "first coordinate", "second coordinate", map.places(), y));
        report.picture(
                "pca",
                scatter(
                        "The same digits on two principal components",
                        "first component",
                        "second component",
                        plane,
                        y));
    }

    private static double purity(Tensor group, Tensor label) {
        Tensor groups = group.oneHot(10).to(DType.F32);
        Tensor labels = label.to(DType.I64).oneHot(10).to(DType.F32);
        return groups.t().matmul(labels).max(1).sum().item() / label.dim(0);
    }

    private static double sameAsNeighbour(Tensor places, Tensor y) {
        // The nearest of all is the point itself, so the second one counts.
        Tensor neighbour =
                NearestNeighbours.fit(places, y, 2).neighbours(places).select(1, 1);
        return accuracy(y.take(0, neighbour), y);
    }

    private static Plot scatter(String title, String first, String second, Tensor places, Tensor y) {
        Plot plot = Plot.of(title, first, second);
        for (int digit = 0; digit < 10; digit++) {
            Tensor members = y.eq(digit).nonzero().squeeze(1);
            plot.points(
                    "" + digit,
                    places.take(0, members).select(1, 0).toDoubleArray(),
                    places.take(0, members).select(1, 1).toDoubleArray());
        }
        return plot;
    }
}
