package kawi.recipes;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.linalg.Linalg;
import kawi.optim.Optimizer;
import kawi.optim.Sgd;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Features in different units make a least-squares problem ½‖Xw − y‖² hard: its Hessian H = XᵀX has diagonal entries from tiny to huge. Steps
 * along D⁻¹∇f with D = diag(H) (Jacobi's preconditioner) see the Hessian D^−½·H·D^−½ in place of H, whose diagonal is 1; no other diagonal
 * matrix makes κ smaller than 1/n of that (van der Sluis 1969, <em>Condition numbers and equilibration of matrices</em>, theorem 4.1). The same is had
 * by dividing each feature by its root mean square before, and steps are a rate for each parameter: Kawi's groups.
 */
final class B4Preconditioning implements Demonstration {
    private static final int ROWS = 200;
    private static final int FEATURES = 8;

    @Override
    public String id() {
        return "B4";
    }

    @Override
    public String sentence() {
        return "a rate for each coordinate, one over the Hessian's diagonal, undoes bad scaling: κ before and after, and the steps it saves";
    }

    @Override
    public void run(Report report) {
        // correlated features, in units that differ by a factor of up to 1,000
        Tensor units = Tensor.linspace(-1.5, 1.5, FEATURES)
                .to(DType.F64)
                .mul(Math.log(10))
                .exp();
        Tensor shared = Key.of(1).normal(DType.F64, ROWS, 1);
        Tensor x = Key.of(2)
                .normal(DType.F64, ROWS, FEATURES)
                .add(shared)
                .mul(units)
                .realized();
        Tensor truth = Key.of(3).normal(DType.F64, FEATURES).div(units);
        Tensor y = x.matmul(truth).realized();

        Tensor h = x.t().matmul(x).div(ROWS).realized();
        double[] diagonal = Linalg.diagonal(h).toDoubleArray();
        Tensor root = Tensor.of(diagonal).rsqrt();
        Tensor scaled = h.mul(root.unsqueeze(0)).mul(root.unsqueeze(1));
        Extremes before = Extremes.of(h);
        Extremes after = Extremes.of(scaled);
        report.say("diagonal of H: %.3g to %.3g", diagonal[0], diagonal[FEATURES - 1]);

        // one parameter for each coordinate, so that each can have a rate of its own
        int limit = 3_000;
        double bestAfter = 2 / (after.smallest + after.largest);
        double[] preconditioned = losses(x, y, limit, p -> {
            Optimizer sgd = new Sgd(p, bestAfter);
            for (int j = 0; j < FEATURES; j++) {
                sgd.group(List.of(p.get(j))).learningRate(bestAfter / diagonal[j]);
            }
            return sgd;
        });
        double[] plain = losses(x, y, limit, p -> new Sgd(p, 2 / (before.smallest + before.largest)));
        report.say(
                "steps until the loss is 1e-10 of its start: %d, without preconditioning %s",
                preconditioned.length, plain.length < limit ? String.valueOf(plain.length) : "more than " + limit);
        double theory = Math.log(1e-5) / Math.log((after.condition() - 1) / (after.condition() + 1));
        report.figure("before", "κ of H", before.condition(), Reference.atLeast(1e5));
        report.figure("after", "κ of D^−½·H·D^−½", after.condition(), Reference.atMost(50));
        report.figure(
                "steps", "steps with D, loss to 1e-10", preconditioned.length, Reference.atMost(Math.ceil(theory)));
        report.figure(
                "plain",
                "loss without D after as many, of its start",
                plain[preconditioned.length - 1] / plain[0],
                Reference.atLeast(1e-5));
        report.picture(
                "loss",
                Plot.of("Features in units from 1/30 to 30", "step", "loss")
                        .logX()
                        .logY()
                        .line("rate/diag(H)", preconditioned)
                        .line("one rate for all", plain));
    }

    /** The losses, until they are 1e-10 of the first. */
    private static double[] losses(Tensor x, Tensor y, int limit, Function<List<Parameter>, Optimizer> method) {
        List<Parameter> w = IntStream.range(0, FEATURES)
                .mapToObj(j -> new Parameter(Tensor.zeros(DType.F64, 1)))
                .toList();
        Optimizer optimizer = method.apply(w);
        double[] losses = new double[limit];
        for (int k = 0; k < limit; k++) {
            Tensor loss = x.matmul(Tensor.concat(0, w.toArray(Tensor[]::new)))
                    .sub(y)
                    .square()
                    .mean()
                    .mul(0.5);
            optimizer.step(loss);
            losses[k] = loss.item();
            if (losses[k] <= 1e-10 * losses[0]) {
                return Arrays.copyOf(losses, k + 1);
            }
        }
        return losses;
    }

    /** The smallest and the largest eigenvalue of a symmetric matrix. */
    private record Extremes(double smallest, double largest) {
        static Extremes of(Tensor h) {
            double[] values = Linalg.eigvalsh(h).toDoubleArray();
            return new Extremes(values[0], values[values.length - 1]);
        }

        double condition() {
            return largest / smallest;
        }
    }
}
