package kawi.models;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kawi.nn.Embedding;
import kawi.nn.Linear;
import kawi.nn.Lstm;
import kawi.nn.Module;
import kawi.tensor.Tensor;

/**
 * A language model of stacked LSTM layers, the small one of Zaremba et al. 2014, "Recurrent neural network
 * regularization", section 4.1: tokens {@code [T, N] → [T, N, vocabulary]} logits of the next ones. With a vocabulary of
 * 10,000, 200 units and two layers it has 4,653,200 parameters.
 */
public final class LstmLanguageModel extends Module {
    final Embedding embedding;
    final List<Lstm> layers;
    final Linear decoder;

    /** Embeddings as wide as the layers. */
    public LstmLanguageModel(int vocabulary, int hidden, int layers) {
        this.embedding = new Embedding(vocabulary, hidden);
        this.layers = IntStream.range(0, layers)
                .mapToObj(_ -> new Lstm(hidden, hidden))
                .toList();
        this.decoder = new Linear(hidden, vocabulary);
    }

    /** Logits, each sequence on its own. */
    @Override
    public Tensor forward(Tensor tokens) { // (T, N)
        Tensor zeros = Tensor.zeros(tokens.dim(1), decoder.weight.dim(1));
        return forward(tokens, layers.stream().map(_ -> new Lstm.State(zeros, zeros)).toList())
                .logits();
    }

    /**
     * Logits, and the states of the layers after the last tokens, from which the same texts go on.
     *
     * @param logits {@code [T, N, vocabulary]}
     */
    public record Output(Tensor logits, List<Lstm.State> states) {}

    /** Goes on where the texts were left. */
    public Output forward(Tensor tokens, List<Lstm.State> start) { // (T, N)
        Tensor x = embedding.forward(tokens); // (T, N, hidden)
        List<Lstm.State> states = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Lstm.Output out = layers.get(i).forward(x, start.get(i));
            x = out.sequence(); // (T, N, hidden)
            states.add(out.state());
        }
        return new Output(decoder.forward(x), states); // (T, N, vocabulary)
    }
}
