package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import kawi.base.DType;
import kawi.cpu.Machine;
import org.jspecify.annotations.Nullable;

/** A micro-kernel that is ready to run at full speed, the size of its tile, and what packs its panels. */
final class Tile {

    private static final Map<String, Tile> TILES = new ConcurrentHashMap<>();

    /** Time of a row of the lower tile, which loads b for fewer rows, to one of the full tile. */
    private static final double LOWER_COST = 1.05;

    /** Zeros for a row of any tile, from which sums start (with a row stride of 0). */
    static final MemorySegment ZEROS = Arena.global().allocate(1024, 64);

    private final MicroKernel kernel;
    private final DType type;
    private final int rows;
    private final int columns;
    private final Packer plainPacker;
    private final OnDemand<Packer> packer;
    private final int lowerRows;
    private final OnDemand<Tile> lower;
    private final OnDemand<MicroKernel> unpackedKernel;

    /**
     * @param lower the same with {@code lowerRows} rows, fewer than these
     * @param unpackedKernel the kernel that reads its left side unpacked
     */
    Tile(
            MicroKernel kernel,
            DType type,
            int rows,
            int columns,
            int lanes,
            OnDemand<Packer> packer,
            int lowerRows,
            OnDemand<Tile> lower,
            OnDemand<MicroKernel> unpackedKernel) {
        this.kernel = kernel;
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.plainPacker = new PlainPacker(type.bytes(), lanes);
        this.packer = packer;
        this.lowerRows = lowerRows;
        this.lower = lower;
        this.unpackedKernel = unpackedKernel;
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
        return new Tile(
                PlainMicroKernel.of(type),
                type,
                PlainMicroKernel.ROWS,
                PlainMicroKernel.COLUMNS,
                8,
                OnDemand.never(),
                0,
                OnDemand.never(),
                OnDemand.never());
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

    /** The fastest there is at the moment; all of them have the same number of lanes and give the same bits. */
    Packer packer() {
        Packer warm = packer.get();
        return warm == null ? plainPacker : warm;
    }

    /** This tile or the lower one, whichever takes less time for m rows: 64 rows are 8 tiles of 8, or 7 of 10. */
    Tile forRows(int m) {
        if (lowerRows == 0 || LOWER_COST * paddedRows(lowerRows, m) >= paddedRows(rows, m)) {
            return this;
        }
        Tile warm = lower.get();
        return warm == null ? this : warm;
    }

    /** The kernel that reads its left side unpacked; null until it is warm. */
    @Nullable
    MicroKernel unpackedKernel() {
        return unpackedKernel.get();
    }

    /** Waits until everything is warm, also what nobody has asked for yet: for tests, which shall meet every kernel. */
    void awaitComplete() throws InterruptedException {
        packer.await();
        unpackedKernel.await();
        lower.await();
    }

    /** How panels of this width are packed for this tile. */
    PanelLayout layout(int width) {
        return new PanelLayout(width, plainPacker.lanes(), type.bytes());
    }

    /** Elements of all the tiles that it takes to cover a result of m rows and n columns. */
    double paddedSize(int m, int n) {
        return (double) paddedRows(rows, m) * Math.ceilDiv(n, columns) * columns;
    }

    private static int paddedRows(int rows, int m) {
        return Math.ceilDiv(m, rows) * rows;
    }
}
