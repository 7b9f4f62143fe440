package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * The matrix of a convolution, packed straight from the images: its lines and its depth are windows and weights, and the
 * place of a value is a sum, <code>bases[batch] + lines[line] + depths[p]</code>, because the images are padded beforehand
 * and no window leaves them. So the same code serves all three products of a convolution, and the matrix of all windows
 * (im2col), nine times the image for a 3 × 3 kernel, is never in memory.
 *
 * <p>All offsets in bytes. Beyond {@code depths.length} the depth goes on in the next image, {@code period} bytes further.
 */
final class OffsetOperand implements Operand {

    private final MemorySegment data;
    private final long[] bases;
    private final int[] lines;
    private final int[] depths;
    private final long period;
    private final int elementBytes;

    /** For each line, how many lines from it on are adjacent in memory; the same for depths. */
    private final int[] lineRuns;

    private final int[] depthRuns;

    /** Whether lines mostly lie side by side, so that copying along them pays. */
    private final boolean linesAdjacent;

    OffsetOperand(MemorySegment data, long[] bases, int[] lines, int[] depths, long period, int elementBytes) {
        this.data = data;
        this.bases = bases;
        this.lines = lines;
        this.depths = depths;
        this.period = period;
        this.elementBytes = elementBytes;
        this.lineRuns = runs(lines, elementBytes);
        this.depthRuns = runs(depths, elementBytes);
        this.linesAdjacent = adjacent(lines, elementBytes) > lines.length / 2;
    }

    private static int adjacent(int[] offsets, int elementBytes) {
        int count = 0;
        for (int i = 1; i < offsets.length; i++) {
            count += offsets[i] == offsets[i - 1] + elementBytes ? 1 : 0;
        }
        return count;
    }

    private static int[] runs(int[] offsets, int elementBytes) {
        int[] runs = new int[offsets.length];
        for (int i = offsets.length - 1; i >= 0; i--) {
            boolean goesOn = i + 1 < offsets.length && offsets[i + 1] == offsets[i] + elementBytes;
            runs[i] = goesOn ? runs[i + 1] + 1 : 1;
        }
        return runs;
    }

    @Override
    public boolean shared() {
        for (long base : bases) {
            if (base != bases[0]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void pack(
            int batch, int line, int count, int from, int depth, MemorySegment target, long targetOffset, int width) {
        long step = (long) width * elementBytes;
        int done = 0;
        while (done < depth) {
            int image = (from + done) / depths.length;
            int first = (from + done) % depths.length;
            int size = Math.min(depth - done, depths.length - first);
            long base = bases[batch] + image * period;
            long at = targetOffset + done * step;
            if (linesAdjacent) {
                copyLines(base, line, count, first, size, target, at, width);
            } else {
                transpose(base, line, count, first, size, target, at, step);
            }
            done += size;
        }
        if (count < width) {
            zero(
                    target,
                    targetOffset + (long) count * elementBytes,
                    (long) (width - count) * elementBytes,
                    depth,
                    step);
        }
    }

    /** Lines adjacent in memory: windows side by side, at one weight. Copies run after run of them. */
    private void copyLines(
            long base, int line, int count, int first, int size, MemorySegment target, long at, int width) {
        long step = (long) width * elementBytes;
        long limit = data.byteSize() - step;
        for (int p = 0; p < size; p++) {
            long source = base + depths[first + p];
            long to = at + p * step;
            for (int i = 0; i < count; i += lineRuns[line + i]) {
                long start = source + lines[line + i];
                long put = to + (long) i * elementBytes;
                // Whole rows at once, for a fixed count has no loop overhead: what is too much is overwritten by the
                // next run, or by the next p. At the end of either buffer, exactly.
                if (start <= limit && p < size - 1) {
                    copyRow(start, target, put, width);
                } else {
                    copyExactly(start, target, put, Math.min(lineRuns[line + i], count - i));
                }
            }
        }
    }

    private void copyRow(long start, MemorySegment target, long put, int width) {
        if (width == 32 && elementBytes == 4) {
            for (int q = 0; q < 16; q++) {
                target.set(JAVA_LONG_UNALIGNED, put + q * 8L, data.get(JAVA_LONG_UNALIGNED, start + q * 8L));
            }
        } else {
            int bytes = width * elementBytes;
            for (int q = 0; q < bytes; q += 8) {
                target.set(JAVA_LONG_UNALIGNED, put + q, data.get(JAVA_LONG_UNALIGNED, start + q));
            }
        }
    }

    private void copyExactly(long start, MemorySegment target, long put, int count) {
        for (int i = 0; i < count; i++) {
            if (elementBytes == 4) {
                target.set(JAVA_INT_UNALIGNED, put + i * 4L, data.get(JAVA_INT_UNALIGNED, start + i * 4L));
            } else {
                target.set(JAVA_LONG_UNALIGNED, put + i * 8L, data.get(JAVA_LONG_UNALIGNED, start + i * 8L));
            }
        }
    }

    /** Lines apart from each other; along the depth there may be runs. */
    private void transpose(
            long base, int line, int count, int first, int size, MemorySegment target, long at, long step) {
        int i = 0;
        if (elementBytes == 4) {
            for (; i + 4 <= count; i += 4) {
                long put = at + i * 4L;
                for (int p = 0; p < size; ) {
                    int run = Math.min(depthRuns[first + p], size - p);
                    long source = base + depths[first + p];
                    StridedOperand.transpose4(
                            data,
                            source + lines[line + i],
                            source + lines[line + i + 1],
                            source + lines[line + i + 2],
                            source + lines[line + i + 3],
                            run,
                            target,
                            put + p * step,
                            step);
                    p += run;
                }
            }
        }
        for (; i < count; i++) {
            long source = base + lines[line + i];
            long put = at + (long) i * elementBytes;
            for (int p = 0; p < size; p++) {
                copyExactly(source + depths[first + p], target, put + p * step, 1);
            }
        }
    }

    private static void zero(MemorySegment target, long at, long bytes, int depth, long step) {
        for (int p = 0; p < depth; p++) {
            for (long q = 0; q < bytes; q += 4) {
                target.set(JAVA_INT_UNALIGNED, at + p * step + q, 0);
            }
        }
    }
}
