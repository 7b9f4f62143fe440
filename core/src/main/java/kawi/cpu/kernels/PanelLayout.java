package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Where packed panels lie in a buffer: panel after panel of the depth k, within a panel tile after tile, within a tile the
 * values of all its lines at one k together.
 *
 * @param width lines of a tile
 * @param lanes elements of a vector: so much room follows each panel, for what packing writes beyond it
 */
record PanelLayout(int width, int lanes, int elementBytes) {

    /**
     * Depth of a panel: 32 columns × 512 × 4 bytes, 64 KiB of b. Not less, for a kernel waits for its tile of c at the begin and
     * the end of each panel, and streams a and b from the second-level cache as fast as from the first (products of 2048 from
     * packed operands: 99 GFLOP/s with panels of 256, 104 with 512).
     */
    static final int DEPTH = 512;

    /** Bytes from a tile to the next, in a panel of this depth. */
    long tileBytes(int depth) {
        return ((long) (depth * width + lanes) * elementBytes + 63) / 64 * 64;
    }

    /** Where tile {@code t} begins in the panel that begins at {@code from}, of {@code tiles} tiles of depth {@code k}. */
    long offset(int from, int t, int tiles, int k) {
        int depth = Math.min(DEPTH, k - from);
        return (long) (from / DEPTH) * tiles * tileBytes(DEPTH) + t * tileBytes(depth);
    }

    /** Bytes of {@code tiles} tiles of depth {@code k}. */
    long bytes(int tiles, int k) {
        return offset(Math.max(0, k - 1) / DEPTH * DEPTH, tiles, tiles, k);
    }

    /** Packs {@code tiles} tiles of {@code operand} from {@code line} on, {@code depth} deep from {@code from} on. */
    void pack(
            Operand operand,
            Packer packer,
            int batch,
            int line,
            int count,
            int from,
            int depth,
            MemorySegment target,
            long targetOffset) {
        int tiles = Math.ceilDiv(count, width);
        for (int panel = 0; panel < depth; panel += DEPTH) {
            int size = Math.min(DEPTH, depth - panel);
            long at = targetOffset + offset(panel, 0, tiles, depth);
            operand.pack(packer, batch, line, count, from + panel, size, target, at, width, tileBytes(size));
        }
    }
}
