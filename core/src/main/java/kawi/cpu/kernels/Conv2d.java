package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of images and its two derivatives, for F32 and F64, as matrix products on the micro-kernel of
 * {@link Gemm}; see {@link ConvShape} for the formula and {@link OffsetOperand} for the packing. As there, each element
 * is a chain of fused multiply-adds (over channels, then kernel rows, then kernel columns; for the weights over images,
 * then positions, in chunks that follow from the shape), the same on every machine.
 *
 * <p>With stride 1 and one group, F32 results and derivatives by data come from {@link DirectConv}. Derivatives by weight do
 * not: dot products of shifted planes read both planes again for each pair of channels, and reach half the speed
 * (32→64 channels on 26×26: 88 GFLOP/s a core, against 166 with the packed right side).
 *
 * <p>Padding counts as zeros that are multiplied, so a weight that is not finite shows there too, as in PyTorch.
 */
public final class Conv2d {

    private Conv2d() {}

    /**
     * y = conv(x, w). Offsets count elements.
     *
     * @param epilogue called with image, channels and positions of each finished block of y, or null
     */
    public static void forward(
            Workers workers,
            DType type,
            ConvShape shape,
            MemorySegment x,
            long xOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment y,
            long yOffset,
            @Nullable Epilogue epilogue) {
        if (type == DType.F32 && DirectConv.takes(shape)) {
            DirectConv.forward(workers, Machine.vectorBits(), shape, x, xOffset, w, wOffset, y, yOffset, epilogue);
            return;
        }
        forward(workers, Tile.of(type), shape, x, xOffset, w, wOffset, y, yOffset, epilogue);
    }

    static void forward(
            Workers workers,
            Tile tile,
            ConvShape shape,
            MemorySegment x,
            long xOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment y,
            long yOffset,
            @Nullable Epilogue epilogue) {
        int bytes = tile.type().bytes();
        int positions = shape.outPositions();
        int m = shape.groupOutChannels();
        int k = shape.groupInChannels() * shape.taps();
        if (positions == 0 || m == 0 || shape.batch() == 0) {
            return;
        }
        PaddedImages images = padded(workers, shape, x, xOffset, bytes);
        try {
            var weights = new StridedOperand(
                    w, groupBases(shape, wOffset, (long) m * k, bytes), (long) k * bytes, bytes, bytes);
            var windows = new OffsetOperand(
                    images.data(),
                    imageBases(shape, images.offset(), shape.groupInChannels() * images.planeBytes(bytes)),
                    windowOffsets(shape, images, bytes),
                    weightOffsets(shape, images, bytes),
                    0,
                    bytes);
            long planeBytes = (long) positions * bytes;
            var target =
                    new TiledProduct.Target(y, imageBases(shape, yOffset * bytes, m * planeBytes), planeBytes, bytes);
            TiledProduct.of(tile, m, positions, k, weights, windows, target, perImage(shape.groups(), m, epilogue))
                    .run(workers, shape.batch() * shape.groups());
        } finally {
            images.close();
        }
    }

    /** dx = derivative of y with respect to x, applied to dy. Offsets count elements. */
    public static void byData(
            Workers workers,
            DType type,
            ConvShape shape,
            MemorySegment dy,
            long dyOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment dx,
            long dxOffset) {
        if (type == DType.F32 && DirectConv.takes(shape)) {
            DirectConv.byData(workers, Machine.vectorBits(), shape, dy, dyOffset, w, wOffset, dx, dxOffset);
            return;
        }
        byData(workers, Tile.of(type), shape, dy, dyOffset, w, wOffset, dx, dxOffset);
    }

    static void byData(
            Workers workers,
            Tile tile,
            ConvShape shape,
            MemorySegment dy,
            long dyOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment dx,
            long dxOffset) {
        int bytes = tile.type().bytes();
        List<ConvPhase> rows =
                ConvPhase.of(shape.height(), shape.kernelH(), shape.strideH(), shape.padTop(), shape.dilationH());
        List<ConvPhase> columns =
                ConvPhase.of(shape.width(), shape.kernelW(), shape.strideW(), shape.padLeft(), shape.dilationW());
        if (rows.isEmpty() || columns.isEmpty() || shape.inChannels() == 0 || shape.batch() == 0) {
            return;
        }
        PaddedImages images = PaddedImages.of(
                workers,
                dy,
                dyOffset * bytes,
                (long) shape.batch() * shape.outChannels(),
                shape.outH(),
                shape.outW(),
                ConvPhase.before(rows),
                ConvPhase.beyond(rows, shape.outH()),
                ConvPhase.before(columns),
                ConvPhase.beyond(columns, shape.outW()),
                bytes);
        try {
            if (rows.size() == 1 && columns.size() == 1 && shape.strideH() == 1 && shape.strideW() == 1) {
                byData(workers, tile, shape, images, w, wOffset, rows.getFirst(), columns.getFirst(), dx, dxOffset);
                return;
            }
            for (ConvPhase row : rows) {
                for (ConvPhase column : columns) {
                    long planes = (long) shape.batch() * shape.inChannels();
                    MemorySegment part = Scratch.ofThread().take(planes * row.count() * column.count() * bytes);
                    try {
                        byData(workers, tile, shape, images, w, wOffset, row, column, part, 0);
                        spread(workers, shape, part, row, column, dx, dxOffset, bytes);
                    } finally {
                        Scratch.ofThread().giveBack();
                    }
                }
            }
        } finally {
            images.close();
        }
    }

