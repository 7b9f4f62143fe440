package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/** What every method asks of its examples. */
final class Examples {
    private Examples() {}

    /** A matrix of finite floating-point numbers with at least {@code least} rows. */
    static Tensor features(String what, Tensor x, int least) {
        if (x.rank() != 2) {
            throw new KawiException("%s: features are a matrix [examples, features], but the tensor has shape %s"
                    .formatted(what, x.shape()));
        }
        if (x.dim(0) < least) {
            throw new KawiException(
                    "%s: at least %d examples are needed, but there are %d".formatted(what, least, x.dim(0)));
        }
        Tensor real = real(x).detach();
        int bad = firstNonFinite(real);
        if (bad >= 0) {
            int columns = x.dim(1);
            throw new KawiException(
                    "%s: feature %d of example %d is %s; replace or leave out what is missing before learning"
                            .formatted(
                                    what,
                                    bad % columns,
                                    bad / columns,
                                    real.flatten().select(0, bad).item()));
        }
        return real;
    }

    /** Sparse rows of finite numbers, at least {@code least} of them. */
    static SparseMatrix features(String what, SparseMatrix x, int least) {
        if (x.rows() < least) {
            throw new KawiException(
                    "%s: at least %d examples are needed, but there are %d".formatted(what, least, x.rows()));
        }
        SparseMatrix rows = x.toCsr();
        int bad = firstNonFinite(rows.values());
        if (bad >= 0) {
            int[] pointers = rows.pointers();
            int example = 0;
            while (pointers[example + 1] <= bad) {
                example++;
            }
            throw new KawiException(
                    "%s: feature %d of example %d is %s; replace or leave out what is missing before learning"
                            .formatted(
                                    what,
                                    rows.indices()[bad],
                                    example,
                                    rows.values().select(0, bad).item()));
        }
        return rows.withValues(rows.values().detach());
    }

    /** One finite number for each of n examples. */
    static Tensor targets(String what, Tensor y, int n) {
        if (y.rank() != 1 || y.dim(0) != n) {
            throw new KawiException(
                    "%s: %d examples have targets [%d], but the tensor has shape %s".formatted(what, n, n, y.shape()));
        }
        Tensor real = (y.dtype().isFloat() ? y : y.to(DType.F64)).detach(); // integers above 2²⁴ are no F32
        int bad = firstNonFinite(real);
        if (bad >= 0) {
            throw new KawiException("%s: the target of example %d is %s"
                    .formatted(what, bad, real.select(0, bad).item()));
        }
        return real;
    }

    /** A matrix to predict for, as wide as the training data was. */
    static Tensor sameWidth(String what, Tensor x, int features) {
        if (x.rank() != 2 || x.dim(1) != features) {
            throw new KawiException("%s: it was fitted to %d features and takes [examples, %d], but %s was given"
                    .formatted(what, features, features, x.shape()));
        }
        return real(x);
    }

    /** As {@link #sameWidth(String, Tensor, int)}. */
    static SparseMatrix sameWidth(String what, SparseMatrix x, int features) {
        if (x.columns() != features) {
            throw new KawiException("%s: it was fitted to %d features and takes [examples, %d], but %s was given"
                    .formatted(what, features, features, x.shape()));
        }
        return x;
    }

    private static Tensor real(Tensor x) {
        return x.dtype().isFloat() ? x : x.to(DType.F32);
    }

    /** The place of the first element that is not finite, or −1. */
    private static int firstNonFinite(Tensor x) {
        if (x.size() == 0 || x.isFinite().all().item() != 0) {
            return -1;
        }
        return (int) x.isFinite().to(DType.F32).flatten().argmin(0).item();
    }
}
