package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Consumer;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * One or many contractions c[i, j] = Σ_p a[i, p] · b[p, j], cut into tiles for a {@link MicroKernel}.
 *
 * <p>The blocking follows Goto and van de Geijn, <em>Anatomy of High-Performance Matrix Multiplication</em> (2008), with
 * one change for a few threads: one operand is packed as a whole beforehand; then each task takes a range of the lines of
 * the other, packs them for itself, and finishes its part of c ({@link BlockTask}). There is one barrier in all, however
 * long k is.
 *
 * <p>Each element is one chain of fused multiply-adds in increasing p. Neither the tiles, nor the panels, nor the threads
 * enter into it.
 */
final class TiledProduct {

    /** Rows of a that are multiplied with one panel of b after another: 192 × 512 × 4 bytes, two fifths of an L2 of 1 MiB. */
    static final int BLOCK_ROWS = 192;

    /** Columns of b that one task packs for itself. */
    static final int BLOCK_COLUMNS = 128;

    /** Bytes of the operand that is packed as a whole; a larger one is worked off in parts, of the depth first. */
    private static final long PACKED_BYTES = 8L << 20;

    /** Multiply-adds below which launching threads costs more than it saves: some 4 µs of work. */
    private static final long PARALLEL_WORK = 1 << 19;

    // What things cost, in multiply-adds: 0.008 ns each at the peak of AVX-512.
    private static final double TRANSPOSED_STORE_COST = 20;
    private static final double UNPACKED_COST = 1.3;

    final Tile tile;
    final MicroKernel kernel;
    final int m;
    final int n;
    final int k;
    final Operand a;
    final Operand b;
    final Target c;
    final @Nullable Epilogue epilogue;

    /** Whether the kernel reads a where it lies, through its offsets, instead of packed panels. */
    final boolean unpacked;

    final PanelLayout aLayout;
    final PanelLayout bLayout;

    /**
     * Where the result goes. Offsets and strides in bytes.
     *
     * @param period after so many columns the next ones begin {@code periodStride} further than the first: the positions of
     *     one image after those of another
     */
    record Target(
            MemorySegment data, long[] offsets, long rowStride, long columnStride, int period, long periodStride) {
        Target(MemorySegment data, long[] offsets, long rowStride, long columnStride) {
            this(data, offsets, rowStride, columnStride, Integer.MAX_VALUE, 0);
        }

        boolean periodic() {
            return period < Integer.MAX_VALUE;
        }

        Target transposed() {
            return new Target(data, offsets, columnStride, rowStride);
        }
    }

    private TiledProduct(
            Tile tile,
            boolean unpacked,
            int m,
            int n,
            int k,
            Operand a,
            Operand b,
            Target c,
            @Nullable Epilogue epilogue) {
        this.tile = tile;
        this.unpacked = unpacked;
        MicroKernel unpackedKernel = tile.unpackedKernel();
        this.kernel = unpacked && unpackedKernel != null ? unpackedKernel : tile.kernel();
        this.m = m;
        this.n = n;
        this.k = k;
        this.a = a;
        this.b = b;
        this.c = c;
        this.epilogue = epilogue;
        this.aLayout = tile.layout(tile.rows());
        this.bLayout = tile.layout(tile.columns());
    }

