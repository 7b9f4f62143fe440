package kawi.nn;

import java.util.ArrayList;
import java.util.List;
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
 * Gates in the order i, f, g, o.
 */
public final class Lstm extends Recurrent {
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
        super(4, in, hidden);
    }

    /** The outputs of all steps, from a state of zeros. */
    @Override
    public Tensor forward(Tensor x) {
        Tensor zeros = zeros(x);
        return traced(x, forward(x, new State(zeros, zeros)).sequence());
    }

    /** The outputs of all steps, and where they lead, from a state. */
    public Output forward(Tensor x, State start) {
        zeros(x);
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
}
