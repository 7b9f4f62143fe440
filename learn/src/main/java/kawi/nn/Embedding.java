package kawi.nn;

import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/** A learnt vector for each of a number of symbols: integers {@code […]} → {@code […, dimension]}. Weight {@code [symbols, dimension]}. */
public final class Embedding extends Module {
    public final Parameter weight;

    /** Vectors started from a standard normal distribution. */
    public Embedding(int symbols, int dimension) {
        weight = new Parameter(Initializer.normal(1).of(symbols, dimension));
    }

    @Override
    public Tensor forward(Tensor x) {
        return traced(x, weight.take(0, x));
    }

    @Override
    public String toString() {
        return "Embedding(%d, %d)".formatted(weight.dim(0), weight.dim(1));
    }
}
