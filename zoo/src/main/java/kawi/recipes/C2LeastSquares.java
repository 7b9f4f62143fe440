package kawi.recipes;

import static kawi.recipes.Closeness.relativeError;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.classic.LeastSquares;
import kawi.classic.LinearModel;
import kawi.classic.Ridge;
import kawi.linalg.Linalg;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Linear and ridge regression on the diabetes data, by a formula and by walking downhill. Gradient descent on f with curvatures between μ and L loses
 * (L − μ)/(L + μ) of its distance in each step of length 2/(L + μ) at the slowest; with L and μ from the eigenvalues the number of steps is known
 * beforehand. Ridge regression is the most probable w under normal noise and a normal prior: the penalty is the ratio of their variances.
 */
final class C2LeastSquares implements Demonstration {
    private static final double LAMBDA = 10;

    @Override
    public String id() {
        return "C2";
    }

    @Override
    public String sentence() {
        return "linear and ridge regression, closed form and gradient descent; ridge as the most probable weights";
    }

    @Override
    public void run(Report report) {
        RecipeData.Examples data = RecipeData.diabetes(report);
        Tensor x = data.x().to(DType.F64);
        x = x.sub(x.mean(0)).div(x.std(0, 0)).realized();
        Tensor y = data.y().to(DType.F64);

        LinearModel linear = LeastSquares.fit(x, y);
        LinearModel ridge = Ridge.fit(x, y, LAMBDA);
        report.figure(
                "linear_error",
                "linear regression: weights by descent against the closed form",
                relativeError(descend(report, x, y, 0), linear.weights()),
                Reference.atMost(1e-6));
        report.figure(
                "ridge_error",
                "ridge regression: the same",
                relativeError(descend(report, x, y, LAMBDA), ridge.weights()),
                Reference.atMost(1e-6));
        report.figure(
                "r_squared",
                "share of the variance explained by linear regression (Efron et al. 2004: 0.5177)",
                1
                        - linear.predict(x).sub(y).square().sum().item()
                                / y.sub(y.mean()).square().sum().item(),
                Reference.near(0.5177, 5e-4));
        mostProbable(report, x);
        paths(report, x, y);
    }

    /** Gradient descent on ½‖y − Xw‖² + ½λ‖w‖² until the theory's rate has brought the error to 1e-9. */
    private static Tensor descend(Report report, Tensor x, Tensor y, double lambda) {
        Tensor curvatures = Linalg.eigvalsh(x.t().matmul(x)).add(lambda);
        double smallest = curvatures.min().item();
        double largest = curvatures.max().item();
        double rate = (largest - smallest) / (largest + smallest);
        int steps = (int) Math.ceil(Math.log(1e-9) / Math.log(rate));
        report.say("λ = %s: condition number %.1f, %,d steps", lambda, largest / smallest, steps);
        Tensor w = Tensor.zeros(DType.F64, x.dim(1));
        Tensor centred = y.sub(y.mean());
        for (int step = 0; step < steps; step++) {
            Tensor v = w.requiresGrad();
            Tensor loss = centred.sub(x.matmul(v))
                    .square()
                    .sum()
                    .add(v.square().sum().mul(lambda))
                    .mul(0.5);
            w = w.sub(Kawi.grad(loss, v).mul(2 / (largest + smallest))).realized();
        }
        return w;
    }

    /** Weights drawn from N(0, τ²I), noise from N(0, σ²): the posterior's peak, found as the zero of its gradient, is ridge regression with λ = σ²/τ². */
    private static void mostProbable(Report report, Tensor x) {
        double noise = 2;
        double prior = 0.5;
        Tensor truth = Key.of(1).normal(DType.F64, x.dim(1)).mul(prior);
        Tensor y = x.matmul(truth)
                .add(Key.of(2).normal(DType.F64, x.dim(0)).mul(noise))
                .realized();
        Tensor centred = y.sub(y.mean());
        Tensor w = Ridge.fit(x, y, noise * noise / (prior * prior)).weights().requiresGrad();
        Tensor logPosterior = centred.sub(x.matmul(w))
                .square()
                .sum()
                .div(2 * noise * noise)
                .add(w.square().sum().div(2 * prior * prior))
                .neg();
        report.figure(
                "map_gradient",
                "gradient of the log posterior at ridge's weights, λ = σ²/τ²",
                Kawi.grad(logPosterior, w).abs().max().item(),
                Reference.atMost(1e-9));
    }

    /** How weights shrink as the penalty grows. */
    private static void paths(Report report, Tensor x, Tensor y) {
        double[] lambdas = IntStream.rangeClosed(-4, 20)
                .mapToDouble(i -> Math.pow(10, i / 4.0))
                .toArray();
        double[][] weights = DoubleStream.of(lambdas)
                .mapToObj(l -> Ridge.fit(x, y, l).weights().toDoubleArray())
                .toArray(double[][]::new);
        String[] names = {"age", "sex", "body mass", "blood pressure", "s1", "s2", "s3", "s4", "s5", "s6"};
        Plot plot = Plot.of("Ridge regression on diabetes", "penalty λ", "weight of the standardised feature")
                .logX();
        for (int j = 0; j < names.length; j++) {
            plot.line(names[j], lambdas, column(weights, j));
        }
        report.picture("ridge-path", plot);
        double[] norms = IntStream.range(0, lambdas.length)
                .mapToDouble(i ->
                        Math.sqrt(DoubleStream.of(weights[i]).map(w -> w * w).sum()))
                .toArray();
        boolean falls = IntStream.range(1, norms.length).allMatch(i -> norms[i] < norms[i - 1]);
        report.figure("norm_falls", "‖w‖ falls with λ throughout (1: yes)", falls ? 1 : 0, Reference.exactly(1));
    }

    private static double[] column(double[][] rows, int j) {
        return IntStream.range(0, rows.length).mapToDouble(i -> rows[i][j]).toArray();
    }
}
