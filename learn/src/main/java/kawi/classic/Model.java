package kawi.classic;

import kawi.tensor.Tensor;

/** What was learnt: a prediction for each row of a matrix. */
@FunctionalInterface
public interface Model {
    /** Predictions {@code [n]}, labels or numbers as those learnt from, for {@code x [n, features]}. */
    Tensor predict(Tensor x);
}
