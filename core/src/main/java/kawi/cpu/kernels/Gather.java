package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Workers;
import kawi.graph.IndexOutside;

/**
 * Reading and adding at places given by integers (I32 or I64). Tensors are contiguous and seen as [outer, axis, inner]
 * around the axis that the places count along; each segment starts with its first element. A place outside of the axis
 * is an {@link IndexOutside}, and leaves the result half done.
 *
 * <p>Sums are in the order of the places, on any number of threads: tasks share the target out, never the sources.
 */
public final class Gather {

    /** Elements of work for one task. */
    private static final int TASK = 16_384;

    /** Shortest stretch of columns for a task of its own: four cache lines of floats. */
    private static final int LEAST_COLUMNS = 64;

    private Gather() {}

    /** y[o, i, :] = x[o, index[i], :] for i = 0 … count-1; elements of any type. */
    public static void take(
            Workers workers,
            DType type,
            int outer,
            int axis,
            int inner,
            MemorySegment x,
            DType indexType,
            MemorySegment index,
            int count,
            MemorySegment y) {
        int rows = Math.multiplyExact(outer, count);
        forRanges(workers, rows, inner, (row0, row1) -> {
            for (int row = row0; row < row1; row++) {
                int place = place("take", indexType, index, row % count, axis);
                long from = ((long) (row / count) * axis + place) * inner;
                Elements.copy(type.bytes(), x, from, y, (long) row * inner, inner);
            }
        });
    }

    /** dx = 0; then dx[o, index[i], :] += g[o, i, :] for i = 0 … count-1: the transpose of {@link #take}. */
    public static void takeAdd(
            Workers workers,
            DType type,
            int outer,
            int axis,
            int inner,
            MemorySegment g,
            DType indexType,
            MemorySegment index,
            int count,
            MemorySegment dx) {
        clear(workers, type, (long) outer * axis * inner, dx);
        forColumns(workers, outer, inner, count, (o, column0, column1) -> {
            for (int i = 0; i < count; i++) {
                int place = place("takeAdd", indexType, index, i, axis);
                long from = ((long) o * count + i) * inner + column0;
                long to = ((long) o * axis + place) * inner + column0;
                Elements.add(type, g, from, dx, to, column1 - column0);
            }
        });
    }

    /** y[o, i, j] = x[o, index[o, i, j], j], where index and y are [outer, axisOut, inner]; elements of any type. */
    public static void gather(
            Workers workers,
            DType type,
            int outer,
            int axisIn,
            int axisOut,
            int inner,
            MemorySegment x,
            DType indexType,
            MemorySegment index,
            MemorySegment y) {
        forRanges(workers, Math.multiplyExact(outer, axisOut), inner, (row0, row1) -> {
            for (int row = row0; row < row1; row++) {
                long from = (long) (row / axisOut) * axisIn * inner;
                for (int j = 0; j < inner; j++) {
                    long at = (long) row * inner + j;
                    int place = place("gather", indexType, index, at, axisIn);
                    Elements.copy(type.bytes(), x, from + (long) place * inner + j, y, at, 1);
                }
            }
        });
    }

    /** dx = 0; then dx[o, index[o, i, j], j] += g[o, i, j] in the order of i: the transpose of {@link #gather}. */
    public static void scatterAdd(
            Workers workers,
            DType type,
            int outer,
            int axisIn,
            int axisOut,
            int inner,
            MemorySegment g,
            DType indexType,
            MemorySegment index,
            MemorySegment dx) {
        clear(workers, type, (long) outer * axisIn * inner, dx);
        forColumns(workers, outer, inner, axisOut, (o, column0, column1) -> {
            for (int i = 0; i < axisOut; i++) {
                for (int j = column0; j < column1; j++) {
                    long at = ((long) o * axisOut + i) * inner + j;
                    int place = place("scatterAdd", indexType, index, at, axisIn);
                    Elements.add(type, g, at, dx, ((long) o * axisIn + place) * inner + j, 1);
                }
            }
        });
    }

    /** The place at {@code position} of {@code index}, checked against an axis of {@code size}. */
    private static int place(String what, DType indexType, MemorySegment index, long position, int size) {
        long place = Elements.whole(indexType, index, position);
        if (place < 0 || place >= size) {
            throw IndexOutside.of(what, place, position, size);
        }
        return (int) place;
    }

    private static void clear(Workers workers, DType type, long count, MemorySegment data) {
        long group = 16 * TASK;
        workers.run(
                (int) Math.ceilDiv(count, group),
                task -> Elements.zero(type, data, task * group, Math.min(group, count - task * group)));
    }

    interface Ranges {
        void run(int row0, int row1);
    }

    /** Shares out rows of {@code inner} elements. */
    static void forRanges(Workers workers, int rows, int inner, Ranges body) {
        int group = Math.max(1, TASK / Math.max(1, inner));
        workers.run(Math.ceilDiv(rows, group), task -> body.run(task * group, Math.min(rows, (task + 1) * group)));
    }

    interface Columns {
        void run(int outer, int column0, int column1);
    }

    /** Shares out whatever lies along the axis: by outer, and within it by stretches of columns. */
    static void forColumns(Workers workers, int outer, int inner, int along, Columns body) {
        int wanted = Math.clamp((long) inner * along / TASK, 1, 16);
        int stretch = Math.max(LEAST_COLUMNS, Math.ceilDiv(inner, wanted));
        int stretches = Math.ceilDiv(inner, stretch);
        int group = Math.max(1, (int) (TASK / Math.max(1, (long) stretch * along)));
        workers.run(Math.ceilDiv(outer * stretches, group), task -> {
            for (int t = task * group; t < Math.min(outer * stretches, (task + 1) * group); t++) {
                int column = t % stretches * stretch;
                body.run(t / stretches, column, Math.min(inner, column + stretch));
            }
        });
    }
}
