package kawi.cpu.codegen;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import kawi.base.DType;
import kawi.cpu.Workers;
import kawi.device.Launch;
import kawi.device.LoopNest;
import org.jspecify.annotations.Nullable;

/**
 * Runs a kernel that reduces one axis. Work is cut into blocks of results and, where the axis is long, into its chunks,
 * whose results are combined in their order afterwards; so there is work for all threads even with a single result.
 */
final class ReductionLaunch implements Launch {
    private static final long TASK_STEPS = 1 << 18;
    /** Columns of a block when rows are combined: few enough for their partial results to stay in the first cache. */
    private static final long LEAST_COLUMNS = 64;

    private static final long MOST_COLUMNS = 1024;

    private final Geometry geometry;
    private final CompiledKernel kernel;
    private final boolean patient;
    private final Supplier<Workers> workers;
    private final Grid grid;
    private final int[] origin;
    private final boolean alongColumns;
    private final int length;
    private final int chunks;
    private final int store;
    private final long innerBlock;
    private final long outerBlock;
    private final Chunks partials;

    /** @param patient whether to run plain loops until the vector form is warm */
    ReductionLaunch(Geometry geometry, CompiledKernel kernel, Supplier<Workers> workers, boolean patient) {
        this.geometry = geometry;
        this.kernel = kernel;
        this.patient = patient;
        this.workers = workers;
        LoopNest nest = geometry.nest;
        this.origin = new int[nest.sizes().length];
        this.grid = geometry.grid(origin, nest.sizes());
        this.alongColumns = geometry.reducesInnermost;
        this.length = nest.sizes()[nest.reduceAxis()];
        this.chunks = Math.max(1, Math.ceilDiv(length, LoopNest.CHUNK));
        this.store = nest.stores().getFirst().access();
        long points = Math.clamp(TASK_STEPS / Math.max(1, kernel.structure().work()), 1 << 12, 1 << 16);
        long chunk = Math.clamp(length, 1, LoopNest.CHUNK);
        long most = Math.max(1, grid.columns());
        this.innerBlock = alongColumns
                ? Math.clamp(points / chunk, 1, most)
                : Math.min(most, Math.clamp(points / chunk & -LEAST_COLUMNS, LEAST_COLUMNS, MOST_COLUMNS));
        this.outerBlock = Math.clamp(points / (chunk * innerBlock), 1, Math.max(1, outer()));
        DType type = nest.accesses().get(store).type();
        this.partials = new Chunks(kernel.structure().reduction(), type);
    }

    /** Places of the axes outside the innermost kept one. */
    private long outer() {
        return grid.rows() * grid.outer();
    }

    @Override
    public void run(MemorySegment[] buffers, long[] offsets, long[] scalars) {
        if (grid.size() == 0) {
            return;
        }
        MemorySegment[] segments = geometry.segments(buffers);
        long[] start = geometry.arguments(offsets, scalars, origin);
        if (length == 0) {
            forEachResult(start, (result, address) -> partials.writeNeutral(segments[store], address));
            return;
        }
        Kernel code = patient ? kernel.forRun(grid.size() * length) : kernel.vector();
        if (chunks == 1) {
            tasks(code, segments, start, 1, null);
            return;
        }
        MemorySegment target = segments[store];
        MemorySegment partial = partials.take(chunks * grid.size());
        segments[store] = partial;
        tasks(code, segments, start, chunks, partial);
        forEachResult(
                start, (result, address) -> partials.combine(partial, result, grid.size(), chunks, target, address));
        partials.giveBack(partial);
    }

    /** @param partial memory for the chunks' results, or null to write the one chunk's result where it belongs */
    private void tasks(
            Kernel code, MemorySegment[] segments, long[] start, int chunks, @Nullable MemorySegment partial) {
        long inners = Math.ceilDiv(grid.columns(), innerBlock);
        long outers = Math.ceilDiv(outer(), outerBlock);
        long tasks = inners * outers * chunks;
        if (tasks == 1) {
            block(code, segments, start, 0, partial, 0, outer(), 0, grid.columns());
            return;
        }
        workers.get().run(Math.toIntExact(tasks), task -> {
            // the chunks of a result follow each other, so that neighbours in time are neighbours in memory
            int chunk = task % chunks;
            long inner = task / chunks % inners * innerBlock;
            long outer = task / chunks / inners * outerBlock;
            block(
                    code,
                    segments,
                    start,
                    chunk,
                    partial,
                    outer,
                    Math.min(outer(), outer + outerBlock),
                    inner,
                    Math.min(grid.columns(), inner + innerBlock));
        });
    }

    private void block(
            Kernel code,
            MemorySegment[] segments,
            long[] start,
            int chunk,
            @Nullable MemorySegment partial,
            long outer,
            long outerEnd,
            long inner,
            long innerEnd) {
        int n = geometry.accesses;
        int axis = geometry.nest.reduceAxis();
        int first = chunk * LoopNest.CHUNK;
        int count = Math.min(LoopNest.CHUNK, length - first);
        long[] arguments = start.clone();
        int along = alongColumns ? 2 * n : n; // where the strides of the reduced axis go
        int across = alongColumns ? n : 2 * n;
        System.arraycopy(geometry.strides, axis * n, arguments, along, n);
        System.arraycopy(grid.strides, 0, arguments, across, n);
        if (partial != null) {
            arguments[across + store] = partials.bytes();
        }
        int width = Math.toIntExact(innerEnd - inner);
        for (long o = outer; o < outerEnd; o++) {
            System.arraycopy(start, 0, arguments, 0, n);
            for (int a = 0; a < n; a++) {
                arguments[a] += first * geometry.strides[axis * n + a];
            }
            grid.move(arguments, grid.axes > 1 ? o / grid.rows() : 0, grid.axes > 1 ? o % grid.rows() : 0, inner);
            if (partial != null) {
                arguments[store] = (chunk * grid.size() + o * grid.columns() + inner) * partials.bytes();
            }
            code.run(segments, arguments, alongColumns ? width : count, alongColumns ? count : width);
        }
    }

    private interface Result {
        /** Called with the number of a result and its byte address. */
        void at(long number, long address);
    }

    private void forEachResult(long[] start, Result body) {
        long[] address = new long[geometry.accesses];
        for (long i = 0; i < grid.size(); i++) {
            System.arraycopy(start, 0, address, 0, address.length);
            long o = i / grid.columns();
            grid.move(
                    address,
                    grid.axes > 1 ? o / grid.rows() : 0,
                    grid.axes > 1 ? o % grid.rows() : 0,
                    i % grid.columns());
            body.at(i, address[store]);
        }
    }

    @Override
    public void run(MemorySegment[] buffers, long[] offsets, long[] scalars, int[] from, int[] to) {
        throw new UnsupportedOperationException("a reduction runs as a whole, not box by box");
    }
}
