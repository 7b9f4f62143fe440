package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of images and its two derivatives, for F32 and F64; see {@link ConvShape} for the formula. The convolution and
 * its derivative by the data are each a {@link Correlation}, which {@link WinogradConv}, {@link DirectConv} or
 * {@link PackedConv} computes; the derivative by the weights is a product of matrices, summed over images, then positions,
 * in chunks that follow from the shape. Which way is taken follows from the shape alone, and each way adds in an order that
 * is the same on every machine.
 *
 * <p>Padding counts as zeros that are multiplied, so a weight that is not finite shows there too, as in PyTorch. What comes from
 * {@link WinogradConv} has the rounding error of a whole tile of results; see {@link Winograd}.
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
        Correlation job = Correlation.forward(shape, type.bytes());
        if (type == DType.F32 && Winograd.takes(job)) {
            WinogradConv.run(workers, Machine.vectorBits(), job, x, xOffset, w, wOffset, y, yOffset, epilogue);
        } else if (type == DType.F32 && DirectConv.takes(job)) {
            DirectConv.run(workers, Machine.vectorBits(), job, x, xOffset, w, wOffset, y, yOffset, epilogue);
        } else {
            PackedConv.run(workers, Tile.of(type), job, x, xOffset, w, wOffset, y, yOffset, epilogue);
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
        Correlation job = Correlation.byData(shape, type.bytes());
        if (type == DType.F32 && Winograd.takes(job)) {
            WinogradConv.run(workers, Machine.vectorBits(), job, dy, dyOffset, w, wOffset, dx, dxOffset, null);
        } else if (type == DType.F32 && DirectConv.takes(job)) {
            DirectConv.run(workers, Machine.vectorBits(), job, dy, dyOffset, w, wOffset, dx, dxOffset, null);
        } else {
            PackedConv.run(workers, Tile.of(type), job, dy, dyOffset, w, wOffset, dx, dxOffset, null);
        }
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
        if (type == DType.F32 && WinogradWeights.takes(shape)) {
            WinogradWeights.run(workers, Machine.vectorBits(), shape, x, xOffset, dy, dyOffset, dw, dwOffset);
        } else if (type == DType.F32 && GroupedWeights.takes(shape)) {
            GroupedWeights.run(workers, Machine.vectorBits(), shape, x, xOffset, dy, dyOffset, dw, dwOffset);
        } else {
            byWeight(workers, Tile.of(type), shape, x, xOffset, dy, dyOffset, dw, dwOffset);
        }
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
        Correlation forward = Correlation.forward(shape, bytes);
        int planes = shape.batch() * shape.inChannels();
        PaddedImages images = PaddedImages.of(workers, forward.planes(), shape.outH(), planes, x, xOffset * bytes);
        try {
            long planeBytes = (long) positions * bytes;
            int[] channels = new int[m];
            for (int i = 0; i < m; i++) {
                channels[i] = Math.toIntExact(i * planeBytes);
            }
            int[] weights = forward.shifts(forward.parts().getFirst(), shape.outH());
            for (int i = 0; i < weights.length; i++) {
                weights[i] = Math.multiplyExact(weights[i], bytes);
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
                rightBases[group] = images.offset() + group * shape.groupInChannels() * images.channelBytes();
                targets[group] = (dwOffset + (long) group * m * n) * bytes;
            }
            var left = new OffsetOperand(dy, leftBases, channels, along, shape.outChannels() * planeBytes, bytes);
            var right = new OffsetOperand(
                    images.data(),
                    rightBases,
                    weights,
                    images.windows(shape.outH(), shape.outW()),
                    shape.inChannels() * images.channelBytes(),
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
}
