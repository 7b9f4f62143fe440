package kawi.recipes;

import java.util.List;
import java.util.function.Function;
import kawi.base.DType;
import kawi.linalg.Linalg;
import kawi.optim.Adam;
import kawi.optim.Optimizer;
import kawi.optim.Schedule;
import kawi.optim.Sgd;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * A regularisation that nobody asked for. With more unknowns than equations, Ax = b has infinitely many solutions. Every gradient
 * Aᵀ(Ax − b) lies in the span of A's rows, so gradient descent from x₀ only changes that part of x and ends at
 *
 * <pre>
 *   x = A⁺b + (I − A⁺A)x₀
 * </pre>
 *
 * which from 0 is the solution of least norm, A⁺b (Zhang et al. 2017, <em>Understanding deep learning requires rethinking generalization</em>,
 * section 5). Adam divides each coordinate by a number of its own, leaves the span, and ends elsewhere.
 */
final class B13MinimumNorm implements Demonstration {
    private static final int EQUATIONS = 30;
    private static final int UNKNOWNS = 100;

    @Override
    public String id() {
        return "B13";
    }

    @Override
    public String sentence() {
        return "gradient descent from zero ends at the solution of least norm, that of the pseudo-inverse";
    }

    @Override
    public void run(Report report) {
        Tensor a = Key.of(1).normal(DType.F64, EQUATIONS, UNKNOWNS).realized();
        Tensor b = Key.of(2).normal(DType.F64, EQUATIONS).realized();
        Tensor inverse = Linalg.pinv(a);
        Tensor least = inverse.matmul(b).realized();

        double[] squares = Linalg.svdvals(a).square().toDoubleArray(); // in descending order
        double best = 2 / (squares[0] + squares[EQUATIONS - 1]);
        Tensor zero = Tensor.zeros(DType.F64, UNKNOWNS);
        Tensor elsewhere = Key.of(3).normal(DType.F64, UNKNOWNS).realized();
        Tensor unseen = elsewhere.sub(inverse.matmul(a.matmul(elsewhere))); // the part that no row of A sees

        Run descent = Run.of(a, b, least, zero, x -> new Sgd(x, best), 200);
        Run moved = Run.of(a, b, least, elsewhere, x -> new Sgd(x, best), 200);
        Run adam = Run.of(a, b, least, zero, x -> new Adam(x, 1).schedule(Schedule.cosine(0.05, 0, 1000)), 1000);

        double norm = least.norm().item();
        report.say("%d equations, %d unknowns; ‖A⁺b‖ = %.4f", EQUATIONS, UNKNOWNS, norm);
        report.say("%-22s %12s %12s %22s", "", "‖Ax − b‖", "‖x‖", "‖x − A⁺b‖ / ‖A⁺b‖");
        descent.say(report, "descent from 0");
        moved.say(report, "descent from elsewhere");
        adam.say(report, "Adam from 0");
        report.figure(
                "distance", "descent from 0: distance to A⁺b, relative", descent.distance(), Reference.atMost(1e-5));
        report.figure(
                "elsewhere",
                "from elsewhere: distance to A⁺b + (I − A⁺A)x₀, relative",
                moved.x.sub(least.add(unseen)).norm().item() / norm,
                Reference.atMost(1e-5));
        report.figure("adam_residual", "Adam from 0: ‖Ax − b‖", adam.residual, Reference.atMost(1e-5));
        report.figure(
                "adam_distance", "Adam from 0: distance to A⁺b, relative", adam.distance(), Reference.atLeast(0.05));
        report.picture(
                "distance",
                Plot.of("More unknowns than equations", "step", "‖x − A⁺b‖ / ‖A⁺b‖")
                        .logX()
                        .logY()
                        .line("descent from 0", descent.distances)
                        .line("descent from elsewhere", moved.distances)
                        .line("Adam from 0", adam.distances));
    }

    /** Where a method ends, and how far from A⁺b it was after each step. */
    private record Run(Tensor x, double residual, double[] distances) {
        static Run of(
                Tensor a,
                Tensor b,
                Tensor least,
                Tensor start,
                Function<List<Parameter>, Optimizer> method,
                int steps) {
            Parameter x = new Parameter(start);
            Optimizer optimizer = method.apply(List.of(x));
            double[] distances = new double[steps];
            for (int k = 0; k < steps; k++) {
                Tensor distance = x.sub(least).norm().div(least.norm());
                optimizer.step(a.matmul(x).sub(b).square().sum().mul(0.5), distance);
                distances[k] = distance.item();
            }
            return new Run(x.detach(), a.matmul(x).sub(b).norm().item(), distances);
        }

        double distance() {
            return distances[distances.length - 1];
        }

        void say(Report report, String name) {
            report.say("%-22s %12.1e %12.4f %22.1e", name, residual, x.norm().item(), distance());
        }
    }
}
