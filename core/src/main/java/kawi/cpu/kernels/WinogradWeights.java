package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.cpu.Workers;

/**
 * The derivative of a convolution by its weights, the adjoint of {@link Winograd}'s formula:
 *
 * <pre>  dw = Gᵀ · [Σ (Aᵀ · dy · A) ⊙ (B · x · Bᵀ)] · G</pre>
 *
 * summed over tiles as 36 products of matrices. Where the weights are few, the tiles are cut into parts by the shape alone,
 * each with sums of its own, which are added in order; where they are many, threads share the 36 products.
 */
final class WinogradWeights {
    /** So many weights stay in the second-level cache while tile after tile adds to them: each thread has its own. */
    private static final int SMALL = 64 * 64;

    private static final int PARTS = 8;

    /** Bytes of transformed tiles that are multiplied at once where the weights are many. */
    private static final long MOST_BYTES = 32 << 20;

    private static final int TAPS = Winograd.KERNEL * Winograd.KERNEL;

    private final WinogradKernels kernels;
    private final ConvShape shape;
    private final WinogradTiles images;
    private final WinogradTiles errors;
    private final MemorySegment x;
    private final long xOffset;
    private final MemorySegment dy;
    private final long dyOffset;
    private final int panel;
    private final int panelBytes;

    private WinogradWeights(
            WinogradKernels kernels, ConvShape s, MemorySegment x, long xOffset, MemorySegment dy, long dyOffset) {
        this.kernels = kernels;
        this.shape = s;
        int outH = s.outH();
        int outW = s.outW();
        this.images = WinogradTiles.of(
                s.inChannels(), s.height(), s.width(), s.padTop(), s.padLeft(), Winograd.SIZE, outH, outW);
        this.errors = WinogradTiles.of(s.outChannels(), outH, outW, 0, 0, Winograd.RESULT, outH, outW);
        this.x = x;
        this.xOffset = xOffset;
        this.dy = dy;
        this.dyOffset = dyOffset;
        this.panel = kernels.width();
        this.panelBytes = panel * 4;
    }

    static boolean takes(ConvShape s) {
        return Winograd.takes(Correlation.forward(s, 4));
    }

    /** Offsets count elements. */
    static void run(
            Workers workers,
            int bits,
            ConvShape shape,
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment dw,
            long dwOffset) {
        WinogradKernels kernels = WinogradKernels.of(bits);
        new WinogradWeights(kernels, shape, x, xOffset, dy, dyOffset).run(workers, dw, dwOffset);
    }

    private void run(Workers workers, MemorySegment dw, long dwOffset) {
        boolean small = (long) shape.inChannels() * shape.outChannels() <= SMALL;
        int chunks = Math.ceilDiv(bands(), images.bandsTogether());
        int parts = small ? Math.min(chunks, PARTS) : 1;
        int panels = images.panels(panel) * shape.outChannels();
        long partBytes = (long) Winograd.POSITIONS * panels * panelBytes;
        MemorySegment sums = Scratch.ofThread().take(parts * partBytes);
        try {
            if (small) {
                workers.run(parts, part -> {
                    int begin = (int) ((long) part * chunks / parts);
                    int end = (int) ((long) (part + 1) * chunks / parts);
                    for (int chunk = begin; chunk < end; chunk++) {
                        int first = chunk * images.bandsTogether();
                        int last = Math.min(bands(), first + images.bandsTogether());
                        add(Workers.of(1), first, last, sums, part * partBytes, chunk == begin);
                    }
                });
            } else {
                long tileBytes = 4L * Winograd.POSITIONS * (shape.inChannels() + shape.outChannels());
                int most = (int) Math.max(1, MOST_BYTES / (tileBytes * images.tiles(0)));
                for (int first = 0; first < bands(); first += most) {
                    add(workers, first, Math.min(bands(), first + most), sums, 0, first == 0);
                }
            }
            int group = Math.ceilDiv(panels, 64);
            workers.run(Math.ceilDiv(panels, group), task -> {
                for (int i = task * group; i < Math.min(panels, (task + 1) * group); i++) {
                    finish(sums, parts, partBytes, i / shape.outChannels(), i % shape.outChannels(), dw, dwOffset);
                }
            });
        } finally {
            Scratch.ofThread().giveBack();
        }
    }

    private int bands() {
        return shape.batch() * images.bands();
    }

    /** Adds what some bands give: for each position and panel of read channels, rows of panels for the written ones. */
    private void add(Workers workers, int first, int end, MemorySegment sums, long offset, boolean start) {
        int[] before = new int[end - first + 1];
        for (int i = first; i < end; i++) {
            before[i - first + 1] = before[i - first] + images.tiles(i % images.bands());
        }
        int count = before[end - first];
        Scratch scratch = Scratch.ofThread();
        MemorySegment left = scratch.take(WinogradTiles.bytes(errors.panels(panel), count, kernels));
        MemorySegment right = scratch.take(WinogradTiles.bytes(images.panels(panel), count, kernels));
        try {
            workers.run(end - first, i -> {
                int band = (first + i) % images.bands();
                long image = (first + i) / images.bands();
                long from = xOffset + image * shape.inChannels() * shape.height() * shape.width();
                images.transform(kernels, kernels.image(), x, from * 4, band, right, before[i], count);
                from = dyOffset + image * shape.outChannels() * shape.outPositions();
                errors.transform(kernels, kernels.resultAdjoint(), dy, from * 4, band, left, before[i], count);
            });
            workers.run(Winograd.POSITIONS, position -> multiply(position, left, right, count, sums, offset, start));
        } finally {
            scratch.giveBack();
            scratch.giveBack();
        }
    }

