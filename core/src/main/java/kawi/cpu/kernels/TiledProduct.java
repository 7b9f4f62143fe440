package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * One or many contractions c[i, j] = Σ_p a[i, p] · b[p, j], cut into tiles for a {@link MicroKernel}.
 *
 * <p>The blocking follows Goto and van de Geijn, <em>Anatomy of High-Performance Matrix Multiplication</em> (2008), with
 * one change for a few threads: the operand with fewer lines is packed once, as a whole, before; then each task takes a
 * range of the lines of the other operand, packs them panel by panel for itself, and finishes its part of c. There is
 * one barrier in all, however long k is.
 *
 * <p>Each element is one chain of fused multiply-adds in increasing p. Neither the tiles, nor the panels, nor the threads
 * enter into it.
 */
final class TiledProduct {

    /** Depth of a panel: 32 columns × 256 × 4 bytes = 32 KiB of b stay in a first-level cache of 48 KiB. */
    static final int PANEL_DEPTH = 256;

    /** Rows of a that are multiplied with one panel of b after another: 192 × 256 × 4 bytes, a fifth of the L2. */
    private static final int BLOCK_ROWS = 192;

    /** Columns of b that one task packs for itself. */
    private static final int BLOCK_COLUMNS = 128;

    /** Depth to which one task packs its operand before it multiplies: 128 × 2048 × 4 bytes, 1 MiB. */
    private static final int TASK_DEPTH = 8 * PANEL_DEPTH;

    /** Bytes of the operand that is packed as a whole; a larger one is worked off in parts. */
    private static final long PACKED_BYTES = 32L << 20;

    /** Multiply-adds below which launching threads costs more than it saves: some 4 µs of work. */
    private static final long PARALLEL_WORK = 1 << 19;

    private final Tile tile;
    private final int m;
    private final int n;
    private final int k;
    private final Operand a;
    private final Operand b;
    private final Target c;
    private final @Nullable Epilogue epilogue;
    private final long elementBytes;

    /** Where the result goes. Offsets and strides in bytes. */
    record Target(MemorySegment data, long[] offsets, long rowStride, long columnStride) {}

    private TiledProduct(Tile tile, int m, int n, int k, Operand a, Operand b, Target c, @Nullable Epilogue epilogue) {
        this.tile = tile;
        this.m = m;
        this.n = n;
        this.k = k;
        this.a = a;
        this.b = b;
        this.c = c;
        this.epilogue = epilogue;
        this.elementBytes = tile.type().bytes();
    }

    /**
     * Plans the product. With few columns it multiplies the transposes instead, bᵀ · aᵀ = cᵀ: a tile is wide and low,
     * and 10 columns fill 10 of 12 rows but only 10 of 32 columns.
     */
    static TiledProduct of(
            Tile tile, int m, int n, int k, Operand a, Operand b, Target c, @Nullable Epilogue epilogue) {
        // Storing a transposed tile costs about as much as multiplying 100 deep.
        double direct = paddedWork(tile, m, n) * k;
        double transposed = paddedWork(tile, n, m) * (k + 100.0);
        if (transposed < direct) {
            Epilogue flipped = epilogue == null
                    ? null
                    : (batch, row0, row1, col0, col1) -> epilogue.finish(batch, col0, col1, row0, row1);
            var target = new Target(c.data, c.offsets, c.columnStride, c.rowStride);
            return new TiledProduct(tile, n, m, k, b, a, target, flipped);
        }
        return new TiledProduct(tile, m, n, k, a, b, c, epilogue);
    }

    private static double paddedWork(Tile tile, int m, int n) {
        return (double) ceilDiv(m, tile.rows()) * tile.rows() * ceilDiv(n, tile.columns()) * tile.columns();
    }

