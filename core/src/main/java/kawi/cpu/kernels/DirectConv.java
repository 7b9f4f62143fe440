package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of {@code F32} without packing. {@link Planes} brings the image into a form where a weight shifts the whole
 * image by a constant, windows are numbered in rows of that form's width, and the kernel reads its vectors straight from
 * it. The few windows beyond the end of each row are computed too and left out at the end.
 */
final class DirectConv {

    /** Bytes of a band's image and of its result, which should stay in the second-level cache. */
    private static final int BAND_BYTES = 256 << 10;

    /** Bytes of a tile's weights that leave room in the first-level cache for values of the image. */
    private static final int WEIGHT_BYTES = 8 << 10;

    private static final int LEAST_COLUMNS = 24;

    /** Multiply-adds of a task that is worth handing to a thread. */
    private static final long TASK = 1 << 21;

    private DirectConv() {}

    /** Whether a correlation is done here: by its shape alone. */
    static boolean takes(Correlation c) {
        if (c.empty()) {
            return false;
        }
        if (c.groups() > 1 && c.inChannels() <= 4 && c.outChannels() <= 4) {
            return true;
        }
        // Where rows are short, much of the pitch is left out; a kernel of one weight needs no copies to be packed.
        return c.columns() >= LEAST_COLUMNS && c.groupWeights() > c.inChannels() * c.outChannels();
    }