    private void multiply(
            int position,
            MemorySegment left,
            MemorySegment right,
            int count,
            MemorySegment sums,
            long offset,
            boolean start) {
        int inPanels = images.panels(panel);
        for (int p = 0; p < inPanels; p++) {
            long b = ((long) position * inPanels + p) * count * panelBytes;
            long c = offset + ((long) position * inPanels + p) * shape.outChannels() * panelBytes;
            for (int o = 0; o < shape.outChannels(); o += kernels.lowRows()) {
                long a = ((long) position * errors.panels(panel) + o / panel) * count * panelBytes + o % panel * 4L;
                long to = c + (long) o * panelBytes;
                MemorySegment from = start ? Tile.ZEROS : sums;
                long at = start ? 0 : to;
                long stride = start ? 0 : panelBytes;
                MicroKernel kernel = kernels.byDepth();
                kernel.run(
                        left,
                        a,
                        BlockTask.NOT_NEEDED,
                        0,
                        BlockTask.NOT_NEEDED,
                        0,
                        right,
                        b,
                        count,
                        from,
                        at,
                        stride,
                        sums,
                        to,
                        panelBytes);
            }
        }
    }

    /** The weights of one written channel and a panel of read ones. */
    private void finish(
            MemorySegment sums, int parts, long partBytes, int inPanel, int o, MemorySegment dw, long dwOffset) {
        int positionBytes = images.panels(panel) * shape.outChannels() * panelBytes;
        long place = ((long) inPanel * shape.outChannels() + o) * panelBytes;
        int[] pairs = new int[2 * Winograd.POSITIONS];
        for (int part = 1; part < parts; part++) {
            for (int i = 0; i < pairs.length; i++) {
                pairs[i] = i / 2 * positionBytes + (int) (i % 2 * part * partBytes);
            }
            kernels.add().apply(sums, place, 0, pairs, Winograd.POSITIONS, 1, sums, place, 0, positionBytes, 0);
        }
        int[] columns = new int[Winograd.POSITIONS];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = (i % Winograd.SIZE * Winograd.SIZE + i / Winograd.SIZE) * positionBytes;
        }
        int[] halves = WinogradTiles.places(Winograd.SIZE * Winograd.KERNEL, panelBytes);
        Scratch scratch = Scratch.ofThread();
        MemorySegment half = scratch.take((long) Winograd.SIZE * Winograd.KERNEL * panelBytes);
        MemorySegment weights = scratch.take((long) TAPS * panelBytes);
        try {
            LinearMap map = kernels.weightsAdjoint();
            long step = (long) Winograd.SIZE * panelBytes;
            long row = (long) Winograd.KERNEL * panelBytes;
            map.apply(sums, place, 0, columns, Winograd.SIZE, 1, half, 0, 0, panelBytes, step);
            map.apply(half, 0, 0, halves, Winograd.KERNEL, 1, weights, 0, 0, row, panelBytes);
            int first = inPanel * panel;
            for (int c = first; c < Math.min(shape.inChannels(), first + panel); c++) {
                long to = dwOffset + ((long) o * shape.inChannels() + c) * TAPS;
                for (int t = 0; t < TAPS; t++) {
                    float value = weights.get(JAVA_FLOAT_UNALIGNED, (long) t * panelBytes + (c - first) * 4L);
                    boolean finite = Float.isFinite(value);
                    dw.set(JAVA_FLOAT_UNALIGNED, (to + t) * 4, finite ? value : plainSum(o, c, t));
                }
            }
        } finally {
            scratch.giveBack();
            scratch.giveBack();
        }
    }

    /** One derivative as a plain sum over images, then positions, zeros around the image included. */
    private float plainSum(int o, int c, int tap) {
        float sum = 0;
        for (int n = 0; n < shape.batch(); n++) {
            long image = xOffset + ((long) n * shape.inChannels() + c) * shape.height() * shape.width();
            long errors = dyOffset + ((long) n * shape.outChannels() + o) * shape.outPositions();
            for (int p = 0; p < shape.outPositions(); p++) {
                int row = p / shape.outW() + tap / Winograd.KERNEL - shape.padTop();
                int column = p % shape.outW() + tap % Winograd.KERNEL - shape.padLeft();
                boolean inside = row >= 0 && row < shape.height() && column >= 0 && column < shape.width();
                float value =
                        inside ? x.get(JAVA_FLOAT_UNALIGNED, (image + (long) row * shape.width() + column) * 4) : 0;
                sum = Math.fma(dy.get(JAVA_FLOAT_UNALIGNED, (errors + p) * 4), value, sum);
            }
        }
        return sum;
    }
}
