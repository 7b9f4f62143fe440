package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.cpu.Workers;

/**
 * Matrix times vector, result[i] = Σ_p matrix[i, p] · vector[p], where the matrix lies: each of its elements is used once, so packing
 * would cost more than the product.
 *
 * <p>For {@code F32} a sum has {@link DotKernel#LANES} lanes: that of p takes a fused multiply-add for each p of the same remainder, in
 * order; in the end the lanes are folded in halves. Where the terms of a sum lie side by side that is a {@link DotKernel}; where
 * the results do, many sums grow together, a lane of all of them at a time; otherwise rows of the matrix are brought in order
 * first. For {@code F64} it is one chain for each result, as in {@link TiledProduct}, which also takes what does not lie side by side.
 *
 * @param results number of results
 * @param resultStride bytes from matrix[i, p] to matrix[i+1, p]
 * @param depthStride bytes from matrix[i, p] to matrix[i, p+1]
 * @param targetStride bytes from result to result
 */
record VectorProduct(
        DType type,
        int results,
        int depth,
        MemorySegment matrix,
        long resultStride,
        long depthStride,
        MemorySegment vector,
        long vectorStride,
        MemorySegment target,
        long targetStride) {

    /** Multiply-adds of a task that is worth handing to a thread. */
    private static final long TASK = 1 << 15;

    private static final long PARALLEL_WORK = 3 * TASK;

    /** Sums that grow together: they stay in the first-level cache. */
    private static final int STRETCH = 256;

    /** Divides by the columns of every {@link DirectKernel} for one row. */
    private static final int LEAST_STRETCH = 64;

    private static final int[] NONE = {};

    /** What to do with the finished results {@code first} … {@code end}-1. */
    interface Finish {
        void run(int first, int end);
    }

    /** Whether the product is computed here. */
    boolean takes() {
        return type == DType.F32 || sideBySide();
    }

    private boolean sideBySide() {
        return resultStride == type.bytes();
    }

    /** Computes the results; offsets in bytes. */
    void run(Workers workers, long matrixOffset, long vectorOffset, long targetOffset, Finish finish) {
        boolean byLane = type == DType.F32 && sideBySide();
        MemorySegment lanes = byLane ? Scratch.ofThread().take(depth * 4L) : MemorySegment.NULL;
        try {
            int[] shifts = byLane ? rowsOfLane() : NONE;
            if (byLane) {
                gather(vectorOffset, lanes);
            }
            int stretch = byLane
                    ? (int) Math.clamp(4 * TASK / Math.max(1, depth), LEAST_STRETCH, STRETCH)
                            / LEAST_STRETCH
                            * LEAST_STRETCH
                    : (int) Math.clamp(TASK / Math.max(1, depth), DotKernel.TAPS, STRETCH);
            Workers.TaskBody body = task -> {
                int first = task * stretch;
                int count = Math.min(results - first, stretch);
                long from = matrixOffset + first * resultStride;
                long to = targetOffset + first * targetStride;
                if (type == DType.F64) {
                    doubles(count, from, vectorOffset, to);
                } else if (byLane) {
                    floats(count, from, lanes, shifts, to);
                } else {
                    dots(count, from, vectorOffset, to);
                }
                finish.run(first, first + count);
            };
            int tasks = Math.ceilDiv(results, stretch);
            if ((long) results * depth < PARALLEL_WORK) {
                for (int task = 0; task < tasks; task++) {
                    body.run(task);
                }
            } else {
                workers.run(tasks, body);
            }
        } finally {
            if (byLane) {
                Scratch.ofThread().giveBack();
            }
        }
    }

    /** Where the rows of one lane lie, in bytes from its first; none if that is too far. */
    private int[] rowsOfLane() {
        long step = DotKernel.LANES * depthStride;
        if (Math.abs(step) * (depth / DotKernel.LANES) > Integer.MAX_VALUE) {
            return NONE;
        }
        int[] rows = new int[terms(0)];
        for (int q = 0; q < rows.length; q++) {
            rows[q] = (int) (q * step);
        }
        return rows;
    }

    /** Nine rows at a time; the last one again where there are fewer. */
    private void dots(int count, long from, long vectorOffset, long to) {
        DotKernel kernel = DirectKernels.dots(Machine.vectorBits());
        Scratch scratch = Scratch.ofThread();
        boolean inOrder = depthStride == 4 && Math.abs(resultStride) <= Integer.MAX_VALUE / DotKernel.TAPS;
        long rowStride = inOrder ? resultStride : depth * 4L;
        long sumBytes = DotKernel.TAPS * DotKernel.LANES * 4L;
        MemorySegment memory = scratch.take(sumBytes + depth * 4L * (DotKernel.TAPS + 1));
        try {
            if (vectorStride != 4) {
                copy(vector, vectorOffset, vectorStride, memory, sumBytes);
            }
            for (int i = 0; i < count; i += DotKernel.TAPS) {
                int last = Math.min(DotKernel.TAPS, count - i) - 1;
                int[] shifts = new int[DotKernel.TAPS];
                for (int t = 0; t < DotKernel.TAPS; t++) {
                    shifts[t] = (int) (Math.min(t, last) * rowStride);
                }
                long rows = from + i * resultStride;
                if (!inOrder) {
                    rows = sumBytes + depth * 4L;
                    for (int t = 0; t <= last; t++) {
                        copy(matrix, from + (i + t) * resultStride, depthStride, memory, rows + t * rowStride);
                    }
                }
                memory.asSlice(0, sumBytes).fill((byte) 0);
                kernel.dots(
                        vectorStride == 4 ? vector : memory,
                        vectorStride == 4 ? vectorOffset : sumBytes,
                        0,
                        inOrder ? matrix : memory,
                        rows,
                        0,
                        shifts,
                        0,
                        1,
                        depth,
                        memory,
                        0);
                for (int t = 0; t <= last; t++) {
                    target.set(JAVA_FLOAT_UNALIGNED, to + (i + t) * targetStride, DotKernel.folded(memory, t));
                }
            }
        } finally {
            scratch.giveBack();
        }
    }

    private void copy(MemorySegment from, long offset, long stride, MemorySegment to, long toOffset) {
        for (int p = 0; p < depth; p++) {
            to.set(JAVA_FLOAT_UNALIGNED, toOffset + p * 4L, from.get(JAVA_FLOAT_UNALIGNED, offset + p * stride));
        }
    }

    /** A lane of all sums at a time: rows p, p + LANES, p + 2 LANES … of the matrix, weighted. */
    private void floats(int count, long from, MemorySegment lanes, int[] shifts, long to) {
        DirectKernel kernel = DirectKernels.forChannels(Machine.vectorBits(), 1).tall();
        int tiles = shifts.length == 0 ? 0 : count / kernel.columns();
        int wide = tiles * kernel.columns();
        float[] sums = new float[DotKernel.LANES * count];
        MemorySegment ofLane = Scratch.ofThread().take(wide * 4L);
        try {
            long weights = 0;
            for (int lane = 0; lane < DotKernel.LANES && tiles > 0; lane++) {
                long row = from + lane * depthStride;
                int terms = terms(lane);
                kernel.correlate(lanes, weights, matrix, row, shifts, terms, tiles, ofLane, 0, 0);
                MemorySegment.copy(ofLane, JAVA_FLOAT_UNALIGNED, 0, sums, lane * count, wide);
                weights += terms * 4L;
            }
        } finally {
            Scratch.ofThread().giveBack();
        }
        rest(count, wide, from, lanes, sums);
        for (int i = depth % DotKernel.LANES * count; i > 0 && i < sums.length; i++) {
            sums[i] += 0f; // turns -0 into +0, as the 0 · 0 of a vector that the depth does not fill
        }
        for (int half = DotKernel.LANES / 2; half > 0; half /= 2) {
            for (int i = 0; i < half * count; i++) {
                sums[i] += sums[i + half * count];
            }
        }
        for (int i = 0; i < count; i++) {
            target.set(JAVA_FLOAT_UNALIGNED, to + i * targetStride, sums[i]);
        }
    }

    /** The same for results from {@code first} on, where no vector fits. Only on the heap does C2 see that rows and sums do not overlap. */
    private void rest(int count, int first, long from, MemorySegment lanes, float[] sums) {
        float[] row = new float[count - first];
        long weights = 0;
        for (int lane = 0; lane < DotKernel.LANES && row.length > 0; lane++) {
            for (int p = lane; p < depth; p += DotKernel.LANES) {
                MemorySegment.copy(
                        matrix, JAVA_FLOAT_UNALIGNED, from + p * depthStride + first * 4L, row, 0, row.length);
                add(lanes.get(JAVA_FLOAT_UNALIGNED, weights), row, sums, lane * count + first);
                weights += 4;
            }
        }
    }

    /** Terms of a sum in one lane. */
    private int terms(int lane) {
        return (depth - lane + DotKernel.LANES - 1) / DotKernel.LANES;
    }

    /** The vector, lane after lane. */
    private void gather(long vectorOffset, MemorySegment lanes) {
        long at = 0;
        for (int lane = 0; lane < DotKernel.LANES; lane++) {
            for (int p = lane; p < depth; p += DotKernel.LANES) {
                lanes.set(JAVA_FLOAT_UNALIGNED, at, vector.get(JAVA_FLOAT_UNALIGNED, vectorOffset + p * vectorStride));
                at += 4;
            }
        }
    }

    private static void add(float factor, float[] row, float[] sums, int first) {
        for (int i = 0; i < row.length; i++) {
            sums[first + i] = Math.fma(factor, row[i], sums[first + i]);
        }
    }

    private void doubles(int count, long from, long vectorOffset, long to) {
        double[] sums = new double[count];
        double[] row = new double[count];
        for (int p = 0; p < depth; p++) {
            MemorySegment.copy(matrix, JAVA_DOUBLE_UNALIGNED, from + p * depthStride, row, 0, count);
            add(vector.get(JAVA_DOUBLE_UNALIGNED, vectorOffset + p * vectorStride), row, sums);
        }
        for (int i = 0; i < count; i++) {
            target.set(JAVA_DOUBLE_UNALIGNED, to + i * targetStride, sums[i]);
        }
    }

    private static void add(double factor, double[] row, double[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.fma(factor, row[i], sums[i]);
        }
    }
}
