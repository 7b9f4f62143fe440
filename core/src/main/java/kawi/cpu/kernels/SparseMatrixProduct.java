package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Workers;
import kawi.graph.IndexOutside;

/**
 * Products with a sparse matrix, F32 or F64 (see {@link kawi.graph.Sparse} for the meaning and the operands). Arrays are contiguous, each
 * segment starts with its first element. A pointer or an index out of range is an {@link IndexOutside}.
 *
 * <p>No task writes what another reads or writes, and each sum has its order from the shape and the structure: so the bits do not depend on
 * the number of threads.
 */
public final class SparseMatrixProduct {
    private SparseMatrixProduct() {}

    /** y = S·x, row by row. */
    public static void matmul(
            Workers workers,
            DType type,
            SparseShape s,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment values,
            MemorySegment x,
            MemorySegment y) {
        if (s.width() == 1 && s.entries() >= s.columns()) {
            SparseVector.matmul(workers, type, s, pointers, indices, values, x, y);
            return;
        }
        int width = s.width();
        Source dense = new Source(workers, type, s, x);
        forRows(workers, s, (batch, row0, row1) -> {
            var entries = new SparseEntries(type, s, batch, row0, row1, pointers, indices, values);
            DenseRows sum = DenseRows.zeros(type, 1, width);
            DenseRows scratch = dense.scratch();
            for (int row = row0, next = row0; row < row1; row++) {
                next = row == next ? entries.load(row) : next;
                sum.clear(0);
                for (int e = entries.at(row); e < entries.at(row + 1); e++) {
                    int column = entries.column(e);
                    sum.add(0, entries.value(e), dense.rows(scratch, batch, column), dense.number(batch, column));
                }
                sum.write(0, y, ((long) batch * s.rows() + row) * width);
            }
        });
    }

    /** x = Sᵀ·y: every chunk of rows has sums of its own, which then add up in the order of the chunks. */
    public static void transposed(
            Workers workers,
            DType type,
            SparseShape s,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment values,
            MemorySegment y,
            MemorySegment x) {
        if (s.width() == 1 && s.entries() >= s.columns()) {
            SparseVector.transposed(workers, type, s, pointers, indices, values, y, x);
        } else if (s.entries() >= s.columns()) {
            throughChunks(workers, type, s, pointers, indices, values, y, x);
        } else {
            inPlace(workers, type, s, pointers, indices, values, y, x);
        }
    }

    private static void throughChunks(
            Workers workers,
            DType type,
            SparseShape s,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment values,
            MemorySegment y,
            MemorySegment x) {
        int width = s.width();
        int chunks = s.chunks();
        DenseRows[] sums = new DenseRows[chunks * s.batches()];
        workers.run(sums.length, task -> {
            int batch = task / chunks;
            int row0 = s.start(task % chunks);
            int row1 = s.start(task % chunks + 1);
            var entries = new SparseEntries(type, s, batch, row0, row1, pointers, indices, values);
            DenseRows own = DenseRows.zeros(type, s.columns(), width);
            DenseRows dense = DenseRows.zeros(type, 1, width);
            for (int row = row0, next = row0; row < row1; row++) {
                next = row == next ? entries.load(row) : next;
                dense.read(0, y, ((long) batch * s.rows() + row) * width);
                for (int e = entries.at(row); e < entries.at(row + 1); e++) {
                    own.add(entries.column(e), entries.value(e), dense, 0);
                }
            }
            sums[task] = own;
        });
        Gather.forRanges(workers, Math.multiplyExact(s.batches(), s.columns()), width * chunks, (from, to) -> {
            for (int at = from; at < to; at++) {
                int batch = at / s.columns();
                DenseRows first = sums[batch * chunks];
                for (int c = 1; c < chunks; c++) {
                    first.add(at % s.columns(), 1, sums[batch * chunks + c], at % s.columns());
                }
                first.write(at % s.columns(), x, (long) at * width);
            }
        });
    }

