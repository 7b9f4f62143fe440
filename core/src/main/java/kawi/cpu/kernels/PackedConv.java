package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Correlations as products of matrices on the micro-kernel of {@link Gemm}: the weights times the matrix of all windows,
 * which is packed by {@link OffsetOperand} and never in memory as a whole. As there, each element is a chain of fused
 * multiply-adds.
 */
final class PackedConv {

    /** From so many positions on, the last tile of an image, if half empty, is a few per cent of them. */
    private static final int MERGED_POSITIONS = 512;

    private PackedConv() {}

    static void run(
            Workers workers,
            Tile tile,
            Correlation job,
            MemorySegment x,
            long xOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment y,
            long yOffset,
            @Nullable Epilogue epilogue) {
        if (job.batch() == 0 || job.outChannels() == 0 || job.positions() == 0) {
            return;
        }
        int bytes = tile.type().bytes();
        int channels = job.batch() * job.groups() * job.inChannels();
        PaddedImages images = PaddedImages.of(workers, job.planes(), job.rows(), channels, x, xOffset * bytes);
        try {
            if (job.parts().size() == 1) {
                product(workers, tile, job, job.parts().getFirst(), images, w, wOffset, y, yOffset * bytes, epilogue);
                return;
            }
            int side = job.columnParts();
            long partBytes = (long) job.batch() * job.groups() * job.outChannels() * job.rows() * job.columns() * bytes;
            MemorySegment results = Scratch.ofThread().take(side * partBytes);
            try {
                for (int first = 0; first < job.parts().size(); first += side) {
                    for (int p = 0; p < side; p++) {
                        Correlation.Part part = job.parts().get(first + p);
                        product(workers, tile, job, part, images, w, wOffset, results, p * partBytes, null);
                    }
                    spread(workers, job, first, results, partBytes, y, yOffset, bytes);
                }
            } finally {
                Scratch.ofThread().giveBack();
            }
        } finally {
            images.close();
        }
    }

    /** The positions of one part, and some beyond if it is smaller than others, as if they were the whole result, to {@code y} from byte {@code to} on. */
    private static void product(
            Workers workers,
            Tile tile,
            Correlation job,
            Correlation.Part part,
            PaddedImages images,
            MemorySegment w,
            long wOffset,
            MemorySegment y,
            long to,
            @Nullable Epilogue epilogue) {
        int bytes = tile.type().bytes();
        int m = job.outChannels();
        int positions = job.rows() * job.columns();
        int[] shifts = job.shifts(part, job.rows());
        int taps = part.taps().length;
        int[] ofOut = new int[m];
        for (int i = 0; i < m; i++) {
            ofOut[i] = i * job.weightsOfOut() * bytes;
        }
        int[] weights = new int[shifts.length];
        for (int k = 0; k < shifts.length; k++) {
            weights[k] = (k / taps * job.weightsOfIn() + part.taps()[k % taps]) * bytes;
            shifts[k] = Math.multiplyExact(shifts[k], bytes);
        }
        int results = job.batch() * job.groups();
        long planeBytes = (long) positions * bytes;
        long[] weightBases = new long[results];
        long[] imageBases = new long[results];
        long[] targets = new long[results];
        for (int i = 0; i < results; i++) {
            weightBases[i] = (wOffset + (long) i % job.groups() * job.groupWeights()) * bytes;
            imageBases[i] = images.offset() + (long) i * job.inChannels() * images.channelBytes();
            targets[i] = to + i * m * planeBytes;
        }
        var left = new OffsetOperand(w, weightBases, ofOut, weights, 0, bytes);
        var right = new OffsetOperand(
                images.data(), imageBases, images.windows(job.rows(), job.columns()), shifts, 0, bytes);
        if (job.groups() == 1 && positions < MERGED_POSITIONS && right.mergeable()) {
            // The positions of all images side by side: those of a single one would leave much of a tile empty.
            var target = new TiledProduct.Target(y, new long[] {to}, planeBytes, bytes, positions, m * planeBytes);
            int n = results * positions;
            TiledProduct.of(tile, m, n, shifts.length, left.part(0, 0), right.merged(), target, epilogue)
                    .run(workers, 1);
            return;
        }
        var target = new TiledProduct.Target(y, targets, planeBytes, bytes);
        TiledProduct.of(tile, m, positions, shifts.length, left, right, target, perImage(job, epilogue))
                .run(workers, results);
    }

    private static @Nullable Epilogue perImage(Correlation job, @Nullable Epilogue epilogue) {
        if (epilogue == null || job.groups() == 1) {
            return epilogue;
        }
        return (result, row0, row1, column0, column1) -> {
            int channel = result % job.groups() * job.outChannels();
            epilogue.finish(result / job.groups(), channel + row0, channel + row1, column0, column1);
        };
    }

    /** Brings the parts that lie side by side from {@code first} on into y. */
    private static void spread(
            Workers workers,
            Correlation job,
            int first,
            MemorySegment results,
            long partBytes,
            MemorySegment y,
            long yOffset,
            int bytes) {
        int channels = job.batch() * job.groups() * job.outChannels();
        int rows = job.parts().get(first).rows();
        long planeBytes = (long) job.rows() * job.columns() * bytes;
        int group = Math.max(1, 16_384 / (rows * job.outW()));
        RowMover mover = DirectKernels.mover();
        workers.run(Math.ceilDiv(channels, group), task -> {
            for (int c = task * group; c < Math.min(channels, (task + 1) * group); c++) {
                long row = (long) c * job.positions()
                        + (long) job.parts().get(first).row() * job.outW();
                job.store(
                        mover,
                        first,
                        results,
                        c * planeBytes,
                        (long) job.columns() * bytes,
                        partBytes,
                        rows,
                        y,
                        (yOffset + row) * bytes);
            }
        });
    }
}