    /**
     * Plans the product, the cheapest of these ways:
     *
     * <ul>
     *   <li>as it is;
     *   <li>transposed, bᵀ · aᵀ = cᵀ: a tile is wide and low, and 10 columns fill all of 10 rows but only 10 of 32 columns;
     *   <li>with its left operand unpacked, if that is given by offsets: the windows of a convolution, which would be
     *       packed for a few output channels only.
     * </ul>
     */
    static TiledProduct of(
            Tile tile, int m, int n, int k, Operand a, Operand b, Target c, @Nullable Epilogue epilogue) {
        boolean many = c.offsets.length > 1;
        int lanes = tile.packer().lanes();
        int pieces = Math.max(1, Math.ceilDiv(k, BlockTask.TASK_DEPTH));
        double best = Double.POSITIVE_INFINITY;
        TiledProduct plan = null;
        for (int way = 0; way < 4; way++) {
            boolean transposed = (way & 1) != 0;
            boolean unpacked = (way & 2) != 0;
            if (transposed && c.periodic()) {
                continue;
            }
            int rows = transposed ? n : m;
            int columns = transposed ? m : n;
            Operand left = transposed ? b : a;
            Operand right = transposed ? a : b;
            Tile fitting = unpacked ? tile : tile.forRows(rows);
            if (unpacked && !(left instanceof OffsetOperand && k > 0 && tile.unpackedKernel() != null)) {
                continue;
            }
            double cost = fitting.paddedSize(rows, columns) * (unpacked ? UNPACKED_COST : 1)
                    + (unpacked || (many && left.shared()) ? 0 : left.packCost(fitting.rows(), lanes) * rows)
                    + (many && right.shared() ? 0 : right.packCost(fitting.columns(), lanes) * columns)
                    + (transposed ? TRANSPOSED_STORE_COST * (2 * pieces - 1) * rows * columns / Math.max(1, k) : 0);
            if (cost < best) {
                best = cost;
                plan = transposed
                        ? new TiledProduct(fitting, unpacked, n, m, k, b, a, c.transposed(), flipped(epilogue))
                        : new TiledProduct(fitting, unpacked, m, n, k, a, b, c, epilogue);
            }
        }
        return Objects.requireNonNull(plan);
    }

    private static @Nullable Epilogue flipped(@Nullable Epilogue epilogue) {
        return epilogue == null
                ? null
                : (batch, row0, row1, col0, col1) -> epilogue.finish(batch, col0, col1, row0, row1);
    }

    /** Computes results 0 … batches-1. */
    void run(Workers workers, int batches) {
        if (m == 0 || n == 0 || batches == 0) {
            return;
        }
        long work = (long) m * n * Math.max(1, k);
        Launcher launcher = work * batches < PARALLEL_WORK ? TiledProduct::inTurn : workers::run;
        if (batches == 1) {
            one(launcher, 0);
        } else if (b.shared() && (unpacked || !a.shared() || m > n)) {
            packBThenMultiply(launcher, 0, batches);
        } else if (a.shared() && !unpacked) {
            packAThenMultiply(launcher, 0, batches);
        } else if (work >= 16 * PARALLEL_WORK) {
            for (int batch = 0; batch < batches; batch++) {
                one(launcher, batch);
            }
        } else {
            // Small products: whole ones are the tasks, several at a time if they are tiny.
            int group = Math.clamp(PARALLEL_WORK / (4 * work), 1, batches);
            launcher.run(Math.ceilDiv(batches, group), task -> {
                for (int batch = task * group; batch < Math.min(batches, (task + 1) * group); batch++) {
                    one(TiledProduct::inTurn, batch);
                }
            });
        }
    }

    private void one(Launcher launcher, int batch) {
        if (m <= n && !unpacked) {
            packAThenMultiply(launcher, batch, batch + 1);
        } else {
            packBThenMultiply(launcher, batch, batch + 1);
        }
    }

    /** Packs a, the same for all these batches, as a whole; each task then multiplies it with some columns of b. */
    private void packAThenMultiply(Launcher launcher, int batch0, int batch1) {
        int columnTiles = Math.ceilDiv(n, tile.columns());
        int tasks = tasks(columnTiles, tile.columns(), BLOCK_COLUMNS, m, batch1 - batch0);
        inParts(
                launcher,
                a,
                aLayout,
                batch0,
                m,
                part -> launcher.run((batch1 - batch0) * tasks, task -> {
                    int t = task % tasks;
                    int column0 = (int) ((long) t * columnTiles / tasks);
                    int column1 = (int) ((long) (t + 1) * columnTiles / tasks);
                    new BlockTask(this, batch0 + task / tasks, part).columns(column0, column1);
                }));
    }

