package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Workers;

/**
 * Products of a sparse matrix with a vector (see {@link kawi.graph.Sparse}), which go once through the entries. Sums over a row
 * are in the element type, those over all rows in double precision. Each segment starts with its first element, and tasks are cut by the shape alone.
 */
final class SparseVector {
    /** Entries of a row from which on it is a long one. */
    private static final int LONG = 64;

    private SparseVector() {}

    /** y = S·x: every task has rows of its own. */
    static void matmul(
            Workers workers,
            DType type,
            SparseShape s,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment values,
            MemorySegment x,
            MemorySegment y) {
        DenseRows[] dense = new DenseRows[s.batches()]; // each one row, which is all of x
        workers.run(s.batches(), batch -> {
            dense[batch] = DenseRows.zeros(type, 1, s.columns());
            dense[batch].read(0, x, (long) batch * s.columns());
        });
        int group = s.group();
        int groups = Math.ceilDiv(s.rows(), group);
        workers.run(Math.multiplyExact(groups, s.batches()), task -> {
            int batch = task / groups;
            int row0 = task % groups * group;
            int row1 = Math.min(s.rows(), row0 + group);
            var entries = new SparseEntries(type, s, batch, row0, row1, pointers, indices, values);
            DenseRows sums = DenseRows.zeros(type, 1, row1 - row0);
            for (int row = row0; row < row1; ) {
                int next = entries.load(row);
                if (sums instanceof DenseRows.Floats to && dense[batch] instanceof DenseRows.Floats from) {
                    dots(entries, entries.floats, row, next, from.rows()[0], to.rows()[0], row0);
                } else if (sums instanceof DenseRows.Doubles to && dense[batch] instanceof DenseRows.Doubles from) {
                    dots(entries, entries.doubles, row, next, from.rows()[0], to.rows()[0], row0);
                }
                row = next;
            }
            sums.write(0, y, (long) batch * s.rows() + row0);
        });
    }

    /**
     * Short rows are summed entry by entry in the plainest loop, for the compiler cuts any other into a head, a body and a tail, which take
     * longer than a dozen entries, and the processor sums several such rows at once. In longer ones even entries and odd ones add up
     * apart, so that an addition need not wait for the one before.
     */
    private static void dots(SparseEntries entries, float[] values, int row, int next, float[] x, float[] y, int row0) {
        int[] indices = entries.indices;
        for (int i = row, e = entries.at(row); i < next; i++) {
            float sum = 0;
            float odd = 0;
            if (entries.at(i + 1) - e > LONG) {
                for (; e + 1 < entries.at(i + 1); e += 2) {
                    sum += values[e] * x[indices[e]];
                    odd += values[e + 1] * x[indices[e + 1]];
                }
            }
            for (; e < entries.at(i + 1); e++) {
                sum += values[e] * x[indices[e]];
            }
            y[i - row0] = sum + odd;
        }
    }

    private static void dots(
            SparseEntries entries, double[] values, int row, int next, double[] x, double[] y, int row0) {
        int[] indices = entries.indices;
        for (int i = row, e = entries.at(row); i < next; i++) {
            double sum = 0;
            double odd = 0;
            if (entries.at(i + 1) - e > LONG) {
                for (; e + 1 < entries.at(i + 1); e += 2) {
                    sum += values[e] * x[indices[e]];
                    odd += values[e + 1] * x[indices[e + 1]];
                }
            }
            for (; e < entries.at(i + 1); e++) {
                sum += values[e] * x[indices[e]];
            }
            y[i - row0] = sum + odd;
        }
    }

    /** x = Sᵀ·y: every chunk of rows has sums of its own, which then add up in the order of the chunks. */
    static void transposed(
            Workers workers,
            DType type,
            SparseShape s,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment values,
            MemorySegment y,
            MemorySegment x) {
        boolean single = type == DType.F32;
        int chunks = s.chunks();
        double[][] sums = new double[chunks * s.batches()][];
        workers.run(sums.length, task -> {
            int batch = task / chunks;
            int row0 = s.start(task % chunks);
            int row1 = s.start(task % chunks + 1);
            var entries = new SparseEntries(type, s, batch, row0, row1, pointers, indices, values);
            double[] own = new double[s.columns()];
            for (int row = row0, next = row0; row < row1; row++) {
                next = row == next ? entries.load(row) : next;
                double factor = Elements.real(single, y, (long) batch * s.rows() + row);
                if (single) {
                    add(entries.floats, entries.indices, entries.at(row), entries.at(row + 1), factor, own);
                } else {
                    add(entries.doubles, entries.indices, entries.at(row), entries.at(row + 1), factor, own);
                }
            }
            sums[task] = own;
        });
        forColumns(workers, s, (batch, from, to) -> {
            double[] total = sums[batch * chunks];
            for (int c = 1; c < chunks; c++) {
                double[] own = sums[batch * chunks + c];
                for (int j = from; j < to; j++) {
                    total[j] += own[j];
                }
            }
            long first = (long) batch * s.columns();
            for (int j = from; j < to; j++) {
                Elements.setReal(single, x, first + j, total[j]);
            }
        });
    }

    private interface ColumnRange {
        void run(int batch, int from, int to);
    }

    private static void forColumns(Workers workers, SparseShape s, ColumnRange body) {
        int group = 8192;
        int groups = Math.ceilDiv(s.columns(), group);
        workers.run(Math.multiplyExact(groups, s.batches()), task -> {
            int from = task % groups * group;
            body.run(task / groups, from, Math.min(s.columns(), from + group));
        });
    }

    private static void add(float[] values, int[] indices, int from, int to, double factor, double[] sums) {
        for (int e = from; e < to; e++) {
            sums[indices[e]] += values[e] * factor;
        }
    }

    private static void add(double[] values, int[] indices, int from, int to, double factor, double[] sums) {
        for (int e = from; e < to; e++) {
            sums[indices[e]] += values[e] * factor;
        }
    }
}
