package kawi.cpu.codegen;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import kawi.base.DType;
import kawi.cpu.Workers;
import kawi.device.LoopNest;
import org.jspecify.annotations.Nullable;

/**
 * Runs a kernel that reduces one axis. Work is cut into blocks of results and, where the axis is long, into its chunks,
 * whose results are combined in their order afterwards; so there is work for all threads even with a single result.
 */
final class ReductionLaunch extends NestLaunch {
    private static final long TASK_STEPS = 1 << 18;
    /** Columns of a block when rows are combined: few enough for their results to stay in the first cache. */
    private static final long LEAST_COLUMNS = 64;

    private static final long MOST_COLUMNS = 1024;

    private final boolean alongColumns;
    private final int length;
    private final int chunkLength;
    private final int chunks;
    private final int store;
    private final long innerBlock;
    private final long outerBlock;
    private final Chunks partials;

    /** @param rows the code that combines the rows of an array */
    ReductionLaunch(
            Geometry geometry, CompiledKernel kernel, Supplier<Workers> workers, boolean patient, CompiledKernel rows) {
        super(geometry, kernel, workers, patient);
        LoopNest nest = geometry.nest;
        this.alongColumns = geometry.reducesInnermost;
        this.length = nest.sizes()[nest.reduceAxis()];
        this.chunkLength = alongColumns ? LoopNest.CHUNK : LoopNest.CHUNK_ROWS;
        this.chunks = Math.max(1, Math.ceilDiv(length, chunkLength));
        this.store = nest.stores().getFirst().access();
        long points = Math.clamp(TASK_STEPS / Math.max(1, kernel.structure().work()), 1 << 12, 1 << 16);
        long chunk = Math.clamp(length, 1, chunkLength);
        long most = Math.max(1, grid.columns());
        this.innerBlock = alongColumns
                ? Math.clamp(points / chunk, 1, most)
                : Math.min(most, Math.clamp(points / chunk & -LEAST_COLUMNS, LEAST_COLUMNS, MOST_COLUMNS));
        this.outerBlock = Math.clamp(points / (chunk * innerBlock), 1, Math.max(1, outer(grid)));
        DType type = nest.accesses().get(store).type();
        this.partials = new Chunks(kernel.structure().reduction(), type, rows);
    }

