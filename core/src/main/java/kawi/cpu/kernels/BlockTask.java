package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * One task of a {@link TiledProduct}: a range of the rows, or of the columns, of one result. It goes through the depth in
 * pieces, through a piece block by block, and through all panels of a block, so that the block of c stays in cache
 * meanwhile; between pieces it waits in c, or in scratch memory where its tiles do not lie in c as they are.
 */
final class BlockTask {

    /** Depth to which a task packs before it multiplies: 128 columns × 2048 × 4 bytes, 1 MiB. */
    static final int TASK_DEPTH = 2048;

    /**
     * The same where one block is all there is, so that nothing is read twice. Not less: along the depth is often how the
     * operand lies in memory, and short pieces of many rows come slowly from there (128 × 2048 × 5632: 26 ms with 256, 18 with
     * 1024).
     */
    private static final int ONE_BLOCK_DEPTH = 1024;

    /** Bytes of tiles in scratch memory that a task keeps through all of its part's depth: a fair part of a second-level cache. */
    private static final long KEPT_BYTES = 256 << 10;

    static final int[] NOT_NEEDED = {};

    private final TiledProduct product;
    private final TiledProduct.Part part;
    private final int batch;
    private final int tileRows;
    private final int tileColumns;
    private final long elementBytes;

    /** Bytes from row to row of a tile at the edge. */
    private final long edgeStride;

    /** Whether full tiles of c can be written in place; not if c is transposed. */
    private final boolean direct;

    private MemorySegment scratch = MemorySegment.NULL;

    /** Whether tiles in scratch memory stay there through all of the part's depth; and where those of the present block lie. */
    private boolean keeps;

    private long blockAt;

    BlockTask(TiledProduct product, int batch, TiledProduct.Part part) {
        this.product = product;
        this.part = part;
        this.batch = batch;
        this.tileRows = product.tile.rows();
        this.tileColumns = product.tile.columns();
        this.elementBytes = product.tile.type().bytes();
        this.edgeStride = tileColumns * elementBytes;
        this.direct = product.c.columnStride() == elementBytes;
    }

