package kawi.recipes;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.classic.Pca;
import kawi.classic.RandomProjection;
import kawi.linalg.Linalg;
import kawi.optim.Adam;
import kawi.optim.Schedule;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Fewer dimensions. Principal components exactly and by a random projection; a linear autoencoder, with free and with tied weights, which finds the same
 * subspace by gradient descent (Baldi and Hornik 1989); and projections that know nothing of the data but keep all distances (Johnson and Lindenstrauss).
 */
final class C5Subspaces implements Demonstration {
    private static final int K = 8;
    private static final int STEPS = 4000;

    @Override
    public String id() {
        return "C5";
    }

    @Override
    public String sentence() {
        return "PCA, exact and randomised; linear autoencoders find its subspace; random projections keep distances";
    }

    @Override
    public void run(Report report) {
        Tensor x = RecipeData.optdigits(report).train().x().to(DType.F64).realized();
        Tensor images = RecipeData.mnist(report).test().x().slice(0, 0, 500).realized();

        Pca exact = Pca.fit(x, K);
        Pca random = Pca.randomized(x, K, Key.of(0));
        double all = x.variance(1, 0).sum().item();
        double kept = exact.variances().sum().item();
        report.say("optdigits: %d of %d directions hold %.1f %% of the variance", K, x.dim(1), 100 * kept / all);
        report.figure(
                "randomized_angle",
                "largest principal angle between exact and randomised PCA",
                angle(exact.components(), random.components()),
                Reference.atMost(1e-3));

        Autoencoder free = Autoencoder.learn(x, false);
        Autoencoder tied = Autoencoder.learn(x, true);
        report.figure(
                "autoencoder_angle",
                "largest principal angle between PCA and the linear autoencoder's decoder",
                angle(exact.components(), free.decoder.t()),
                Reference.atMost(1e-3));
        report.figure(
                "tied_angle",
                "the same with tied weights, D = Eᵀ",
                angle(exact.components(), tied.decoder.t()),
                Reference.atMost(1e-3));
        double lost = (all - kept) * (x.dim(0) - 1) / x.dim(0);
        report.figure(
                "autoencoder_loss",
                "the autoencoder's loss above the least, which is PCA's, relative",
                free.losses[STEPS - 1] / lost - 1,
                Reference.near(0, 1e-6));
        report.picture(
                "autoencoder",
                Plot.of("Linear autoencoder on optdigits", "step", "loss above PCA's")
                        .logX()
                        .logY()
                        .line("free weights", above(free.losses, lost))
                        .line("tied weights", above(tied.losses, lost)));
        distances(report, images);
    }

    private static double[] above(double[] losses, double least) {
        return Arrays.stream(losses).map(l -> l - least).toArray();
    }

    /** The largest angle between the spaces that the rows of two matrices span: the sine is how far one's unit vectors stick out of the other. */
    private static double angle(Tensor a, Tensor b) {
        Tensor p = Linalg.qr(a.to(DType.F64).t()).q();
        Tensor q = Linalg.qr(b.to(DType.F64).t()).q();
        Tensor out = q.sub(p.matmul(p.t().matmul(q)));
        return Math.asin(Math.min(1, Linalg.svdvals(out).max().item()));
    }

    /**
     * x ↦ D·E·x for centred x, E {@code [k, features]} and D {@code [features, k]}. The mean of ‖x − DEx‖² over all rows depends on them through their covariance
     * C alone, tr (I − DE)C(I − DE)ᵀ, which is what each step descends.
     */
    private record Autoencoder(Tensor decoder, double[] losses) {
        static Autoencoder learn(Tensor x, boolean tiedWeights) {
            Tensor centred = x.sub(x.mean(0));
            Tensor covariance = centred.t().matmul(centred).div(x.dim(0)).realized();
            int features = x.dim(1);
            Parameter encoder =
                    new Parameter(Key.of(1).normal(DType.F64, K, features).mul(0.1));
            Parameter free =
                    new Parameter(Key.of(2).normal(DType.F64, features, K).mul(0.1));
            Adam adam = new Adam(tiedWeights ? List.of(encoder) : List.of(encoder, free), 0.01);
            adam.schedule(Schedule.cosine(0.01, 0, STEPS));
            double[] losses = new double[STEPS];
            for (int step = 0; step < STEPS; step++) {
                Tensor decoder = tiedWeights ? encoder.t() : free;
                Tensor rest = Tensor.eye(features).to(DType.F64).sub(decoder.matmul(encoder));
                Tensor loss = rest.matmul(covariance).mul(rest).sum();
                adam.step(loss);
                losses[step] = loss.item();
            }
            return new Autoencoder((tiedWeights ? encoder.t() : free).detach().realized(), losses);
        }
    }

    /** Squared distances of all pairs of 500 images after projections to k dimensions: how far from 1 the ratio to the true ones is at worst. */
    private static void distances(Report report, Tensor x) {
        double epsilon = 0.5;
        int enough = RandomProjection.dimension(x.dim(0), epsilon);
        report.say("%d points keep their squared distances to ±%s in %d dimensions", x.dim(0), epsilon, enough);
        report.figure(
                "gaussian_distortion",
                "worst distortion by a Gaussian projection to that many",
                distortion(x, RandomProjection.gaussian(x.dim(1), enough, Key.of(3))),
                Reference.atMost(epsilon));
        report.figure(
                "sparse_distortion",
                "the same by a sparse one (Achlioptas)",
                distortion(x, RandomProjection.sparse(x.dim(1), enough, Key.of(4))),
                Reference.atMost(epsilon));
        double[] epsilons = {0.9, 0.7, 0.5, 0.4, 0.3, 0.2};
        double[] dimensions = new double[epsilons.length];
        double[] measured = new double[epsilons.length];
        for (int i = 0; i < epsilons.length; i++) {
            int k = RandomProjection.dimension(x.dim(0), epsilons[i]);
            dimensions[i] = k;
            measured[i] = distortion(x, RandomProjection.gaussian(x.dim(1), k, Key.of(5)));
        }
        report.picture(
                "random-projection",
                Plot.of(
                                "Distances of 500 digits after random projections",
                                "dimensions k",
                                "worst |ratio − 1| of squared distances")
                        .logX()
                        .logY()
                        .line("measured", dimensions, measured)
                        .line("bound of the theorem", dimensions, epsilons));
        report.figure(
                "below_bound",
                "projections whose worst distortion is below the theorem's bound",
                IntStream.range(0, epsilons.length)
                        .filter(i -> measured[i] <= epsilons[i])
                        .count(),
                Reference.exactly(epsilons.length));
    }

    private static double distortion(Tensor x, RandomProjection projection) {
        Tensor before = squaredDistances(x.to(DType.F64));
        Tensor after = squaredDistances(projection.transform(x).to(DType.F64));
        Tensor same = Tensor.eye(x.dim(0)).gt(0);
        return after.div(before.maskedFill(same, 1))
                .maskedFill(same, 1)
                .sub(1)
                .abs()
                .max()
                .item();
    }

    private static Tensor squaredDistances(Tensor x) {
        Tensor squares = x.square().sum(1);
        return squares.unsqueeze(1).add(squares).sub(x.matmul(x.t()).mul(2));
    }
}
