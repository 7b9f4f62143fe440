package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.graph.IndexOutside;

/**
 * The extents of products with one sparse matrix: {@code batches} times, {@code rows} × {@code columns} with {@code entries}, dense
 * matrices of {@code width} columns.
 */
public record SparseShape(int batches, int rows, int columns, int width, int entries) {

    /** Multiply-adds for one task. */
    private static final long TASK = 16_384;

    private static final int MOST_CHUNKS = 16;

    /** Rows for a task where tasks write rows of their own. */
    int group() {
        long work = Math.max(1, (long) entries * Math.max(1, width) + rows);
        return (int) Math.clamp(TASK * rows / work, 1, Math.max(1, rows));
    }

    /**
     * Into how many chunks rows are divided where each chunk has sums of its own for all columns: so many that the sums take a quarter of the
     * work, at most.
     */
    int chunks() {
        long most = Math.min((long) entries * width / TASK, entries / (4L * Math.max(1, columns)));
        return (int) Math.clamp(most, 1, Math.clamp(rows, 1, MOST_CHUNKS));
    }

    /** The first row of a chunk. */
    int start(int chunk) {
        return (int) ((long) rows * chunk / chunks());
    }

    /** The first entry of a row, and with {@code row + 1} the one after its last. */
    int pointer(MemorySegment pointers, int row) {
        int p = pointers.get(JAVA_INT_UNALIGNED, row * 4L);
        if (p < 0 || p > entries || row > 0 && p < pointers.get(JAVA_INT_UNALIGNED, row * 4L - 4)) {
            throw new IndexOutside(
                    "pointer %d is %d: below the one before or not in 0 to %d".formatted(row, p, entries));
        }
        return p;
    }

    /** The column of an entry. */
    int index(MemorySegment indices, int entry) {
        int c = indices.get(JAVA_INT_UNALIGNED, entry * 4L);
        if (c < 0 || c >= columns) {
            throw new IndexOutside("entry %d lies in column %d of %d".formatted(entry, c, columns));
        }
        return c;
    }
}
