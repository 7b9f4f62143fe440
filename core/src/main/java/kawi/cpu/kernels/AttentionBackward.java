package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.cpu.Workers;

/**
 * The derivative of attention in tiles (Dao 2023, <em>FlashAttention-2</em>, algorithm 2): the weights are found again from
 * the scores and their logarithmic sums, {@link #KEYS} keys and {@link #QUERIES} queries at a time.
 *
 * <p>Here the scores have queries down and keys across. Panels of weights and of their derivatives are then at once the
 * packed right sides of dVᵀ = dOᵀ·P and dKᵀ = Qᵀ·dS; only for dQ = dS·K they are packed.
 *
 * <p>All sums are chains in increasing order of queries or keys, whatever the tiles. Few heads are cut into ranges of keys, by
 * the shape alone; then dQ is the sum of the ranges' parts, in order.
 */
public final class AttentionBackward {
    /** Keys of a tile: the columns of all tiles divide it. */
    private static final int KEYS = 64;

    /** Queries of a step: a multiple of the rows of all tiles (10, 8, 6 and 4). */
    private static final int QUERIES = 120;

    private final AttentionShape shape;
    private final Inputs in;
    private final MemorySegment out;
    private final long byQueries;
    private final long byKeys;
    private final long byValues;

    private final Tile tile;
    private final AttentionKernel kernel;
    private final Packer packer;
    private final int columns;
    private final int panels;
    private final int parts;

    /** Row length of dQ while it is summed up, in bytes. */
    private final long sumRowBytes;

    /**
     * What the derivative depends on.
     *
     * @param packed the forward result: all outputs, then all logarithms
     * @param byOutputs dO
     * @param byLogs dL, one for each query of each head
     */
    public record Inputs(
            HeadRows q,
            HeadRows k,
            HeadRows v,
            MemorySegment packed,
            long packedOffset,
            HeadRows byOutputs,
            MemorySegment byLogs,
            long byLogsOffset) {}

    private AttentionBackward(Tile tile, int bits, AttentionShape shape, Inputs in, MemorySegment out, long outOffset) {
        this.shape = shape;
        this.in = in;
        this.out = out;
        this.byQueries = outOffset * 4;
        this.byKeys = byQueries + 4L * shape.heads() * shape.queries() * shape.width();
        this.byValues = byKeys + 4L * shape.heads() * shape.keys() * shape.width();
        this.tile = tile;
        this.kernel = AttentionKernels.of(bits);
        this.packer = tile.packer();
        this.columns = tile.columns();
        this.panels = KEYS / columns;
        int tiles = Math.ceilDiv(shape.keys(), KEYS);
        this.parts = shape.heads() >= AttentionForward.MANY_HEADS
                ? 1
                : Math.max(1, Math.min(tiles, Math.ceilDiv(AttentionForward.MANY_HEADS, Math.max(1, shape.heads()))));
        this.sumRowBytes = Math.ceilDiv(shape.width(), columns) * columns * 4L;
    }

    /**
     * Writes dQ {@code [heads, queries, width]}, dK {@code [heads, keys, width]} and dV {@code [heads, keys, valueWidth]},
     * one after the other.
     *
     * @param outOffset in elements
     */
    public static void run(Workers workers, AttentionShape shape, Inputs in, MemorySegment out, long outOffset) {
        run(workers, Tile.of(DType.F32), Machine.vectorBits(), shape, in, out, outOffset);
    }

    /** As above, on a given tile and for a vector width; tests ask for each. */
    static void run(
            Workers workers, Tile tile, int bits, AttentionShape shape, Inputs in, MemorySegment out, long outOffset) {
        new AttentionBackward(tile, bits, shape, in, out, outOffset).run(workers);
    }