    /** Places of the axes outside the innermost kept one. */
    private static long outer(Grid grid) {
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
            forEachResult(grid, start, (result, address) -> partials.writeNeutral(segments[store], address, 1, 0));
            return;
        }
        Kernel code = code(grid.size() * length, start);
        if (chunks == 1) {
            tasks(code, segments, start, null);
            return;
        }
        MemorySegment partial = partials.take(chunks * grid.size());
        tasks(code, into(partial, segments), start, partial);
        finish(grid, segments, start, partial, chunks);
        partials.giveBack(partial);
    }

    private MemorySegment[] into(MemorySegment partial, MemorySegment[] segments) {
        MemorySegment[] changed = segments.clone();
        changed[store] = partial;
        return changed;
    }

    /** Combines the chunks' results and writes what comes out where it belongs. */
    private void finish(Grid box, MemorySegment[] segments, long[] start, MemorySegment partial, int chunks) {
        partials.combine(partial, box.size(), chunks, patient);
        forEachResult(box, start, (result, address) -> partials.copy(partial, result, segments[store], address));
    }

    @Override
    void box(Kernel code, Grid box, MemorySegment[] segments, long[] start) {
        if (chunks == 1) {
            block(code, box, segments, start, 0, null, 0, outer(box), 0, box.columns());
            return;
        }
        MemorySegment partial = partials.take(chunks * box.size());
        MemorySegment[] changed = into(partial, segments);
        for (int chunk = 0; chunk < chunks; chunk++) {
            block(code, box, changed, start, chunk, partial, 0, outer(box), 0, box.columns());
        }
        finish(box, segments, start, partial, chunks);
        partials.giveBack(partial);
    }

    // In a sweep along the reduced axis, which goes chunk by chunk

    /** Memory for the results of all chunks. */
    MemorySegment takeChunks() {
        return partials.take(chunks * grid.size());
    }

    /**
     * Reduces the next {@code count} elements into the results of a chunk.
     *
     * @param start a kernel's arguments with the addresses of the first of them
     * @param fresh whether they are the chunk's first
     */
    void addToChunk(
            Kernel code,
            MemorySegment[] segments,
            long[] start,
            MemorySegment partial,
            int chunk,
            int count,
            boolean fresh) {
        long at = chunk * grid.size() * partials.bytes();
        if (fresh) {
            partials.writeNeutral(partial, at, grid.size(), partials.bytes());
        }
        MemorySegment[] changed = into(partial, segments);
        long[] arguments = arguments(grid, start);
        arguments[2 * geometry.accesses + store] = partials.bytes();
        for (long o = 0; o < outer(grid); o++) {
            place(arguments, grid, start, 0, o, 0);
            arguments[store] = at + o * grid.columns() * partials.bytes();
            code.run(changed, arguments, count, Math.toIntExact(grid.columns()));
        }
    }

    /** Combines the results of all chunks. */
    void finishChunks(MemorySegment[] segments, long[] start, MemorySegment partial) {
        finish(grid, segments, start, partial, chunks);
        partials.giveBack(partial);
    }

    /** @param partial memory for the chunks' results, or null to write the one chunk's result where it belongs */
    private void tasks(Kernel code, MemorySegment[] segments, long[] start, @Nullable MemorySegment partial) {
        long inners = Math.ceilDiv(grid.columns(), innerBlock);
        long outers = Math.ceilDiv(outer(grid), outerBlock);
        long tasks = inners * outers * chunks;
        if (tasks == 1) {
            block(code, grid, segments, start, 0, partial, 0, outer(grid), 0, grid.columns());
            return;
        }
        workers.get().run(Math.toIntExact(tasks), task -> {
            // the chunks of a result follow each other, so that neighbours in time are neighbours in memory
            int chunk = task % chunks;
            long inner = task / chunks % inners * innerBlock;
            long outer = task / chunks / inners * outerBlock;
            block(
                    code,
                    grid,
                    segments,
                    start,
                    chunk,
                    partial,
                    outer,
                    Math.min(outer(grid), outer + outerBlock),
                    inner,
                    Math.min(grid.columns(), inner + innerBlock));
        });
    }

    private void block(
            Kernel code,
            Grid grid,
            MemorySegment[] segments,
            long[] start,
            int chunk,
            @Nullable MemorySegment partial,
            long outer,
            long outerEnd,
            long inner,
            long innerEnd) {
        int first = chunk * chunkLength;
        int count = Math.min(chunkLength, length - first);
        long[] arguments = arguments(grid, start);
        int across = alongColumns ? geometry.accesses : 2 * geometry.accesses;
        if (partial != null) {
            arguments[across + store] = partials.bytes();
        }
        int width = Math.toIntExact(innerEnd - inner);
        for (long o = outer; o < outerEnd; o++) {
            place(arguments, grid, start, first, o, inner);
            if (partial != null) {
                arguments[store] = (chunk * grid.size() + o * grid.columns() + inner) * partials.bytes();
            }
            if (!alongColumns) {
                partials.writeNeutral(segments[store], arguments[store], width, arguments[across + store]);
            }
            code.run(segments, arguments, alongColumns ? width : count, alongColumns ? count : width);
        }
    }

    /** A kernel's arguments with the strides of rows and columns. */
    private long[] arguments(Grid grid, long[] start) {
        int n = geometry.accesses;
        long[] arguments = start.clone();
        System.arraycopy(geometry.strides, geometry.nest.reduceAxis() * n, arguments, alongColumns ? 2 * n : n, n);
        System.arraycopy(grid.strides, 0, arguments, alongColumns ? n : 2 * n, n);
        return arguments;
    }

    /** Moves the addresses of a kernel's arguments to an element along the reduced axis and a result. */
    private void place(long[] arguments, Grid grid, long[] start, int element, long outer, long inner) {
        int n = geometry.accesses;
        int axis = geometry.nest.reduceAxis();
        System.arraycopy(start, 0, arguments, 0, n);
        for (int a = 0; a < n; a++) {
            arguments[a] += element * geometry.strides[axis * n + a];
        }
        grid.move(arguments, grid.axes > 1 ? outer / grid.rows() : 0, grid.axes > 1 ? outer % grid.rows() : 0, inner);
    }

    private interface Result {
        /** Called with the number of a result and its byte address. */
        void at(long number, long address);
    }

    private void forEachResult(Grid grid, long[] start, Result body) {
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
