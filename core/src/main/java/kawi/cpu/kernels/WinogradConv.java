package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * A correlation in tiles of {@link Winograd}. A task brings some bands of images into the form of {@link WinogradTiles},
 * multiplies them by the transformed weights, 36 products for each panel of channels of the result, and brings those back;
 * what it works on stays in the second-level cache.
 *
 * <p>Where values are not finite the formula yields NaN for a whole tile: such results are computed once more, as plain sums.
 */
final class WinogradConv {
    private static final int TAPS = Winograd.KERNEL * Winograd.KERNEL;

    private final WinogradKernels kernels;
    private final Correlation job;
    private final WinogradTiles tiles;
    private final MemorySegment x;
    private final long xOffset;
    private final MemorySegment w;
    private final long wOffset;
    private final MemorySegment y;
    private final long yOffset;
    private final int panel;
    private final int panelBytes;
    private final int outPanels;

    /** For each four pixels the places of the panel before all of them, and of the four. */
    private final int[] checked;

    private WinogradConv(
            WinogradKernels kernels,
            Correlation job,
            MemorySegment x,
            long xOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment y,
            long yOffset) {
        Planes planes = job.planes();
        this.kernels = kernels;
        this.job = job;
        this.tiles = WinogradTiles.of(
                job.inChannels(),
                planes.height(),
                planes.width(),
                planes.top(),
                planes.left(),
                Winograd.SIZE,
                job.outH(),
                job.outW());
        this.x = x;
        this.xOffset = xOffset;
        this.w = w;
        this.wOffset = wOffset;
        this.y = y;
        this.yOffset = yOffset;
        this.panel = kernels.width();
        this.panelBytes = panel * 4;
        this.outPanels = Math.ceilDiv(job.outChannels(), panel);
        this.checked = new int[tiles.tiles(0) * Winograd.RESULT * 5];
        for (int i = 0; i < checked.length; i++) {
            checked[i] = i % 5 == 0 ? 0 : (i / 5 * 4 + i % 5) * panelBytes;
        }
    }

