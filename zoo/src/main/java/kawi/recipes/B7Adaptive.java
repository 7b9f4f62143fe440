package kawi.recipes;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import kawi.base.DType;
import kawi.optim.AdaDelta;
import kawi.optim.AdaGrad;
import kawi.optim.AdaMax;
import kawi.optim.Adam;
import kawi.optim.AdamW;
import kawi.optim.NAdam;
import kawi.optim.Optimizer;
import kawi.optim.RAdam;
import kawi.optim.RmsProp;
import kawi.optim.Sgd;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Methods with a rate for each weight, set by the gradients it has seen. First each is held, step by step, against its published rule for a
 * single number, written out below in the notation of its paper (see the classes in {@code kawi.optim} for the papers); then all of them train
 * the same small network on MNIST.
 */
final class B7Adaptive implements Demonstration {
    private static final int STEPS = 20;

    /** θ after step t from 1, given θ and the gradient g. */
    private interface Rule {
        double next(double theta, double g, int t);
    }

    /** A method with the learning rate for this network, and its rule for rate 0.05. */
    private record Method(
            Function<List<Parameter>, Optimizer> forRule,
            Supplier<Rule> rule,
            Function<List<Parameter>, Optimizer> forMnist) {}

    private static final double RATE = 0.05;

    private static final Map<String, Method> METHODS = new LinkedHashMap<>();

    static {
        METHODS.put("AdaGrad", new Method(p -> new AdaGrad(p, RATE), B7Adaptive::adaGrad, p -> new AdaGrad(p, 0.03)));
        METHODS.put("RMSProp", new Method(p -> new RmsProp(p, RATE), B7Adaptive::rmsProp, p -> new RmsProp(p, 0.001)));
        METHODS.put("AdaDelta", new Method(AdaDelta::new, B7Adaptive::adaDelta, AdaDelta::new));
        METHODS.put("Adam", new Method(p -> new Adam(p, RATE), () -> adam(0, false), p -> new Adam(p, 0.003)));
        METHODS.put(
                "AMSGrad",
                new Method(p -> new Adam(p, RATE).amsgrad(), () -> adam(0, true), p -> new Adam(p, 0.003).amsgrad()));
        METHODS.put("AdamW", new Method(p -> new AdamW(p, RATE), () -> adam(0.01, false), p -> new AdamW(p, 0.003)));
        METHODS.put("AdaMax", new Method(p -> new AdaMax(p, RATE), B7Adaptive::adaMax, p -> new AdaMax(p, 0.005)));
        METHODS.put("NAdam", new Method(p -> new NAdam(p, RATE), B7Adaptive::nAdam, p -> new NAdam(p, 0.003)));
        METHODS.put("RAdam", new Method(p -> new RAdam(p, RATE), B7Adaptive::rAdam, p -> new RAdam(p, 0.005)));
    }

    @Override
    public String id() {
        return "B7";
    }

    @Override
    public String sentence() {
        return "AdaGrad to AdamW: each step by step as its rule is published, and all on MNIST";
    }

    @Override
    public void run(Report report) {
        SmallMnist mnist = SmallMnist.of(report, 10_000);
        report.say("%-10s %22s %14s %10s", "", "largest difference", "last loss", "accuracy");
        Plot plot = Plot.of("10,000 images of MNIST, 784–32–10", "step of 100 images", "cross-entropy, mean of 20")
                .logY();
        double worst = 0;
        double least = 1;
        for (Map.Entry<String, Method> entry : METHODS.entrySet()) {
            double difference = difference(entry.getValue());
            SmallMnist.Outcome outcome = mnist.fit(3, 100, entry.getValue().forMnist);
            double[] smooth = SmallMnist.smooth(outcome.losses(), 20);
            worst = Math.max(worst, difference);
            least = Math.min(least, outcome.accuracy());
            report.say(
                    "%-10s %22.1e %14.4f %10.4f",
                    entry.getKey(), difference, smooth[smooth.length - 1], outcome.accuracy());
            plot.line(entry.getKey(), smooth);
        }
        SmallMnist.Outcome sgd = mnist.fit(3, 100, p -> new Sgd(p, 0.05, 0.9));
        report.say("%-10s %22s %14s %10.4f", "momentum", "", "", sgd.accuracy());
        plot.line("SGD, μ = 0.9", SmallMnist.smooth(sgd.losses(), 20));
        report.figure("methods", "methods", METHODS.size(), Reference.exactly(9));
        report.figure(
                "difference",
                "largest relative difference from the published rule in 20 steps",
                worst,
                Reference.atMost(1e-6));
        // LeCun et al. 1998 had 95.3 % with 300 hidden units and all 60,000 images
        report.figure("accuracy", "the least test accuracy of a method", least, Reference.atLeast(0.9));
        report.picture("loss", plot);
    }

