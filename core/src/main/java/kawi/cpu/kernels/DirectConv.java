package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of {@code F32} with stride 1 and one group without packing. Image and result are taken as rows of the
 * padded width one after another: then the weight at (r, s) shifts the whole image by r·dilation rows and s·dilation
 * columns, and the kernel reads vectors straight from it. The few columns between the result's width and the padded width
 * are computed too and left out at the end.
 *
 * <p>Order of the sums: over channels, kernel rows, kernel columns for the result and the derivative by data (there with
 * the kernel turned round).
 */
final class DirectConv {

    private DirectConv() {}

    /** Planes with a border of zeros: what is correlated with a kernel, and the size of the result. */
    private record Plane(
            int channels, int height, int width, int top, int left, int paddedH, int paddedW, int outH, int outW) {
        int padded() {
            return paddedH * paddedW;
        }

        boolean bare() {
            return paddedH == height && paddedW == width;
        }

        /** Positions from the first to the last that matters, in rows of the padded width. */
        int span() {
            return (outH - 1) * paddedW + outW;
        }

        /** Copies an image between its borders; what follows it, one tile's width, is zeros. */
        void fill(MemorySegment from, long offset, MemorySegment to, int slack) {
            long planeBytes = (long) padded() * 4;
            if (bare()) {
                MemorySegment.copy(from, offset, to, 0, channels * planeBytes);
            } else {
                to.asSlice(0, channels * planeBytes).fill((byte) 0);
                for (int c = 0; c < channels; c++) {
                    for (int i = 0; i < height; i++) {
                        long source = offset + ((long) c * height + i) * width * 4;
                        long target = c * planeBytes + ((long) (i + top) * paddedW + left) * 4;
                        MemorySegment.copy(from, source, to, target, width * 4L);
                    }
                }
            }
            to.asSlice(channels * planeBytes, slack * 4L).fill((byte) 0);
        }
    }

    /** Whether a convolution and its derivative by the data are done here: by its shape alone. */
    static boolean takes(ConvShape s) {
        int up = (s.kernelH() - 1) * s.dilationH();
        int across = (s.kernelW() - 1) * s.dilationW();
        boolean simple = s.strideH() == 1
                && s.strideW() == 1
                && s.groups() == 1
                && s.batch() > 0
                && s.inChannels() > 0
                && s.outChannels() > 0
                && s.padTop() <= up
                && s.padBottom() <= up
                && s.padLeft() <= across
                && s.padRight() <= across;
        if (!simple || s.outH() < 1 || s.outW() < 1) {
            return false;
        }
        Plane y = forwardPlane(s);
        // Where rows are so short that most of the padded width is left out, packing is better.
        return 5L * y.outH * y.outW >= 2L * (y.span() + 31);
    }

    private static Plane forwardPlane(ConvShape s) {
        return new Plane(
                s.inChannels(),
                s.height(),
                s.width(),
                s.padTop(),
                s.padLeft(),
                s.height() + s.padTop() + s.padBottom(),
                s.width() + s.padLeft() + s.padRight(),
                s.outH(),
                s.outW());
    }

    /** The result's cotangent with the border that the turned kernel needs. */
    private static Plane backwardPlane(ConvShape s) {
        int up = (s.kernelH() - 1) * s.dilationH();
        int across = (s.kernelW() - 1) * s.dilationW();
        return new Plane(
                s.outChannels(),
                s.outH(),
                s.outW(),
                up - s.padTop(),
                across - s.padLeft(),
                s.height() + up,
                s.width() + across,
                s.height(),
                s.width());
    }

    static void forward(
            Workers workers,
            int bits,
            ConvShape s,
            MemorySegment x,
            long xOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment y,
            long yOffset,
            @Nullable Epilogue epilogue) {
        int depth = s.inChannels() * s.taps();
        Weights weights = (o, k) -> w.get(JAVA_FLOAT_UNALIGNED, (wOffset + (long) o * depth + k) * 4);
        correlate(workers, bits, s, forwardPlane(s), s.outChannels(), weights, x, xOffset, y, yOffset, epilogue);
    }

