package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.base.DType;
import kawi.cpu.Workers;

/**
 * Pooling over planes, for F32 and F64: maximum pooling as the place of each maximum and a read there, average pooling as
 * sums, and the transposes of both. Tensors are contiguous, and each segment starts with its first element. Planes are
 * shared among the threads, and nothing is summed across them.
 */
public final class Pool {

    /** Elements of work for one task. */
    private static final int TASK = 16_384;

    private Pool() {}

    /**
     * index[c, p, q] (I32) = the place, row · width + column, of the largest element of each window. NaN counts as larger
     * than all; of equals the first counts. A window without elements gives 0.
     */
    public static void argMax(Workers workers, DType type, PoolShape s, MemorySegment x, MemorySegment index) {
        forPlanes(workers, s, s.kernelH() * s.kernelW() * s.outPlane(), (plane0, plane1) -> {
            if (type == DType.F32) {
                argMaxFloats(s, x, index, plane0, plane1);
            } else {
                argMaxDoubles(s, x, index, plane0, plane1);
            }
        });
    }

    /**
     * Value and place as one long: the value's bits above, as an integer of the same order, and the place counted down
     * below. So a maximum of longs is the answer, without a branch that the processor would mispredict at each second
     * window.
     */
    private static void argMaxFloats(PoolShape s, MemorySegment x, MemorySegment index, int plane0, int plane1) {
        long[] best = new long[s.outW()];
        for (int plane = plane0; plane < plane1; plane++) {
            long from = (long) plane * s.inPlane();
            for (int p = 0; p < s.outH(); p++) {
                Arrays.fill(best, Long.MIN_VALUE | Integer.MAX_VALUE);
                for (int r = 0; r < s.kernelH(); r++) {
                    int row = s.row(p, r);
                    if (row < 0 || row >= s.height()) {
                        continue;
                    }
                    for (int t = 0; t < s.kernelW(); t++) {
                        int place = row * s.width() + s.column(t);
                        int end = s.endColumn(t);
                        for (int q = s.firstColumn(t); q < end; q++) {
                            int at = place + q * s.strideW();
                            float value = x.get(JAVA_FLOAT_UNALIGNED, (from + at) * 4);
                            best[q] = Math.max(best[q], (long) ordered(value) << 32 | (Integer.MAX_VALUE - at));
                        }
                    }
                }
                long to = ((long) plane * s.outH() + p) * s.outW();
                for (int q = 0; q < s.outW(); q++) {
                    index.set(JAVA_INT_UNALIGNED, (to + q) * 4, Integer.MAX_VALUE - (int) best[q]);
                }
            }
        }
    }

    /** An integer that is larger for larger values, equal for both zeros, and largest for NaN. */
    private static int ordered(float value) {
        int bits = Float.floatToIntBits(value + 0f); // -0 + 0 = +0, and every NaN has the same bits
        return bits ^ (bits >> 31 & Integer.MAX_VALUE);
    }

    private static void argMaxDoubles(PoolShape s, MemorySegment x, MemorySegment index, int plane0, int plane1) {
        for (int plane = plane0; plane < plane1; plane++) {
            for (int o = 0; o < s.outPlane(); o++) {
                int place = 0;
                double best = Double.NEGATIVE_INFINITY;
                boolean found = false;
                for (int r = 0; r < s.kernelH(); r++) {
                    for (int t = 0; t < s.kernelW(); t++) {
                        int row = s.row(o / s.outW(), r);
                        int column = s.column(t) + o % s.outW() * s.strideW();
                        if (row >= 0 && row < s.height() && column >= 0 && column < s.width()) {
                            int at = row * s.width() + column;
                            double value = Elements.real(false, x, (long) plane * s.inPlane() + at);
                            if (!found || value > best || (Double.isNaN(value) && !Double.isNaN(best))) {
                                found = true;
                                best = value;
                                place = at;
                            }
                        }
                    }
                }
                index.set(JAVA_INT_UNALIGNED, ((long) plane * s.outPlane() + o) * 4, place);
            }
        }
    }

    /** y[c, p, q] = x[c, index[c, p, q]]: with the places of {@link #argMax}, maximum pooling. */
    public static void gather(
            Workers workers, DType type, PoolShape s, MemorySegment x, MemorySegment index, MemorySegment y) {
        forPlanes(workers, s, s.outPlane(), (plane0, plane1) -> {
            for (int plane = plane0; plane < plane1; plane++) {
                long from = (long) plane * s.inPlane();
                long to = (long) plane * s.outPlane();
                for (int o = 0; o < s.outPlane(); o++) {
                    int place = place(s, index, to + o);
                    Elements.copy(type.bytes(), x, from + place, y, to + o, 1);
                }
            }
        });
    }

