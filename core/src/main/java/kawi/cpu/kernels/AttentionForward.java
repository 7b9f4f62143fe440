package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.cpu.Workers;
import kawi.cpu.codegen.LaneFunction;

/**
 * Attention in tiles with a running softmax (Dao et al. 2022, <em>FlashAttention</em>): scores exist for {@link #KEYS} keys
 * and a panel of queries at a time, in the first-level cache.
 *
 * <p>Scores are computed transposed, keys down and queries across: then maxima and sums of a query are those of a lane, and a
 * panel of weights is at once the packed right side of the second product, Oᵀ = Vᵀ·Pᵀ. Nothing the size of the scores is
 * ever packed.
 *
 * <p>The order of all sums depends on the shape alone: products are chains over the width and over the keys, the running
 * softmax steps every {@link #KEYS} keys. The queries of a panel go through the same keys, of which those hidden from one get
 * weight 0, which changes no bit as long as the numbers are finite; how far an infinite or NaN value of a hidden key is seen
 * depends on the tile.
 */
public final class AttentionForward {
    /** Keys of a step: a multiple of the rows of all tiles (10, 8, 6 and 4). */
    private static final int KEYS = 120;

    /** Queries whose panels take turns at a step's keys: the columns of all tiles divide it. */
    static final int GROUP = 64;

    /** Heads from which on each is one task. */
    static final int MANY_HEADS = 16;

    private final AttentionShape shape;
    private final StridedOperand queries;
    private final StridedOperand keys;
    private final StridedOperand values;
    private final MemorySegment out;
    private final long outOffset;
    private final long logsOffset;

    private final Tile tile;
    private final Tile valueTile;
    private final AttentionKernel kernel;
    private final Packer packer;
    private final int columns;
    private final int panels;
    private final int valueTiles;
    private final long keyTileBytes;
    private final long valueTileBytes;
    private final long queryTileBytes;

    private AttentionForward(
            Tile tile,
            int bits,
            AttentionShape shape,
            HeadRows q,
            HeadRows k,
            HeadRows v,
            MemorySegment out,
            long outOffset) {
        this.shape = shape;
        this.queries = q.lines();
        this.keys = k.lines();
        this.values = v.transposed();
        this.out = out;
        this.outOffset = outOffset * 4;
        this.logsOffset = this.outOffset + 4L * shape.heads() * shape.queries() * shape.valueWidth();
        this.tile = tile;
        this.valueTile = tile.forRows(shape.valueWidth());
        this.kernel = AttentionKernels.of(bits);
        this.packer = tile.packer();
        this.columns = tile.columns();
        this.panels = GROUP / columns;
        this.valueTiles = Math.ceilDiv(shape.valueWidth(), valueTile.rows());
        this.keyTileBytes = tile.layout(tile.rows()).tileBytes(shape.width());
        this.valueTileBytes = tile.layout(valueTile.rows()).tileBytes(KEYS);
        this.queryTileBytes = tile.layout(columns).tileBytes(shape.width());
    }

    /**
     * Writes all outputs {@code [heads, queries, valueWidth]} and then, for each query, the logarithm of the sum of the
     * exponentials of its scores.
     *
     * @param outOffset in elements
     */
    public static void run(
            Workers workers,
            AttentionShape shape,
            HeadRows q,
            HeadRows k,
            HeadRows v,
            MemorySegment out,
            long outOffset) {
        run(workers, Tile.of(DType.F32), Machine.vectorBits(), shape, q, k, v, out, outOffset);
    }

    /** As above, on a given tile and for a vector width; tests ask for each. */
    static void run(
            Workers workers,
            Tile tile,
            int bits,
            AttentionShape shape,
            HeadRows q,
            HeadRows k,
            HeadRows v,
            MemorySegment out,
            long outOffset) {
        if (shape.heads() == 0 || shape.queries() == 0) {
            return;
        }
        var forward = new AttentionForward(tile, bits, shape, q, k, v, out, outOffset);
        int groups = Math.ceilDiv(shape.queries(), GROUP);
        int parts = shape.heads() >= MANY_HEADS ? 1 : Math.min(groups, Math.ceilDiv(MANY_HEADS, shape.heads()));
        workers.run(shape.heads() * parts, task -> {
            int part = task % parts;
            forward.groups(
                    task / parts, (int) ((long) part * groups / parts), (int) ((long) (part + 1) * groups / parts));
        });
    }

