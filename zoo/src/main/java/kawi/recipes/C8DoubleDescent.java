package kawi.recipes;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.linalg.Linalg;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Capacity. First the classical picture: the error of polynomials is squared bias plus variance plus noise, one falls and the other grows with the degree
 * (Geman, Bienenstock and Doursat 1992). Then beyond it: least squares on N random features of n digits, where of all weights that fit the smallest are taken.
 * The test error rises up to N = n, where the fit first goes through every example, and falls again after it (Belkin, Hsu, Ma and Mandal 2019, <em>Reconciling
 * modern machine-learning practice and the classical bias–variance trade-off</em>).
 */
final class C8DoubleDescent implements Demonstration {
    private static final int DIGITS = 300;
    private static final int TEST = 2000;
    private static final int DRAWS = 3;
    private static final double[] FEATURES = {
        10, 30, 60, 100, 150, 200, 250, 280, 300, 320, 350, 400, 600, 1000, 2000, 4000
    };

    @Override
    public String id() {
        return "C8";
    }

    @Override
    public String sentence() {
        return "error as bias, variance and noise; double descent with random features of MNIST digits";
    }

    @Override
    public void run(Report report) {
        biasAndVariance(report);
        doubleDescent(report);
    }

    // Bias and variance

    private static final int POINTS = 30;
    private static final int SETS = 400;
    private static final int DEGREES = 10;
    private static final double NOISE = 0.3;

    private static Tensor truth(Tensor t) {
        return t.mul(2 * Math.PI).sin();
    }

    /** Legendre-like columns 1, u, …, u^degree for t from 0 to 1, as u = 2t − 1. */
    private static Tensor powers(Tensor t, int degree) {
        return t.mul(2).sub(1).unsqueeze(1).pow(Tensor.arange(degree + 1).to(DType.F64));
    }

    private static void biasAndVariance(Report report) {
        Tensor t = Tensor.linspace(0, 1, POINTS).to(DType.F64);
        Tensor at = Tensor.linspace(0, 1, 101).to(DType.F64);
        Tensor wanted = truth(at);
        // Each column is one training set: the same places, other noise.
        Tensor y = truth(t).unsqueeze(1)
                .add(Key.of(1).normal(DType.F64, POINTS, SETS).mul(NOISE));
        Tensor fresh =
                wanted.unsqueeze(1).add(Key.of(2).normal(DType.F64, 101, SETS).mul(NOISE));
        double[] degree = IntStream.rangeClosed(0, DEGREES).asDoubleStream().toArray();
        double[] bias = new double[degree.length];
        double[] variance = new double[degree.length];
        double[] error = new double[degree.length];
        double gap = 0;
        for (int d = 0; d <= DEGREES; d++) {
            Tensor fits = powers(at, d).matmul(Linalg.lstsq(powers(t, d), y)).realized(); // [101, sets]
            bias[d] = fits.mean(1).sub(wanted).square().mean().item();
            variance[d] = fits.variance(0, 1).mean().item();
            error[d] = fits.sub(fresh).square().mean().item();
            gap = Math.max(gap, Math.abs(error[d] / (bias[d] + variance[d] + NOISE * NOISE) - 1));
        }
        report.figure(
                "decomposition",
                "largest relative gap between test error and bias² + variance + noise",
                gap,
                Reference.atMost(0.02));
        // Least squares of p weights on n points with noise σ² has variance σ²p/n at the points themselves; the grid
        // lies alike.
        report.figure(
                "variance_grows",
                "variance of degree 10 against that of degree 1",
                variance[10] / variance[1],
                Reference.atLeast(3));
        report.figure(
                "bias_falls",
                "squared bias of degree 1 against that of degree 10",
                bias[1] / bias[10],
                Reference.atLeast(100));
        double[] noise = new double[degree.length];
        Arrays.fill(noise, NOISE * NOISE);
        double[] theory =
                Arrays.stream(degree).map(d -> NOISE * NOISE * (d + 1) / POINTS).toArray();
        report.picture(
                "bias-variance",
                Plot.of("Polynomials through 30 noisy points of a sine", "degree", "squared error")
                        .logY()
                        .line("test error", degree, error)
                        .line("bias²", degree, bias)
                        .line("variance", degree, variance)
                        .line("variance by theory, σ²p/n", degree, theory)
                        .line("noise", degree, noise));
    }

    // Double descent

