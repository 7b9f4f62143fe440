package kawi.cpu.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import java.util.function.Supplier;
import kawi.cpu.Workers;
import kawi.device.Launch;
import kawi.device.LoopNest;
import kawi.device.Sweep;
import org.jspecify.annotations.Nullable;

/**
 * Runs the passes of a sweep block by block. A task takes some blocks, which follow each other; buffers that only the
 * passes see are memory of the task, as large as one block, so that they never leave the cache.
 */
final class SweepLaunch implements Launch {
    /** Bytes that the passes touch in a block: well below the second-level cache, and long enough for each call. */
    private static final long BLOCK_BYTES = 256 << 10;
    /** Bytes that are worth a task. */
    private static final long TASK_BYTES = 1 << 20;

    private final List<Part> parts = new ArrayList<>();
    private final List<Sweep.Local> locals;
    private final int extent;
    private final int block;
    private final int taskBlocks;
    private final Supplier<Workers> workers;
    /** Where each local buffer lies in a task's memory, and the size of that. */
    private final long[] places;

    private final long localBytes;
    private final ConcurrentLinkedDeque<MemorySegment> spare = new ConcurrentLinkedDeque<>();

    /** A pass over one block, full or the last, which is shorter. */
    private static final class Part {
        final NestLaunch launch;
        final Grid full;
        final Grid last;
        /** How far addresses move from one place of the common axis to the next; 0 in local buffers. */
        final long[] move;
        /** For each access the number of its local buffer, or −1. */
        final int[] local;

        final boolean across;
        /** At one place of the common axis. */
        final long points;

        Part(NestLaunch launch, Sweep.Pass pass, List<Sweep.Local> locals, int block, int last) {
            this.launch = launch;
            LoopNest nest = launch.geometry.nest;
            this.full = grid(pass, block);
            this.last = grid(pass, last);
            int n = launch.geometry.accesses;
            this.move = new long[n];
            this.local = new int[n];
            for (int a = 0; a < n; a++) {
                local[a] = -1;
                for (int l = 0; l < locals.size(); l++) {
                    if (launch.geometry.buffered(a)
                            && nest.accesses().get(a).buffer() == locals.get(l).buffer()) {
                        local[a] = l;
                    }
                }
                move[a] = local[a] >= 0 ? 0 : launch.geometry.strides[pass.axis() * n + a];
            }
            this.across = pass.reducesAcross();
            long size = 1;
            for (int s : nest.sizes()) {
                size *= s;
            }
            this.points = size / nest.sizes()[pass.axis()];
        }

        private Grid grid(Sweep.Pass pass, int length) {
            int[] to = launch.geometry.nest.sizes().clone();
            to[pass.axis()] = length;
            return launch.geometry.grid(launch.origin, to);
        }
    }

    /** @param compile makes a single nest ready */
    SweepLaunch(Sweep sweep, Function<LoopNest, NestLaunch> compile, Supplier<Workers> workers) {
        this.extent = sweep.extent();
        this.locals = sweep.locals();
        this.workers = workers;
        boolean across = sweep.passes().stream().anyMatch(Sweep.Pass::reducesAcross);
        long each = bytesEach(sweep);
        this.block = block(each, across);
        this.taskBlocks = across
                ? LoopNest.CHUNK_ROWS / block
                : Math.toIntExact(Math.clamp(TASK_BYTES / (each * block), 1, extent));
        int last = (extent - 1) % block + 1;
        for (Sweep.Pass pass : sweep.passes()) {
            LoopNest nest = shrunk(pass.nest());
            parts.add(new Part(compile.apply(nest), pass, locals, block, last));
        }
        this.places = new long[locals.size()];
        long at = 0;
        for (int l = 0; l < places.length; l++) {
            Sweep.Local local = locals.get(l);
            places[l] = at;
            at += (local.outer() * block * local.inner() * local.bytes() + 63) & -64;
        }
        this.localBytes = at;
    }

