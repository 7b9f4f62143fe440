package kawi.optim;

/**
 * A running average of the parameters over the steps, ā_t = ā_{t−1} + w_t·(θ_t − ā_{t−1}) from ā_0 = θ_0: it lies nearer
 * to the optimum than the last iterate, whose steps carry the noise of their batches. A kind of average is its weights w_t;
 * {@link Optimizer#average} keeps it.
 */
@FunctionalInterface
public interface Average {
    /** The weight w_t, 0 to 1, of the parameters after step t, counted from 1. */
    double weight(long step);

    /** The mean of all iterates after the first {@code warmUp}, during which ā = θ (Polyak and Juditsky 1992; Ruppert 1988). */
    static Average polyakRuppert(long warmUp) {
        Require.notNegative("Polyak–Ruppert average", "the warm-up", warmUp);
        return step -> step <= warmUp ? 1 : 1.0 / (step - warmUp);
    }

    /** The exponential moving average ā ← βā + (1 − β)θ. */
    static Average exponential(double beta) {
        Require.decay("exponential moving average", "β", beta);
        return step -> 1 - beta;
    }

    /**
     * Stochastic weight averaging: the mean of θ after step {@code start} and every {@code every} steps from then on,
     * the ends of the cycles of a cyclic rate (Izmailov et al. 2018, algorithm 1). Before, ā = θ. Running statistics of
     * {@link kawi.nn.BatchNorm} belong to θ and not to ā: compute them again with {@link kawi.nn.BatchNorm#recompute}.
     */
    static Average stochasticWeights(long start, long every) {
        Require.count("stochastic weight averaging", "the first step", start);
        Require.count("stochastic weight averaging", "the cycle", every);
        return step -> {
            if (step <= start) {
                return 1;
            }
            return (step - start) % every == 0 ? 1 / ((step - start) / every + 1.0) : 0;
        };
    }
}
