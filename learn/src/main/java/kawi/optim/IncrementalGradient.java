package kawi.optim;

import java.util.Random;
import kawi.tensor.Tensor;

/**
 * Stochastic gradient descent with a constant step and one example drawn at random each time: w ← w − η·∇fᵢ(w) (Robbins and Monro 1951). It stalls in a
 * ball around the minimum whose size grows with η, because the gradients of single examples do not vanish there; compare {@link Svrg} and {@link
 * Saga}.
 *
 * @param stepSize η, or 0 for 1/L
 * @param seed of the order of the examples
 * @param stopping an iteration is n steps
 */
public record IncrementalGradient(double stepSize, long seed, Stopping stopping) implements FiniteSumMethod {
    @Override
    public Minimum minimize(LinearSum f, Tensor start) {
        Progress progress = Progress.ofExamples(stopping, f, start);
        int n = f.size();
        double eta = Incremental.rate(stepSize, 1 / f.smoothness(), f);
        Incremental steps = new Incremental(f, start, eta, n);
        Random random = new Random(seed);
        while (!progress.done()) {
            for (int t = 0; t < n; t++) {
                int i = random.nextInt(n);
                steps.step(i, f.derivative(i, steps.score(i)));
            }
            progress.evaluations(n);
            if (!progress.look(steps.weights(), eta)) {
                return progress.end(Incremental.TOO_LARGE);
            }
        }
        return progress.end();
    }
}