    /** dx = 0; then dx[c, index[c, p, q]] += g[c, p, q] in the order of (p, q): the transpose of {@link #gather}. */
    public static void scatterAdd(
            Workers workers, DType type, PoolShape s, MemorySegment g, MemorySegment index, MemorySegment dx) {
        boolean single = type == DType.F32;
        forPlanes(workers, s, s.inPlane(), (plane0, plane1) -> {
            Elements.zero(type, dx, (long) plane0 * s.inPlane(), (long) (plane1 - plane0) * s.inPlane());
            for (int plane = plane0; plane < plane1; plane++) {
                long to = (long) plane * s.inPlane();
                long from = (long) plane * s.outPlane();
                for (int o = 0; o < s.outPlane(); o++) {
                    long at = to + place(s, index, from + o);
                    double sum = Elements.real(single, dx, at) + Elements.real(single, g, from + o);
                    Elements.setReal(single, dx, at, sum);
                }
            }
        });
    }

    private static int place(PoolShape s, MemorySegment index, long at) {
        int place = index.get(JAVA_INT_UNALIGNED, at * 4);
        if (place < 0 || place >= s.inPlane()) {
            throw new IndexOutOfBoundsException("pooling: index " + place + " at position " + at
                    + " is outside of 0 to " + (s.inPlane() - 1) + ", the places of a plane");
        }
        return place;
    }

    /** y[c, p, q] = the sum of each window, added row by row in double precision. */
    public static void sum(Workers workers, DType type, PoolShape s, MemorySegment x, MemorySegment y) {
        boolean single = type == DType.F32;
        forPlanes(workers, s, s.kernelH() * s.kernelW() * s.outPlane(), (plane0, plane1) -> {
            double[] sums = new double[s.outW()];
            for (int plane = plane0; plane < plane1; plane++) {
                for (int p = 0; p < s.outH(); p++) {
                    Arrays.fill(sums, 0);
                    for (int r = 0; r < s.kernelH(); r++) {
                        int row = s.row(p, r);
                        if (row < 0 || row >= s.height()) {
                            continue;
                        }
                        for (int t = 0; t < s.kernelW(); t++) {
                            long from = (long) plane * s.inPlane() + (long) row * s.width() + s.column(t);
                            int end = s.endColumn(t);
                            for (int q = s.firstColumn(t); q < end; q++) {
                                sums[q] += Elements.real(single, x, from + (long) q * s.strideW());
                            }
                        }
                    }
                    long to = ((long) plane * s.outH() + p) * s.outW();
                    for (int q = 0; q < s.outW(); q++) {
                        Elements.setReal(single, y, to + q, sums[q]);
                    }
                }
            }
        });
    }

    /** dx[c, h, w] = the sum of g over the windows that cover (h, w): the transpose of {@link #sum}. */
    public static void sumTranspose(Workers workers, DType type, PoolShape s, MemorySegment g, MemorySegment dx) {
        boolean single = type == DType.F32;
        forPlanes(workers, s, s.inPlane() + s.kernelH() * s.kernelW() * s.outPlane(), (plane0, plane1) -> {
            double[] sums = new double[s.inPlane()];
            for (int plane = plane0; plane < plane1; plane++) {
                Arrays.fill(sums, 0);
                for (int p = 0; p < s.outH(); p++) {
                    long from = ((long) plane * s.outH() + p) * s.outW();
                    for (int r = 0; r < s.kernelH(); r++) {
                        int row = s.row(p, r);
                        if (row < 0 || row >= s.height()) {
                            continue;
                        }
                        for (int t = 0; t < s.kernelW(); t++) {
                            int to = row * s.width() + s.column(t);
                            int end = s.endColumn(t);
                            for (int q = s.firstColumn(t); q < end; q++) {
                                sums[to + q * s.strideW()] += Elements.real(single, g, from + q);
                            }
                        }
                    }
                }
                for (int i = 0; i < sums.length; i++) {
                    Elements.setReal(single, dx, (long) plane * s.inPlane() + i, sums[i]);
                }
            }
        });
    }

    private interface Planes {
        void run(int plane0, int plane1);
    }

    private static void forPlanes(Workers workers, PoolShape s, int workPerPlane, Planes body) {
        int group = Math.max(1, TASK / Math.max(1, workPerPlane));
        workers.run(
                Math.ceilDiv(s.planes(), group),
                task -> body.run(task * group, Math.min(s.planes(), (task + 1) * group)));
    }
}