    /** Computes results 0 … batches-1. */
    void run(Workers workers, int batches) {
        if (m == 0 || n == 0 || batches == 0) {
            return;
        }
        long work = (long) m * n * Math.max(1, k);
        Launcher launcher = work * batches < PARALLEL_WORK ? TiledProduct::inTurn : workers::run;
        if (a.shared() && b.shared() ? m <= n : a.shared()) {
            packAThenMultiply(launcher, 0, batches);
        } else if (b.shared()) {
            packBThenMultiply(launcher, 0, batches);
        } else if (work >= 16 * PARALLEL_WORK) {
            for (int batch = 0; batch < batches; batch++) {
                one(launcher, batch);
            }
        } else {
            // Small products: whole ones are the tasks, several at a time if they are tiny.
            int group = Math.clamp(PARALLEL_WORK / (4 * work), 1, batches);
            launcher.run(ceilDiv(batches, group), task -> {
                for (int batch = task * group; batch < Math.min(batches, (task + 1) * group); batch++) {
                    one(TiledProduct::inTurn, batch);
                }
            });
        }
    }

    private void one(Launcher launcher, int batch) {
        if (m <= n) {
            packAThenMultiply(launcher, batch, batch + 1);
        } else {
            packBThenMultiply(launcher, batch, batch + 1);
        }
    }

    /** Packs a, the same for all these batches, as a whole; each task then multiplies it with some columns of b. */
    private void packAThenMultiply(Launcher launcher, int batch0, int batch1) {
        int tiles = ceilDiv(m, tile.rows());
        int part = tilesAtOnce(tile.rows());
        int columnTiles = ceilDiv(n, tile.columns());
        int tasks = tasks(columnTiles, tile.columns(), BLOCK_COLUMNS, m);
        for (int tile0 = 0; tile0 < tiles; tile0 += part) {
            int firstTile = tile0;
            int tileCount = Math.min(part, tiles - tile0);
            MemorySegment packed = Scratch.ofThread().take(packedBytes(tileCount, tile.rows(), k));
            try {
                packWhole(launcher, a, batch0, m, firstTile, tileCount, tile.rows(), packed);
                launcher.run((batch1 - batch0) * tasks, task -> {
                    int t = task % tasks;
                    int column0 = (int) ((long) t * columnTiles / tasks);
                    int column1 = (int) ((long) (t + 1) * columnTiles / tasks);
                    multiplyColumns(batch0 + task / tasks, packed, firstTile, tileCount, column0, column1);
                });
            } finally {
                Scratch.ofThread().giveBack();
            }
        }
    }

    /** Packs b, the same for all these batches, as a whole; each task then multiplies some rows of a with it. */
    private void packBThenMultiply(Launcher launcher, int batch0, int batch1) {
        int tiles = ceilDiv(n, tile.columns());
        int part = tilesAtOnce(tile.columns());
        int rowTiles = ceilDiv(m, tile.rows());
        int tasks = tasks(rowTiles, tile.rows(), BLOCK_ROWS, n);
        for (int tile0 = 0; tile0 < tiles; tile0 += part) {
            int firstTile = tile0;
            int tileCount = Math.min(part, tiles - tile0);
            MemorySegment packed = Scratch.ofThread().take(packedBytes(tileCount, tile.columns(), k));
            try {
                packWhole(launcher, b, batch0, n, firstTile, tileCount, tile.columns(), packed);
                launcher.run((batch1 - batch0) * tasks, task -> {
                    int t = task % tasks;
                    int row0 = (int) ((long) t * rowTiles / tasks);
                    int row1 = (int) ((long) (t + 1) * rowTiles / tasks);
                    multiplyRows(batch0 + task / tasks, packed, firstTile, tileCount, row0, row1);
                });
            } finally {
                Scratch.ofThread().giveBack();
            }
        }
    }

    /** A panel of one tile, with room for what packing writes beyond it. */
    private long panelBytes(int width, int depth) {
        return ((long) (depth * width + tile.packer().lanes()) * elementBytes + 63) / 64 * 64;
    }

