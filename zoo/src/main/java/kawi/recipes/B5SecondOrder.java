package kawi.recipes;

import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.linalg.Linalg;
import kawi.optim.Armijo;
import kawi.optim.GaussNewton;
import kawi.optim.Lbfgs;
import kawi.optim.LevenbergMarquardt;
import kawi.optim.LinearSum;
import kawi.optim.Minimizer;
import kawi.optim.Minimum;
import kawi.optim.Newton;
import kawi.optim.NewtonCg;
import kawi.optim.NonlinearLeastSquares;
import kawi.optim.PointLoss;
import kawi.optim.Stopping;
import kawi.sparse.LibSvm;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Methods that use curvature, on logistic regression over the census records of a9a, f(w) = 1/n Σ ln(1 + exp(−yᵢ·xᵢᵀw)) + λ/2·‖w‖² with λ = 1e-4, in
 * double precision. Its condition number is some 10⁴, so gradient descent would take some ten thousand steps for each digit or two:
 *
 * <pre>
 *   gradient descent   w ← w − 1/L·∇f                        error falls by the factor 1 − λ/L a step
 *   L-BFGS             w ← w − α·H∇f, H from the last 10 steps   superlinear in practice
 *   Newton             w ← w − α·(∇²f)⁻¹∇f                   digits double with each step
 * </pre>
 *
 * A quadratic takes Newton one step, whatever its condition. For sums of squares Gauss-Newton and Levenberg-Marquardt do without second
 * derivatives: they are held against the certified parameters of the data set Misra1a of NIST's <em>Statistical reference datasets</em> (nonlinear
 * regression, observed by D. Misra).
 */
final class B5SecondOrder implements Demonstration {
    private static final double LAMBDA = 1e-4;
    private static final double[] VOLUME = {
        10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78
    };
    private static final double[] PRESSURE = {
        77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0
    };
    private static final double[] CERTIFIED = {2.3894212918e2, 5.5015643181e-4};

    @Override
    public String id() {
        return "B5";
    }

    @Override
    public String sentence() {
        return "Newton, Gauss-Newton and L-BFGS: logistic regression on a9a to a gradient of 1e-8, a quadratic in one step";
    }

    @Override
    public void run(Report report) {
        Path census = report.data(A9Sparse.A9A);
        LibSvm.Data data = LibSvm.read(census.resolve("a9a"), 123);
        LinearSum f = new LinearSum(data.x(), data.y(), PointLoss.LOGISTIC, LAMBDA);
        report.say("a9a: %,d rows, %d parameters, L/λ ≤ %,.0f", f.size(), f.dimensions(), f.smoothness() / LAMBDA);

        Stopping tight = new Stopping(1e-8, 500);
        Minimum lbfgs = minimize(report, "lbfgs", "L-BFGS", new Lbfgs(tight), f);
        Minimum backtracking =
                minimize(report, "lbfgs_armijo", "L-BFGS, backtracking", new Lbfgs(10, new Armijo(), tight), f);
        Minimum newtonCg = minimize(report, "newton_cg", "Newton-CG", new NewtonCg(tight), f);
        Minimum newton = minimize(report, "newton", "Newton", new Newton(tight), f);
        report.figure(
                "same_minimum",
                "largest difference of the four minima",
                Math.max(lbfgs.value(), Math.max(backtracking.value(), Math.max(newtonCg.value(), newton.value())))
                        - Math.min(
                                lbfgs.value(),
                                Math.min(backtracking.value(), Math.min(newtonCg.value(), newton.value()))),
                Reference.atMost(1e-11)); // ½‖∇f‖²/λ at most, the square of the wanted gradient
        Minimum descent = new GradientDescent(1 / f.smoothness(), lbfgs.iterations()).minimize(f::loss, start(f));
        report.say(
                "gradient descent with step 1/L stands at ‖∇f‖ = %.1e after as many steps as L-BFGS took",
                descent.gradientNorm());
        report.picture(
                "gradient",
                Plot.of("Logistic regression on a9a, λ = 1e-4", "evaluations of f, ∇f and products ∇²f·v", "‖∇f‖")
                        .logY()
                        .line("gradient descent", work(descent), descent.gradientNorms())
                        .line("L-BFGS", work(lbfgs), lbfgs.gradientNorms())
                        .line("Newton-CG", work(newtonCg), newtonCg.gradientNorms()));
        report.picture(
                "iterations",
                Plot.of("The same by iterations: Newton doubles the digits", "iteration", "‖∇f‖")
                        .logY()
                        .line("L-BFGS", lbfgs.gradientNorms())
                        .line("Newton-CG", newtonCg.gradientNorms())
                        .line("Newton", newton.gradientNorms()));
        quadratic(report);
        regression(report);
    }

