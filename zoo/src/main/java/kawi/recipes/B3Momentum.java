package kawi.recipes;

import kawi.optim.Sgd;

/**
 * Momentum makes √κ of κ. With the constants that are best for quadratics with eigenvalues in μ … L (Lessard, Recht and Packard 2016,
 * <em>Analysis and design of optimization algorithms via integral quadratic constraints</em>, proposition 1), the distance to the minimum falls
 * in the long run by a factor ρ a step:
 *
 * <pre>
 *   gradient descent   η = 2/(L + μ)                                                  ρ = (κ − 1)/(κ + 1)
 *   Nesterov           η = 4/(3L + μ),     β = (√(3κ + 1) − 2)/(√(3κ + 1) + 2)        ρ = 1 − 2/√(3κ + 1)
 *   heavy ball         η = 4/(√L + √μ)²,   β = ((√κ − 1)/(√κ + 1))²                   ρ = (√κ − 1)/(√κ + 1)
 * </pre>
 *
 * At the best constants two roots of the recursion meet, so the distance is k·ρᵏ rather than ρᵏ; the theory's line counts that.
 */
final class B3Momentum implements Demonstration {
    @Override
    public String id() {
        return "B3";
    }

    @Override
    public String sentence() {
        return "heavy-ball and Nesterov momentum take steps in proportion to √κ";
    }

    @Override
    public void run(Report report) {
        double[] kappa = B2Condition.CONDITIONS.clone();
        int last = kappa.length;
        double[] heavy = new double[last];
        double[] nesterov = new double[last];
        double[] heavyTheory = new double[last];
        double[] nesterovTheory = new double[last];
        double[] descentTheory = new double[last];
        report.say("%8s %20s %20s %20s", "κ", "heavy ball (theory)", "Nesterov (theory)", "gradient descent");
        for (int i = 0; i < last; i++) {
            Quadratic f = Quadratic.of(kappa[i], i);
            double k = kappa[i]; // μ = 1, L = κ
            double root = Math.sqrt(k);
            double rho = (root - 1) / (root + 1);
            heavy[i] = f.steps(x -> new Sgd(x, 4 / Math.pow(root + 1, 2), rho * rho));
            heavyTheory[i] = steps(rho);

            double root3 = Math.sqrt(3 * k + 1);
            double beta = (root3 - 2) / (root3 + 2);
            nesterov[i] = f.steps(x -> new Sgd(x, 4 / (3 * k + 1), beta).nesterov());
            nesterovTheory[i] = steps(1 - 2 / root3);

            descentTheory[i] = Math.log(Quadratic.GOAL) / Math.log((k - 1) / (k + 1));
            report.say(
                    "%8.0f %11.0f (%6.0f) %11.0f (%6.0f) %20.0f",
                    k, heavy[i], heavyTheory[i], nesterov[i], nesterovTheory[i], descentTheory[i]);
        }
        report.figure(
                "heavy_ball_slope", "heavy ball: power of κ", Closeness.slope(kappa, heavy), Reference.near(0.5, 0.05));
        report.figure(
                "nesterov_slope", "Nesterov: power of κ", Closeness.slope(kappa, nesterov), Reference.near(0.5, 0.05));
        report.figure(
                "heavy_ball_theory",
                "heavy ball: largest steps/theory",
                most(heavy, heavyTheory),
                Reference.atMost(1.2));
        report.figure(
                "nesterov_theory",
                "Nesterov: largest steps/theory",
                most(nesterov, nesterovTheory),
                Reference.atMost(1.2));
        report.picture(
                "steps",
                Plot.of("Momentum at its best constants", "condition number κ", "steps to 1e-8")
                        .logX()
                        .logY()
                        .line("heavy ball", kappa, heavy)
                        .line("heavy ball, k·ρᵏ", kappa, heavyTheory)
                        .line("Nesterov", kappa, nesterov)
                        .line("Nesterov, k·ρᵏ", kappa, nesterovTheory)
                        .line("gradient descent, ρᵏ", kappa, descentTheory));
    }

    /** The k at which k·ρᵏ is the goal. */
    private static double steps(double rho) {
        double k = 1 / -Math.log(rho);
        for (int i = 0; i < 100; i++) { // a fixed point, which each round comes nearer to
            k = Math.log(Quadratic.GOAL / k) / Math.log(rho);
        }
        return k;
    }

    private static double most(double[] steps, double[] theory) {
        double most = 0;
        for (int i = 0; i < steps.length; i++) {
            most = Math.max(most, steps[i] / theory[i]);
        }
        return most;
    }
}
