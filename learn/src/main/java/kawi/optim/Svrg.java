package kawi.optim;

import java.util.Arrays;
import java.util.Random;
import kawi.tensor.Tensor;

/**
 * SVRG, stochastic variance reduced gradients (Johnson and Zhang 2013, <em>Accelerating stochastic gradient descent using predictive variance
 * reduction</em>). Each round takes a snapshot w̃ with its full gradient μ̃ = ∇f(w̃), and then m steps with examples i drawn at random,
 *
 * <pre>
 *   w ← w − η·(∇fᵢ(w) − ∇fᵢ(w̃) + μ̃)
 * </pre>
 *
 * whose direction is right on average and whose variance vanishes as w and w̃ approach the minimum: linear convergence where {@link
 * IncrementalGradient} stalls. The next snapshot is the last w (their option I). The ℓ′ at the snapshot are kept, n numbers, so a
 * round counts n + m gradients.
 *
 * @param stepSize η, or 0 for 1/(3L), as for {@link Saga}
 * @param inner m as a multiple of n; they recommend 2 for convex losses
 * @param seed of the order of the examples
 * @param stopping an iteration is a round
 */
public record Svrg(double stepSize, double inner, long seed, Stopping stopping) implements FiniteSumMethod {
    /** Checks the length of a round. */
    public Svrg {
        Require.positive("Svrg", "the steps of a round, as a multiple of n,", inner);
    }

    @Override
    public Minimum minimize(LinearSum f, Tensor start) {
        Progress progress = Progress.ofExamples(stopping, f, start);
        int n = f.size();
        int m = Math.max(1, Math.toIntExact(Math.round(inner * n)));
        double eta = Incremental.rate(stepSize, 1 / (3 * f.smoothness()), f);
        Incremental steps = new Incremental(f, start, eta, m);
        double[] atSnapshot = new double[n];
        Random random = new Random(seed);
        while (!progress.done()) {
            double[] snapshot = steps.catchUp();
            Arrays.fill(steps.g, 0);
            for (int i = 0; i < n; i++) {
                atSnapshot[i] = f.derivative(i, f.score(i, snapshot));
                f.add(i, atSnapshot[i] / n, steps.g);
            }
            for (int t = 0; t < m; t++) {
                int i = random.nextInt(n);
                steps.step(i, f.derivative(i, steps.score(i)) - atSnapshot[i]);
            }
            progress.evaluations((long) n + m);
            if (!progress.look(steps.weights(), eta)) {
                return progress.end(Incremental.TOO_LARGE);
            }
        }
        return progress.end();
    }
}