    static void run(
            Workers workers,
            int bits,
            Correlation job,
            MemorySegment x,
            long xOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment y,
            long yOffset,
            @Nullable Epilogue epilogue) {
        Planes planes = job.planes();
        DirectKernels.Pair kernels = DirectKernels.forChannels(bits, job.outChannels());
        RowMover mover = DirectKernels.mover(bits);
        DirectKernel[] tiles = tiles(kernels, job.outChannels());
        int rowsOfTiles = Arrays.stream(tiles).mapToInt(DirectKernel::rows).sum();
        int vector = kernels.tall().columns();

        long rowBytes = 4L * Math.max((long) job.inChannels() * planes.channel(1), (long) rowsOfTiles * planes.pitch());
        int most = Math.clamp(BAND_BYTES / rowBytes, 1, job.rows());
        int bands = Math.ceilDiv(job.rows(), most);
        int bandRows = Math.ceilDiv(job.rows(), bands);
        int width = Math.ceilDiv(bandRows * planes.pitch(), vector) * vector;
        int channel = planes.channel(bandRows);

        int[][] shifts = new int[job.parts().size()][];
        long[] packedAt = new long[job.parts().size()];
        long packedBytes = 0;
        long depth = 0;
        for (int p = 0; p < shifts.length; p++) {
            shifts[p] = shifts(job, job.parts().get(p), bandRows);
            packedAt[p] = packedBytes;
            packedBytes += (long) job.groups() * rowsOfTiles * shifts[p].length * 4;
            depth += shifts[p].length;
        }
        int units = job.batch() * job.groups() * bands;
        long work = depth * job.outChannels() * bandRows * job.columns();
        int group = (int) Math.clamp(TASK / Math.max(1, work), 1, Math.max(1, units / 16));
        MemorySegment packed = Scratch.ofThread().take(packedBytes);
        try {
            pack(workers, job, tiles, rowsOfTiles, w, wOffset, packed, packedAt);
            workers.run(Math.ceilDiv(units, group), task -> {
                Scratch scratch = Scratch.ofThread();
                // A tile at the end reads beyond the last row, and a band's last windows beyond their own.
                long imageBytes = ((long) job.inChannels() * channel + vector + planes.pitch()) * 4;
                MemorySegment image = scratch.take(imageBytes);
                MemorySegment wide = scratch.take((long) job.columnParts() * rowsOfTiles * width * 4);
                try {
                    image.asSlice(0, imageBytes).fill((byte) 0);
                    for (int unit = task * group; unit < Math.min(units, (task + 1) * group); unit++) {
                        int band = unit % bands;
                        int plane = unit / bands;
                        int part = plane % job.groups();
                        long in = (xOffset + (long) plane * job.inChannels() * planes.height() * planes.width()) * 4;
                        planes.fill(mover, x, in, job.inChannels(), band * bandRows, bandRows, image, 0, bands == 1);
                        long out = (yOffset + (long) plane * job.outChannels() * job.positions()) * 4;
                        for (int p = 0; p < shifts.length; p++) {
                            long a = packedAt[p] + (long) part * rowsOfTiles * shifts[p].length * 4;
                            long at = (long) p % job.columnParts() * rowsOfTiles * width * 4;
                            Correlation.Part of = job.parts().get(p);
                            int rows = Math.min(bandRows, of.rows() - band * bandRows);
                            if (rows > 0) {
                                band(job, of, rows, tiles, packed, a, image, shifts[p], wide, at, width);
                                if ((p + 1) % job.columnParts() == 0) {
                                    long row = of.row() + (long) band * bandRows * job.stepH();
                                    for (int c = 0; c < job.outChannels(); c++) {
                                        job.store(
                                                mover,
                                                p + 1 - job.columnParts(),
                                                wide,
                                                (long) c * width * 4,
                                                planes.pitch() * 4L,
                                                (long) rowsOfTiles * width * 4,
                                                rows,
                                                y,
                                                out + ((long) c * job.positions() + row * job.outW()) * 4);
                                    }
                                }
                            }
                        }
                        if (epilogue != null) {
                            int first = band * bandRows * job.outW();
                            int end = Math.min(job.outH(), (band + 1) * bandRows) * job.outW();
                            int c = part * job.outChannels();
                            epilogue.finish(plane / job.groups(), c, c + job.outChannels(), first, end);
                        }
                    }
                } finally {
                    scratch.giveBack();
                    scratch.giveBack();
                }
            });
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    /** Some rows of one part, in rows of the pitch. */
    private static void band(
            Correlation job,
            Correlation.Part part,
            int rows,
            DirectKernel[] tiles,
            MemorySegment packed,
            long a,
            MemorySegment image,
            int[] shifts,
            MemorySegment wide,
            long wideOffset,
            int width) {
        int pitch = job.planes().pitch();
        int span = (rows - 1) * pitch + part.columns();
        int vector = tiles[0].columns();
        // Few weights stay in the first-level cache from tile to tile, otherwise the image's values from row to row do.
        int across = Math.ceilDiv(span, vector);
        int atOnce = (long) tiles[0].rows() * shifts.length * 4 <= WEIGHT_BYTES ? across : 1;
        for (int p = 0; p < across; p += atOnce) {
            long weights = a;
            int row = 0;
            for (DirectKernel tile : tiles) {
                long from = (long) p * vector * 4;
                long to = wideOffset + (long) row * width * 4 + from;
                tile.correlate(packed, weights, image, from, shifts, shifts.length, atOnce, wide, to, width * 4L);
                weights += (long) tile.rows() * shifts.length * 4;
                row += tile.rows();
            }
        }
    }

    /** Shifts of the image in bytes for each weight of a part. */
    private static int[] shifts(Correlation job, Correlation.Part part, int bandRows) {
        int[] shifts = job.shifts(part, bandRows);
        for (int k = 0; k < shifts.length; k++) {
            shifts[k] *= 4;
        }
        return shifts;
    }

    /** Tall tiles, and short ones where that leaves fewer rows empty. */
    private static DirectKernel[] tiles(DirectKernels.Pair kernels, int channels) {
        int tall = kernels.tall().rows();
        int small = kernels.small().rows();
        int best = Math.ceilDiv(channels, tall);
        int shorts = 0;
        int least = best * tall;
        for (int n = 1; n <= 2 && small < tall; n++) {
            int rest = Math.ceilDiv(Math.max(0, channels - n * small), tall);
            if (rest * tall + n * small < least) {
                least = rest * tall + n * small;
                best = rest;
                shorts = n;
            }
        }
        DirectKernel[] tiles = new DirectKernel[best + shorts];
        Arrays.fill(tiles, 0, best, kernels.tall());
        Arrays.fill(tiles, best, best + shorts, kernels.small());
        return tiles;
    }

    /**
     * The weights of each part, group after group, tile after tile, for each k those of the tile's rows; zeros for rows
     * beyond the last channel.
     */
    private static void pack(
            Workers workers,
            Correlation job,
            DirectKernel[] tiles,
            int rowsOfTiles,
            MemorySegment w,
            long wOffset,
            MemorySegment packed,
            long[] packedAt) {
        int groups = job.groups();
        workers.run(job.parts().size() * groups * tiles.length, task -> {
            int group = task / tiles.length % groups;
            Correlation.Part part = job.parts().get(task / tiles.length / groups);
            int first = 0;
            for (int t = 0; t < task % tiles.length; t++) {
                first += tiles[t].rows();
            }
            int rows = tiles[task % tiles.length].rows();
            int taps = part.taps().length;
            long at = packedAt[task / tiles.length / groups]
                    + ((long) group * rowsOfTiles + first) * job.inChannels() * taps * 4;
            for (int i = 0; i < rows; i++) {
                long of = wOffset + (long) group * job.groupWeights() + (long) (first + i) * job.weightsOfOut();
                boolean inside = first + i < job.outChannels();
                for (int c = 0; c < job.inChannels(); c++) {
                    for (int t = 0; t < taps; t++) {
                        long from = (of + (long) c * job.weightsOfIn() + part.taps()[t]) * 4;
                        long to = at + (((long) c * taps + t) * rows + i) * 4;
                        packed.set(JAVA_FLOAT_UNALIGNED, to, inside ? w.get(JAVA_FLOAT_UNALIGNED, from) : 0);
                    }
                }
            }
        });
    }
}