    /** Packs b, the same for all these batches, as a whole; each task then multiplies some rows of a with it. */
    private void packBThenMultiply(Launcher launcher, int batch0, int batch1) {
        int rowTiles = Math.ceilDiv(m, tile.rows());
        int tasks = tasks(rowTiles, tile.rows(), BLOCK_ROWS, n, batch1 - batch0);
        inParts(
                launcher,
                b,
                bLayout,
                batch0,
                n,
                part -> launcher.run((batch1 - batch0) * tasks, task -> {
                    int t = task % tasks;
                    int row0 = (int) ((long) t * rowTiles / tasks);
                    int row1 = (int) ((long) (t + 1) * rowTiles / tasks);
                    new BlockTask(this, batch0 + task / tasks, part).rows(row0, row1);
                }));
    }

    /**
     * Into how many tasks to cut {@code tiles} tiles: about sixteen over all batches, so that threads end together; each of
     * at most {@code block} lines, for the cache, and with at least 2048 elements of c, for the epilogue. Even, for two
     * threads.
     */
    private static int tasks(int tiles, int width, int block, int otherLines, int batches) {
        int least = (int) Math.min(tiles, Math.ceilDiv(2048, (long) otherLines * width));
        int most = Math.max(block / width, least);
        int wanted = Math.max(1, 16 / batches);
        int tasks = Math.ceilDiv(tiles, Math.clamp(Math.ceilDiv(tiles, wanted), least, most));
        return tasks > 1 && tasks < tiles && batches == 1 ? tasks + (tasks & 1) : tasks;
    }

    /**
     * Some tiles of the operand that is packed beforehand, over a range of the depth.
     *
     * @param end of the depth; the whole of it, if that is {@code k}
     */
    record Part(MemorySegment packed, int firstTile, int tiles, int start, int end) {
        int depth() {
            return end - start;
        }
    }

    /** Packs an operand as a whole, or, if it is very large, one part after another. */
    private void inParts(
            Launcher launcher, Operand operand, PanelLayout layout, int batch, int lines, Consumer<Part> body) {
        int width = layout.width();
        int tiles = Math.ceilDiv(lines, width);
        long panelBytes = layout.bytes(tiles, PanelLayout.DEPTH);
        int range = (int) Math.clamp(PACKED_BYTES / panelBytes, 1, Math.ceilDiv(Math.max(1, k), PanelLayout.DEPTH))
                * PanelLayout.DEPTH;
        int atOnce = Math.clamp(PACKED_BYTES / layout.bytes(1, Math.clamp(k, 1, range)), 1, tiles);
        for (int first = 0; first < tiles; first += atOnce) {
            int start = 0;
            do {
                int end = (int) Math.min(k, (long) start + range);
                int count = Math.min(atOnce, tiles - first);
                MemorySegment packed = Scratch.ofThread().take(layout.bytes(count, end - start));
                try {
                    Part part = new Part(packed, first, count, start, end);
                    pack(launcher, operand, layout, batch, lines, part);
                    body.accept(part);
                } finally {
                    Scratch.ofThread().giveBack();
                }
                start = end;
            } while (start < k);
        }
    }

    private void pack(Launcher launcher, Operand operand, PanelLayout layout, int batch, int lines, Part part) {
        int width = layout.width();
        int panels = Math.ceilDiv(part.depth(), PanelLayout.DEPTH);
        int group = Math.max(1, Math.min(part.tiles, 65_536 / (width * PanelLayout.DEPTH)));
        int groups = Math.ceilDiv(part.tiles, group);
        launcher.run(panels * groups, task -> {
            int from = task / groups * PanelLayout.DEPTH;
            int depth = Math.min(PanelLayout.DEPTH, part.depth() - from);
            int t = task % groups * group;
            int line = (part.firstTile + t) * width;
            int size = Math.min(Math.min(group, part.tiles - t) * width, lines - line);
            long at = layout.offset(from, t, part.tiles, part.depth());
            operand.pack(
                    tile.packer(),
                    batch,
                    line,
                    size,
                    part.start + from,
                    depth,
                    part.packed,
                    at,
                    width,
                    layout.tileBytes(depth));
        });
    }

    private interface Launcher {
        void run(int tasks, Workers.TaskBody body);
    }

    private static void inTurn(int tasks, Workers.TaskBody body) {
        for (int task = 0; task < tasks; task++) {
            body.run(task);
        }
    }
}