    /** Where the panel from {@code from} on of tile {@code t} begins, in {@code tiles} tiles packed to {@code allDepth}. */
    private long panelOffset(int from, int t, int tiles, int width, int allDepth) {
        int depth = Math.min(PANEL_DEPTH, allDepth - from);
        return (long) (from / PANEL_DEPTH) * tiles * panelBytes(width, PANEL_DEPTH) + t * panelBytes(width, depth);
    }

    private long packedBytes(int tiles, int width, int allDepth) {
        return panelOffset((allDepth - 1) / PANEL_DEPTH * PANEL_DEPTH, tiles, tiles, width, allDepth);
    }

    private int tilesAtOnce(int width) {
        return Math.clamp(PACKED_BYTES / (Math.max(1, k) * width * elementBytes), 1, Integer.MAX_VALUE);
    }

    /**
     * Into how many tasks to cut {@code tiles} tiles: about sixteen, so that threads end together; each of at most
     * {@code block} lines, for the cache, and with at least 2048 elements of c, for the epilogue. Even, for two threads.
     */
    private static int tasks(int tiles, int width, int block, int otherLines) {
        int least = ceilDiv(2048, Math.max(1, otherLines * (long) width));
        int most = Math.max(1, block / width);
        int size = Math.clamp(ceilDiv(tiles, 16), Math.min(least, tiles), Math.max(most, Math.min(least, tiles)));
        int tasks = ceilDiv(tiles, size);
        return tasks > 1 && tasks < tiles ? tasks + (tasks & 1) : tasks;
    }

    /** Packs all of k: panel after panel, within a panel tile after tile. */
    private void packWhole(
            Launcher launcher,
            Operand operand,
            int batch,
            int lines,
            int firstTile,
            int tileCount,
            int width,
            MemorySegment packed) {
        int panels = Math.max(1, ceilDiv(k, PANEL_DEPTH));
        int group = Math.clamp(32_768 / Math.max(1, (long) width * Math.min(k, PANEL_DEPTH)), 1, tileCount);
        int groups = ceilDiv(tileCount, group);
        launcher.run(panels * groups, task -> {
            int from = task / groups * PANEL_DEPTH;
            int depth = Math.min(PANEL_DEPTH, k - from);
            int t = task % groups * group;
            int line = (firstTile + t) * width;
            int count = Math.min(Math.min(group, tileCount - t) * width, lines - line);
            long at = panelOffset(from, t, tileCount, width, k);
            operand.pack(tile.packer(), batch, line, count, from, depth, packed, at, width, panelBytes(width, depth));
        });
    }

