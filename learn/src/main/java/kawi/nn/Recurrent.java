package kawi.nn;

import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * What layers with gates over sequences {@code [T, N, in] → [T, N, hidden]} share: weights {@code [gates·hidden, in]} and {@code
 * [gates·hidden, hidden]} and two biases {@code [gates·hidden]}, one gate after another, in PyTorch's layout. Several layers are a
 * list of these.
 */
public abstract sealed class Recurrent extends Module permits Lstm, Gru {
    public final Parameter weightIh;
    public final Parameter weightHh;
    public final Parameter biasIh;
    public final Parameter biasHh;
    final int hidden;

    /** A layer started from ±1/√hidden uniformly. */
    Recurrent(int gates, int in, int hidden) {
        if (in < 1 || hidden < 1) {
            throw new KawiException("%s: %d inputs and %d hidden units were asked for; both start at 1"
                    .formatted(getClass().getSimpleName(), in, hidden));
        }
        Initializer start = Initializer.uniform(1 / Math.sqrt(hidden));
        this.weightIh = new Parameter(start.of(gates * hidden, in));
        this.weightHh = new Parameter(start.of(gates * hidden, hidden));
        this.biasIh = new Parameter(start.of(gates * hidden));
        this.biasHh = new Parameter(start.of(gates * hidden));
        this.hidden = hidden;
    }

    /** The columns of one gate. */
    final Tensor gate(Tensor gates, int number) {
        return gates.slice(-1, number * hidden, (number + 1) * hidden);
    }

    /** A state of zeros for the sequences of x, which must fit. */
    final Tensor zeros(Tensor x) {
        if (x.rank() != 3 || x.dim(0) < 1 || x.dim(2) != weightIh.dim(1)) {
            throw new KawiException("%s: a sequence [T, N, %d] with T from 1 is needed, but %s was given"
                    .formatted(getClass().getSimpleName(), weightIh.dim(1), x.shape()));
        }
        return Tensor.zeros(x.dtype(), x.dim(1), hidden);
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return (long) input.dim(0) * input.dim(1) * (weightIh.size() + weightHh.size());
    }

    @Override
    public String toString() {
        return "%s(%d, %d)".formatted(getClass().getSimpleName(), weightIh.dim(1), hidden);
    }
}
