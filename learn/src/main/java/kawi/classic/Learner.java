package kawi.classic;

import kawi.tensor.Tensor;

/**
 * A way to learn with its settings decided, for what learns many times, such as {@link Bagging} or cross-validation:
 *
 * <pre>{@code
 * Learner learner = (x, y) -> Ridge.fit(x, y, 0.1);
 * }</pre>
 */
@FunctionalInterface
public interface Learner {
    /** A model of examples {@code x [n, features]} with labels or numbers {@code y [n]}. */
    Model fit(Tensor x, Tensor y);
}
