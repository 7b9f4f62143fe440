package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Products with a small result and a long sum, such as the gradient of a weight: too few tiles to share among threads,
 * so the sum is cut into chunks, and their results are added in order. How many chunks, the shape alone says.
 */
final class ChunkedProduct {

    /** Results of this many elements or more have enough tiles of their own. */
    private static final long SMALL_RESULT = 32_768;

    /** Shortest chunk worth a result of its own. */
    private static final int LEAST_DEPTH = 512;

    private static final int MOST_CHUNKS = 16;

    private ChunkedProduct() {}

    static int chunks(int m, int n, int k) {
        if ((long) m * n >= SMALL_RESULT || m == 1 || n == 1) {
            return 1;
        }
        long wanted = Math.ceilDiv(4 * SMALL_RESULT, Math.max(1, (long) m * n));
        return (int) Math.max(1, Math.min(Math.min(wanted, MOST_CHUNKS), k / LEAST_DEPTH));
    }

    static void run(
            Workers workers,
            Tile tile,
            int m,
            int n,
            int k,
            int chunks,
            Operand a,
            Operand b,
            TiledProduct.Target c,
            @Nullable Epilogue epilogue) {
        int bytes = tile.type().bytes();
        long chunkBytes = ((long) m * n * bytes + 63) / 64 * 64;
        int batches = c.offsets().length;
        MemorySegment partial = Scratch.ofThread().take(chunkBytes * chunks * batches);
        try {
            workers.run(chunks * batches, task -> {
                int chunk = task % chunks;
                int batch = task / chunks;
                int from = (int) ((long) chunk * k / chunks);
                int to = (int) ((long) (chunk + 1) * k / chunks);
                var target = new TiledProduct.Target(partial, new long[] {task * chunkBytes}, n * (long) bytes, bytes);
                TiledProduct.of(tile, m, n, to - from, a.part(batch, from), b.part(batch, from), target, null)
                        .run(Workers.of(1), 1);
            });
            for (int batch = 0; batch < batches; batch++) {
                add(
                        workers,
                        tile.type(),
                        m,
                        n,
                        chunks,
                        partial,
                        batch * chunks * chunkBytes,
                        chunkBytes,
                        batch,
                        c,
                        epilogue);
            }
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    private static void add(
            Workers workers,
            DType type,
            int m,
            int n,
            int chunks,
            MemorySegment partial,
            long from,
            long chunkBytes,
            int batch,
            TiledProduct.Target c,
            @Nullable Epilogue epilogue) {
        int rows = Math.clamp(8192 / n, 1, m);
        workers.run((m + rows - 1) / rows, task -> {
            int row0 = task * rows;
            int row1 = Math.min(m, row0 + rows);
            for (int i = row0; i < row1; i++) {
                long source = from + (long) i * n * type.bytes();
                long target = c.offsets()[batch] + i * c.rowStride();
                if (type == DType.F32) {
                    for (int j = 0; j < n; j++) {
                        float sum = partial.get(JAVA_FLOAT_UNALIGNED, source + j * 4L);
                        for (int chunk = 1; chunk < chunks; chunk++) {
                            sum += partial.get(JAVA_FLOAT_UNALIGNED, source + chunk * chunkBytes + j * 4L);
                        }
                        c.data().set(JAVA_FLOAT_UNALIGNED, target + j * c.columnStride(), sum);
                    }
                } else {
                    for (int j = 0; j < n; j++) {
                        double sum = partial.get(JAVA_DOUBLE_UNALIGNED, source + j * 8L);
                        for (int chunk = 1; chunk < chunks; chunk++) {
                            sum += partial.get(JAVA_DOUBLE_UNALIGNED, source + chunk * chunkBytes + j * 8L);
                        }
                        c.data().set(JAVA_DOUBLE_UNALIGNED, target + j * c.columnStride(), sum);
                    }
                }
            }
            if (epilogue != null) {
                epilogue.finish(batch, row0, row1, 0, n);
            }
        });
    }
}
