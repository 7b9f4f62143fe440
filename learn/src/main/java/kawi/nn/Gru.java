package kawi.nn;

import java.util.ArrayList;
import java.util.List;
import kawi.tensor.Tensor;

/**
 * A layer of gated recurrent units (Cho et al. 2014, section 2.3, with the reset gate applied after the product, as in the first version of
 * that paper and in PyTorch) over sequences {@code [T, N, in] → [T, N, hidden]}: with (a_r, a_z, a_n) = x_t·Wᵢₕᵀ + bᵢₕ and
 * (b_r, b_z, b_n) = h_{t−1}·Wₕₕᵀ + bₕₕ,
 *
 * <pre>
 * r = σ(a_r + b_r)
 * z = σ(a_z + b_z)
 * n = tanh(a_n + r·b_n)
 * h_t = (1 − z)·n + z·h_{t−1}
 * </pre>
 *
 * Gates in the order r, z, n.
 */
public final class Gru extends Recurrent {
    /**
     * The outputs of all steps and the last of them.
     *
     * @param sequence {@code [T, N, hidden]}
     * @param state {@code [N, hidden]}
     */
    public record Output(Tensor sequence, Tensor state) {}

    /** A layer started from ±1/√hidden uniformly. */
    public Gru(int in, int hidden) {
        super(3, in, hidden);
    }

    /** The outputs of all steps, from a state of zeros. */
    @Override
    public Tensor forward(Tensor x) {
        return traced(x, forward(x, zeros(x)).sequence());
    }

    /** The outputs of all steps, and the last of them, from a state {@code [N, hidden]}. */
    public Output forward(Tensor x, Tensor start) {
        zeros(x);
        Tensor fromInputs = x.matmul(weightIh.t()).add(biasIh); // (T, N, 3·hidden), all steps in one product
        Tensor recurrent = weightHh.t();
        Tensor h = start;
        List<Tensor> outputs = new ArrayList<>();
        for (int t = 0; t < x.dim(0); t++) {
            Tensor a = fromInputs.select(0, t); // (N, 3·hidden)
            Tensor b = h.matmul(recurrent).add(biasHh);
            Tensor r = gate(a, 0).add(gate(b, 0)).sigmoid();
            Tensor z = gate(a, 1).add(gate(b, 1)).sigmoid();
            Tensor n = gate(a, 2).add(r.mul(gate(b, 2))).tanh();
            h = n.add(z.mul(h.sub(n)));
            outputs.add(h);
        }
        return new Output(Tensor.stack(0, outputs.toArray(Tensor[]::new)), h);
    }
}