    /** Multiplies these rows of a, packed, with columns of b that are packed here. */
    void columns(int columnTile0, int columnTile1) {
        int rowTiles = part.tiles();
        int columnTiles = columnTile1 - columnTile0;
        int blocks = Math.ceilDiv(rowTiles * tileRows, TiledProduct.BLOCK_ROWS);
        int blockTiles = Math.ceilDiv(rowTiles, blocks);
        int taskDepth = rowTiles <= blockTiles ? ONE_BLOCK_DEPTH : TASK_DEPTH;
        long edge = reserve(rowTiles, columnTiles, Math.min(blockTiles, rowTiles), columnTiles);
        int column = columnTile0 * tileColumns;
        int columnCount = Math.min(columnTiles * tileColumns, product.n - column);
        scratch = Scratch.ofThread().take(edge + product.bLayout.bytes(columnTiles, Math.min(part.depth(), taskDepth)));
        try {
            int from = part.start();
            do {
                int depth = Math.min(taskDepth, part.end() - from);
                product.bLayout.pack(
                        product.b, product.tile.packer(), batch, column, columnCount, from, depth, scratch, edge);
                for (int t = 0; t < rowTiles; t += blockTiles) {
                    int count = Math.min(blockTiles, rowTiles - t);
                    blockAt = keeps ? edgeBytes(t, columnTiles) : 0;
                    for (int panel = 0; panel < depth || panel == 0; panel += PanelLayout.DEPTH) {
                        long aOffset = product.aLayout.offset(from - part.start() + panel, t, rowTiles, part.depth());
                        long bOffset = edge + product.bLayout.offset(panel, 0, columnTiles, depth);
                        multiply(
                                from,
                                panel,
                                depth,
                                part.packed(),
                                aOffset,
                                part.firstTile() + t,
                                count,
                                scratch,
                                bOffset,
                                columnTile0,
                                columnTiles);
                    }
                    store(part.firstTile() + t, count, columnTile0, columnTiles, from + depth);
                }
                from += depth;
            } while (from < part.end());
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    /** Multiplies rows of a that are packed here, or read where they lie, with these columns of b, packed. */
    void rows(int rowTile0, int rowTile1) {
        int columnTiles = part.tiles();
        int rowTiles = rowTile1 - rowTile0;
        int blockTiles = Math.max(
                Math.ceilDiv(2048, rowTiles * tileRows * tileColumns), TiledProduct.BLOCK_COLUMNS / tileColumns);
        int taskDepth =
                product.unpacked ? Math.max(1, part.depth()) : columnTiles <= blockTiles ? ONE_BLOCK_DEPTH : TASK_DEPTH;
        long edge = reserve(rowTiles, columnTiles, rowTiles, Math.min(blockTiles, columnTiles));
        int row = rowTile0 * tileRows;
        int rowCount = Math.min(rowTiles * tileRows, product.m - row);
        long packedBytes = product.unpacked ? 0 : product.aLayout.bytes(rowTiles, Math.min(part.depth(), taskDepth));
        scratch = Scratch.ofThread().take(edge + packedBytes);
        try {
            int from = part.start();
            do {
                int depth = Math.min(taskDepth, part.end() - from);
                if (!product.unpacked) {
                    product.aLayout.pack(
                            product.a, product.tile.packer(), batch, row, rowCount, from, depth, scratch, edge);
                }
                for (int t = 0; t < columnTiles; t += blockTiles) {
                    int count = Math.min(blockTiles, columnTiles - t);
                    blockAt = keeps ? edgeBytes(rowTiles, t) : 0;
                    for (int panel = 0; panel < depth || panel == 0; panel += PanelLayout.DEPTH) {
                        long aOffset = edge + product.aLayout.offset(panel, 0, rowTiles, depth);
                        long bOffset =
                                product.bLayout.offset(from - part.start() + panel, t, columnTiles, part.depth());
                        multiply(
                                from,
                                panel,
                                depth,
                                scratch,
                                aOffset,
                                rowTile0,
                                rowTiles,
                                part.packed(),
                                bOffset,
                                part.firstTile() + t,
                                count);
                    }
                    store(rowTile0, rowTiles, part.firstTile() + t, count, from + depth);
                }
                from += depth;
            } while (from < part.end());
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    /** Decides whether tiles in scratch memory stay there: bytes for those of the whole task if they do, else for those of a block. */
    private long reserve(int rowTiles, int columnTiles, int blockRowTiles, int blockColumnTiles) {
        long block = edgeBytes(blockRowTiles, blockColumnTiles);
        long all = edgeBytes(rowTiles, columnTiles);
        keeps = all <= Math.max(block, KEPT_BYTES);
        return keeps ? all : block;
    }

    private long edgeBytes(int rowTiles, int columnTiles) {
        return (long) rowTiles * columnTiles * tileRows * edgeStride;
    }

    /** Adds the product of one panel to a block of c: to full tiles in place, to the others in the scratch memory. */
    private void multiply(
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
            int columnTiles) {
        TiledProduct.Target c = product.c;
        int depth = Math.min(PanelLayout.DEPTH, taskDepth - panel);
        boolean first = from + panel == 0;
        long aStep = product.aLayout.tileBytes(depth);
        long bStep = product.bLayout.tileBytes(depth);
        for (int s = 0; s < columnTiles; s++) {
            int column = (columnTile0 + s) * tileColumns;
            for (int r = 0; r < rowTiles; r++) {
                int row = (rowTile0 + r) * tileRows;
                boolean inPlace = inPlace(row, column);
                MemorySegment target = inPlace ? c.data() : scratch;
                long at = inPlace ? place(row, column) : edgeOffset(s, r, rowTiles);
                long stride = inPlace ? c.rowStride() : edgeStride;
                if (!inPlace && panel == 0 && from > 0 && (from == part.start() || !keeps)) {
                    load(row, column, at);
                }
                MemorySegment start = first ? Tile.ZEROS : target;
                long startAt = first ? 0 : at;
                long startStride = first ? 0 : stride;
                long bAt = bOffset + s * bStep;
                if (product.unpacked) {
                    unpacked(row, from + panel, depth, packedB, bAt, start, startAt, startStride, target, at, stride);
                } else {
                    product.kernel.run(
                            packedA,
                            aOffset + r * aStep,
                            NOT_NEEDED,
                            0,
                            NOT_NEEDED,
                            0,
                            packedB,
                            bAt,
                            depth,
                            start,
                            startAt,
                            startStride,
                            target,
                            at,
                            stride);
                }
            }
        }
    }

    /** The same with a where it lies: one call for each image that the panel extends over. */
    private void unpacked(
            int row,
            int from,
            int depth,
            MemorySegment packedB,
            long bAt,
            MemorySegment start,
            long startAt,
            long startStride,
            MemorySegment target,
            long at,
            long stride) {
        OffsetOperand a = (OffsetOperand) product.a;
        int done = 0;
        do {
            int first = depth == 0 ? 0 : a.inImage(from + done);
            int size = Math.min(depth - done, a.depths().length - first);
            product.kernel.run(
                    a.data(),
                    a.base(batch, from + done),
                    a.lines(),
                    row,
                    a.depths(),
                    first,
                    packedB,
                    bAt + done * edgeStride,
                    size,
                    done == 0 ? start : target,
                    done == 0 ? startAt : at,
                    done == 0 ? startStride : stride,
                    target,
                    at,
                    stride);
            done += size;
        } while (done < depth);
    }

    private boolean inPlace(int row, int column) {
        return direct
                && row + tileRows <= product.m
                && column + tileColumns <= product.n
                && column % product.c.period() + tileColumns <= product.c.period();
    }

    private long place(int row, int column) {
        TiledProduct.Target c = product.c;
        return c.offsets()[batch]
                + row * c.rowStride()
                + column % c.period() * c.columnStride()
                + column / c.period() * c.periodStride();
    }

    private long edgeOffset(int s, int r, int rowTiles) {
        return blockAt + (long) (s * rowTiles + r) * tileRows * edgeStride;
    }

    /** Brings a block, of which the depth up to {@code done} is summed, from scratch memory to c, and finishes it if that is all. */
    private void store(int rowTile0, int rowTiles, int columnTile0, int columnTiles, int done) {
        if (keeps && done < part.end()) {
            return;
        }
        int row0 = rowTile0 * tileRows;
        int row1 = Math.min(product.m, (rowTile0 + rowTiles) * tileRows);
        int column0 = columnTile0 * tileColumns;
        int column1 = Math.min(product.n, (columnTile0 + columnTiles) * tileColumns);
        for (int s = 0; s < columnTiles; s++) {
            int column = column0 + s * tileColumns;
            if (direct) {
                for (int r = 0; r < rowTiles; r++) {
                    int row = row0 + r * tileRows;
                    if (!inPlace(row, column)) {
                        int end = Math.min(column + tileColumns, column1);
                        moveEdge(edgeOffset(s, r, rowTiles), row, Math.min(row + tileRows, row1), column, end, true);
                    }
                }
            } else {
                // The tiles of one s follow one another: together they are a matrix of all rows of the block.
                storeTransposed(
                        edgeOffset(s, 0, rowTiles), row0, row1, column, Math.min(tileColumns, column1 - column));
            }
        }
        if (done == product.k) {
            finish(row0, row1, column0, column1);
        }
    }

    private void finish(int row0, int row1, int column0, int column1) {
        Epilogue epilogue = product.epilogue;
        if (epilogue == null) {
            return;
        }
        int period = product.c.period();
        for (int column = column0, end; column < column1; column = end) {
            int repeat = column / period;
            end = (int) Math.min(column1, (repeat + 1L) * period);
            epilogue.finish(batch + repeat, row0, row1, column - repeat * period, end - repeat * period);
        }
    }

    /** Brings the rows of a tile from scratch memory to c, or back; they may be cut by the end of a period. */
    private void moveEdge(long scratchOffset, int row0, int row1, int column0, int column1, boolean toC) {
        TiledProduct.Target c = product.c;
        for (int column = column0, end; column < column1; column = end) {
            end = Math.min(column1, column - column % c.period() + Math.min(c.period(), column1));
            long size = (end - column) * elementBytes;
            long inScratch = scratchOffset + (column - column0) * elementBytes;
            long inC = place(row0, column);
            for (int row = row0; row < row1; row++) {
                if (toC) {
                    MemorySegment.copy(scratch, inScratch, c.data(), inC, size);
                } else {
                    MemorySegment.copy(c.data(), inC, scratch, inScratch, size);
                }
                inScratch += edgeStride;
                inC += c.rowStride();
            }
        }
    }

    /** The columns of a tile become rows of memory: in squares of vectors, and what is left over one by one. */
    private void storeTransposed(long from, int row0, int row1, int column, int columns) {
        TiledProduct.Target c = product.c;
        Packer packer = product.tile.packer();
        int lanes = packer.lanes();
        int blocks = c.rowStride() == elementBytes ? columns / lanes : 0;
        long[] lines = new long[lanes];
        for (int i = 0; i < lanes; i++) {
            lines[i] = i * edgeStride;
        }
        int row = row0;
        for (; blocks > 0 && row + lanes <= row1; row += lanes) {
            long source = from + (row - row0) * edgeStride;
            packer.transpose(scratch, source, lines, blocks, c.data(), place(row, column), c.columnStride());
        }
        storeOneByOne(from, row0, row0, row, column, blocks * lanes, columns);
        storeOneByOne(from, row0, row, row1, column, 0, columns);
    }

    private void storeOneByOne(long from, int row0, int first, int end, int column, int column0, int column1) {
        MemorySegment data = product.c.data();
        long step = product.c.rowStride();
        for (int j = column0; j < column1; j++) {
            long source = from + (first - row0) * edgeStride + j * elementBytes;
            long target = place(first, column + j);
            for (int i = 0; i < end - first; i++) {
                if (elementBytes == 4) {
                    data.set(
                            JAVA_INT_UNALIGNED,
                            target + i * step,
                            scratch.get(JAVA_INT_UNALIGNED, source + i * edgeStride));
                } else {
                    data.set(
                            JAVA_LONG_UNALIGNED,
                            target + i * step,
                            scratch.get(JAVA_LONG_UNALIGNED, source + i * edgeStride));
                }
            }
        }
    }

    /** Brings a tile of c to scratch memory, for the next part of a depth that is worked off in parts. */
    private void load(int row, int column, long at) {
        int row1 = Math.min(row + tileRows, product.m);
        int column1 = Math.min(column + tileColumns, product.n);
        if (direct) {
            moveEdge(at, row, row1, column, column1, false);
            return;
        }
        for (int i = row; i < row1; i++) {
            for (int j = column; j < column1; j++) {
                long target = at + (i - row) * edgeStride + (j - column) * elementBytes;
                MemorySegment.copy(product.c.data(), place(i, j), scratch, target, elementBytes);
            }
        }
    }
}
