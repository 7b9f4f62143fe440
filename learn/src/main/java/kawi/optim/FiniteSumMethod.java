package kawi.optim;

import kawi.tensor.Tensor;

/** A method that takes one example of a sum at a time: {@link Svrg}, {@link Saga}, {@link IncrementalGradient}. A new method is one class. */
@FunctionalInterface
public interface FiniteSumMethod {
    /**
     * Looks for the minimum.
     *
     * @param start {@code [d]}
     * @return its trace has an entry for each round; {@code evaluations} counts gradients of single examples, so that {@code
     *     evaluations / n} are passes over the data (looking at the value between rounds is not counted)
     */
    Minimum minimize(LinearSum f, Tensor start);
}
