package kawi.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import org.jspecify.annotations.Nullable;

/**
 * Tries configurations and ranks them.
 *
 * <pre>{@code
 * List<Trial> best = new Search(0).resumable(file).parallel(2).run(space.random(40, 0), (c, budget) -> accuracy(c));
 * }</pre>
 *
 * <p>Each trial draws from a stream of random numbers of its own, made of the seed and the configuration, so a result depends neither on the order nor on
 * the number of threads. Choose by validation examples: the test part is looked at once, at the end.
 */
public final class Search {
    /** What is searched for. */
    @FunctionalInterface
    public interface Objective {
        /**
         * The score of a configuration; higher is better.
         *
         * @param budget how much may be spent, such as epochs
         */
        double score(Configuration configuration, int budget);
    }

    private final long seed;
    private final int threads;
    private final @Nullable TrialFile file;

    /** A search in one thread that keeps nothing. */
    public Search(long seed) {
        this(seed, 1, null);
    }

    private Search(long seed, int threads, @Nullable TrialFile file) {
        this.seed = seed;
        this.threads = threads;
        this.file = file;
    }

    /** This search with so many trials at a time, for objectives that may run side by side. */
    public Search parallel(int threads) {
        if (threads < 1) {
            throw new KawiException("Search: at least 1 thread is needed, but " + threads + " were given");
        }
        return new Search(seed, threads, file);
    }

    /**
     * This search with its trials kept in a file, which is written whole after each; what is in it already is not tried again.
     *
     * @throws kawi.data.DataException if there is a file that is not of this kind, or was kept under another seed
     */
    public Search resumable(java.nio.file.Path path) {
        return new Search(seed, threads, TrialFile.open(path, seed));
    }

    /** Tries all configurations with budget 1; the best first, equal ones in the given order. */
    public List<Trial> run(List<Configuration> configurations, Objective objective) {
        return ranked(round(configurations, 1, objective));
    }

    /**
     * Successive halving (Jamieson and Talwalkar 2016): all configurations with a small budget, the best {@code 1/factor} of them with {@code factor} times as much,
     * and so on up to the largest. Finds about the best at a fraction of the cost where scores at small budgets tell of those at large ones.
     *
     * @param firstBudget of the first round
     * @param lastBudget no round has more
     * @return the trials of the last round, the best first, then those that earlier rounds dropped
     */
    public List<Trial> halving(
            List<Configuration> configurations, int factor, int firstBudget, int lastBudget, Objective objective) {
        if (factor < 2 || firstBudget < 1 || lastBudget < firstBudget) {
            throw new KawiException(
                    "halving: a factor from 2 on and budgets 1 ≤ first ≤ last are needed, but %d, %d and %d were given"
                            .formatted(factor, firstBudget, lastBudget));
        }
        List<Trial> result = new ArrayList<>();
        List<Configuration> left = configurations;
        long budget = firstBudget;
        while (true) {
            List<Trial> ranked = ranked(round(left, (int) budget, objective));
            int kept = left.size() / factor;
            if (kept < 1 || budget * factor > lastBudget) {
                result.addAll(0, ranked);
                return result;
            }
            result.addAll(0, ranked.subList(kept, ranked.size()));
            left = ranked.subList(0, kept).stream().map(Trial::configuration).toList();
            budget *= factor;
        }
    }

    private static List<Trial> ranked(List<Trial> trials) {
        // NaN last; the sort is stable
        return trials.stream()
                .sorted(Comparator.comparingDouble(
                        t -> Double.isNaN(t.score()) ? Double.POSITIVE_INFINITY : -t.score()))
                .toList();
    }

    /** The trials in the order of the configurations. */
    private List<Trial> round(List<Configuration> configurations, int budget, Objective objective) {
        AtomicBoolean failed = new AtomicBoolean(); // what has not begun when one fails does not begin
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Trial>> running = configurations.stream()
                    .map(c -> pool.submit(() -> trial(c, budget, objective, failed)))
                    .toList();
            List<Trial> trials = new ArrayList<>();
            try {
                for (Future<Trial> f : running) {
                    trials.add(f.get());
                }
            } catch (ExecutionException e) {
                throw failure(running);
            } catch (InterruptedException e) {
                pool.shutdownNow();
                Thread.currentThread().interrupt();
                throw new KawiException("Search: interrupted; what was tried is in the file, if there is one");
            }
            return trials;
        }
    }

    /** What the first configuration that failed threw. */
    private static RuntimeException failure(List<Future<Trial>> running) {
        for (Future<Trial> f : running) {
            try {
                f.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                if (e.getCause() instanceof RuntimeException cause && !(cause instanceof CancellationException)) {
                    return cause;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return new IllegalStateException("a trial failed without a cause");
    }

    private Trial trial(Configuration configuration, int budget, Objective objective, AtomicBoolean failed) {
        if (failed.get()) {
            throw new CancellationException();
        }
        TrialFile kept = file;
        Trial known = kept == null ? null : kept.find(configuration, budget);
        if (known != null) {
            return known;
        }
        long own = seed ^ hash(configuration.toString());
        double score;
        try {
            score = Kawi.withStream(own, 0, () -> objective.score(configuration, budget));
        } catch (RuntimeException | Error e) {
            failed.set(true);
            throw e;
        }
        Trial trial = new Trial(configuration, budget, score);
        if (kept != null) {
            kept.add(trial);
        }
        return trial;
    }

    /** FNV-1a, 64 bits: the same on every machine. */
    private static long hash(String text) {
        long h = 0xcbf29ce484222325L;
        for (char c : text.toCharArray()) {
            h = (h ^ c) * 0x100000001b3L;
        }
        return h;
    }
}
