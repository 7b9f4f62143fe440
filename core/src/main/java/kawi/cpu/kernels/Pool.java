package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.cpu.Workers;
import kawi.graph.IndexOutside;

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
        MaxKernel kernel = DirectKernels.maxima(Machine.vectorBits());
        RowMover mover = DirectKernels.mover();
        forPlanes(workers, s, s.kernelH() * s.kernelW() * s.outPlane(), (plane0, plane1) -> {
            if (type == DType.F32) {
                argMaxFloats(kernel, mover, s, x, index, plane0, plane1);
            } else {
                argMaxDoubles(s, x, index, plane0, plane1);
            }
        });
    }

    /** Cut into phases by the stride, and with borders of -∞, all windows of a row see adjacent values. */
    static void argMaxFloats(
            MaxKernel wanted,
            RowMover mover,
            PoolShape s,
            MemorySegment x,
            MemorySegment index,
            int plane0,
            int plane1) {
        Planes planes = Planes.of(s);
        int taps = s.kernelH() * s.kernelW();
        int[] shifts = new int[taps];
        int[] places = new int[taps];
        for (int k = 0; k < taps; k++) {
            int r = k / s.kernelW();
            int t = k % s.kernelW();
            shifts[k] = planes.shift(r * s.dilationH(), t * s.dilationW(), s.outH()) * 4;
            places[k] = s.row(0, r) * s.width() + s.column(t);
        }
        MaxKernel kernel = s.outW() < MaxKernel.LEAST_COLUMNS ? new PlainMaxKernel() : wanted;
        int size = planes.channel(s.outH());
        MemorySegment bordered = Scratch.ofThread().take(size * 4L);
        try {
            for (int i = 0; i < size; i++) {
                bordered.set(JAVA_FLOAT_UNALIGNED, i * 4L, Float.NEGATIVE_INFINITY);
            }
            for (int plane = plane0; plane < plane1; plane++) {
                planes.fill(mover, x, (long) plane * s.inPlane() * 4, 1, 0, s.outH(), bordered, 0, true);
                long to = (long) plane * s.outPlane() * 4;
                int lowest = kernel.argMax(
                        bordered,
                        planes.pitch() * 4L,
                        shifts,
                        places,
                        s.outH(),
                        s.outW(),
                        s.strideH() * s.width(),
                        s.strideW(),
                        index,
                        to);
                if (lowest < 0) {
                    firstPlaces(s, index, to);
                }
            }
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    /** In windows where nothing is above -∞, the first element is the largest; a window without elements gives 0. */
    private static void firstPlaces(PoolShape s, MemorySegment index, long offset) {
        for (int o = 0; o < s.outPlane(); o++) {
            if (index.get(JAVA_INT_UNALIGNED, offset + o * 4L) < 0) {
                int row = s.row(o / s.outW(), 0);
                int column = s.column(0) + o % s.outW() * s.strideW();
                row += row < 0 ? Math.ceilDiv(-row, s.dilationH()) * s.dilationH() : 0;
                column += column < 0 ? Math.ceilDiv(-column, s.dilationW()) * s.dilationW() : 0;
                boolean inside = row < s.height()
                        && row <= s.row(o / s.outW(), s.kernelH() - 1)
                        && column < s.width()
                        && column <= s.column(s.kernelW() - 1) + o % s.outW() * s.strideW();
                index.set(JAVA_INT_UNALIGNED, offset + o * 4L, inside ? row * s.width() + column : 0);
            }
        }
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
        int bytes = type.bytes();
        forPlanes(workers, s, s.outPlane(), (plane0, plane1) -> {
            for (int plane = plane0; plane < plane1; plane++) {
                long from = (long) plane * s.inPlane() * bytes;
                long to = (long) plane * s.outPlane();
                if (bytes == 4) {
                    for (int o = 0; o < s.outPlane(); o++) {
                        int value = x.get(JAVA_INT_UNALIGNED, from + place(s, index, to + o) * 4L);
                        y.set(JAVA_INT_UNALIGNED, (to + o) * 4, value);
                    }
                } else {
                    for (int o = 0; o < s.outPlane(); o++) {
                        long value = x.get(JAVA_LONG_UNALIGNED, from + place(s, index, to + o) * 8L);
                        y.set(JAVA_LONG_UNALIGNED, (to + o) * 8, value);
                    }
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
                if (single) {
                    for (int o = 0; o < s.outPlane(); o++) {
                        long at = (to + place(s, index, from + o)) * 4;
                        float sum = dx.get(JAVA_FLOAT_UNALIGNED, at) + g.get(JAVA_FLOAT_UNALIGNED, (from + o) * 4);
                        dx.set(JAVA_FLOAT_UNALIGNED, at, sum);
                    }
                } else {
                    for (int o = 0; o < s.outPlane(); o++) {
                        long at = (to + place(s, index, from + o)) * 8;
                        double sum = dx.get(JAVA_DOUBLE_UNALIGNED, at) + g.get(JAVA_DOUBLE_UNALIGNED, (from + o) * 8);
                        dx.set(JAVA_DOUBLE_UNALIGNED, at, sum);
                    }
                }
            }
        });
    }

    private static int place(PoolShape s, MemorySegment index, long at) {
        int place = index.get(JAVA_INT_UNALIGNED, at * 4);
        if (Integer.compareUnsigned(place, s.inPlane()) >= 0) {
            throw outside(s, place, at);
        }
        return place;
    }

    private static IndexOutside outside(PoolShape s, int place, long at) {
        return new IndexOutside("pooling: index " + place + " at position " + at + " is outside of 0 to "
                + (s.inPlane() - 1) + ", the places of a plane");
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

    private interface Body {
        void run(int plane0, int plane1);
    }

    private static void forPlanes(Workers workers, PoolShape s, int workPerPlane, Body body) {
        int group = Math.max(1, TASK / Math.max(1, workPerPlane));
        workers.run(
                Math.ceilDiv(s.planes(), group),
                task -> body.run(task * group, Math.min(s.planes(), (task + 1) * group)));
    }
}
