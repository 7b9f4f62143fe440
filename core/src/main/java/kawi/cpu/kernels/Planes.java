package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import java.util.function.IntUnaryOperator;

/**
 * How the images of a convolution lie in working memory, so that every weight meets a row of adjacent values: with borders of
 * zeros, and, for strides, cut into phases. Phase (a, b) holds at (i, j) the padded image's value at row i · strideH + a
 * and column j · strideW + b; so what a window {@code stride} further reads lies next to what this one reads.
 *
 * @param top rows of zeros before the image; {@code left} likewise
 * @param phaseH for each residue of a row the number of its phase, or -1 if no weight meets it; {@code phaseW} likewise
 * @param reachH how many rows of a phase a window extends beyond its first
 * @param pitch columns of a phase
 */
record Planes(
        int height,
        int width,
        int top,
        int left,
        int strideH,
        int strideW,
        int[] phaseH,
        int[] phaseW,
        int reachH,
        int pitch,
        int elementBytes) {

    /** For {@code outW} windows in a row whose weights meet rows and columns so far from their first ones. */
    private static Planes of(
            int height,
            int width,
            int top,
            int left,
            int strideH,
            int strideW,
            int kernelH,
            IntUnaryOperator rowOf,
            int kernelW,
            IntUnaryOperator columnOf,
            int outW,
            int elementBytes) {
        int reachH = 0;
        int reachW = 0;
        for (int r = 0; r < kernelH; r++) {
            reachH = Math.max(reachH, rowOf.applyAsInt(r) / strideH);
        }
        for (int s = 0; s < kernelW; s++) {
            reachW = Math.max(reachW, columnOf.applyAsInt(s) / strideW);
        }
        return new Planes(
                height,
                width,
                top,
                left,
                strideH,
                strideW,
                phases(strideH, kernelH, rowOf),
                phases(strideW, kernelW, columnOf),
                reachH,
                outW + reachW,
                elementBytes);
    }

    /** For the windows of a convolution. */
    static Planes of(ConvShape s, int elementBytes) {
        return of(
                s.height(),
                s.width(),
                s.padTop(),
                s.padLeft(),
                s.strideH(),
                s.strideW(),
                s.kernelH(),
                r -> r * s.dilationH(),
                s.kernelW(),
                q -> q * s.dilationW(),
                s.outW(),
                elementBytes);
    }

    /** For windows with a stride of 1 that reach so far. */
    static Planes of(
            int height, int width, int top, int left, int lastRow, int lastColumn, int outW, int elementBytes) {
        return of(height, width, top, left, 1, 1, 1, _ -> lastRow, 1, _ -> lastColumn, outW, elementBytes);
    }

    /** For the windows of a pooling. */
    static Planes of(PoolShape s) {
        return of(
                s.height(),
                s.width(),
                s.padTop(),
                s.padLeft(),
                s.strideH(),
                s.strideW(),
                s.kernelH(),
                r -> r * s.dilationH(),
                s.kernelW(),
                q -> q * s.dilationW(),
                s.outW(),
                4);
    }

    /** Whether the image lies like this in memory already, for {@code outRows} rows of windows. */
    boolean bare(int outRows) {
        return top == 0 && left == 0 && strideH == 1 && strideW == 1 && pitch == width && outRows + reachH == height;
    }

    private static int[] phases(int stride, int kernel, IntUnaryOperator offset) {
        int[] phases = new int[stride];
        for (int tap = 0; tap < kernel; tap++) {
            phases[offset.applyAsInt(tap) % stride] = 1;
        }
        int number = 0;
        for (int i = 0; i < stride; i++) {
            phases[i] = phases[i] == 0 ? -1 : number++;
        }
        return phases;
    }

    private static int count(int[] phases) {
        int count = 0;
        for (int phase : phases) {
            count = Math.max(count, phase + 1);
        }
        return count;
    }

    /** Elements of a channel for {@code outRows} rows of windows. */
    int channel(int outRows) {
        return count(phaseH) * count(phaseW) * (outRows + reachH) * pitch;
    }

    /** Where in a channel a window's value at this row and column lies, from the window's number in rows of the pitch. */
    int shift(int row, int column, int outRows) {
        int phase = phaseH[row % strideH] * count(phaseW) + phaseW[column % strideW];
        return (phase * (outRows + reachH) + row / strideH) * pitch + column / strideW;
    }

    /**
     * Brings what {@code outRows} rows of windows from {@code firstRow} on see of some channels to {@code target}, where
     * the columns of zeros have to be already.
     *
     * @param from byte of the first channel; {@code to} likewise
     * @param bordered whether the rows of zeros are there as well
     */
    void fill(
            RowMover mover,
            MemorySegment data,
            long from,
            int channels,
            int firstRow,
            int outRows,
            MemorySegment target,
            long to,
            boolean bordered) {
        int rows = outRows + reachH;
        for (int c = 0; c < channels; c++) {
            for (int a = 0; a < strideH; a++) {
                for (int b = 0; b < strideW; b++) {
                    if (phaseH[a] >= 0 && phaseW[b] >= 0) {
                        fill(mover, data, from, a, b, firstRow, rows, target, to, bordered);
                        to += (long) rows * pitch * elementBytes;
                    }
                }
            }
            from += (long) height * width * elementBytes;
        }
    }

    private void fill(
            RowMover mover,
            MemorySegment data,
            long from,
            int a,
            int b,
            int firstRow,
            int rows,
            MemorySegment target,
            long to,
            boolean bordered) {
        int above = top - a - firstRow * strideH;
        int i0 = Math.clamp(Math.ceilDiv(above, strideH), 0, rows);
        int i1 = Math.clamp(Math.floorDiv(height - 1 + above, strideH) + 1, i0, rows);
        int j0 = Math.clamp(Math.ceilDiv(left - b, strideW), 0, pitch);
        int j1 = Math.clamp(Math.floorDiv(width - 1 + left - b, strideW) + 1, j0, pitch);
        if (!bordered) {
            zero(target, to, 0, i0);
            zero(target, to, i1, rows);
        }
        if (i1 == i0 || j1 == j0) {
            return;
        }
        long row = (long) i0 * strideH - above;
        long column = (long) j0 * strideW + b - left;
        long source = from + (row * width + column) * elementBytes;
        long step = (long) strideH * width * elementBytes;
        long pitchBytes = (long) pitch * elementBytes;
        long put = to + i0 * pitchBytes + (long) j0 * elementBytes;
        int size = j1 - j0;
        if (strideW == 1) {
            mover.copy(data, source, step, target, put, pitchBytes, i1 - i0, size * elementBytes / 4);
        } else if (strideW == 2 && elementBytes == 4) {
            mover.split(data, source, step, target, put, pitchBytes, i1 - i0, size);
        } else {
            PlainRowMover.every(strideW, elementBytes, data, source, step, target, put, pitchBytes, i1 - i0, size);
        }
    }

    private void zero(MemorySegment target, long plane, int row0, int row1) {
        if (row1 > row0) {
            long pitchBytes = (long) pitch * elementBytes;
            target.asSlice(plane + row0 * pitchBytes, (row1 - row0) * pitchBytes)
                    .fill((byte) 0);
        }
    }
}