    private static void doubleDescent(Report report) {
        RecipeData.TrainAndTest mnist = RecipeData.mnist(report);
        RecipeData.Examples train = mnist.train().range(0, DIGITS);
        RecipeData.Examples test = mnist.test().range(0, TEST);
        double[] trainError = new double[FEATURES.length];
        double[] testError = new double[FEATURES.length];
        double[] wrong = new double[FEATURES.length];
        for (int i = 0; i < FEATURES.length; i++) {
            for (int draw = 0; draw < DRAWS; draw++) {
                Fit fit = Fit.of(train, test, (int) FEATURES[i], Key.of(draw));
                trainError[i] += fit.trainError / DRAWS;
                testError[i] += fit.testError / DRAWS;
                wrong[i] += fit.wrong / DRAWS;
            }
            report.say(
                    "N = %4.0f: squared error %.2e on the %d digits, %.3f on test digits, %.1f %% of these wrong",
                    FEATURES[i], trainError[i], DIGITS, testError[i], 100 * wrong[i]);
        }
        int threshold = IntStream.range(0, FEATURES.length)
                .filter(i -> FEATURES[i] == DIGITS)
                .findFirst()
                .orElseThrow();
        double left = Arrays.stream(testError, 0, threshold).min().orElseThrow();
        double right = testError[FEATURES.length - 1];
        report.figure(
                "peak_over_left",
                "test error at N = n over the least below it",
                testError[threshold] / left,
                Reference.atLeast(1.5));
        report.figure(
                "peak_over_right",
                "test error at N = n over that of 4,000 features",
                testError[threshold] / right,
                Reference.atLeast(1.5));
        report.figure(
                "wrong_over_left",
                "the same for the share of wrong digits: over the least below N = n",
                wrong[threshold] / Arrays.stream(wrong, 0, threshold).min().orElseThrow(),
                Reference.atLeast(1.5));
        report.figure(
                "wrong_over_right",
                "and over that of 4,000 features",
                wrong[threshold] / wrong[FEATURES.length - 1],
                Reference.atLeast(1.5));
        report.figure(
                "fits_all",
                "largest squared error on the digits learnt from, for N > n",
                Arrays.stream(trainError, threshold + 1, FEATURES.length).max().orElseThrow(),
                Reference.atMost(1e-9));
        double[] shown = Arrays.stream(trainError).map(e -> Math.max(e, 1e-3)).toArray(); // below it is rounding alone
        report.picture(
                "double-descent",
                Plot.of(
                                "Least squares on random features of %d MNIST digits".formatted(DIGITS),
                                "features N",
                                "squared error")
                        .logX()
                        .logY()
                        .line("test", FEATURES, testError)
                        .line("training (0.001 where less)", FEATURES, shown)
                        .line("N = n", new double[] {DIGITS, DIGITS}, new double[] {1e-3, testError[threshold]}));
        report.picture(
                "wrong-digits",
                Plot.of("The same by the share of wrong digits", "features N", "share of wrong test digits")
                        .logX()
                        .line("test", FEATURES, wrong)
                        .line("N = n", new double[] {DIGITS, DIGITS}, new double[] {0, 1}));
    }

    /** Least squares of the ten classes' indicators on cos(xW + p), the smallest weights where many fit. */
    private record Fit(double trainError, double testError, double wrong) {
        static Fit of(RecipeData.Examples train, RecipeData.Examples test, int features, Key key) {
            Tensor w = key.fold(features)
                    .normal(DType.F64, train.x().dim(1), features)
                    .mul(0.1)
                    .realized();
            Tensor phase = key.fold(-features)
                    .uniform(DType.F64, features)
                    .mul(2 * Math.PI)
                    .realized();
            Tensor z = transformed(train.x(), w, phase);
            Tensor y = indicators(train.y());
            Tensor weights = features > train.size()
                    ? z.t().matmul(Linalg.solve(z.matmul(z.t()), y))
                    : features == train.size() ? Linalg.solve(z, y) : Linalg.lstsq(z, y);
            Tensor predicted = transformed(test.x(), w, phase).matmul(weights).realized();
            return new Fit(
                    z.matmul(weights).sub(y).square().sum(1).mean().item(),
                    predicted.sub(indicators(test.y())).square().sum(1).mean().item(),
                    1 - RecipeData.accuracy(predicted.argmax(1).to(DType.F32), test.y()));
        }

        private static Tensor transformed(Tensor x, Tensor w, Tensor phase) {
            Tensor angle = x.to(DType.F64).matmul(w).add(phase);
            return angle.cos().mul(Math.sqrt(2.0 / phase.dim(0))).realized();
        }

        private static Tensor indicators(Tensor y) {
            return y.to(DType.I64).oneHot(10).to(DType.F64);
        }
    }
}