    /** The positions of one phase, as if they were the whole of dx. */
    private static void byData(
            Workers workers,
            Tile tile,
            ConvShape shape,
            PaddedImages images,
            MemorySegment w,
            long wOffset,
            ConvPhase row,
            ConvPhase column,
            MemorySegment dx,
            long dxOffset) {
        int bytes = tile.type().bytes();
        int m = shape.groupInChannels();
        int positions = row.count() * column.count();
        int taps = row.taps().length * column.taps().length;
        int k = shape.groupOutChannels() * taps;
        int[] inChannels = new int[m];
        for (int i = 0; i < m; i++) {
            inChannels[i] = i * shape.taps() * bytes;
        }
        int[] weights = new int[k];
        int[] shifts = new int[k];
        int at = 0;
        for (int channel = 0; channel < shape.groupOutChannels(); channel++) {
            for (int r = 0; r < row.taps().length; r++) {
                for (int s = 0; s < column.taps().length; s++) {
                    weights[at] =
                            (channel * m * shape.taps() + row.taps()[r] * shape.kernelW() + column.taps()[s]) * bytes;
                    long shift = ((long) row.shifts()[r] * images.width() + column.shifts()[s]) * bytes;
                    shifts[at++] = Math.toIntExact(channel * images.planeBytes(bytes) + images.origin() + shift);
                }
            }
        }
        int[] windows = new int[positions];
        for (int t = 0; t < positions; t++) {
            windows[t] = (t / column.count() * images.width() + t % column.count()) * bytes;
        }
        var left = new OffsetOperand(
                w,
                groupBases(shape, wOffset, (long) shape.groupOutChannels() * m * shape.taps(), bytes),
                inChannels,
                weights,
                0,
                bytes);
        var right = new OffsetOperand(
                images.data(),
                imageBases(shape, images.offset(), shape.groupOutChannels() * images.planeBytes(bytes)),
                windows,
                shifts,
                0,
                bytes);
        long planeBytes = (long) positions * bytes;
        var target =
                new TiledProduct.Target(dx, imageBases(shape, dxOffset * bytes, m * planeBytes), planeBytes, bytes);
        TiledProduct.of(tile, m, positions, k, left, right, target, null).run(workers, shape.batch() * shape.groups());
    }

    /** Puts the positions of one phase, stride apart, into dx. */
    private static void spread(
            Workers workers,
            ConvShape shape,
            MemorySegment part,
            ConvPhase row,
            ConvPhase column,
            MemorySegment dx,
            long dxOffset,
            int bytes) {
        int planes = shape.batch() * shape.inChannels();
        int group = Math.max(1, 16_384 / (row.count() * column.count()));
        workers.run(Math.ceilDiv(planes, group), task -> {
            for (int plane = task * group; plane < Math.min(planes, (task + 1) * group); plane++) {
                for (int t = 0; t < row.count(); t++) {
                    long from = ((long) plane * row.count() + t) * column.count();
                    long to = dxOffset
                            + ((long) plane * shape.height() + row.residue() + (long) t * shape.strideH())
                                    * shape.width()
                            + column.residue();
                    for (int u = 0; u < column.count(); u++) {
                        long target = to + (long) u * shape.strideW();
                        if (bytes == 4) {
                            dx.set(JAVA_INT_UNALIGNED, target * 4, part.get(JAVA_INT_UNALIGNED, (from + u) * 4));
                        } else {
                            dx.set(JAVA_LONG_UNALIGNED, target * 8, part.get(JAVA_LONG_UNALIGNED, (from + u) * 8));
                        }
                    }
                }
            }
        });
    }

    /** dw = derivative of y with respect to w, applied to dy. Offsets count elements. */
    public static void byWeight(
            Workers workers,
            DType type,
            ConvShape shape,
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment dw,
            long dwOffset) {
        byWeight(workers, Tile.of(type), shape, x, xOffset, dy, dyOffset, dw, dwOffset);
    }

