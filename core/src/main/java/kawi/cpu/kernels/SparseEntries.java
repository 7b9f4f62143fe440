package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.graph.IndexOutside;

/**
 * The entries of some rows, a few thousand at a time, as Java arrays: plain loops read these several times as fast as memory segments, whose every
 * access is checked. A row lies in them as a whole.
 */
final class SparseEntries {
    private static final int CAPACITY = 2048;

    private final SparseShape s;
    private final MemorySegment allIndices;
    private final MemorySegment values;
    private final long firstValue;
    private final int row0;
    private final int[] pointers;
    /** The first entry that is loaded. */
    private int start;

    final int[] indices;
    /** The values where they are F32; else empty. */
    final float[] floats;
    /** The values where they are F64; else empty. */
    final double[] doubles;

    /** Of the rows {@code row0} to {@code row1 − 1} of one matrix of the batch. */
    SparseEntries(
            DType type,
            SparseShape s,
            int batch,
            int row0,
            int row1,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment values) {
        this.s = s;
        this.row0 = row0;
        this.allIndices = indices;
        this.values = values;
        this.firstValue = (long) batch * s.entries();
        this.pointers = new int[row1 - row0 + 1];
        MemorySegment.copy(pointers, JAVA_INT_UNALIGNED, row0 * 4L, this.pointers, 0, this.pointers.length);
        int longest = checked();
        int capacity = Math.max(longest, Math.min(CAPACITY, this.pointers[row1 - row0] - this.pointers[0]));
        this.indices = new int[capacity];
        this.floats = new float[type == DType.F32 ? capacity : 0];
        this.doubles = new double[type == DType.F32 ? 0 : capacity];
        this.start = this.pointers[0];
    }

    /** The length of the longest row. */
    private int checked() {
        int longest = 0;
        for (int i = 0; i < pointers.length; i++) {
            int before = i == 0 ? 0 : pointers[i - 1];
            if (pointers[i] < before || pointers[i] > s.entries()) {
                throw new IndexOutside("pointer %d is %d: below the one before or not in 0 to %d"
                        .formatted(row0 + i, pointers[i], s.entries()));
            }
            longest = Math.max(longest, i == 0 ? 0 : pointers[i] - before);
        }
        return longest;
    }

    /** Loads a row and those after it for which there is room; returns the number after the last of them. */
    int load(int row) {
        int first = row - row0;
        int next = first + 1;
        start = pointers[first];
        while (next + 1 < pointers.length && pointers[next + 1] - start <= indices.length) {
            next++;
        }
        int n = pointers[next] - start;
        MemorySegment.copy(allIndices, JAVA_INT_UNALIGNED, start * 4L, indices, 0, n);
        if (floats.length > 0) {
            MemorySegment.copy(values, JAVA_FLOAT_UNALIGNED, (firstValue + start) * 4, floats, 0, n);
        } else if (doubles.length > 0) {
            MemorySegment.copy(values, JAVA_DOUBLE_UNALIGNED, (firstValue + start) * 8, doubles, 0, n);
        }
        return row0 + next;
    }

    /** Where in the arrays the entries of a loaded row begin, and with {@code row + 1} where they end. */
    int at(int row) {
        return pointers[row - row0] - start;
    }

    /** The value of an entry of the arrays. */
    double value(int at) {
        return floats.length > 0 ? floats[at] : doubles[at];
    }

    /** The column of an entry of the arrays. */
    int column(int at) {
        int column = indices[at];
        if (column < 0 || column >= s.columns()) {
            throw new IndexOutside("entry %d lies in column %d of %d".formatted(start + at, column, s.columns()));
        }
        return column;
    }
}
