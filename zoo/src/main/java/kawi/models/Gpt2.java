package kawi.models;

import java.util.List;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.nn.CausalSelfAttention;
import kawi.nn.Embedding;
import kawi.nn.Initializer;
import kawi.nn.LayerNorm;
import kawi.nn.Linear;
import kawi.nn.Module;
import kawi.tensor.Tensor;

/**
 * The transformer of GPT-2 (Radford et al. 2019), which predicts the next token: tokens {@code [N, T] → [N, T, vocabulary]}
 * logits. The embedding of tokens serves as the last layer as well.
 */
public final class Gpt2 extends Module {
    final Embedding wte;
    final Embedding wpe;
    final List<Block> blocks;
    final LayerNorm lnF;

    /** A network for sequences of at most {@code context} tokens. */
    public Gpt2(int vocabulary, int context, int layers, int heads, int channels) {
        wte = new Embedding(vocabulary, channels);
        wpe = new Embedding(context, channels);
        blocks = IntStream.range(0, layers)
                .mapToObj(_ -> new Block(channels, heads))
                .toList();
        lnF = new LayerNorm(channels);
        // Normal with deviation 0.02; what each layer adds to the residual stream, twice, starts smaller (section 2.3).
        parameters().stream()
                .filter(p -> p.rank() == 2)
                .forEach(p -> p.assign(Initializer.normal(0.02).of(p.shape().dims())));
        Initializer residual = Initializer.normal(0.02 / Math.sqrt(2.0 * layers));
        for (Block block : blocks) {
            for (Linear linear : List.of(block.attention.projection, block.down)) {
                linear.weight.assign(residual.of(linear.weight.shape().dims()));
            }
        }
    }

    /** The smallest of the four published sizes: 12 layers, 768 channels; 124,439,808 parameters. */
    public static Gpt2 small() {
        return new Gpt2(50257, 1024, 12, 12, 768);
    }

    @Override
    public Tensor forward(Tensor tokens) { // (N, T)
        if (tokens.rank() != 2 || tokens.dim(1) > wpe.weight.dim(0)) {
            throw new KawiException("Gpt2: tokens [N, T] with T at most %d are needed, but %s was given"
                    .formatted(wpe.weight.dim(0), tokens.shape()));
        }
        Tensor x = wte.forward(tokens).add(wpe.forward(Tensor.arange(tokens.dim(1)))); // (N, T, channels)
        for (Block block : blocks) {
            x = block.forward(x);
        }
        return lnF.forward(x).matmul(wte.weight.t()); // (N, T, vocabulary)
    }

    /** Attention and a small network for each place, both on normalised inputs and added to the residual stream. */
    static final class Block extends Module {
        final LayerNorm ln1;
        final CausalSelfAttention attention;
        final LayerNorm ln2;
        final Linear up;
        final Linear down;

        Block(int channels, int heads) {
            ln1 = new LayerNorm(channels);
            attention = new CausalSelfAttention(channels, heads);
            ln2 = new LayerNorm(channels);
            up = new Linear(channels, 4 * channels);
            down = new Linear(4 * channels, channels);
        }

        @Override
        public Tensor forward(Tensor x) { // (N, T, channels)
            x = x.add(attention.forward(ln1.forward(x)));
            return x.add(down.forward(gelu(up.forward(ln2.forward(x)))));
        }

        /** GELU by the hyperbolic tangent, with which GPT-2 was trained (Hendrycks and Gimpel 2016, section 2). */
        private static Tensor gelu(Tensor x) {
            Tensor inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
            return x.mul(0.5).mul(inner.tanh().add(1));
        }
    }
}