    static void byData(
            Workers workers,
            int bits,
            ConvShape s,
            MemorySegment dy,
            long dyOffset,
            MemorySegment w,
            long wOffset,
            MemorySegment dx,
            long dxOffset) {
        int taps = s.taps();
        Weights weights = (c, k) -> {
            int o = k / taps;
            int turned = taps - 1 - k % taps;
            return w.get(JAVA_FLOAT_UNALIGNED, (wOffset + ((long) o * s.inChannels() + c) * taps + turned) * 4);
        };
        correlate(workers, bits, s, backwardPlane(s), s.inChannels(), weights, dy, dyOffset, dx, dxOffset, null);
    }

    /** Weight k of result channel m. */
    private interface Weights {
        float at(int m, int k);
    }

    /** Byte shifts of the image for each weight, over channels, rows and columns. */
    private static int[] shifts(ConvShape s, Plane plane) {
        int[] shifts = new int[plane.channels * s.taps()];
        int k = 0;
        for (int c = 0; c < plane.channels; c++) {
            for (int r = 0; r < s.kernelH(); r++) {
                for (int q = 0; q < s.kernelW(); q++) {
                    shifts[k++] = 4 * (c * plane.padded() + r * s.dilationH() * plane.paddedW + q * s.dilationW());
                }
            }
        }
        return shifts;
    }

    private static void correlate(
            Workers workers,
            int bits,
            ConvShape s,
            Plane plane,
            int channels,
            Weights weights,
            MemorySegment x,
            long xOffset,
            MemorySegment y,
            long yOffset,
            @Nullable Epilogue epilogue) {
        DirectKernels.Pair kernels = DirectKernels.of(bits).pair();
        int[] shifts = shifts(s, plane);
        int depth = shifts.length;
        DirectKernel[] tiles = tiles(kernels, channels);
        int rows = Arrays.stream(tiles).mapToInt(DirectKernel::rows).sum();
        int columns = kernels.tall().columns();
        int width = Math.ceilDiv(plane.span(), columns) * columns;
        long imageBytes = (long) plane.channels * plane.height * plane.width * 4;
        int positions = plane.outH * plane.outW;
        MemorySegment packed = Scratch.ofThread().take((long) rows * depth * 4);
        try {
            pack(tiles, channels, depth, weights, packed);
            workers.run(s.batch(), n -> {
                Scratch scratch = Scratch.ofThread();
                MemorySegment image = scratch.take(((long) plane.channels * plane.padded() + columns) * 4);
                MemorySegment wide = scratch.take((long) rows * width * 4);
                try {
                    plane.fill(x, xOffset * 4 + n * imageBytes, image, columns);
                    for (int p = 0; p < width; p += columns) {
                        long a = 0;
                        int row = 0;
                        for (DirectKernel tile : tiles) {
                            tile.correlate(
                                    packed,
                                    a,
                                    image,
                                    p * 4L,
                                    shifts,
                                    depth,
                                    wide,
                                    ((long) row * width + p) * 4,
                                    width * 4L);
                            a += (long) tile.rows() * depth * 4;
                            row += tile.rows();
                        }
                    }
                    narrow(plane, channels, wide, width, y, (yOffset + (long) n * channels * positions) * 4);
                } finally {
                    scratch.giveBack();
                    scratch.giveBack();
                }
                if (epilogue != null) {
                    epilogue.finish(n, 0, channels, 0, positions);
                }
            });
        } finally {
            Scratch.ofThread().giveBack();
        }
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

    /** Tile after tile, for each k the weights of the tile's rows; zeros for rows beyond the last channel. */
    private static void pack(DirectKernel[] tiles, int channels, int depth, Weights weights, MemorySegment packed) {
        long at = 0;
        int first = 0;
        for (DirectKernel tile : tiles) {
            for (int k = 0; k < depth; k++) {
                for (int i = 0; i < tile.rows(); i++) {
                    packed.set(JAVA_FLOAT_UNALIGNED, at, first + i < channels ? weights.at(first + i, k) : 0);
                    at += 4;
                }
            }
            first += tile.rows();
        }
    }

    /** Leaves out the columns beyond the result's width. */
    private static void narrow(
            Plane plane, int channels, MemorySegment wide, int width, MemorySegment y, long yOffset) {
        long rowBytes = plane.outW * 4L;
        long to = yOffset;
        for (int c = 0; c < channels; c++) {
            long from = (long) c * width * 4;
            for (int i = 0; i < plane.outH; i++) {
                MemorySegment.copy(wide, from, y, to, rowBytes);
                from += plane.paddedW * 4L;
                to += rowBytes;
            }
        }
    }
}