    /** 20 steps on f(θ) = (θ² − 2)²/4 + sin 3θ from 2.5, in double precision. */
    private static double difference(Method method) {
        double theta = 2.5;
        Parameter p = new Parameter(Tensor.scalar(theta, DType.F64));
        Optimizer optimizer = method.forRule.apply(List.of(p));
        Rule rule = method.rule.get();
        double worst = 0;
        for (int t = 1; t <= STEPS; t++) {
            optimizer.step(p.square().sub(2).square().mul(0.25).add(p.mul(3).sin()));
            theta = rule.next(theta, (theta * theta - 2) * theta + 3 * Math.cos(3 * theta), t);
            worst = Math.max(worst, Math.abs(p.item() / theta - 1));
        }
        return worst;
    }

    // The rules, for one number; arrays keep what is remembered between steps

    private static Rule adaGrad() {
        double[] sum = {0};
        return (theta, g, t) -> {
            sum[0] += g * g;
            return theta - RATE * g / (Math.sqrt(sum[0]) + 1e-10);
        };
    }

    private static Rule rmsProp() {
        double[] v = {0};
        return (theta, g, t) -> {
            v[0] = 0.99 * v[0] + 0.01 * g * g;
            return theta - RATE * g / (Math.sqrt(v[0]) + 1e-8);
        };
    }

    private static Rule adaDelta() {
        double[] g2 = {0};
        double[] d2 = {0};
        return (theta, g, t) -> {
            g2[0] = 0.9 * g2[0] + 0.1 * g * g;
            double delta = -Math.sqrt(d2[0] + 1e-6) / Math.sqrt(g2[0] + 1e-6) * g;
            d2[0] = 0.9 * d2[0] + 0.1 * delta * delta;
            return theta + delta;
        };
    }

    private static Rule adam(double decay, boolean amsgrad) {
        double[] m = {0};
        double[] v = {0};
        double[] largest = {0};
        return (theta, g, t) -> {
            m[0] = 0.9 * m[0] + 0.1 * g;
            v[0] = 0.999 * v[0] + 0.001 * g * g;
            largest[0] = Math.max(largest[0], v[0]);
            double mHat = m[0] / (1 - Math.pow(0.9, t));
            double vHat = (amsgrad ? largest[0] : v[0]) / (1 - Math.pow(0.999, t));
            return theta - RATE * decay * theta - RATE * mHat / (Math.sqrt(vHat) + 1e-8);
        };
    }

    private static Rule adaMax() {
        double[] m = {0};
        double[] u = {0};
        return (theta, g, t) -> {
            m[0] = 0.9 * m[0] + 0.1 * g;
            u[0] = Math.max(0.999 * u[0], Math.abs(g));
            return theta - RATE / (1 - Math.pow(0.9, t)) * m[0] / u[0];
        };
    }

    private static Rule nAdam() {
        double[] m = {0};
        double[] v = {0};
        double[] product = {1};
        return (theta, g, t) -> {
            double mu = 0.9 * (1 - 0.5 * Math.pow(0.96, 0.004 * t));
            double muNext = 0.9 * (1 - 0.5 * Math.pow(0.96, 0.004 * (t + 1)));
            product[0] *= mu;
            m[0] = 0.9 * m[0] + 0.1 * g;
            v[0] = 0.999 * v[0] + 0.001 * g * g;
            double mHat = muNext * m[0] / (1 - product[0] * muNext) + (1 - mu) * g / (1 - product[0]);
            return theta - RATE * mHat / (Math.sqrt(v[0] / (1 - Math.pow(0.999, t))) + 1e-8);
        };
    }

    private static Rule rAdam() {
        double[] m = {0};
        double[] v = {0};
        return (theta, g, t) -> {
            m[0] = 0.9 * m[0] + 0.1 * g;
            v[0] = 0.999 * v[0] + 0.001 * g * g;
            double mHat = m[0] / (1 - Math.pow(0.9, t));
            double power = Math.pow(0.999, t);
            double end = 2 / 0.001 - 1;
            double rho = end - 2 * t * power / (1 - power);
            if (rho <= 5) {
                return theta - RATE * mHat;
            }
            double r = Math.sqrt((rho - 4) * (rho - 2) * end / ((end - 4) * (end - 2) * rho));
            return theta - RATE * mHat * r * Math.sqrt(1 - power) / (Math.sqrt(v[0]) + 1e-8);
        };
    }
}
