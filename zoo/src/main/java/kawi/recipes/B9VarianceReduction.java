package kawi.recipes;

import java.nio.file.Path;
import java.util.Arrays;
import kawi.base.DType;
import kawi.optim.FiniteSumMethod;
import kawi.optim.IncrementalGradient;
import kawi.optim.LinearSum;
import kawi.optim.Minimum;
import kawi.optim.NewtonCg;
import kawi.optim.PointLoss;
import kawi.optim.Saga;
import kawi.optim.Stopping;
import kawi.optim.Svrg;
import kawi.sparse.LibSvm;
import kawi.tensor.Tensor;

/**
 * Variance reduction. The gradient of one example is right on average but does not vanish at the minimum, so stochastic gradient descent with
 * a constant step ends in a ball of noise. SVRG and SAGA subtract what they remember of the example's gradient and add its mean,
 *
 * <pre>
 *   SGD    w ← w − η·∇fᵢ(w)
 *   SVRG   w ← w − η·(∇fᵢ(w) − ∇fᵢ(w̃) + ∇f(w̃))          Johnson and Zhang 2013
 *   SAGA   w ← w − η·(∇fᵢ(w) − tableᵢ + mean of the table)   Defazio, Bach and Lacoste-Julien 2014
 * </pre>
 *
 * which is as right on average, and whose variance vanishes at the minimum: a line on the logarithmic plot. On logistic regression over a9a with λ =
 * 1e-4, in double precision; L = ¼·max‖xᵢ‖² + λ and η = 1/(3L) for both. A pass is n gradients of single examples. The
 * theorem for SAGA promises the factor 1 − min(1/(4n), λ/(3L)) a step for the squared distance to the minimum, of which f − f* is at most L/2
 * times; the line with that slope is drawn beside the measured ones.
 */
final class B9VarianceReduction implements Demonstration {
    private static final double LAMBDA = 1e-4;
    private static final int PASSES = 40;

    @Override
    public String id() {
        return "B9";
    }

    @Override
    public String sentence() {
        return "SVRG and SAGA converge linearly on a9a where stochastic gradient descent with a constant step stalls";
    }

    @Override
    public void run(Report report) {
        Path census = report.data(A9Sparse.A9A);
        LibSvm.Data data = LibSvm.read(census.resolve("a9a"), 123);
        LinearSum f = new LinearSum(data.x(), data.y(), PointLoss.LOGISTIC, LAMBDA);
        Tensor start = Tensor.zeros(DType.F64, f.dimensions());
        Minimum exact = new NewtonCg(new Stopping(1e-13, 100)).minimize(f::loss, start);
        double l = f.smoothness();
        report.say(
                "n = %,d, L = %.4f, L/λ = %,.0f; f* = %.14f where ‖∇f‖ = %.1e",
                f.size(), l, l / LAMBDA, exact.value(), exact.gradientNorm());

        Course sgd = Course.of(report, "SGD, η = 1/L", new IncrementalGradient(1 / l, 1, rounds(1)), f, exact);
        Course small = Course.of(report, "SGD, η = 1/(10L)", new IncrementalGradient(0.1 / l, 1, rounds(1)), f, exact);
        Course svrg = Course.of(report, "SVRG", new Svrg(0, 2, 1, rounds(3)), f, exact);
        Course saga = Course.of(report, "SAGA", new Saga(0, 1, rounds(1)), f, exact);

        report.figure("svrg_passes", "passes of SVRG to f − f* ≤ 1e-10", svrg.passesTo(1e-10), Reference.atMost(40));
        report.figure("saga_passes", "passes of SAGA to f − f* ≤ 1e-10", saga.passesTo(1e-10), Reference.atMost(40));
        report.figure("sgd_stalls", "best f − f* of SGD, η = 1/L", sgd.best(), Reference.atLeast(1e-4));
        report.figure("small_stalls", "best f − f* of SGD, η = 1/(10L)", small.best(), Reference.atLeast(1e-4));
        double promised = Math.exp(-f.size() * Math.min(1 / (4.0 * f.size()), LAMBDA / (3 * l)));
        report.figure(
                "saga_rate",
                "factor of SAGA a pass; its theorem promises at most",
                saga.factorAPass(),
                Reference.atMost(promised));
        double[] bound = Arrays.stream(saga.passes)
                .map(p -> saga.suboptimality[0] * Math.pow(promised, p))
                .toArray();
        report.picture(
                "suboptimality",
                Plot.of("Logistic regression on a9a, λ = 1e-4", "passes over the data", "f(w) − f*")
                        .logY()
                        .line(sgd.name, sgd.passes, sgd.suboptimality)
                        .line(small.name, small.passes, small.suboptimality)
                        .line(svrg.name, svrg.passes, svrg.suboptimality)
                        .line(saga.name, saga.passes, saga.suboptimality)
                        .line("SAGA's theorem", saga.passes, bound));
    }

    private static Stopping rounds(int passesEach) {
        return new Stopping(0, PASSES / passesEach);
    }

    /** f − f* after so many passes. */
    private record Course(String name, double[] passes, double[] suboptimality) {
        static Course of(Report report, String name, FiniteSumMethod method, LinearSum f, Minimum exact) {
            Minimum found = method.minimize(f, Tensor.zeros(DType.F64, f.dimensions()));
            double[] passes = found.trace().stream()
                    .mapToDouble(i -> (double) i.evaluations() / f.size())
                    .toArray();
            double[] suboptimality =
                    Arrays.stream(found.values()).map(v -> v - exact.value()).toArray();
            Course course = new Course(name, passes, suboptimality);
            report.say(
                    "%-17s f − f* = %.1e after %.0f passes",
                    name, suboptimality[passes.length - 1], passes[passes.length - 1]);
            return course;
        }

        double best() {
            return Arrays.stream(suboptimality).min().orElse(Double.NaN);
        }

        double passesTo(double wanted) {
            for (int k = 0; k < passes.length; k++) {
                if (suboptimality[k] <= wanted) {
                    return passes[k];
                }
            }
            return Double.POSITIVE_INFINITY;
        }

        /** From the fifth pass to where rounding of f begins to count. */
        double factorAPass() {
            int from = 0;
            int to = 0;
            for (int k = 0; k < passes.length; k++) {
                from = passes[k] <= 5 ? k : from;
                to = suboptimality[k] > 1e-13 ? k : to;
            }
            return Math.pow(suboptimality[to] / suboptimality[from], 1 / (passes[to] - passes[from]));
        }
    }
}
