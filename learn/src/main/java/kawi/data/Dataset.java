package kawi.data;

import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/** Examples that can be had by number. A new data set is one class that implements this. */
public interface Dataset {
    /**
     * Examples from tensors: row i of {@code x [N, …]} with row i of {@code y [N, …]}, as they are now.
     *
     * @throws kawi.base.KawiException if the first axes differ
     */
    static Dataset of(Tensor x, Tensor y) {
        return new TensorDataset(x, y);
    }

    /** Number of examples. */
    int size();

    /**
     * The examples with the given numbers, in that order. Called from a background thread.
     *
     * @param key of the random changes made to training examples, one key an epoch; data sets without such changes ignore it
     */
    Batch batch(int[] indices, Key key);

    /** Batches of {@code size} examples in order, the last one smaller where they do not divide. */
    default Loader batches(int size) {
        return new Loader(this, size, Kawi.nextKey(), false);
    }

    /** These examples in another random order each epoch, drawn from the global stream. */
    default Shuffled shuffled() {
        return new Shuffled(this, Kawi.nextKey());
    }

    /** Examples in random order. */
    record Shuffled(Dataset dataset, Key key) {
        /** Batches of {@code size} examples, the last one smaller where they do not divide. */
        public Loader batches(int size) {
            return new Loader(dataset, size, key, true);
        }
    }
}
