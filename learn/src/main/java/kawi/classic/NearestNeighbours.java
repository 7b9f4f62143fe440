package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * The k nearest neighbours decide by their votes (Fix and Hodges 1951; Cover and Hart 1967); among equal numbers of votes the smaller sum of ranks does. All
 * distances are looked at, by matrix products.
 *
 * @param examples the training rows {@code [n, features]}
 * @param classes the class of each {@code [n]}
 * @param labels the label of each class
 * @param k how many vote
 */
public record NearestNeighbours(Tensor examples, Tensor classes, Tensor labels, int k) implements Model {
    /** Distances that are held at once. */
    private static final int PAIRS = 1 << 22;

    /**
     * Keeps the examples.
     *
     * @param x {@code [n, features]}
     * @param y labels {@code [n]}
     * @param k from 1 to n
     */
    public static NearestNeighbours fit(Tensor x, Tensor y, int k) {
        Tensor rows = Examples.features("NearestNeighbours", x, 1);
        Classes classes = Classes.of("NearestNeighbours", y, rows.dim(0));
        if (k < 1 || k > rows.dim(0)) {
            throw new KawiException(
                    "NearestNeighbours: %d neighbours of %d examples were asked for".formatted(k, rows.dim(0)));
        }
        return new NearestNeighbours(rows, classes.numbers(), classes.labels(), k);
    }

    /** The numbers of the k nearest examples of each row, the nearest first, {@code I64 [m, k]}. */
    public Tensor neighbours(Tensor x) {
        Tensor rows = Examples.sameWidth("NearestNeighbours", x, examples.dim(1));
        int m = rows.dim(0);
        int step = Math.clamp(PAIRS / examples.dim(0), 1, Math.max(1, m));
        Tensor[] parts = new Tensor[Math.max(1, (m + step - 1) / step)];
        for (int p = 0; p < parts.length; p++) {
            Tensor some = rows.slice(0, p * step, Math.min(m, (p + 1) * step));
            parts[p] = Distances.lessOwn(some, examples)
                    .topk(k, 1, false)
                    .indices()
                    .realized();
        }
        return Tensor.concat(0, parts);
    }

    @Override
    public Tensor predict(Tensor x) {
        Tensor voters = classes.take(0, neighbours(x)); // [m, k]
        // A vote counts 1, less a bit for its rank: together below ½, so that it decides among equals alone.
        Tensor weights = Tensor.arange(k)
                .to(DType.F32)
                .mul(-1.0 / (k * (k + 1.0)))
                .add(1)
                .unsqueeze(1);
        Tensor votes = voters.oneHot(labels.dim(0)).to(DType.F32).mul(weights).sum(1);
        return labels.take(0, votes.argmax(1));
    }
}
