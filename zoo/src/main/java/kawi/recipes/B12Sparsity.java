package kawi.recipes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import kawi.base.DType;
import kawi.linalg.Linalg;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.nn.WeightNormLinear;
import kawi.optim.Adam;
import kawi.optim.AdamW;
import kawi.optim.Optimizer;
import kawi.optim.Proximal;
import kawi.optim.Sgd;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Ways to keep weights small. L1, min f(w) + λ‖w‖₁, by the proximal gradient step w ← S(w − η∇f(w)), S(v) = sign(v)·max(|v| − ηλ, 0)
 * (ISTA: Daubechies, Defrise and De Mol 2004), gives weights that are exactly 0, and is done when for every j
 *
 * <pre>
 *   ∂f/∂wⱼ = −λ·sign(wⱼ)  where wⱼ ≠ 0,     |∂f/∂wⱼ| ≤ λ  where wⱼ = 0
 * </pre>
 *
 * L2, min f(w) + ½λ‖w‖², shrinks all weights and makes none 0; its end is (XᵀX/n + λI)⁻¹Xᵀy/n. In an adaptive method the L2 gradient is divided
 * by the size of the gradients, so that weights with large ones decay less; decoupled decay takes the same share of all (Loshchilov and
 * Hutter 2019, section 2). Max-norm and weight normalisation bound and separate the length of each unit's weights.
 */
