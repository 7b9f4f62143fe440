package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products in batches: c[i, j] = Σ_p a[i, p] · b[p, j] over p = 0 … k-1, for F32, F64, I32 and I64.
 *
 * <p>Floating-point sums take one fused multiply-add for each p, in increasing p from +0; a long sum over a small result
 * is cut into chunks ({@link ChunkedProduct}), and one of an {@code F32} matrix by a vector into lanes ({@link VectorProduct}), by the
 * shape alone. So a result has the same bits for any number of threads, any vector width, any strides, and without the Vector
 * API. Integers wrap around.
 */
public final class Gemm {

    private Gemm() {}

    /**
     * Multiplies {@code cOffsets.length} pairs of matrices. Offsets and strides count elements.
     *
     * @param aOffsets start of each a [m, k]; the same start may serve several batches
     * @param aRow stride from row to row of a: any, also negative or 0
     * @param aCol stride from column to column of a, as free
     * @param bOffsets start of each b [k, n]
     * @param cOffsets start of each c [m, n], whose columns are adjacent
     * @param cRow stride from row to row of c, at least n
     * @param epilogue called with each finished block of c, or null
     */
    public static void run(
            Workers workers,
            DType type,
            int m,
            int n,
            int k,
            MemorySegment a,
            long[] aOffsets,
            long aRow,
            long aCol,
            MemorySegment b,
            long[] bOffsets,
            long bRow,
            long bCol,
            MemorySegment c,
            long[] cOffsets,
            long cRow,
            @Nullable Epilogue epilogue) {
        Tile tile = type.isFloat() ? Tile.of(type) : null;
        run(
                workers, tile, type, m, n, k, a, aOffsets, aRow, aCol, b, bOffsets, bRow, bCol, c, cOffsets, cRow,
                epilogue);
    }

    /** As above, on a given tile; tests ask for every width. */
    static void run(
            Workers workers,
            @Nullable Tile tile,
            DType type,
            int m,
            int n,
            int k,
            MemorySegment a,
            long[] aOffsets,
            long aRow,
            long aCol,
            MemorySegment b,
            long[] bOffsets,
            long bRow,
            long bCol,
            MemorySegment c,
            long[] cOffsets,
            long cRow,
            @Nullable Epilogue epilogue) {
        int batches = cOffsets.length;
        if (m < 0 || n < 0 || k < 0 || aOffsets.length != batches || bOffsets.length != batches) {
            throw new IllegalArgumentException("matrix product of [" + m + ", " + k + "] and [" + k + ", " + n
                    + "] with " + aOffsets.length + ", " + bOffsets.length + " and " + batches + " offsets");
        }
        if (m == 0 || n == 0 || batches == 0) {
            return;
        }
        if (tile == null) {
            IntegerProduct.run(
                    workers, type, m, n, k, a, aOffsets, aRow, aCol, b, bOffsets, bRow, bCol, c, cOffsets, cRow,
                    epilogue);
            return;
        }
        int bytes = type.bytes();
        if (m == 1 || n == 1) {
            boolean row = m == 1;
            var product = new VectorProduct(
                    type,
                    row ? n : m,
                    k,
                    row ? b : a,
                    (row ? bCol : aRow) * bytes,
                    (row ? bRow : aCol) * bytes,
                    row ? a : b,
                    (row ? aCol : bRow) * bytes,
                    c,
                    (row ? 1 : cRow) * bytes);
            if (product.takes()) {
                Workers inside = batches == 1 ? workers : Workers.of(1);
                workers.run(batches, batch -> {
                    long matrix = (row ? bOffsets : aOffsets)[batch] * bytes;
                    long vector = (row ? aOffsets : bOffsets)[batch] * bytes;
                    product.run(inside, matrix, vector, cOffsets[batch] * bytes, (first, end) -> {
                        if (epilogue != null && row) {
                            epilogue.finish(batch, 0, 1, first, end);
                        } else if (epilogue != null) {
                            epilogue.finish(batch, first, end, 0, 1);
                        }
                    });
                });
                return;
            }
        }
        var left = new StridedOperand(a, scaled(aOffsets, bytes), aRow * bytes, aCol * bytes, bytes);
        var right = new StridedOperand(b, scaled(bOffsets, bytes), bCol * bytes, bRow * bytes, bytes);
        var target = new TiledProduct.Target(c, scaled(cOffsets, bytes), cRow * bytes, bytes);
        int chunks = ChunkedProduct.chunks(m, n, k);
        if (chunks > 1) {
            ChunkedProduct.run(workers, tile, m, n, k, chunks, left, right, target, epilogue);
        } else {
            TiledProduct.of(tile, m, n, k, left, right, target, epilogue).run(workers, batches);
        }
    }

    private static long[] scaled(long[] offsets, int bytes) {
        long[] result = new long[offsets.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = offsets[i] * bytes;
        }
        return result;
    }
}
