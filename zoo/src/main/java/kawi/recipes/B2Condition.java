package kawi.recipes;

import java.util.Arrays;
import kawi.linalg.Linalg;
import kawi.optim.Sgd;
import kawi.tensor.Transform;

/**
 * What makes a problem hard for gradient descent. Where f has a gradient that changes by at most L a unit (Lipschitz) and at least μ
 * (strongly convex), the largest and the smallest eigenvalue of its Hessian, κ = L/μ is its condition number. With the best fixed rate
 *
 * <pre>
 *   x ← x − η∇f(x),  η = 2/(L + μ):   ‖x_k − x*‖ ≤ ((κ − 1)/(κ + 1))ᵏ ‖x₀ − x*‖
 * </pre>
 *
 * (Nesterov 2018, <em>Lectures on convex optimization</em>, theorem 2.1.15), so steps to a given accuracy grow as κ. Here they are counted.
 */
final class B2Condition implements Demonstration {
    static final double[] CONDITIONS = {10, 30, 100, 300, 1000, 3000, 10_000};
    private final int last;

    B2Condition() {
        this(CONDITIONS.length);
    }

    /** With the first so many condition numbers. */
    B2Condition(int last) {
        this.last = last;
    }

    @Override
    public String id() {
        return "B2";
    }

    @Override
    public String sentence() {
        return "gradient descent takes steps in proportion to the condition number κ, from 10 to 10,000";
    }

    @Override
    public void run(Report report) {
        double[] kappa = Arrays.copyOf(CONDITIONS, last);
        double[] steps = new double[last];
        double[] theory = new double[last];
        double constants = 0;
        double apart = 0;
        report.say("%8s %10s %10s %8s %8s", "κ", "μ", "L", "steps", "theory");
        for (int i = 0; i < last; i++) {
            Quadratic f = Quadratic.of(kappa[i], i);
            // the constants, as one finds them for any f: from the Hessian, in ascending order
            double[] eigenvalues = Linalg.eigh(Transform.hessian(f::value).apply(f.start()))
                    .values()
                    .toDoubleArray();
            double mu = eigenvalues[0];
            double l = eigenvalues[Quadratic.SIZE - 1];
            constants = Math.max(constants, Math.max(Math.abs(mu - 1), Math.abs(l / kappa[i] - 1)));

            steps[i] = f.steps(x -> new Sgd(x, 2 / (l + mu)));
            theory[i] = Math.log(Quadratic.GOAL) / Math.log((l - mu) / (l + mu));
            apart = Math.max(apart, Math.abs(steps[i] / theory[i] - 1));
            report.say("%8.0f %10.6f %10.2f %8.0f %8.0f", kappa[i], mu, l, steps[i], theory[i]);
        }
        report.figure("constants", "μ and L from the Hessian, relative error", constants, Reference.atMost(1e-9));
        report.figure(
                "slope", "power of κ that the steps grow by", Closeness.slope(kappa, steps), Reference.near(1, 0.05));
        // the bound is reached only along the extreme eigenvectors, which the start has a share of 2/20 in
        report.figure("theory", "steps against the bound, relative", apart, Reference.atMost(0.15));
        report.picture(
                "steps",
                Plot.of("Gradient descent, η = 2/(L + μ)", "condition number κ", "steps to 1e-8")
                        .logX()
                        .logY()
                        .line("counted", kappa, steps)
                        .line("ln 1e-8 / ln((κ−1)/(κ+1))", kappa, theory));
    }
}
