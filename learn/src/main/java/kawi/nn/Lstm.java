package kawi.nn;

import java.util.ArrayList;
import java.util.List;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * A layer of long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000) over
 * sequences {@code [T, N, in] → [T, N, hidden]}: with (i, f, g, o) = x_t·Wᵢₕᵀ + bᵢₕ + h_{t−1}·Wₕₕᵀ + bₕₕ,
 *
 * <pre>
 * c_t = σ(f)·c_{t−1} + σ(i)·tanh(g)
 * h_t = σ(o)·tanh(c_t)
 * </pre>
 *
 * Weights {@code [4·hidden, in]} and {@code [4·hidden, hidden]}, two biases {@code [4·hidden]}, gates in the order i, f, g,
 * o: PyTorch's layout. Several layers are a list of these.
 */
public final class Lstm extends Module {
    public final Parameter weightIh;
    public final Parameter weightHh;
    public final Parameter biasIh;
    public final Parameter biasHh;
    private final int hidden;

    /**
     * What a layer remembers between two steps of time.
     *
     * @param h output of the last step, {@code [N, hidden]}
     * @param c its cell, {@code [N, hidden]}
     */
    public record State(Tensor h, Tensor c) {
        /** The same numbers as constants: truncated back-propagation through time goes no further back. */
        public State detach() {
            return new State(h.detach(), c.detach());
        }
    }

    /**
     * The outputs of all steps and the state after the last.
     *
     * @param sequence {@code [T, N, hidden]}
     */
    public record Output(Tensor sequence, State state) {}

    /** A layer started from ±1/√hidden uniformly. */
    public Lstm(int in, int hidden) {
        if (in < 1 || hidden < 1) {
            throw new KawiException(
                    "Lstm: %d inputs and %d hidden units were asked for; both start at 1".formatted(in, hidden));
        }
        Initializer start = Initializer.uniform(1 / Math.sqrt(hidden));
        this.weightIh = new Parameter(start.of(4 * hidden, in));
        this.weightHh = new Parameter(start.of(4 * hidden, hidden));
        this.biasIh = new Parameter(start.of(4 * hidden));
        this.biasHh = new Parameter(start.of(4 * hidden));
        this.hidden = hidden;
    }

    /** The outputs of all steps, from a state of zeros. */
    @Override
    public Tensor forward(Tensor x) {
        check(x);
        Tensor zeros = Tensor.zeros(x.dtype(), x.dim(1), hidden);
        return traced(x, forward(x, new State(zeros, zeros)).sequence());
    }

    /** The outputs of all steps, and where they lead, from a state. */
    public Output forward(Tensor x, State start) {
        check(x);
        // The inputs of all steps are known: one product serves them all, and only h waits for the step before.
        Tensor fromInput = x.matmul(weightIh.t()).add(biasIh.add(biasHh)); // (T, N, 4·hidden)
        Tensor recurrent = weightHh.t();
        Tensor h = start.h();
        Tensor c = start.c();
        List<Tensor> outputs = new ArrayList<>();
        for (int t = 0; t < x.dim(0); t++) {
            Tensor gates = fromInput.select(0, t).add(h.matmul(recurrent)); // (N, 4·hidden)
            Tensor i = gate(gates, 0).sigmoid();
            Tensor f = gate(gates, 1).sigmoid();
            Tensor g = gate(gates, 2).tanh();
            Tensor o = gate(gates, 3).sigmoid();
            c = f.mul(c).add(i.mul(g));
            h = o.mul(c.tanh());
            outputs.add(h);
        }
        return new Output(Tensor.stack(0, outputs.toArray(Tensor[]::new)), new State(h, c));
    }

    private Tensor gate(Tensor gates, int number) {
        return gates.slice(1, number * hidden, (number + 1) * hidden);
    }

    private void check(Tensor x) {
        if (x.rank() != 3 || x.dim(0) < 1 || x.dim(2) != weightIh.dim(1)) {
            throw new KawiException("Lstm: a sequence [T, N, %d] with T from 1 is needed, but %s was given"
                    .formatted(weightIh.dim(1), x.shape()));
        }
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return (long) input.dim(0) * input.dim(1) * (weightIh.size() + weightHh.size());
    }

    @Override
    public String toString() {
        return "Lstm(%d, %d)".formatted(weightIh.dim(1), hidden);
    }
}
