package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import kawi.base.DType;
import kawi.cpu.Machine;
import org.jspecify.annotations.Nullable;

/** A micro-kernel that is ready to run at full speed, the size of its tile, and what packs its panels. */
final class Tile {

    private static final Map<String, Tile> TILES = new ConcurrentHashMap<>();

    /** Time of a row of the lower tile, which loads b for fewer rows, to one of the full tile. */
    private static final double LOWER_COST = 1.05;

    private final MicroKernel kernel;
    private final DType type;
    private final int rows;
    private final int columns;
    private final MemorySegment zeros;
    private final CountDownLatch complete = new CountDownLatch(1);
    private volatile Packer packer;
    private volatile @Nullable Tile lower;
    private volatile @Nullable MicroKernel unpackedKernel;

    Tile(MicroKernel kernel, DType type, int rows, int columns, int lanes) {
        this.kernel = kernel;
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.zeros = Arena.global().allocate((long) columns * type.bytes(), 64);
        this.packer = new PlainPacker(type.bytes(), lanes);
    }

    /** The tile of this machine for {@code F32} or {@code F64}. */
    static Tile of(DType type) {
        return of(type, Machine.vectorBits());
    }

    /** The tile for vectors of {@code bits} bits, 0 for plain loops; tests ask for each. */
    static Tile of(DType type, int bits) {
        String key = type + "/" + bits;
        Tile tile = TILES.get(key);
        if (tile != null) {
            return tile;
        }
        synchronized (TILES) {
            tile = TILES.get(key);
            if (tile == null) {
                tile = bits == 0 ? plain(type) : WarmUp.tile(type, bits, later -> TILES.put(key, later));
                TILES.put(key, tile);
            }
            return tile;
        }
    }

    static Tile plain(DType type) {
        var tile = new Tile(PlainMicroKernel.of(type), type, PlainMicroKernel.ROWS, PlainMicroKernel.COLUMNS, 8);
        tile.setComplete();
        return tile;
    }

    MicroKernel kernel() {
        return kernel;
    }

    /** F32 or F64. */
    DType type() {
        return type;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** One row of zeros, from which sums start (with a row stride of 0). */
    MemorySegment zeros() {
        return zeros;
    }

    /** The fastest there is at the moment; all of them have the same number of lanes and give the same bits. */
    Packer packer() {
        return packer;
    }

    void setPacker(Packer packer) {
        this.packer = packer;
    }

    @Nullable
    Tile lower() {
        return lower;
    }

    /** A tile with fewer rows and all else equal, once it is warm. */
    void setLower(Tile lower) {
        this.lower = lower;
    }

    /** This tile or the lower one, whichever takes less time for m rows: 64 rows are 8 tiles of 8, or 7 of 10. */
    Tile forRows(int m) {
        Tile other = lower;
        return other != null && LOWER_COST * other.paddedRows(m) < paddedRows(m) ? other : this;
    }

    /** The kernel that reads its left side unpacked, once it is warm. */
    @Nullable
    MicroKernel unpackedKernel() {
        return unpackedKernel;
    }

    void setUnpackedKernel(MicroKernel kernel) {
        this.unpackedKernel = kernel;
    }

    /** Says that all there is to this tile is warm. */
    void setComplete() {
        complete.countDown();
    }

    /** Waits until everything is warm: for tests, which shall meet every kernel. */
    void awaitComplete() throws InterruptedException {
        complete.await();
    }

    /** How panels of this width are packed for this tile. */
    PanelLayout layout(int width) {
        return new PanelLayout(width, packer.lanes(), type.bytes());
    }

    /** Elements of all the tiles that it takes to cover a result of m rows and n columns. */
    double paddedSize(int m, int n) {
        return (double) paddedRows(m) * Math.ceilDiv(n, columns) * columns;
    }

    private int paddedRows(int m) {
        return Math.ceilDiv(m, rows) * rows;
    }
}