    /** Offsets count elements. */
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
        WinogradKernels kernels = WinogradKernels.of(bits);
        new WinogradConv(kernels, job, x, xOffset, w, wOffset, y, yOffset).run(workers, epilogue);
    }

    private void run(Workers workers, @Nullable Epilogue epilogue) {
        long weightBytes = (long) outPanels * Winograd.POSITIONS * job.inChannels() * panelBytes;
        MemorySegment weights = Scratch.ofThread().take(weightBytes);
        try {
            int inPanels = Math.ceilDiv(job.inChannels(), panel);
            workers.run(outPanels * inPanels, task -> weights(task / inPanels, task % inPanels, weights));
            int bands = job.batch() * tiles.bands();
            int together = tiles.bandsTogether();
            workers.run(Math.ceilDiv(bands, together), task -> {
                int first = task * together;
                bands(weights, first, Math.min(bands, first + together), epilogue);
            });
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    /** The weights of a panel of written and a panel of read channels: for each position and read channel a panel. */
    private void weights(int outPanel, int inPanel, MemorySegment target) {
        Correlation.Part part = job.parts().getFirst();
        int[] places = new int[TAPS]; // of weights, column after column
        for (int t = 0; t < TAPS; t++) {
            places[part.tapColumns()[t] * Winograd.KERNEL + part.tapRows()[t]] = part.taps()[t] * panelBytes;
        }
        int[] halves = WinogradTiles.places(Winograd.SIZE * Winograd.KERNEL, panelBytes);
        int first = inPanel * panel;
        int count = Math.min(panel, job.inChannels() - first);
        long positionBytes = (long) job.inChannels() * panelBytes;
        Scratch scratch = Scratch.ofThread();
        MemorySegment lanes =
                scratch.take((long) (count * TAPS + kernels.packer().lanes()) * panelBytes);
        MemorySegment half = scratch.take((long) Winograd.SIZE * Winograd.KERNEL * panelBytes);
        try {
            sideBySide(outPanel * panel, first, count, lanes);
            LinearMap map = kernels.weights();
            long step = (long) Winograd.KERNEL * panelBytes;
            for (int c = 0; c < count; c++) {
                long from = (long) c * TAPS * panelBytes;
                map.apply(lanes, from, 0, places, Winograd.KERNEL, 1, half, 0, 0, panelBytes, step);
                long to = ((long) outPanel * Winograd.POSITIONS * job.inChannels() + first + c) * panelBytes;
                long rowStep = Winograd.SIZE * positionBytes;
                map.apply(half, 0, 0, halves, Winograd.SIZE, 1, target, to, 0, rowStep, positionBytes);
            }
        } finally {
            scratch.giveBack();
            scratch.giveBack();
        }
    }

    /** For each of some read channels, and each of its weights, those of a panel of written channels. */
    private void sideBySide(int firstOut, int firstIn, int count, MemorySegment target) {
        int step = kernels.packer().lanes();
        int used = Math.min(panel, job.outChannels() - firstOut);
        if (used < panel) {
            target.asSlice(0, (long) count * TAPS * panelBytes).fill((byte) 0);
        }
        // Weights of a written channel lie side by side in the convolution, those of a read one in its derivative.
        int run = job.weightsOfIn() == TAPS ? count * TAPS : TAPS;
        int blocks = Math.ceilDiv(run, step);
        long[] lines = new long[step];
        for (int o = 0; o < used; o += step) {
            for (int i = 0; i < step; i++) {
                lines[i] = (long) (o + i) * job.weightsOfOut() * 4;
            }
            for (int p = 0; p < count * TAPS; p += run) {
                long from = (wOffset
                                + (long) firstOut * job.weightsOfOut()
                                + (long) (firstIn + p / TAPS) * job.weightsOfIn())
                        * 4;
                long to = (long) p * panelBytes + o * 4L;
                if (from + lines[step - 1] + (long) blocks * step * 4 <= w.byteSize()) {
                    kernels.packer()
                            .transpose(
                                    w, from, lines, blocks, target, to, panelBytes); // the next run overwrites the rest
                    continue;
                }
                for (int q = 0; q < run; q++) {
                    for (int i = 0; i < step; i++) {
                        int bits = w.get(JAVA_INT_UNALIGNED, from + lines[i] + q * 4L);
                        target.set(JAVA_INT_UNALIGNED, to + (long) q * panelBytes + i * 4L, bits);
                    }
                }
            }
        }
    }

    /** All that some bands give; band number i is band {@code i % tiles.bands()} of image {@code i / tiles.bands()}. */
    private void bands(MemorySegment weights, int first, int end, @Nullable Epilogue epilogue) {
        int inPanels = tiles.panels(panel);
        int count = 0;
        for (int i = first; i < end; i++) {
            count += tiles.tiles(i % tiles.bands());
        }
        int padded = paddedRows(count);
        Planes planes = job.planes();
        long imageBytes = (long) job.inChannels() * planes.height() * planes.width() * 4;
        Scratch scratch = Scratch.ofThread();
        MemorySegment values = scratch.take(WinogradTiles.bytes(inPanels, count, kernels));
        MemorySegment products = scratch.take((long) Winograd.POSITIONS * padded * panelBytes);
        try {
            for (int i = first, at = 0; i < end; i++) {
                int band = i % tiles.bands();
                long from = xOffset * 4 + i / tiles.bands() * imageBytes;
                tiles.transform(kernels, kernels.image(), x, from, band, values, at, count);
                at += tiles.tiles(band);
            }
            for (int p = 0; p < outPanels; p++) {
                for (int position = 0; position < Winograd.POSITIONS; position++) {
                    multiply(weights, p, position, values, count, padded, products);
                }
                for (int i = first, at = 0; i < end; i++) {
                    results(i, p, products, at, padded);
                    at += tiles.tiles(i % tiles.bands());
                }
            }
        } finally {
            scratch.giveBack();
            scratch.giveBack();
        }
        for (int i = first; epilogue != null && i < end; i++) {
            int band = i % tiles.bands();
            int from = band * tiles.bandRows() * Winograd.RESULT * job.outW();
            epilogue.finish(i / tiles.bands(), 0, job.outChannels(), from, from + positions(band));
        }
    }

    /** Positions of the result in a band. */
    private int positions(int band) {
        int row = band * tiles.bandRows() * Winograd.RESULT;
        return Math.min(job.outH() - row, tiles.rows(band) * Winograd.RESULT) * job.outW();
    }

    /** Rows that whole kernels cover with the least waste: some tall ones, then some low ones. */
    private int paddedRows(int rows) {
        return tallKernels(rows) * kernels.tallRows() + lowKernels(rows) * kernels.lowRows();
    }

    private int lowKernels(int rows) {
        int best = 0;
        int least = Integer.MAX_VALUE;
        for (int n = 0; n <= 4; n++) {
            int padded =
                    Math.ceilDiv(Math.max(0, rows - n * kernels.lowRows()), kernels.tallRows()) * kernels.tallRows()
                            + n * kernels.lowRows();
            if (padded < least) {
                least = padded;
                best = n;
            }
        }
        return best;
    }

    private int tallKernels(int rows) {
        return Math.ceilDiv(Math.max(0, rows - lowKernels(rows) * kernels.lowRows()), kernels.tallRows());
    }

    private void multiply(
            MemorySegment weights,
            int outPanel,
            int position,
            MemorySegment values,
            int count,
            int padded,
            MemorySegment products) {
        int inPanels = tiles.panels(panel);
        int tall = tallKernels(count);
        int kernelsInAll = tall + lowKernels(count);
        long b = ((long) outPanel * Winograd.POSITIONS + position) * job.inChannels() * panelBytes;
        long c = (long) position * padded * panelBytes;
        for (int k = 0; k < inPanels; k++) {
            long a = ((long) position * inPanels + k) * count * panelBytes;
            int depth = Math.min(panel, job.inChannels() - k * panel);
            long right = b + (long) k * panel * panelBytes;
            int row = 0;
            for (int i = 0; i < kernelsInAll; i++) {
                MicroKernel kernel = i < tall ? kernels.tall() : kernels.low();
                long left = a + (long) row * panelBytes;
                long to = c + (long) row * panelBytes;
                MemorySegment start = k == 0 ? Tile.ZEROS : products;
                long startStride = k == 0 ? 0 : panelBytes;
                kernel.run(
                        values,
                        left,
                        BlockTask.NOT_NEEDED,
                        0,
                        BlockTask.NOT_NEEDED,
                        0,
                        weights,
                        right,
                        depth,
                        start,
                        k == 0 ? 0 : to,
                        startStride,
                        products,
                        to,
                        panelBytes);
                row += i < tall ? kernels.tallRows() : kernels.lowRows();
            }
        }
    }

    /** Brings the products of a band and a panel of channels back to results. */
    private void results(int number, int outPanel, MemorySegment products, int firstTile, int padded) {
        int band = number % tiles.bands();
        int columns = tiles.tileColumns() * Winograd.RESULT;
        int pixelCount = tiles.tiles(band) * Winograd.RESULT * Winograd.RESULT;
        int used = Math.min(panel, job.outChannels() - outPanel * panel);
        int positionBytes = padded * panelBytes;
        int[] places = new int[Winograd.POSITIONS];
        for (int i = 0; i < places.length; i++) {
            places[i] = (i % Winograd.SIZE * Winograd.SIZE + i / Winograd.SIZE) * positionBytes;
        }
        int[] halves = WinogradTiles.places(Winograd.RESULT * Winograd.SIZE, panelBytes);
        Scratch scratch = Scratch.ofThread();
        MemorySegment pixels = scratch.take((long) pixelCount * panelBytes + panelBytes);
        long itemBytes = (long) Winograd.RESULT * Winograd.SIZE * panelBytes;
        MemorySegment half = scratch.take(WinogradTiles.AT_ONCE * itemBytes);
        try {
            LinearMap map = kernels.result();
            long rowBytes = (long) columns * panelBytes;
            long step = (long) Winograd.SIZE * panelBytes;
            for (int row = 0; row < tiles.rows(band); row++) {
                for (int column = 0; column < tiles.tileColumns(); column += WinogradTiles.AT_ONCE) {
                    int items = Math.min(WinogradTiles.AT_ONCE, tiles.tileColumns() - column);
                    long from = (long) (firstTile + row * tiles.tileColumns() + column) * panelBytes;
                    map.apply(
                            products,
                            from,
                            panelBytes,
                            places,
                            Winograd.SIZE,
                            items,
                            half,
                            0,
                            itemBytes,
                            panelBytes,
                            step);
                    long to = panelBytes + (row * rowBytes + (long) column * panelBytes) * Winograd.RESULT;
                    map.apply(
                            half,
                            0,
                            itemBytes,
                            halves,
                            Winograd.RESULT,
                            items,
                            pixels,
                            to,
                            (long) Winograd.RESULT * panelBytes,
                            rowBytes,
                            panelBytes);
                }
            }
            int row = band * tiles.bandRows() * Winograd.RESULT;
            long out = yOffset
                    + ((long) number / tiles.bands() * job.outChannels() + (long) outPanel * panel) * job.positions()
                    + (long) row * job.outW();
            store(pixels, columns, positions(band), used, out);
            if (!finite(pixels, pixelCount)) {
                repair(number / tiles.bands(), outPanel * panel, used, row * job.outW(), positions(band));
            }
        } finally {
            scratch.giveBack();
            scratch.giveBack();
        }
    }

    /** Channels of each pixel, side by side, become planes. */
    private void store(MemorySegment pixels, int columns, int count, int channels, long out) {
        int lanes = kernels.packer().lanes();
        long step = job.positions() * 4L;
        long[] lines = new long[lanes];
        for (int p = 0; p < count && count >= lanes; p += lanes) {
            int first = Math.min(p, count - lanes);
            for (int i = 0; i < lanes; i++) {
                lines[i] = place(first + i, columns);
            }
            kernels.packer().transpose(pixels, 0, lines, channels / lanes, y, (out + first) * 4, step);
        }
        for (int p = 0; p < count && count < lanes; p++) {
            for (int c = 0; c < channels; c++) {
                int bits = pixels.get(JAVA_INT_UNALIGNED, place(p, columns) + c * 4L);
                y.set(JAVA_INT_UNALIGNED, (out + p) * 4 + c * step, bits);
            }
        }
    }

    private long place(int position, int columns) {
        return (1 + (long) position / job.outW() * columns + position % job.outW()) * panelBytes;
    }

    /** Whether all pixels are finite; their sum, each times 0, is in the panel before them. */
    private boolean finite(MemorySegment pixels, int count) {
        pixels.asSlice(0, panelBytes).fill((byte) 0);
        kernels.check().apply(pixels, 0, 0, checked, count / 4, 1, pixels, 0, 0, 0, 0);
        for (int i = 0; i < panel; i++) {
            if (pixels.get(JAVA_FLOAT_UNALIGNED, i * 4L) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Computes results that are not finite as plain sums. */
    private void repair(int image, int channel, int channels, int first, int count) {
        Correlation.Part part = job.parts().getFirst();
        Planes planes = job.planes();
        for (int o = channel; o < channel + channels; o++) {
            long out = yOffset + ((long) image * job.outChannels() + o) * job.positions();
            for (int p = first; p < first + count; p++) {
                if (Float.isFinite(y.get(JAVA_FLOAT_UNALIGNED, (out + p) * 4))) {
                    continue;
                }
                float sum = 0;
                for (int c = 0; c < job.inChannels(); c++) {
                    long plane = xOffset + ((long) image * job.inChannels() + c) * planes.height() * planes.width();
                    long weights = wOffset + (long) o * job.weightsOfOut() + (long) c * job.weightsOfIn();
                    for (int t = 0; t < part.taps().length; t++) {
                        int row = p / job.outW() + part.tapRows()[t] - planes.top();
                        int column = p % job.outW() + part.tapColumns()[t] - planes.left();
                        boolean inside = row >= 0 && row < planes.height() && column >= 0 && column < planes.width();
                        float value = inside
                                ? x.get(JAVA_FLOAT_UNALIGNED, (plane + (long) row * planes.width() + column) * 4)
                                : 0;
                        float weight = w.get(JAVA_FLOAT_UNALIGNED, (weights + part.taps()[t]) * 4);
                        sum = Math.fma(weight, value, sum);
                    }
                }
                y.set(JAVA_FLOAT_UNALIGNED, (out + p) * 4, sum);
            }
        }
    }
}
