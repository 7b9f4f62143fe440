package kawi.optim;

import java.util.Random;
import kawi.tensor.Tensor;

/**
 * SAGA (Defazio, Bach and Lacoste-Julien 2014). A table keeps the gradient that each example had when it was last drawn, and a step with example i is
 *
 * <pre>
 *   w ← w − η·(∇fᵢ(w) − tableᵢ + mean of the table),   then tableᵢ ← ∇fᵢ(w)
 * </pre>
 *
 * Linear convergence as with {@link Svrg}, without full gradients but for the first. For a linear model the gradient of an example is a number
 * times xᵢ, so the table has n numbers; λ is taken exactly, not through the table.
 *
 * @param stepSize η, or 0 for 1/(3L), for which the paper's theorem holds
 * @param seed of the order of the examples
 * @param stopping an iteration is n steps
 */
public record Saga(double stepSize, long seed, Stopping stopping) implements FiniteSumMethod {
    @Override
    public Minimum minimize(LinearSum f, Tensor start) {
        Progress progress = Progress.ofExamples(stopping, f, start);
        int n = f.size();
        double eta = Incremental.rate(stepSize, 1 / (3 * f.smoothness()), f);
        Incremental steps = new Incremental(f, start, eta, n);
        double[] table = new double[n];
        for (int i = 0; i < n; i++) {
            table[i] = f.derivative(i, steps.score(i));
            f.add(i, table[i] / n, steps.g);
        }
        progress.evaluations(n);
        Random random = new Random(seed);
        while (!progress.done()) {
            for (int t = 0; t < n; t++) {
                int i = random.nextInt(n);
                double now = f.derivative(i, steps.score(i));
                steps.step(i, now - table[i]);
                f.add(i, (now - table[i]) / n, steps.g); // the coordinates of xᵢ are up to date, so g may change there
                table[i] = now;
            }
            progress.evaluations(n);
            if (!progress.look(steps.weights(), eta)) {
                return progress.end(Incremental.TOO_LARGE);
            }
        }
        return progress.end();
    }
}