final class B12Sparsity implements Demonstration {
    private static final int ROWS = 200;
    private static final int FEATURES = 12;
    private static final double[] LAMBDAS = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3};

    private final Tensor x = Key.of(1).normal(DType.F64, ROWS, FEATURES).realized();
    /** Four features count. */
    private final Tensor y = x.matmul(Tensor.of(new double[] {2, -1.5, 1, -0.5, 0, 0, 0, 0, 0, 0, 0, 0}))
            .add(Key.of(2).normal(DType.F64, ROWS).mul(0.5))
            .realized();

    private final double rate =
            1 / Linalg.eigvalsh(x.t().matmul(x).div(ROWS)).max().item();

    @Override
    public String id() {
        return "B12";
    }

    @Override
    public String sentence() {
        return "L1 by proximal steps gives exact zeros, L2 none; decoupled decay, max-norm and weight normalisation do what they say";
    }

    @Override
    public void run(Report report) {
        paths(report);
        decay(report);
        norms(report);
    }

    private Tensor f(Tensor w) {
        return x.matmul(w).sub(y).square().mean().mul(0.5);
    }

    private double[] minimise(Function<List<Parameter>, Optimizer> method) {
        Parameter w = new Parameter(Tensor.zeros(DType.F64, FEATURES));
        Optimizer optimizer = method.apply(List.of(w));
        for (int k = 0; k < 400; k++) {
            optimizer.step(f(w));
        }
        return w.toDoubleArray();
    }

    private void paths(Report report) {
        List<double[]> lasso = new ArrayList<>();
        double conditions = 0;
        double ridgeError = 0;
        int zerosOfRidge = 0;
        double[] zeros = new double[LAMBDAS.length];
        for (int i = 0; i < LAMBDAS.length; i++) {
            double lambda = LAMBDAS[i];
            double[] w = minimise(p -> new Sgd(p, rate).proximal(Proximal.l1(lambda)));
            lasso.add(w);
            zeros[i] = Arrays.stream(w).filter(v -> v == 0).count();
            double[] g = gradient(w);
            for (int j = 0; j < FEATURES; j++) {
                double off =
                        w[j] == 0 ? Math.max(0, Math.abs(g[j]) - lambda) : Math.abs(g[j] + lambda * Math.signum(w[j]));
                conditions = Math.max(conditions, off);
            }

            double[] ridge = minimise(p -> new Sgd(p, 1 / (1 / rate + lambda)).weightDecay(lambda));
            Tensor h = x.t().matmul(x)
                    .div(ROWS)
                    .add(Tensor.eye(FEATURES).to(DType.F64).mul(lambda));
            Tensor exact = Linalg.solve(h, x.t().matmul(y).div(ROWS));
            ridgeError = Math.max(ridgeError, Closeness.relativeError(Tensor.of(ridge), exact));
            zerosOfRidge += (int) Arrays.stream(ridge).filter(v -> v == 0).count();
            report.say("λ = %-5.2f  L1: %2.0f zeros of %d   w = %s", lambda, zeros[i], FEATURES, text(w));
        }
        report.figure(
                "conditions", "L1: largest violation of the optimality conditions", conditions, Reference.atMost(1e-8));
        report.figure("zeros", "L1, λ = 0.1: weights of exactly 0, 8 are planted", zeros[3], Reference.exactly(8));
        report.figure(
                "all_zero",
                "L1, λ = 3, above max|∂f(0)|: weights of exactly 0",
                zeros[LAMBDAS.length - 1],
                Reference.exactly(FEATURES));
        report.figure("ridge", "L2: distance to (XᵀX/n + λI)⁻¹Xᵀy/n, relative", ridgeError, Reference.atMost(1e-8));
        report.figure("ridge_zeros", "L2: weights of exactly 0, all λ", zerosOfRidge, Reference.exactly(0));
        Plot plot = Plot.of("Paths of the lasso", "λ", "weight").logX();
        for (int j = 0; j < 6; j++) {
            int feature = j;
            plot.line(
                    "w" + (j + 1),
                    LAMBDAS,
                    lasso.stream().mapToDouble(w -> w[feature]).toArray());
        }
        report.picture("paths", plot);
        report.picture(
                "zeros",
                Plot.of("Exact zeros", "λ", "weights that are 0").logX().line("of 12", LAMBDAS, zeros));
    }

    private double[] gradient(double[] w) {
        Tensor at = Tensor.of(w).requiresGrad();
        return Kawi.grad(f(at), at).toDoubleArray();
    }

    private static String text(double[] w) {
        StringBuilder s = new StringBuilder();
        Arrays.stream(w).limit(6).forEach(v -> s.append(v == 0 ? "     0" : "%6.2f".formatted(v)));
        return s + " …";
    }

    /** Two weights at 1 whose gradients are ±1 and ±100 by turns, so that decay alone moves them in the long run. */
    private static void decay(Report report) {
        double[] shares = new double[2];
        for (int i = 0; i < 2; i++) {
            Parameter w = new Parameter(Tensor.ones(DType.F64, 2));
            Optimizer optimizer =
                    i == 0 ? new Adam(List.of(w), 1e-3).weightDecay(0.1) : new AdamW(List.of(w), 1e-3).weightDecay(0.1);
            Tensor size = Tensor.of(new double[] {1, 100});
            for (int k = 0; k < 2000; k++) {
                optimizer.step(w.mul(size).sum().mul(k % 2 == 0 ? 1 : -1));
            }
            double[] end = w.toDoubleArray();
            shares[i] = (1 - end[0]) / (1 - end[1]);
            report.say(
                    "%s: weights of 1 with gradients ±1 and ±100 end at %.3f and %.3f",
                    i == 0 ? "coupled" : "decoupled", end[0], end[1]);
        }
        report.figure(
                "coupled",
                "Adam with L2: decay of the small-gradient weight / the other",
                shares[0],
                Reference.atLeast(10));
        report.figure("decoupled", "AdamW: the same", shares[1], Reference.near(1, 0.05));
    }

    private static void norms(Report report) {
        Tensor x = Key.of(5).normal(128, 6).realized();
        Tensor y = x.matmul(Key.of(6).normal(6, 4).mul(3)).realized();
        Parameter w = new Parameter(Tensor.zeros(4, 6));
        Optimizer sgd = new Sgd(List.of(w), 0.05).proximal(Proximal.maxNorm(2));
        for (int k = 0; k < 100; k++) {
            sgd.step(Losses.mse(x.matmul(w.t()), y));
        }
        report.figure(
                "max_norm",
                "max-norm 2: largest norm of a unit's weights",
                w.norm(2, 1).max().item(),
                Reference.near(2, 1e-5));

        WeightNormLinear layer = Kawi.withStream(7, 0, () -> new WeightNormLinear(6, 4));
        Module model = layer;
        Optimizer descent = new Sgd(model.parameters(), 0.05);
        for (int k = 0; k < 600; k++) {
            descent.step(Losses.mse(model.forward(x), y));
        }
        Tensor lengths = layer.weight
                .value()
                .norm(2, 1)
                .sub(layer.weight.g.flatten())
                .abs()
                .max();
        report.figure("weight_norm", "weight normalisation: ‖w‖ − g, largest", lengths.item(), Reference.atMost(1e-5));
        report.figure(
                "weight_norm_loss",
                "and the squared error it learns to",
                Losses.mse(model.forward(x), y).item(),
                Reference.atMost(1e-3));
    }
}