    /** The groups of queries from {@code group0} to before {@code group1} of a head. */
    private void groups(int head, int group0, int group1) {
        int limit = shape.visible(Math.min(group1 * GROUP, shape.queries()) - 1);
        int steps = Math.ceilDiv(limit, KEYS);
        long keyPanels = 0;
        long valuePanels = keyPanels + Math.ceilDiv(limit, tile.rows()) * keyTileBytes;
        long work = valuePanels + (long) steps * valueTiles * valueTileBytes;
        MemorySegment scratch = Scratch.ofThread().take(work + new Group(0, 0, 0).end);
        try {
            DeepPanel.pack(
                    keys, packer, head, 0, limit, 0, shape.width(), scratch, keyPanels, tile.rows(), keyTileBytes);
            for (int step = 0; step < steps; step++) {
                int count = Math.min(KEYS, limit - step * KEYS);
                long at = valuePanels + step * valueTiles * valueTileBytes;
                int width = shape.valueWidth();
                DeepPanel.pack(
                        values,
                        packer,
                        head,
                        0,
                        width,
                        step * KEYS,
                        count,
                        scratch,
                        at,
                        valueTile.rows(),
                        valueTileBytes);
            }
            for (int group = group0; group < group1; group++) {
                new Group(head, group * GROUP, work).run(scratch, keyPanels, valuePanels);
            }
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    /** Up to {@link #GROUP} queries and their part of the working memory. */
    private final class Group {
        private final int head;
        private final int first;
        private final int count;
        private final long queryPanels;
        private final long scores;
        private final long sums;
        private final long sumBytes = (long) valueTiles * valueTile.rows() * columns * 4;
        private final long state;
        private final long stateBytes = 3L * columns * 4;
        private final long turned;
        final long end;

        Group(int head, int first, long at) {
            this.head = head;
            this.first = first;
            this.count = Math.min(GROUP, shape.queries() - first);
            this.queryPanels = at;
            this.scores = queryPanels + panels * queryTileBytes;
            this.sums = scores + KEYS * columns * 4L;
            this.state = sums + panels * sumBytes;
            this.turned = state + panels * stateBytes;
            this.end = turned + tile.layout(shape.valueWidth()).tileBytes(columns);
        }

        void run(MemorySegment scratch, long keyPanels, long valuePanels) {
            DeepPanel.pack(
                    queries,
                    packer,
                    head,
                    first,
                    count,
                    0,
                    shape.width(),
                    scratch,
                    queryPanels,
                    columns,
                    queryTileBytes);
            int used = Math.ceilDiv(count, columns);
            for (int i = 0; i < used * 3 * columns; i++) {
                boolean maximum = i / columns % 3 == 0;
                scratch.set(JAVA_FLOAT_UNALIGNED, state + i * 4L, maximum ? Float.NEGATIVE_INFINITY : 0);
            }
            int limit = limit(used - 1);
            for (int key = 0; key < limit; key += KEYS) {
                long ofKeys = keyPanels + key / tile.rows() * keyTileBytes;
                long ofValues = valuePanels + (long) key / KEYS * valueTiles * valueTileBytes;
                for (int panel = 0; panel < used; panel++) {
                    int rows = Math.min(KEYS, limit(panel) - key);
                    if (rows > 0) {
                        step(scratch, panel, key, rows, ofKeys, ofValues);
                    }
                }
            }
            for (int panel = 0; panel < used; panel++) {
                finish(scratch, panel, limit(panel));
            }
        }

        /** How many keys a panel goes through: those that its last query sees. */
        private int limit(int panel) {
            return shape.visible(first + Math.min((panel + 1) * columns, count) - 1);
        }

        /** Some more keys for one panel of queries. */
        private void step(MemorySegment scratch, int panel, int key, int rows, long ofKeys, long ofValues) {
            long rowBytes = columns * 4L;
            for (int r = 0; r < rows; r += tile.rows()) {
                tile.kernel()
                        .run(
                                scratch,
                                ofKeys + r / tile.rows() * keyTileBytes,
                                BlockTask.NOT_NEEDED,
                                0,
                                BlockTask.NOT_NEEDED,
                                0,
                                scratch,
                                queryPanels + panel * queryTileBytes,
                                shape.width(),
                                Tile.ZEROS,
                                0,
                                0,
                                scratch,
                                scores + r * rowBytes,
                                rowBytes);
            }
            hide(scratch, (long) first + panel * columns + shape.diagonal() - key, rows);
            long ofState = state + panel * stateBytes;
            kernel.softmax(scratch, scores, rows, columns, shape.scale(), scratch, ofState);
            long ofSums = sums + panel * sumBytes;
            boolean begins = key == 0;
            if (!begins) {
                kernel.multiply(scratch, ofSums, shape.valueWidth(), columns, scratch, ofState + 2 * rowBytes);
            }
            for (int t = 0; t < valueTiles; t++) {
                long at = ofSums + (long) t * valueTile.rows() * rowBytes;
                valueTile
                        .kernel()
                        .run(
                                scratch,
                                ofValues + t * valueTileBytes,
                                BlockTask.NOT_NEEDED,
                                0,
                                BlockTask.NOT_NEEDED,
                                0,
                                scratch,
                                scores,
                                rows,
                                begins ? Tile.ZEROS : scratch,
                                begins ? 0 : at,
                                begins ? 0 : rowBytes,
                                scratch,
                                at,
                                rowBytes);
            }
        }

        /** Column c of the panel sees the rows up to {@code last} + c; the others get weight 0. */
        private void hide(MemorySegment scratch, long last, int rows) {
            for (int row = (int) Math.clamp(last + 1, 0, rows); row < rows; row++) {
                int hidden = (int) Math.min(row - last, columns);
                for (int c = 0; c < hidden; c++) {
                    scratch.set(JAVA_FLOAT_UNALIGNED, scores + ((long) row * columns + c) * 4, shape.hiddenScore());
                }
            }
        }

        /** Divides by the sums and writes a panel's rows of the result. */
        private void finish(MemorySegment scratch, int panel, int limit) {
            int query = first + panel * columns;
            int size = Math.min(columns, shape.queries() - query);
            int width = shape.valueWidth();
            long ofState = state + panel * stateBytes;
            long ofSums = sums + panel * sumBytes;
            long row = (long) head * shape.queries() + query;
            for (int c = 0; c < size; c++) {
                float sum = scratch.get(JAVA_FLOAT_UNALIGNED, ofState + (columns + c) * 4L);
                float log = scratch.get(JAVA_FLOAT_UNALIGNED, ofState + c * 4L) + LaneFunction.LOG.of(sum);
                out.set(JAVA_FLOAT_UNALIGNED, logsOffset + (row + c) * 4, log);
                scratch.set(JAVA_FLOAT_UNALIGNED, ofState + (2 * columns + c) * 4L, 1 / sum);
            }
            long at = outOffset + row * width * 4;
            if (limit > 0 && width > 0) {
                kernel.multiply(scratch, ofSums, width, columns, scratch, ofState + columns * 8L);
                var lanes = new StridedOperand(scratch, new long[] {ofSums}, columns * 4L, 4, 4);
                DeepPanel.pack(lanes, packer, 0, 0, width, 0, size, scratch, turned, width, 0);
                MemorySegment.copy(scratch, turned, out, at, (long) size * width * 4);
            }
            // These see nothing, and were divided by 0.
            int none = (int) Math.clamp(limit == 0 ? size : -(long) shape.diagonal() - query, 0, size);
            out.asSlice(at, (long) none * width * 4).fill((byte) 0);
        }
    }
}