    /** Bytes that the passes touch at one place of the common axis. */
    private static long bytesEach(Sweep sweep) {
        long bytes = 0;
        Set<Integer> seen = new HashSet<>();
        for (Sweep.Pass pass : sweep.passes()) {
            for (LoopNest.Access a : pass.nest().accesses()) {
                if (a.buffer() >= 0 && a.strides()[pass.axis()] != 0 && seen.add(a.buffer())) {
                    long points = 1;
                    for (int d = 0; d < a.strides().length; d++) {
                        points *= d == pass.axis() || a.strides()[d] == 0
                                ? 1
                                : pass.nest().sizes()[d];
                    }
                    bytes += points * a.type().bytes();
                }
            }
        }
        return Math.max(1, bytes);
    }

    /** Places of a block; where results are chunks of the common axis, a part of a chunk. */
    private int block(long each, boolean across) {
        long wanted = Math.clamp(BLOCK_BYTES / each, 1, extent);
        if (across) {
            return (int) Math.min(LoopNest.CHUNK_ROWS, Long.highestOneBit(wanted));
        }
        return (int) (wanted >= 16 ? wanted & -16 : wanted);
    }

    /** The nest with local buffers as large as one block. */
    private LoopNest shrunk(LoopNest nest) {
        List<LoopNest.Access> accesses = new ArrayList<>();
        for (LoopNest.Access a : nest.accesses()) {
            LoopNest.Access access = a;
            for (Sweep.Local l : locals) {
                access = l.buffer() == a.buffer() ? l.shrunk(a, extent, block) : access;
            }
            accesses.add(access);
        }
        return new LoopNest(nest.sizes(), nest.reduceAxis(), nest.reduction(), accesses, nest.body(), nest.stores());
    }

    /** What one run of a pass needs. */
    private record Run(
            Part part,
            MemorySegment[] segments,
            long[] start,
            @Nullable MemorySegment chunks) {}

    @Override
    public void run(MemorySegment[] buffers, long[] offsets, long[] scalars) {
        List<Run> runs = new ArrayList<>();
        for (Part p : parts) {
            Geometry g = p.launch.geometry;
            MemorySegment[] segments = g.segments(buffers);
            long[] start = g.arguments(offsets, scalars, p.launch.origin);
            MemorySegment chunks = p.across ? ((ReductionLaunch) p.launch).takeChunks() : null;
            runs.add(new Run(p, segments, start, chunks));
        }
        int taskLength = taskBlocks * block;
        int tasks = Math.ceilDiv(extent, taskLength);
        workers.get()
                .run(tasks, task -> task(runs, task, task * taskLength, Math.min(extent, (task + 1) * taskLength)));
        for (Run r : runs) {
            if (r.chunks != null) {
                ((ReductionLaunch) r.part.launch).finishChunks(r.segments, r.start, r.chunks);
            }
        }
    }

    private void task(List<Run> runs, int task, int from, int to) {
        MemorySegment scratch = spare.poll();
        if (scratch == null) {
            scratch = Arena.ofAuto().allocate(Math.max(1, localBytes), 64);
        }
        List<MemorySegment[]> segments = new ArrayList<>(runs.size());
        List<long[]> arguments = new ArrayList<>(runs.size());
        for (Run r : runs) {
            MemorySegment[] own = r.segments.clone();
            long[] start = r.start.clone();
            for (int a = 0; a < own.length; a++) {
                int l = r.part.local[a];
                if (l >= 0) {
                    own[a] = scratch;
                    start[a] += places[l];
                } else {
                    start[a] += from * r.part.move[a];
                }
            }
            segments.add(own);
            arguments.add(start);
        }
        for (int at = from; at < to; at += block) {
            int length = Math.min(block, to - at);
            for (int k = 0; k < runs.size(); k++) {
                Run r = runs.get(k);
                long[] start = arguments.get(k);
                // asked for anew each time: in a long first run the vector form takes over as soon as it is warm
                Kernel code = r.part.launch.code(r.part.points * length, start);
                if (r.chunks != null) {
                    ((ReductionLaunch) r.part.launch)
                            .addToChunk(code, segments.get(k), start, r.chunks, task, length, at == from);
                } else {
                    r.part.launch.box(code, length == block ? r.part.full : r.part.last, segments.get(k), start);
                }
                for (int a = 0; a < r.part.move.length; a++) {
                    start[a] += length * r.part.move[a];
                }
            }
        }
        spare.push(scratch);
    }
}
