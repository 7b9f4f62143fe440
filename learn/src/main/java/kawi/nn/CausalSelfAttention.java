package kawi.nn;

import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Tensor;

/**
 * Attention of each place in a sequence to itself and those before, {@code [N, T, channels] → [N, T, channels]}, by several
 * heads that see {@code channels/heads} channels each (Vaswani et al. 2017, sections 3.2.1 to 3.2.3).
 */
public final class CausalSelfAttention extends Module {
    /** Queries, keys and values of all heads in one product. */
    public final Linear queryKeyValue;

    public final Linear projection;
    private final int heads;

    /** A layer whose heads divide its channels. */
    public CausalSelfAttention(int channels, int heads) {
        if (heads < 1 || channels < 1 || channels % heads != 0) {
            throw new KawiException(
                    "CausalSelfAttention: %d heads do not divide %d channels".formatted(heads, channels));
        }
        this.queryKeyValue = new Linear(channels, 3 * channels);
        this.projection = new Linear(channels, channels);
        this.heads = heads;
    }

    @Override
    public Tensor forward(Tensor x) {
        int channels = projection.weight.dim(1);
        if (x.rank() != 3 || x.dim(2) != channels) {
            throw new KawiException(
                    "CausalSelfAttention: [N, T, %d] is needed, but %s was given".formatted(channels, x.shape()));
        }
        Tensor qkv = queryKeyValue
                .forward(x) // (N, T, 3·channels)
                .reshape(x.dim(0), x.dim(1), 3, heads, channels / heads)
                .permute(2, 0, 3, 1, 4); // (3, N, heads, T, channels/heads)
        Tensor y = attention(qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2)); // (N, heads, T, channels/heads)
        return traced(x, projection.forward(y.transpose(1, 2).flatten(2, 3)));
    }

    /**
     * softmax(q·kᵀ/√d + mask)·v, where the mask hides from each place what comes after it.
     *
     * @param q queries {@code […, T, d]}
     * @param k keys {@code […, T, d]}
     * @param v values {@code […, T, d]}
     */
    public static Tensor attention(Tensor q, Tensor k, Tensor v) {
        return Tensor.scaledDotProductAttention(q, k, v, true);
    }

    /** The products of queries with keys and of weights with values; those of the linear parts count there. */
    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return 2 * output.size() * input.dim(1);
    }

    @Override
    public String toString() {
        return "CausalSelfAttention(%d, %d heads)".formatted(projection.weight.dim(0), heads);
    }
}