    /** Where most rows of x stay zero: no sums but x itself, and one task for each matrix. */
    private static void inPlace(
            Workers workers,
            DType type,
            SparseShape s,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment values,
            MemorySegment y,
            MemorySegment x) {
        int width = s.width();
        long size = (long) s.columns() * width;
        workers.run(s.batches(), batch -> {
            Elements.zero(type, x, batch * size, size);
            var entries = new SparseEntries(type, s, batch, 0, s.rows(), pointers, indices, values);
            DenseRows dense = DenseRows.zeros(type, 2, width);
            for (int row = 0, next = 0; row < s.rows(); row++) {
                next = row == next ? entries.load(row) : next;
                dense.read(0, y, ((long) batch * s.rows() + row) * width);
                for (int e = entries.at(row); e < entries.at(row + 1); e++) {
                    long at = batch * size + (long) entries.column(e) * width;
                    dense.read(1, x, at);
                    dense.add(1, entries.value(e), dense, 0);
                    dense.write(1, x, at);
                }
            }
        });
    }

    /** w[e] = ⟨a[row of e], b[column of e]⟩. */
    public static void sampled(
            Workers workers,
            DType type,
            SparseShape s,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment a,
            MemorySegment b,
            MemorySegment w) {
        boolean single = type == DType.F32;
        int width = s.width();
        Source dense = new Source(workers, type, s, b);
        int first = s.pointer(pointers, 0);
        int last = s.pointer(pointers, s.rows());
        for (int batch = 0; batch < s.batches(); batch++) {
            Elements.zero(type, w, (long) batch * s.entries(), first);
            Elements.zero(type, w, (long) batch * s.entries() + last, s.entries() - last);
        }
        forRows(workers, s, (batch, row0, row1) -> {
            DenseRows left = DenseRows.zeros(type, 1, width);
            DenseRows scratch = dense.scratch();
            for (int row = row0; row < row1; row++) {
                left.read(0, a, ((long) batch * s.rows() + row) * width);
                int to = s.pointer(pointers, row + 1);
                for (int e = s.pointer(pointers, row); e < to; e++) {
                    int column = s.index(indices, e);
                    double dot = left.dot(0, dense.rows(scratch, batch, column), dense.number(batch, column));
                    Elements.setReal(single, w, (long) batch * s.entries() + e, dot);
                }
            }
        });
    }

    private interface RowRange {
        void run(int batch, int row0, int row1);
    }

    private static void forRows(Workers workers, SparseShape s, RowRange body) {
        int group = s.group();
        int groups = Math.ceilDiv(s.rows(), group);
        workers.run(Math.multiplyExact(groups, s.batches()), task -> {
            int row0 = task % groups * group;
            body.run(task / groups, row0, Math.min(s.rows(), row0 + group));
        });
    }

    /** The rows of a dense matrix that entries refer to: all of them at hand, or, where entries are few, each read when it is needed. */
    private static final class Source {
        private final DType type;
        private final SparseShape s;
        private final MemorySegment data;
        private final boolean ahead;
        private final DenseRows all;

        Source(Workers workers, DType type, SparseShape s, MemorySegment data) {
            this.type = type;
            this.s = s;
            this.data = data;
            int count = Math.multiplyExact(s.batches(), s.columns());
            ahead = s.entries() >= s.columns();
            all = DenseRows.zeros(type, ahead ? count : 0, s.width());
            if (ahead) {
                Gather.forRanges(workers, count, s.width(), (from, to) -> {
                    for (int row = from; row < to; row++) {
                        all.read(row, data, (long) row * s.width());
                    }
                });
            }
        }

        /** What a task needs of its own. */
        DenseRows scratch() {
            return DenseRows.zeros(type, ahead ? 0 : 1, s.width());
        }

        /** The rows among which row {@code column} of a batch is number {@link #number}. */
        DenseRows rows(DenseRows scratch, int batch, int column) {
            if (ahead) {
                return all;
            }
            scratch.read(0, data, ((long) batch * s.columns() + column) * s.width());
            return scratch;
        }

        int number(int batch, int column) {
            return ahead ? batch * s.columns() + column : 0;
        }
    }
}
