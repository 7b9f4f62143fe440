package kawi.data;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.tensor.Key;

/**
 * Batches of a data set, one epoch for each iterator, prepared ahead by a background thread. The order of epoch e depends
 * on the key and on e alone, so training can be taken up at any batch of any epoch.
 */
public final class Loader implements Iterable<Batch> {
    private static final int AHEAD = 3;

    /** A thread of this loader's own: a data set may itself read from another loader. It ends when idle. */
    private final Executor background = background();

    private final Dataset dataset;
    private final int batchSize;
    private final Key key;
    private final boolean shuffled;
    private int nextEpoch;

    /**
     * @param key of the order and of the random changes of examples
     * @param shuffled whether each epoch has a random order of its own
     */
    public Loader(Dataset dataset, int batchSize, Key key, boolean shuffled) {
        if (batchSize < 1) {
            throw new KawiException("batches: the batch size starts at 1, but " + batchSize + " was given");
        }
        this.dataset = dataset;
        this.batchSize = batchSize;
        this.key = key;
        this.shuffled = shuffled;
    }

    private static Executor background() {
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("kawi-data").factory());
        one.allowCoreThreadTimeOut(true);
        return one;
    }

    /** Number of examples. */
    public int size() {
        return dataset.size();
    }

    /** Number of batches in an epoch. */
    public int batches() {
        return Math.ceilDiv(dataset.size(), batchSize);
    }

    /** The next epoch. */
    @Override
    public Iterator<Batch> iterator() {
        return epoch(nextEpoch++, 0);
    }

    /** A given epoch from a given batch on. */
    public Iterator<Batch> epoch(int epoch, int fromBatch) {
        Key epochKey = key.fold(epoch);
        int[] order = shuffled
                ? epochKey.permutationArray(dataset.size())
                : IntStream.range(0, dataset.size()).toArray();
        return new Epoch(order, epochKey, fromBatch);
    }

    private final class Epoch implements Iterator<Batch> {
        private final int[] order;
        private final Key epochKey;
        private final Deque<CompletableFuture<Batch>> ready = new ArrayDeque<>();
        private int submitted;
        private int taken;

        Epoch(int[] order, Key epochKey, int fromBatch) {
            this.order = order;
            this.epochKey = epochKey;
            this.submitted = fromBatch;
            this.taken = fromBatch;
        }

        @Override
        public boolean hasNext() {
            return taken < batches();
        }

        @Override
        public Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the epoch has " + batches() + " batches");
            }
            while (submitted < batches() && ready.size() <= AHEAD) {
                int from = submitted++ * batchSize;
                int[] indices = Arrays.copyOfRange(order, from, Math.min(from + batchSize, order.length));
                ready.add(CompletableFuture.supplyAsync(() -> dataset.batch(indices, epochKey), background));
            }
            taken++;
            try {
                return ready.remove().join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw e;
            }
        }
    }
}
