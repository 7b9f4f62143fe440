package kawi.cpu.codegen;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import kawi.cpu.Workers;

/** Runs a kernel that stores every point: cut into blocks by shape alone, each block a task. */
final class ElementwiseLaunch extends NestLaunch {
    /** Basic steps that are worth a task. */
    private static final long TASK_STEPS = 1 << 18;

    private static final long LEAST_POINTS = 1 << 12;
    private static final long MOST_POINTS = 1 << 16;
    /** Columns of a block where a row jumps through memory: the cache lines of so many columns serve the next rows too. */
    private static final long STRIDED_COLUMNS = 16;

    private final long columnBlock;
    private final long rowBlock;
    private final long outerBlock;

    /** @param patient whether to run plain loops until the vector form is warm */
    ElementwiseLaunch(Geometry geometry, CompiledKernel kernel, Supplier<Workers> workers, boolean patient) {
        super(geometry, kernel, workers, patient);
        long points = Math.clamp(TASK_STEPS / Math.max(1, kernel.structure().work()), LEAST_POINTS, MOST_POINTS);
        boolean strided = grid.axes > 1
                && kernel.structure().accesses().stream()
                        .anyMatch(p -> p.buffered() && p.inner() == Structure.Inner.OTHER);
        this.columnBlock = Math.max(1, Math.min(grid.columns(), strided ? STRIDED_COLUMNS : points));
        this.rowBlock = Math.clamp(points / columnBlock, 1, Math.max(1, grid.rows()));
        this.outerBlock = Math.clamp(points / (columnBlock * rowBlock), 1, Math.max(1, grid.outer()));
    }

    @Override
    public void run(MemorySegment[] buffers, long[] offsets, long[] scalars) {
        if (grid.size() == 0) {
            return;
        }
        MemorySegment[] segments = geometry.segments(buffers);
        long[] start = geometry.arguments(offsets, scalars, origin);
        Kernel code = code(grid.size(), start);
        long columnBlocks = Math.ceilDiv(grid.columns(), columnBlock);
        long rowBlocks = Math.ceilDiv(grid.rows(), rowBlock);
        long tasks = columnBlocks * rowBlocks * Math.ceilDiv(grid.outer(), outerBlock);
        if (tasks == 1) {
            box(code, grid, segments, start);
            return;
        }
        workers.get().run(Math.toIntExact(tasks), task -> {
            long c = task % columnBlocks * columnBlock;
            long r = task / columnBlocks % rowBlocks * rowBlock;
            long o = task / columnBlocks / rowBlocks * outerBlock;
            block(
                    code,
                    grid,
                    segments,
                    start,
                    o,
                    Math.min(grid.outer(), o + outerBlock),
                    r,
                    Math.min(grid.rows(), r + rowBlock),
                    c,
                    Math.min(grid.columns(), c + columnBlock));
        });
    }

    @Override
    public void run(MemorySegment[] buffers, long[] offsets, long[] scalars, int[] from, int[] to) {
        for (int d = 0; d < from.length; d++) {
            if (from[d] >= to[d]) {
                return;
            }
        }
        Grid box = geometry.grid(from, to);
        long[] start = geometry.arguments(offsets, scalars, from);
        box(code(box.size(), start), box, geometry.segments(buffers), start);
    }

    @Override
    void box(Kernel code, Grid box, MemorySegment[] segments, long[] start) {
        block(code, box, segments, start, 0, box.outer(), 0, box.rows(), 0, box.columns());
    }

    private void block(
            Kernel code,
            Grid grid,
            MemorySegment[] segments,
            long[] start,
            long outer,
            long outerEnd,
            long row,
            long rowEnd,
            long column,
            long columnEnd) {
        long[] arguments = start.clone();
        int n = geometry.accesses;
        if (grid.axes > 1) {
            System.arraycopy(grid.strides, n, arguments, n, n);
        }
        System.arraycopy(grid.strides, 0, arguments, 2 * n, n);
        for (long o = outer; o < outerEnd; o++) {
            for (long r = row; r < rowEnd; r += Integer.MAX_VALUE) {
                for (long c = column; c < columnEnd; c += 1 << 30) {
                    System.arraycopy(start, 0, arguments, 0, n);
                    grid.move(arguments, o, r, c);
                    code.run(segments, arguments, (int) Math.min(Integer.MAX_VALUE, rowEnd - r), (int)
                            Math.min(1 << 30, columnEnd - c));
                }
            }
        }
    }
}