    private void multiplyColumns(
            int batch, MemorySegment packedA, int firstRowTile, int rowTiles, int columnTile0, int columnTile1) {
        int columnTiles = columnTile1 - columnTile0;
        int blockTiles = Math.max(1, BLOCK_ROWS / tile.rows());
        int taskDepth = rowTiles <= blockTiles ? PANEL_DEPTH : TASK_DEPTH;
        long edgeBytes = edgeBytes(Math.min(blockTiles, rowTiles), columnTiles);
        MemorySegment scratch =
                Scratch.ofThread().take(edgeBytes + packedBytes(columnTiles, tile.columns(), Math.min(k, taskDepth)));
        try {
            int from = 0;
            do {
                int depth = Math.min(taskDepth, k - from);
                packPanels(b, batch, n, columnTile0, columnTiles, tile.columns(), from, depth, scratch, edgeBytes);
                for (int t = 0; t < rowTiles; t += blockTiles) {
                    int count = Math.min(blockTiles, rowTiles - t);
                    for (int panel = 0; panel < depth || panel == 0; panel += PANEL_DEPTH) {
                        multiplyBlock(
                                batch,
                                from,
                                panel,
                                depth,
                                packedA,
                                panelOffset(from + panel, t, rowTiles, tile.rows(), k),
                                firstRowTile + t,
                                count,
                                scratch,
                                edgeBytes + panelOffset(panel, 0, columnTiles, tile.columns(), depth),
                                columnTile0,
                                columnTiles,
                                scratch);
                    }
                    if (from + depth == k) {
                        finish(batch, firstRowTile + t, count, columnTile0, columnTiles);
                    }
                }
                from += depth;
            } while (from < k);
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    private void multiplyRows(
            int batch, MemorySegment packedB, int firstColumnTile, int columnTiles, int rowTile0, int rowTile1) {
        int rowTiles = rowTile1 - rowTile0;
        int blockTiles =
                Math.max(ceilDiv(2048, (long) rowTiles * tile.rows() * tile.columns()), BLOCK_COLUMNS / tile.columns());
        int taskDepth = columnTiles <= blockTiles ? PANEL_DEPTH : TASK_DEPTH;
        long edgeBytes = edgeBytes(rowTiles, Math.min(blockTiles, columnTiles));
        MemorySegment scratch =
                Scratch.ofThread().take(edgeBytes + packedBytes(rowTiles, tile.rows(), Math.min(k, taskDepth)));
        try {
            int from = 0;
            do {
                int depth = Math.min(taskDepth, k - from);
                packPanels(a, batch, m, rowTile0, rowTiles, tile.rows(), from, depth, scratch, edgeBytes);
                for (int t = 0; t < columnTiles; t += blockTiles) {
                    int count = Math.min(blockTiles, columnTiles - t);
                    for (int panel = 0; panel < depth || panel == 0; panel += PANEL_DEPTH) {
                        multiplyBlock(
                                batch,
                                from,
                                panel,
                                depth,
                                scratch,
                                edgeBytes + panelOffset(panel, 0, rowTiles, tile.rows(), depth),
                                rowTile0,
                                rowTiles,
                                packedB,
                                panelOffset(from + panel, t, columnTiles, tile.columns(), k),
                                firstColumnTile + t,
                                count,
                                scratch);
                    }
                    if (from + depth == k) {
                        finish(batch, rowTile0, rowTiles, firstColumnTile + t, count);
                    }
                }
                from += depth;
            } while (from < k);
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    private long edgeBytes(int rowTiles, int columnTiles) {
        return (long) rowTiles * columnTiles * tile.rows() * tile.columns() * elementBytes;
    }

    /** Packs {@code depth} of k for one task, panel after panel, as {@link #panelOffset} says. */
    private void packPanels(
            Operand operand,
            int batch,
            int lines,
            int tile0,
            int tiles,
            int width,
            int from,
            int depth,
            MemorySegment target,
            long targetOffset) {
        int line = tile0 * width;
        int count = Math.min(tiles * width, lines - line);
        for (int panel = 0; panel < depth; panel += PANEL_DEPTH) {
            int size = Math.min(PANEL_DEPTH, depth - panel);
            long at = targetOffset + panelOffset(panel, 0, tiles, width, depth);
            operand.pack(
                    tile.packer(), batch, line, count, from + panel, size, target, at, width, panelBytes(width, size));
        }
    }

    /**
     * Adds the product of one panel of a block of rows and one of a block of columns to c.
     *
     * @param from where in k the depth begins that the task works at
     * @param panel the panel within this depth
     * @param edge a place for each tile of the block
     */
    private void multiplyBlock(
            int batch,
            int from,
            int panel,
            int taskDepth,
            MemorySegment packedA,
            long aOffset,
            int rowTile0,
            int rowTiles,
            MemorySegment packedB,
            long bOffset,
            int columnTile0,
            int columnTiles,
            MemorySegment edge) {
        MicroKernel kernel = tile.kernel();
        int depth = Math.min(PANEL_DEPTH, taskDepth - panel);
        boolean first = from + panel == 0;
        long aStep = panelBytes(tile.rows(), depth);
        long bStep = panelBytes(tile.columns(), depth);
        long edgeStride = tile.columns() * elementBytes;
        for (int s = 0; s < columnTiles; s++) {
            int column = (columnTile0 + s) * tile.columns();
            int columns = Math.min(tile.columns(), n - column);
            for (int r = 0; r < rowTiles; r++) {
                int row = (rowTile0 + r) * tile.rows();
                int rows = Math.min(tile.rows(), m - row);
                long at = c.offsets[batch] + row * c.rowStride + column * c.columnStride;
                long aAt = aOffset + r * aStep;
                long bAt = bOffset + s * bStep;
                if (rows == tile.rows() && columns == tile.columns() && c.columnStride == elementBytes) {
                    MemorySegment start = first ? tile.zeros() : c.data;
                    long startAt = first ? 0 : at;
                    long startStride = first ? 0 : c.rowStride;
                    kernel.run(packedA, aAt, packedB, bAt, depth, start, startAt, startStride, c.data, at, c.rowStride);
                } else {
                    // A tile over the edge of c, or transposed: by way of a full tile. One kernel serves all.
                    long edgeAt = (s * rowTiles + r) * tile.rows() * edgeStride;
                    if (panel == 0 && from > 0) {
                        copyTile(
                                c.data,
                                at,
                                c.rowStride,
                                c.columnStride,
                                edge,
                                edgeAt,
                                edgeStride,
                                elementBytes,
                                rows,
                                columns);
                    }
                    MemorySegment start = first ? tile.zeros() : edge;
                    long startAt = first ? 0 : edgeAt;
                    long startStride = first ? 0 : edgeStride;
                    kernel.run(
                            packedA, aAt, packedB, bAt, depth, start, startAt, startStride, edge, edgeAt, edgeStride);
                    if (panel + depth == taskDepth) {
                        copyTile(
                                edge,
                                edgeAt,
                                edgeStride,
                                elementBytes,
                                c.data,
                                at,
                                c.rowStride,
                                c.columnStride,
                                rows,
                                columns);
                    }
                }
            }
        }
    }

    private void copyTile(
            MemorySegment source,
            long from,
            long fromRow,
            long fromColumn,
            MemorySegment target,
            long to,
            long toRow,
            long toColumn,
            int rows,
            int columns) {
        if (fromColumn == elementBytes && toColumn == elementBytes) {
            for (int i = 0; i < rows; i++) {
                MemorySegment.copy(source, from + i * fromRow, target, to + i * toRow, columns * elementBytes);
            }
        } else if (elementBytes == 4) {
            for (int j = 0; j < columns; j++) {
                for (int i = 0; i < rows; i++) {
                    target.set(
                            JAVA_INT_UNALIGNED,
                            to + i * toRow + j * toColumn,
                            source.get(JAVA_INT_UNALIGNED, from + i * fromRow + j * fromColumn));
                }
            }
        } else {
            for (int j = 0; j < columns; j++) {
                for (int i = 0; i < rows; i++) {
                    target.set(
                            JAVA_LONG_UNALIGNED,
                            to + i * toRow + j * toColumn,
                            source.get(JAVA_LONG_UNALIGNED, from + i * fromRow + j * fromColumn));
                }
            }
        }
    }

    private void finish(int batch, int rowTile0, int rowTiles, int columnTile0, int columnTiles) {
        if (epilogue != null) {
            epilogue.finish(
                    batch,
                    rowTile0 * tile.rows(),
                    Math.min(m, (rowTile0 + rowTiles) * tile.rows()),
                    columnTile0 * tile.columns(),
                    Math.min(n, (columnTile0 + columnTiles) * tile.columns()));
        }
    }

    private interface Launcher {
        void run(int tasks, Workers.TaskBody body);
    }

    private static void inTurn(int tasks, Workers.TaskBody body) {
        for (int task = 0; task < tasks; task++) {
            body.run(task);
        }
    }

    private static int ceilDiv(long a, long b) {
        return (int) ((a + b - 1) / b);
    }
}
