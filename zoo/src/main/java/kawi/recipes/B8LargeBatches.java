package kawi.recipes;

import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import kawi.base.DType;
import kawi.optim.Adam;
import kawi.optim.Lamb;
import kawi.optim.Lars;
import kawi.optim.Lookahead;
import kawi.optim.Optimizer;
import kawi.optim.Schedule;
import kawi.optim.Sgd;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * LARS and LAMB give each layer a rate in proportion to ‖θ‖/‖step‖, so that no layer moves by more than a share of its size, for batches of
 * thousands; Lookahead lets any method explore and follows it slowly. Each is held against its paper's algorithm on a vector, step by step:
 *
 * <pre>
 *   LARS       ratio = τ‖θ‖/(‖g‖ + λ‖θ‖),  v ← μv + η·ratio·(g + λθ),  θ ← θ − v      (You, Gitman and Ginsburg 2017, algorithm 1)
 *   LAMB       u = m̂/(√v̂ + ε) + λθ,  θ ← θ − η·‖θ‖/‖u‖·u                          (You et al. 2020, algorithm 2)
 *   Lookahead  every k steps φ ← φ + α(θ − φ),  θ ← φ                              (Zhang et al. 2019, algorithm 1)
 * </pre>
 *
 * and then all train on MNIST with batches of 1,000.
 */
final class B8LargeBatches implements Demonstration {
    private static final int EPOCHS = 6;
    private static final double[] START = {1.5, -0.5, 2};
    private static final double[] CURVATURE = {1, 3, 0.3};

    /** θ after step t from 1, given θ and the gradient g. */
    private interface Rule {
        double[] next(double[] theta, double[] g, int t);
    }

    @Override
    public String id() {
        return "B8";
    }

    @Override
    public String sentence() {
        return "LARS, LAMB and Lookahead: step by step as their papers have them, and on MNIST with batches of 1,000";
    }

    @Override
    public void run(Report report) {
        report.figure(
                "lars",
                "LARS: largest difference from its algorithm in 20 steps",
                difference(p -> new Lars(p, 0.5, 0.9).trust(0.02).weightDecay(0.1), lars()),
                Reference.atMost(1e-6));
        report.figure(
                "lamb",
                "LAMB: the same",
                difference(p -> new Lamb(p, 0.02).weightDecay(0.1), lamb()),
                Reference.atMost(1e-6));
        report.figure(
                "lookahead",
                "Lookahead around SGD: the same",
                difference(p -> new Lookahead(new Sgd(p, 0.1), 5, 0.5), lookahead()),
                Reference.atMost(1e-6));

        SmallMnist mnist = SmallMnist.of(report, 12_000);
        int steps = EPOCHS * 12;
        Plot plot = Plot.of("12,000 images of MNIST, 784–32–10", "step of 1,000 images", "cross-entropy")
                .logY();
        fit(
                report,
                plot,
                mnist,
                "SGD, μ = 0.9",
                "sgd",
                p -> new Sgd(p, 1, 0.9).schedule(rise(0.1, steps)),
                Reference.NONE);
        fit(
                report,
                plot,
                mnist,
                "LARS",
                "lars",
                p -> new Lars(p, 1, 0.9).trust(0.02).schedule(rise(1, steps)),
                Reference.atLeast(0.9));
        fit(
                report,
                plot,
                mnist,
                "LAMB",
                "lamb",
                p -> new Lamb(p, 1).weightDecay(0.01).schedule(rise(0.05, steps)),
                Reference.atLeast(0.9));
        fit(
                report,
                plot,
                mnist,
                "Lookahead, Adam",
                "lookahead",
                p -> new Lookahead(new Adam(p, 0.01), 5, 0.5),
                Reference.atLeast(0.9));
        report.picture("loss", plot);
    }

    /** A warm-up over a tenth of the steps, and a cosine. */
    private static Schedule rise(double rate, int steps) {
        return Schedule.cosine(rate, 0, steps - steps / 10).warmUp(steps / 10);
    }

    private static void fit(
            Report report,
            Plot plot,
            SmallMnist mnist,
            String name,
            String key,
            Function<List<Parameter>, Optimizer> method,
            Reference reference) {
        SmallMnist.Outcome outcome = mnist.fit(EPOCHS, 1000, method);
        report.figure(key + "_accuracy", name + ": test accuracy", outcome.accuracy(), reference);
        report.say("%-16s %.4f of the test images right", name, outcome.accuracy());
        plot.line(name, SmallMnist.smooth(outcome.losses(), 5));
    }

    /** The largest relative difference in 20 steps on ½Σcⱼθⱼ², in double precision. */
    private static double difference(Function<List<Parameter>, Optimizer> method, Rule rule) {
        Parameter p = new Parameter(Tensor.of(START));
        Tensor curvature = Tensor.of(CURVATURE);
        Optimizer optimizer = method.apply(List.of(p));
        double[] theta = START.clone();
        double worst = 0;
        for (int t = 1; t <= 20; t++) {
            optimizer.step(p.square().mul(curvature).sum().mul(0.5));
            double[] g = new double[theta.length];
            for (int j = 0; j < g.length; j++) {
                g[j] = CURVATURE[j] * theta[j];
            }
            theta = rule.next(theta, g, t);
            worst = Math.max(worst, Closeness.relativeError(p.to(DType.F64), Tensor.of(theta)));
        }
        return worst;
    }

    private static Rule lars() {
        double[] v = new double[START.length];
        return (theta, g, t) -> {
            double ratio = 0.02 * norm(theta) / (norm(g) + 0.1 * norm(theta));
            double[] next = theta.clone();
            for (int j = 0; j < v.length; j++) {
                v[j] = 0.9 * v[j] + 0.5 * ratio * (g[j] + 0.1 * theta[j]);
                next[j] -= v[j];
            }
            return next;
        };
    }

    private static Rule lamb() {
        double[] m = new double[START.length];
        double[] v = new double[START.length];
        return (theta, g, t) -> {
            double[] u = new double[m.length];
            for (int j = 0; j < m.length; j++) {
                m[j] = 0.9 * m[j] + 0.1 * g[j];
                v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j];
                double vHat = v[j] / (1 - Math.pow(0.999, t));
                u[j] = m[j] / (1 - Math.pow(0.9, t)) / (Math.sqrt(vHat) + 1e-6) + 0.1 * theta[j];
            }
            double[] next = theta.clone();
            for (int j = 0; j < m.length; j++) {
                next[j] -= 0.02 * norm(theta) / norm(u) * u[j];
            }
            return next;
        };
    }

    private static Rule lookahead() {
        double[] slow = START.clone();
        return (theta, g, t) -> {
            double[] next = theta.clone();
            for (int j = 0; j < slow.length; j++) {
                next[j] -= 0.1 * g[j];
                if (t % 5 == 0) {
                    slow[j] += 0.5 * (next[j] - slow[j]);
                    next[j] = slow[j];
                }
            }
            return next;
        };
    }

    private static double norm(double[] x) {
        return Math.sqrt(DoubleStream.of(x).map(v -> v * v).sum());
    }
}
