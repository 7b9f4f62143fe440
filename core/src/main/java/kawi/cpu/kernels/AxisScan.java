package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Workers;

/**
 * What runs along an axis in order: the place of the largest or smallest element, and running sums. Tensors are contiguous
 * and seen as [outer, axis, inner]; each segment starts with its first element.
 */
public final class AxisScan {

    private AxisScan() {}

    /**
     * place[o, j] (I64) = the i with the largest, or smallest, x[o, i, j]. NaN wins over all numbers; of equals the first
     * wins.
     *
     * @throws IllegalArgumentException if the axis is empty and the result is not
     */
    public static void argReduce(
            Workers workers,
            DType type,
            boolean max,
            int outer,
            int axis,
            int inner,
            MemorySegment x,
            MemorySegment place) {
        if (axis == 0 && (long) outer * inner > 0) {
            throw new IllegalArgumentException((max ? "argmax" : "argmin") + " along an empty axis");
        }
        Gather.forColumns(workers, outer, inner, axis, (o, column0, column1) -> {
            for (int j = column0; j < column1; j++) {
                long from = (long) o * axis * inner + j;
                long found = type.isFloat()
                        ? extremeReal(type == DType.F32, max, axis, inner, x, from)
                        : extremeWhole(type, max, axis, inner, x, from);
                place.set(JAVA_LONG_UNALIGNED, ((long) o * inner + j) * 8, found);
            }
        });
    }

    private static long extremeReal(boolean single, boolean max, int axis, int inner, MemorySegment x, long from) {
        double best = Elements.real(single, x, from);
        int place = 0;
        for (int i = 1; i < axis && !Double.isNaN(best); i++) {
            double value = Elements.real(single, x, from + (long) i * inner);
            // "not at most" rather than "greater": so that NaN, which compares false with all, is taken
            if (max ? !(value <= best) : !(value >= best)) {
                best = value;
                place = i;
            }
        }
        return place;
    }

    private static long extremeWhole(DType type, boolean max, int axis, int inner, MemorySegment x, long from) {
        long best = Elements.whole(type, x, from);
        int place = 0;
        for (int i = 1; i < axis; i++) {
            long value = Elements.whole(type, x, from + (long) i * inner);
            if (max ? value > best : value < best) {
                best = value;
                place = i;
            }
        }
        return place;
    }

    /**
     * y[o, i, j] = Σ x[o, i', j] over i' = 0 … i, or, reversed, over i' = i … axis-1; summed in double precision for
     * floating-point numbers, wrapping around for I32 and I64.
     */
    public static void cumsum(
            Workers workers,
            DType type,
            boolean reverse,
            int outer,
            int axis,
            int inner,
            MemorySegment x,
            MemorySegment y) {
        boolean single = type == DType.F32;
        Gather.forColumns(workers, outer, inner, axis, (o, column0, column1) -> {
            double[] reals = new double[column1 - column0];
            long[] wholes = new long[column1 - column0];
            for (int step = 0; step < axis; step++) {
                long row = ((long) o * axis + (reverse ? axis - 1 - step : step)) * inner;
                for (int j = column0; j < column1; j++) {
                    if (type.isFloat()) {
                        reals[j - column0] += Elements.real(single, x, row + j);
                        Elements.setReal(single, y, row + j, reals[j - column0]);
                    } else {
                        wholes[j - column0] += Elements.whole(type, x, row + j);
                        Elements.setWhole(type, y, row + j, wholes[j - column0]);
                    }
                }
            }
        });
    }
}
