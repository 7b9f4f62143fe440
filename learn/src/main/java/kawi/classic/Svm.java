package kawi.classic;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/**
 * The support vector machine for classes: of all functions f(x) = Σ aᵢ k(xᵢ, x) + b the one with the least ½‖f‖² + C·Σ max(0, 1 − yᵢ f(xᵢ)) (Cortes
 * and Vapnik 1995), found by {@link Smo}. More than two classes are decided by a vote among machines for each pair.
 *
 * @param kernel k
 * @param labels the label of each class, ascending, {@code [classes]}
 * @param machines one for each pair of classes (0, 1), (0, 2), …, (1, 2), …; positive values speak for the second
 */
public record Svm(Kernel kernel, Tensor labels, List<Machine> machines) implements Model {
    /** Pairs of an example and a support vector that are looked at in one piece. */
    private static final int PAIRS = 1 << 23;

    /** Keeps a copy of the list. */
    public Svm {
        machines = List.copyOf(machines);
    }

    /**
     * How two classes are told apart.
     *
     * @param supportVectors the examples with multipliers above 0
     * @param coefficients aᵢ = yᵢαᵢ of each, {@code F64}
     * @param bias b
     * @param objective ½αᵀQα − Σα of the dual, at its minimum
     * @param bounded how many multipliers are C
     * @param steps how often two multipliers were moved
     */
    public record Machine(
            SparseMatrix supportVectors, Tensor coefficients, double bias, double objective, int bounded, long steps) {}

    /**
     * Settings.
     *
     * @param c what an error costs, above 0
     * @param tolerance how far the optimality conditions may be missed, above 0
     * @param cacheBytes memory for rows of the kernel matrix; two rows are kept in any case
     * @param shrinking whether multipliers that seem settled are left aside; the result is the same to the tolerance
     */
    public record Options(double c, double tolerance, long cacheBytes, boolean shrinking) {
        /** Checks the ranges. */
        public Options {
            if (!(c > 0) || Double.isInfinite(c) || !(tolerance > 0) || cacheBytes < 0) {
                throw new KawiException(
                        "Svm: C and the tolerance are above 0 and the cache from 0 bytes, but %s, %s and %d were given"
                                .formatted(c, tolerance, cacheBytes));
            }
        }

        /** Tolerance 1e-3, 256 MiB, with shrinking. */
        public Options(double c) {
            this(c, 1e-3, 256L << 20, true);
        }
    }

    /** As {@link #fit(SparseMatrix, Tensor, Kernel, Options)}, for dense features {@code [n, features]}. */
    public static Svm fit(Tensor x, Tensor y, Kernel kernel, double c) {
        return fit(SparseMatrix.fromDense(Examples.features("Svm", x, 2)), y, kernel, new Options(c));
    }

    /** As {@link #fit(SparseMatrix, Tensor, Kernel, Options)}. */
    public static Svm fit(SparseMatrix x, Tensor y, Kernel kernel, double c) {
        return fit(x, y, kernel, new Options(c));
    }

    /** Learns from rows of features and whole numbers as labels {@code [n]}, of which there are at least two. */
    public static Svm fit(SparseMatrix x, Tensor y, Kernel kernel, Options options) {
        SparseMatrix rows = single(Examples.features("Svm", x, 2));
        Classes classes = Classes.of("Svm", y, rows.rows());
        List<Machine> machines = new ArrayList<>();
        for (int a = 0; a < classes.count(); a++) {
            for (int b = a + 1; b < classes.count(); b++) {
                machines.add(pair(rows, classes, a, b, kernel, options));
            }
        }
        return new Svm(kernel, classes.labels(), machines);
    }

    private static Machine pair(SparseMatrix x, Classes classes, int a, int b, Kernel kernel, Options options) {
        int[] members = IntStream.range(0, x.rows())
                .filter(i -> classes.of()[i] == a || classes.of()[i] == b)
                .toArray();
        double[] y = IntStream.of(members)
                .mapToDouble(i -> classes.of()[i] == b ? 1 : -1)
                .toArray();
        return new Smo(members.length == x.rows() ? x : x.take(members), y, kernel, options).solve();
    }

    /** f of each machine, {@code [n, machines]} as {@code F64}. */
    public Tensor decisions(SparseMatrix x) {
        SparseMatrix rows = single(
                Examples.sameWidth("Svm", x, machines.get(0).supportVectors().columns()));
        return Tensor.stack(
                1,
                machines.stream()
                        .map(m -> sums(kernel, rows, m.supportVectors, m.coefficients)
                                .add(m.bias))
                        .toArray(Tensor[]::new));
    }

    /** The label with the most votes for each row, the smaller one where votes are equal. */
    public Tensor predict(SparseMatrix x) {
        double[] f = decisions(x).toDoubleArray();
        int classes = labels.dim(0);
        int[] winners = new int[x.rows()];
        for (int i = 0; i < winners.length; i++) {
            int[] votes = new int[classes];
            int machine = i * machines.size();
            for (int a = 0; a < classes; a++) {
                for (int b = a + 1; b < classes; b++) {
                    votes[f[machine++] > 0 ? b : a]++;
                }
            }
            for (int c = 0; c < classes; c++) {
                winners[i] = votes[c] > votes[winners[i]] ? c : winners[i];
            }
        }
        return labels.take(0, Tensor.of(winners));
    }

    @Override
    public Tensor predict(Tensor x) {
        return predict(SparseMatrix.fromDense(x));
    }

    private static SparseMatrix single(SparseMatrix x) {
        return x.dtype() == DType.F32 ? x : x.withValues(x.values().to(DType.F32));
    }

    /** Σⱼ aⱼ k(xᵢ, zⱼ) for each row of x, {@code F64}: blocks of z in single precision, whose sums add up in double. */
    static Tensor sums(Kernel kernel, SparseMatrix x, SparseMatrix z, Tensor a) {
        Tensor total = Tensor.zeros(DType.F64, x.rows());
        Tensor left = x.withValues(x.values().square()).rowSums().unsqueeze(1).realized();
        Tensor weights = a.to(DType.F32).realized();
        int step = Math.clamp(PAIRS / Math.max(1, x.rows()), 1, 512);
        for (int from = 0; from < z.rows(); from += step) {
            int to = Math.min(z.rows(), from + step);
            Tensor some = z.slice(from, to).toDense().t();
            Tensor k = kernel.of(x.matmul(some), left, some.square().sum(0).unsqueeze(0));
            Tensor sums = k.mul(weights.slice(0, from, to)).sum(1); // one pass: no kernel matrix is stored
            total = total.add(sums.to(DType.F64)).realized();
        }
        return total;
    }
}