    private void run(Workers workers) {
        int heads = shape.heads();
        if (heads == 0) {
            return;
        }
        int tiles = Math.ceilDiv(shape.keys(), KEYS);
        long partBytes = shape.queries() * sumRowBytes;
        MemorySegment shared = Scratch.ofThread().take(parts == 1 ? 0 : heads * parts * partBytes);
        try {
            workers.run(heads * parts, task -> {
                int part = task % parts;
                int tile0 = (int) ((long) part * tiles / parts);
                int tile1 = (int) ((long) (part + 1) * tiles / parts);
                var range = new Range(task / parts);
                MemorySegment scratch = Scratch.ofThread().take(range.end);
                try {
                    range.run(scratch, tile0, tile1);
                    if (parts == 1) {
                        range.writeByQueries(scratch);
                    } else {
                        MemorySegment.copy(scratch, range.sums, shared, task * partBytes, partBytes);
                    }
                } finally {
                    Scratch.ofThread().giveBack();
                }
            });
            if (parts > 1) {
                int rows = Math.ceilDiv(shape.queries(), 64);
                workers.run(heads * rows, task -> {
                    int row = task % rows * 64;
                    addParts(shared, partBytes, task / rows, row, Math.min(row + 64, shape.queries()));
                });
            }
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    private void addParts(MemorySegment shared, long partBytes, int head, int row0, int row1) {
        int width = shape.width();
        for (int row = row0; row < row1; row++) {
            for (int c = 0; c < width; c++) {
                float sum = 0;
                for (int part = 0; part < parts; part++) {
                    long at = (long) (head * parts + part) * partBytes + row * sumRowBytes + c * 4L;
                    sum += shared.get(JAVA_FLOAT_UNALIGNED, at);
                }
                long to = byQueries + (((long) head * shape.queries() + row) * width + c) * 4;
                out.set(JAVA_FLOAT_UNALIGNED, to, sum * shape.scale());
            }
        }
    }

    /** Panels of one operand in the working memory: the lines of a tile at each place of the depth. */
    private final class Panels {
        final Tile of;
        final int width;
        final long at;
        final long tileBytes;
        final int tiles;
        final long end;

        Panels(Tile of, int width, int lines, int depth, long at) {
            this.of = of;
            this.width = width;
            this.at = at;
            this.tileBytes = tile.layout(width).tileBytes(depth);
            this.tiles = Math.ceilDiv(lines, width);
            this.end = at + tiles * tileBytes;
        }

        /** Where the panel of a tile begins, at a place of the depth. */
        long panel(int number, int depth) {
            return at + number * tileBytes + depth * (width * 4L);
        }

        void pack(StridedOperand operand, int head, int line, int count, int from, int depth, MemorySegment scratch) {
            DeepPanel.pack(operand, packer, head, line, count, from, depth, scratch, at, width, tileBytes);
        }
    }

    /** Some keys of one head with all queries that see them, and the working memory for that. */
    private final class Range {
        private final int head;
        private final Panels queries;
        private final Panels outputs;
        private final Panels queriesAcross;
        private final Panels outputsAcross;
        private final Panels keys;
        private final Panels values;
        private final Panels keysAcross;
        private final Panels slopes;
        private final long panelBytes = (long) QUERIES * columns * 4;
        private final long weights;
        private final long byWeights;
        private final long keySums;
        private final long valueSums;
        private final long logs;
        private final long deltas;
        private final long scales;
        private final long turned;
        final long sums;
        final long end;

        Range(int head) {
            this.head = head;
            Tile ofWidth = tile.forRows(shape.width());
            Tile ofValues = tile.forRows(shape.valueWidth());
            int rows = Math.ceilDiv(shape.queries(), QUERIES) * QUERIES;
            int wide = Math.max(shape.width(), shape.valueWidth());
            queries = new Panels(tile, tile.rows(), shape.queries(), shape.width(), 0);
            outputs = new Panels(tile, tile.rows(), shape.queries(), shape.valueWidth(), queries.end);
            queriesAcross = new Panels(ofWidth, ofWidth.rows(), shape.width(), shape.queries(), outputs.end);
            outputsAcross =
                    new Panels(ofValues, ofValues.rows(), shape.valueWidth(), shape.queries(), queriesAcross.end);
            keys = new Panels(tile, columns, KEYS, shape.width(), outputsAcross.end);
            values = new Panels(tile, columns, KEYS, shape.valueWidth(), keys.end);
            keysAcross = new Panels(tile, columns, shape.width(), KEYS, values.end);
            slopes = new Panels(tile, tile.rows(), QUERIES, KEYS, keysAcross.end);
            weights = slopes.end;
            byWeights = weights + panels * panelBytes;
            keySums = byWeights + panels * panelBytes;
            valueSums = keySums + (long) queriesAcross.tiles * queriesAcross.width * KEYS * 4;
            sums = valueSums + (long) outputsAcross.tiles * outputsAcross.width * KEYS * 4;
            logs = sums + rows * sumRowBytes;
            deltas = logs + rows * 4L;
            scales = deltas + rows * 4L;
            turned = scales + Math.max(sumRowBytes, columns * 4L);
            end = turned + Math.max((long) wide * KEYS, (wide + AttentionKernel.LANES) * 64L) * 4 + 256;
        }

        void run(MemorySegment scratch, int tile0, int tile1) {
            int from = firstRow(tile0 * KEYS);
            int all = shape.queries();
            scratch.asSlice(sums, all * sumRowBytes).fill((byte) 0);
            StridedOperand q = in.q.lines();
            StridedOperand g = in.byOutputs.lines();
            queries.pack(q, head, 0, all, 0, shape.width(), scratch);
            outputs.pack(g, head, 0, all, 0, shape.valueWidth(), scratch);
            queriesAcross.pack(in.q.transposed(), head, 0, shape.width(), 0, all, scratch);
            outputsAcross.pack(in.byOutputs.transposed(), head, 0, shape.valueWidth(), 0, all, scratch);
            for (int i = 0; i < sumRowBytes / 4 || i < columns; i++) {
                scratch.set(JAVA_FLOAT_UNALIGNED, scales + i * 4L, shape.scale());
            }
            rowNumbers(scratch, from);
            for (int t = tile0; t < tile1; t++) {
                keyTile(scratch, t * KEYS, Math.min(KEYS, shape.keys() - t * KEYS));
            }
        }

        /** δ and L of all queries. */
        private void rowNumbers(MemorySegment scratch, int from) {
            int width = shape.valueWidth();
            long g0 = in.byOutputs.offsets()[head] * 4;
            long rowBytes = in.byOutputs.rowStride() * 4;
            boolean adjacent = in.byOutputs.columnStride() == 1;
            long packedLogs = (in.packedOffset + (long) shape.heads() * shape.queries() * width) * 4;
            for (int row = from; row < shape.queries(); row += 64) {
                int count = Math.min(64, shape.queries() - row);
                long partial = turned;
                long copy = turned + 64L * AttentionKernel.LANES * 4;
                if (!adjacent) {
                    copyRows(scratch, copy, row, count);
                }
                long first = (long) head * shape.queries() + row;
                kernel.dots(
                        adjacent ? in.byOutputs.data() : scratch,
                        adjacent ? g0 + row * rowBytes : copy,
                        adjacent ? rowBytes : width * 4L,
                        in.packed,
                        (in.packedOffset + first * width) * 4,
                        width * 4L,
                        count,
                        width,
                        scratch,
                        partial);
                for (int i = 0; i < count; i++) {
                    float delta = fold(scratch, partial + (long) i * AttentionKernel.LANES * 4)
                            - in.byLogs.get(JAVA_FLOAT_UNALIGNED, (in.byLogsOffset + first + i) * 4);
                    float log = in.packed.get(JAVA_FLOAT_UNALIGNED, packedLogs + (first + i) * 4);
                    scratch.set(JAVA_FLOAT_UNALIGNED, deltas + (row + i) * 4L, delta);
                    // a query that sees nothing: all its weights are 0
                    scratch.set(
                            JAVA_FLOAT_UNALIGNED,
                            logs + (row + i) * 4L,
                            log == Float.NEGATIVE_INFINITY ? Float.POSITIVE_INFINITY : log);
                }
            }
        }

        private void copyRows(MemorySegment scratch, long to, int row, int count) {
            HeadRows g = in.byOutputs;
            for (int i = 0; i < count; i++) {
                for (int c = 0; c < shape.valueWidth(); c++) {
                    long at = g.offsets()[head] + (row + i) * g.rowStride() + c * g.columnStride();
                    scratch.set(
                            JAVA_FLOAT_UNALIGNED,
                            to + ((long) i * shape.valueWidth() + c) * 4,
                            g.data().get(JAVA_FLOAT_UNALIGNED, at * 4));
                }
            }
        }

        private static float fold(MemorySegment m, long at) {
            for (int half = AttentionKernel.LANES / 2; half > 0; half /= 2) {
                for (int i = 0; i < half; i++) {
                    float sum = m.get(JAVA_FLOAT_UNALIGNED, at + i * 4L)
                            + m.get(JAVA_FLOAT_UNALIGNED, at + (i + half) * 4L);
                    m.set(JAVA_FLOAT_UNALIGNED, at + i * 4L, sum);
                }
            }
            return m.get(JAVA_FLOAT_UNALIGNED, at);
        }

        private void keyTile(MemorySegment scratch, int key, int count) {
            keys.pack(in.k.lines(), head, key, count, 0, shape.width(), scratch);
            values.pack(in.v.lines(), head, key, count, 0, shape.valueWidth(), scratch);
            keysAcross.pack(in.k.transposed(), head, 0, shape.width(), key, count, scratch);
            int used = Math.ceilDiv(count, columns);
            for (int query = firstRow(key); query < shape.queries(); query += QUERIES) {
                int end = Math.min(query + QUERIES, shape.queries());
                for (int panel = 0; panel < used; panel++) {
                    int seen = firstRow(key + panel * columns);
                    int from = Math.max(query, seen);
                    if (from < end) {
                        slopes(scratch, panel, key, from, end - from, from == seen);
                        packSlopes(scratch, panel, (from - query) / tile.rows(), end - from, count);
                    }
                }
                addToByQueries(scratch, query, end - query, key, count);
            }
            for (int panel = 0; panel < used; panel++) {
                int first = key + panel * columns;
                int size = Math.min(columns, shape.keys() - first);
                boolean unseen = firstRow(first) >= shape.queries();
                if (!unseen) {
                    kernel.multiply(scratch, keySum(panel), shape.width(), columns, scratch, scales);
                }
                write(scratch, keySum(panel), shape.width(), first, size, byKeys, unseen);
                write(scratch, valueSum(panel), shape.valueWidth(), first, size, byValues, unseen);
            }
        }

        /** The first row of the tile with the first query that sees a key; {@code queries} or more if none does. */
        private int firstRow(int key) {
            int query = shape.firstQuery(key);
            return query < shape.queries() ? query / tile.rows() * tile.rows() : query;
        }

        /** dS of one panel, from the tile with number {@code to} of the step on, as left side of dQ = dS·K. */
        private void packSlopes(MemorySegment scratch, int panel, int to, int rows, int count) {
            var down = new StridedOperand(scratch, new long[] {byWeights + panel * panelBytes}, columns * 4L, 4, 4);
            int depth = Math.min(columns, count - panel * columns);
            long at = slopes.panel(to, panel * columns);
            DeepPanel.pack(down, packer, 0, 0, rows, 0, depth, scratch, at, slopes.width, slopes.tileBytes);
        }

        private long keySum(int panel) {
            return keySums + (long) panel * queriesAcross.tiles * queriesAcross.width * columns * 4;
        }

        private long valueSum(int panel) {
            return valueSums + (long) panel * outputsAcross.tiles * outputsAcross.width * columns * 4;
        }

        /** P and dS of one panel of keys for some queries, and what they add to dV and dK. */
        private void slopes(MemorySegment scratch, int panel, int key, int query, int rows, boolean begins) {
            long p = weights + panel * panelBytes;
            long ds = byWeights + panel * panelBytes;
            int first = query / tile.rows();
            for (int r = 0; r * tile.rows() < rows; r++) {
                long row = (long) r * tile.rows() * columns * 4;
                multiply(scratch, queries, first + r, 0, keys.panel(panel, 0), shape.width(), true, p + row);
                multiply(scratch, outputs, first + r, 0, values.panel(panel, 0), shape.valueWidth(), true, ds + row);
            }
            hide(scratch, p, (long) query + shape.diagonal() + 1 - key - panel * columns, rows);
            kernel.weights(
                    scratch,
                    p,
                    scratch,
                    ds,
                    rows,
                    columns,
                    shape.scale(),
                    scratch,
                    logs + query * 4L,
                    deltas + query * 4L);
            for (int t = 0; t < outputsAcross.tiles; t++) {
                long to = valueSum(panel) + (long) t * outputsAcross.width * columns * 4;
                multiply(scratch, outputsAcross, t, query, p, rows, begins, to);
            }
            for (int t = 0; t < queriesAcross.tiles; t++) {
                long to = keySum(panel) + (long) t * queriesAcross.width * columns * 4;
                multiply(scratch, queriesAcross, t, query, ds, rows, begins, to);
            }
        }

        /** Row r of a panel of scores sees the columns below {@code seen} + r; the others get weight 0. */
        private void hide(MemorySegment scratch, long scores, long seen, int rows) {
            for (int row = 0; row < rows && seen + row < columns; row++) {
                for (int c = (int) Math.max(0, seen + row); c < columns; c++) {
                    scratch.set(JAVA_FLOAT_UNALIGNED, scores + ((long) row * columns + c) * 4, shape.hiddenScore());
                }
            }
        }

        /** One tile: the rows of {@code left} times a panel, from zeros or added to what is there, in rows of a panel. */
        private void multiply(
                MemorySegment scratch,
                Panels left,
                int number,
                int from,
                long right,
                int depth,
                boolean begins,
                long to) {
            long rowBytes = columns * 4L;
            left.of
                    .kernel()
                    .run(
                            scratch,
                            left.panel(number, from),
                            BlockTask.NOT_NEEDED,
                            0,
                            BlockTask.NOT_NEEDED,
                            0,
                            scratch,
                            right,
                            depth,
                            begins ? Tile.ZEROS : scratch,
                            begins ? 0 : to,
                            begins ? 0 : rowBytes,
                            scratch,
                            to,
                            rowBytes);
        }

        /** Adds dS·K to rows of dQ, for those keys that the last row of each tile sees. */
        private void addToByQueries(MemorySegment scratch, int query, int rows, int key, int count) {
            for (int u = 0; u < keysAcross.tiles; u++) {
                for (int r = 0; r * tile.rows() < rows; r++) {
                    int last = Math.min(query + (r + 1) * tile.rows(), shape.queries()) - 1;
                    int seen = Math.min(shape.visible(last) - key, count);
                    long to = sums + ((long) query + r * tile.rows()) * sumRowBytes + u * (columns * 4L);
                    tile.kernel()
                            .run(
                                    scratch,
                                    slopes.panel(r, 0),
                                    BlockTask.NOT_NEEDED,
                                    0,
                                    BlockTask.NOT_NEEDED,
                                    0,
                                    scratch,
                                    keysAcross.panel(u, 0),
                                    seen,
                                    scratch,
                                    to,
                                    sumRowBytes,
                                    scratch,
                                    to,
                                    sumRowBytes);
                }
            }
        }

        /** Writes the sums of a panel, one key a column, as rows of the result. */
        private void write(MemorySegment scratch, long from, int width, int key, int size, long result, boolean zeros) {
            long at = result + ((long) head * shape.keys() + key) * width * 4;
            if (zeros) {
                out.asSlice(at, (long) size * width * 4).fill((byte) 0);
                return;
            }
            var lanes = new StridedOperand(scratch, new long[] {from}, columns * 4L, 4, 4);
            DeepPanel.pack(lanes, packer, 0, 0, width, 0, size, scratch, turned, width, 0);
            MemorySegment.copy(scratch, turned, out, at, (long) size * width * 4);
        }

        /** dQ from its sums: scaled, and without what fills up the rows. */
        void writeByQueries(MemorySegment scratch) {
            int rows = shape.queries();
            kernel.multiply(scratch, sums, rows, (int) (sumRowBytes / 4), scratch, scales);
            long rowBytes = shape.width() * 4L;
            long at = byQueries + head * rows * rowBytes;
            if (rowBytes == sumRowBytes) {
                MemorySegment.copy(scratch, sums, out, at, rows * rowBytes);
                return;
            }
            for (int row = 0; row < rows; row++) {
                MemorySegment.copy(scratch, sums + row * sumRowBytes, out, at + row * rowBytes, rowBytes);
            }
        }
    }
}