    private static Tensor start(LinearSum f) {
        return Tensor.zeros(DType.F64, f.dimensions());
    }

    private static Minimum minimize(Report report, String key, String name, Minimizer method, LinearSum f) {
        Minimum found = method.minimize(f::loss, start(f));
        Minimum.Iteration last = found.trace().getLast();
        report.say(
                "%-21s %4d iterations, %4d evaluations, %5d products with the Hessian, f = %.12f",
                name, found.iterations(), last.evaluations(), last.products(), found.value());
        report.figure(key, "gradient norm by " + name, found.gradientNorm(), Reference.atMost(1e-8));
        return found;
    }

    private static double[] work(Minimum m) {
        return m.trace().stream()
                .mapToDouble(i -> i.evaluations() + i.products())
                .toArray();
    }

    /** ½xᵀAx − bᵀx with the eigenvalues of A spread evenly in the logarithm from 1e-4 to 1. */
    private static void quadratic(Report report) {
        int n = 50;
        Tensor q = Linalg.qr(Key.of(1).normal(DType.F64, n, n)).q();
        Tensor eigenvalues = Tensor.of(IntStream.range(0, n)
                .mapToDouble(i -> Math.pow(10, -4.0 * i / (n - 1)))
                .toArray());
        Tensor a = q.mul(eigenvalues).matmul(q.t()).realized();
        Tensor b = Key.of(2).normal(DType.F64, n).realized();
        Function<Tensor, Tensor> f = x -> x.dot(a.matmul(x)).mul(0.5).sub(b.dot(x));
        Minimum newton = new Newton(new Stopping(1e-8, 20)).minimize(f, Tensor.zeros(DType.F64, n));
        report.figure(
                "quadratic_steps", "Newton's steps on a quadratic, κ = 10⁴", newton.iterations(), Reference.exactly(1));
    }

    /** y = b₁·(1 − exp(−b₂x)): the volume of a gas that charcoal takes up under pressure x. */
    private static void regression(Report report) {
        Tensor x = Tensor.of(PRESSURE);
        Tensor y = Tensor.of(VOLUME);
        Function<Tensor, Tensor> residuals = b ->
                b.select(0, 1).mul(x).neg().expm1().neg().mul(b.select(0, 0)).sub(y);
        NonlinearLeastSquares[] methods = {new GaussNewton(), new LevenbergMarquardt()};
        String[] names = {"Gauss-Newton", "Levenberg-Marquardt"};
        String[] keys = {"gauss_newton", "levenberg_marquardt"};
        for (int k = 0; k < methods.length; k++) {
            Minimum found = methods[k].minimize(residuals, Tensor.of(new double[] {500, 0.0001})); // NIST's first start
            double[] b = found.x().toDoubleArray();
            report.say("%-21s %4d iterations, b = (%.8g, %.8g)", names[k], found.iterations(), b[0], b[1]);
            double error = Math.max(Math.abs(b[0] / CERTIFIED[0] - 1), Math.abs(b[1] / CERTIFIED[1] - 1));
            // the certified numbers have eleven digits
            report.figure(keys[k], names[k] + " on Misra1a against NIST, relative", error, Reference.atMost(1e-9));
        }
    }
}