    static void byWeight(
            Workers workers,
            Tile tile,
            ConvShape shape,
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment dw,
            long dwOffset) {
        int bytes = tile.type().bytes();
        int positions = shape.outPositions();
        int m = shape.groupOutChannels();
        int n = shape.groupInChannels() * shape.taps();
        int k = Math.multiplyExact(shape.batch(), positions);
        if (m == 0 || n == 0) {
            return;
        }
        PaddedImages images = padded(workers, shape, x, xOffset, bytes);
        try {
            long planeBytes = (long) positions * bytes;
            int[] channels = new int[m];
            for (int i = 0; i < m; i++) {
                channels[i] = Math.toIntExact(i * planeBytes);
            }
            int[] along = new int[positions];
            for (int i = 0; i < positions; i++) {
                along[i] = i * bytes;
            }
            long[] leftBases = new long[shape.groups()];
            long[] rightBases = new long[shape.groups()];
            long[] targets = new long[shape.groups()];
            for (int group = 0; group < shape.groups(); group++) {
                leftBases[group] = dyOffset * bytes + group * m * planeBytes;
                rightBases[group] = images.offset() + group * shape.groupInChannels() * images.planeBytes(bytes);
                targets[group] = (dwOffset + (long) group * m * n) * bytes;
            }
            var left = new OffsetOperand(dy, leftBases, channels, along, shape.outChannels() * planeBytes, bytes);
            var right = new OffsetOperand(
                    images.data(),
                    rightBases,
                    weightOffsets(shape, images, bytes),
                    windowOffsets(shape, images, bytes),
                    shape.inChannels() * images.planeBytes(bytes),
                    bytes);
            var target = new TiledProduct.Target(dw, targets, (long) n * bytes, bytes);
            int chunks = ChunkedProduct.chunks(m, n, k);
            if (chunks > 1) {
                ChunkedProduct.run(workers, tile, m, n, k, chunks, left, right, target, null);
            } else {
                TiledProduct.of(tile, m, n, k, left, right, target, null).run(workers, shape.groups());
            }
        } finally {
            images.close();
        }
    }

    private static PaddedImages padded(Workers workers, ConvShape shape, MemorySegment x, long xOffset, int bytes) {
        return PaddedImages.of(
                workers,
                x,
                xOffset * bytes,
                (long) shape.batch() * shape.inChannels(),
                shape.height(),
                shape.width(),
                shape.padTop(),
                shape.padBottom(),
                shape.padLeft(),
                shape.padRight(),
                bytes);
    }

    /** Start of the weights of the group of each (image, group). */
    private static long[] groupBases(ConvShape shape, long offset, long groupSize, int bytes) {
        long[] bases = new long[shape.batch() * shape.groups()];
        for (int i = 0; i < bases.length; i++) {
            bases[i] = (offset + i % shape.groups() * groupSize) * bytes;
        }
        return bases;
    }

    /** Start of the planes of each (image, group): they follow one another. All in bytes. */
    private static long[] imageBases(ConvShape shape, long offset, long groupBytes) {
        long[] bases = new long[shape.batch() * shape.groups()];
        for (int i = 0; i < bases.length; i++) {
            bases[i] = offset + i * groupBytes;
        }
        return bases;
    }

    /** Place of the first value of the window of each output position. */
    private static int[] windowOffsets(ConvShape shape, PaddedImages images, int bytes) {
        int outW = shape.outW();
        int[] offsets = new int[shape.outPositions()];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = (i / outW * shape.strideH() * images.width() + i % outW * shape.strideW()) * bytes;
        }
        return offsets;
    }

    /** Place, from the first value of a window, of the value for each weight (channel, kernel row, kernel column). */
    private static int[] weightOffsets(ConvShape shape, PaddedImages images, int bytes) {
        int[] offsets = new int[shape.groupInChannels() * shape.taps()];
        for (int i = 0; i < offsets.length; i++) {
            int tap = i % shape.taps();
            int row = tap / shape.kernelW() * shape.dilationH();
            int column = tap % shape.kernelW() * shape.dilationW();
            long plane = i / shape.taps() * images.planeBytes(bytes);
            offsets[i] = Math.toIntExact(plane + ((long) row * images.width() + column) * bytes);
        }
        return offsets;
    }

    private static @Nullable Epilogue perImage(int groups, int groupChannels, @Nullable Epilogue epilogue) {
        if (epilogue == null || groups == 1) {
            return epilogue;
        }
        return (batch, row0, row1, col0, col1) -> {
            int channel = batch % groups * groupChannels;
            epilogue.finish(batch / groups, channel + row0, channel + row1, col0, col1);
        };
    }
}
