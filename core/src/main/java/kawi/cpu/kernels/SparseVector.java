package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.cpu.Workers;

/**
 * Products of a sparse matrix with a vector (see {@link kawi.graph.Sparse}), which go once through the entries; sums are in double
 * precision. Each segment starts with its first element, and tasks are cut by the shape alone.
 */
final class SparseVector {
    private SparseVector() {}

    /** y = S·x: every task has rows of its own. */
    static void matmul(
            Workers workers,
            boolean single,
            SparseShape s,
            MemorySegment pointers,
            MemorySegment indices,
            MemorySegment values,
            MemorySegment x,
            MemorySegment y) {
        int group = s.group();
        int groups = Math.ceilDiv(s.rows(), group);
        workers.run(Math.multiplyExact(groups, s.batches()), task -> {
            int batch = task / groups;
            int row0 = task % groups * group;
            for (int row = row0; row < Math.min(s.rows(), row0 + group); row++) {
                int from = s.pointer(pointers, row);
                int to = s.pointer(pointers, row + 1);
                double sum = row(single, s, from, to, batch, indices, values, x);
                Elements.setReal(single, y, (long) batch * s.rows() + row, sum);
            }
        });
    }

    /** Even entries and odd ones add up apart, so that an addition need not wait for the one before. */
    private static double row(
            boolean single,
            SparseShape s,
            int from,
            int to,
            int batch,
            MemorySegment indices,
            MemorySegment values,
            MemorySegment x) {
        long v = (long) batch * s.entries();
        long first = (long) batch * s.columns();
        double even = 0;
        double odd = 0;
        int e = from;
        for (; e + 1 < to; e += 2) {
            even += Elements.real(single, values, v + e) * Elements.real(single, x, first + s.index(indices, e));
            odd += Elements.real(single, values, v + e + 1) * Elements.real(single, x, first + s.index(indices, e + 1));
        }
        if (e < to) {
            even += Elements.real(single, values, v + e) * Elements.real(single, x, first + s.index(indices, e));
        }
        return even + odd;
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
            double[] own = new double[s.columns()];
            for (int row = s.start(task % chunks); row < s.start(task % chunks + 1); row++) {
                int from = s.pointer(pointers, row);
                int to = s.pointer(pointers, row + 1);
                double factor = Elements.real(single, y, (long) batch * s.rows() + row);
                long v = (long) batch * s.entries();
                for (int e = from; e < to; e++) {
                    own[s.index(indices, e)] += Elements.real(single, values, v + e) * factor;
                }
            }
            sums[task] = own;
        });
        Gather.forRanges(workers, Math.multiplyExact(s.batches(), s.columns()), chunks, (from, to) -> {
            for (int at = from; at < to; at++) {
                int batch = at / s.columns();
                int column = at % s.columns();
                double sum = IntStream.range(0, chunks)
                        .mapToDouble(c -> sums[batch * chunks + c][column])
                        .reduce(0, Double::sum);
                Elements.setReal(single, x, at, sum);
            }
        });
    }
}
