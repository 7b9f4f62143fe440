package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The matrix of a convolution, packed straight from the images: its lines and its depth are windows and weights, and the
 * place of a value is a sum, <code>bases[batch] + lines[line] + depths[p]</code>, because the images are padded beforehand
 * and no window leaves them. So the same code serves all three products of a convolution, and the matrix of all windows
 * (im2col), nine times the image for a 3 × 3 kernel, is never in memory.
 *
 * <p>All offsets in bytes. Beyond {@code depths.length} the depth goes on in the next image, {@code period} bytes further.
 */
final class OffsetOperand implements Operand {

    /** Rows of the highest tile there is. */
    private static final int MOST_ROWS = 16;

    private final MemorySegment data;
    private final long[] bases;
    private final int[] lines;
    private final int lineCount;
    private final int[] depths;
    private final long period;
    private final int start;
    private final int elementBytes;

    /** For each line, how many lines from it on are adjacent in memory; the same for depths. */
    private final int[] lineRuns;

    private final int[] depthRuns;

    /** Whether there are longer runs along the lines than along the depth. */
    private final boolean linesAdjacent;

    private final int furthestDepth;

    OffsetOperand(MemorySegment data, long[] bases, int[] lines, int[] depths, long period, int elementBytes) {
        this.data = data;
        this.bases = bases;
        this.lineCount = lines.length;
        this.lines = Arrays.copyOf(lines, lines.length + MOST_ROWS);
        Arrays.fill(this.lines, lines.length, this.lines.length, lines.length == 0 ? 0 : lines[lines.length - 1]);
        this.depths = depths;
        this.period = period;
        this.start = 0;
        this.elementBytes = elementBytes;
        this.lineRuns = runs(lines, elementBytes);
        this.depthRuns = runs(depths, elementBytes);
        this.linesAdjacent = meanRun(lineRuns) >= meanRun(depthRuns);
        int furthest = 0;
        for (int depth : depths) {
            furthest = Math.max(furthest, depth);
        }
        this.furthestDepth = furthest;
    }

    private OffsetOperand(OffsetOperand whole, long[] bases, int start) {
        this.data = whole.data;
        this.bases = bases;
        this.lineCount = whole.lineCount;
        this.lines = whole.lines;
        this.depths = whole.depths;
        this.period = whole.period;
        this.start = start;
        this.elementBytes = whole.elementBytes;
        this.lineRuns = whole.lineRuns;
        this.depthRuns = whole.depthRuns;
        this.linesAdjacent = whole.linesAdjacent;
        this.furthestDepth = whole.furthestDepth;
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
    public double packCost(int width, int lanes) {
        return linesAdjacent ? 18 : 30; // runs end with each row of the image, mostly within a vector
    }

    @Override
    public Operand part(int batch, int start) {
        return new OffsetOperand(this, new long[] {bases[batch]}, this.start + start);
    }

    /** Whether {@link #merged} can name each value. */
    boolean mergeable() {
        long reach = bases[bases.length - 1] - bases[0];
        return reach >= 0 && reach + (lineCount > 0 ? lines[lineCount - 1] : 0) < Integer.MAX_VALUE;
    }

    /** The lines of all batches one after another, as one batch. */
    OffsetOperand merged() {
        int[] all = new int[bases.length * lineCount];
        for (int i = 0; i < all.length; i++) {
            all[i] = (int) (bases[i / lineCount] - bases[0]) + lines[i % lineCount];
        }
        return new OffsetOperand(data, new long[] {bases[0]}, all, depths, period, elementBytes);
    }

    MemorySegment data() {
        return data;
    }

    /** Offsets of all lines, and some more, so that a tile over the edge finds as many as it has rows. */
    int[] lines() {
        return lines;
    }

    int[] depths() {
        return depths;
    }

    /** Number, among {@link #depths}, of position p of k. */
    int inImage(int p) {
        return (start + p) % depths.length;
    }

    /** Where the offsets of lines and depths count from, at position p of k. */
    long base(int batch, int p) {
        return bases[batch] + (start + p) / depths.length * period;
    }

    private static double meanRun(int[] runs) {
        int pieces = 0;
        for (int i = 0; i < runs.length; i += runs[i]) {
            pieces++;
        }
        return (double) runs.length / Math.max(1, pieces);
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
            Packer packer,
            int batch,
            int line,
            int count,
            int from,
            int depth,
            MemorySegment target,
            long targetOffset,
            int width,
            long tileBytes) {
        long step = (long) width * elementBytes;
        if (linesAdjacent) {
            for (int done = 0, size; done < depth; done += size) {
                int first = inImage(from + done);
                size = Math.min(depth - done, depths.length - first);
                long base = base(batch, from + done);
                long at = targetOffset + done * step;
                copyLines(packer, base, line, count, first, size, target, at, width, tileBytes);
            }
            return;
        }
        long[] group = new long[packer.lanes()];
        for (int tile = 0; tile < count; tile += width) {
            int lines = Math.min(width, count - tile);
            // The first group of lines comes last: it overwrites what the others have written beyond the rows.
            for (int i = (lines - 1) / group.length * group.length; i >= 0; i -= group.length) {
                for (int j = 0; j < group.length; j++) {
                    group[j] = this.lines[line + tile + Math.min(i + j, lines - 1)];
                }
                long at = targetOffset + tile / width * tileBytes + (long) i * elementBytes;
                int used = Math.min(group.length, lines - i);
                transpose(packer, batch, group, used, from, depth, target, at, step);
            }
        }
    }

    /** Lines side by side: windows next to each other, at one weight. */
    private void copyLines(
            Packer packer,
            long base,
            int line,
            int count,
            int first,
            int size,
            MemorySegment target,
            long at,
            int width,
            long tileBytes) {
        int lanes = packer.lanes();
        long step = (long) width * elementBytes;
        int[] sources = new int[count];
        int[] targets = new int[count];
        int pieces = 0;
        for (int i = 0, piece; i < count; i += piece) {
            piece = Math.min(Math.min(lanes, lineRuns[line + i]), width - i % width);
            sources[pieces] = lines[line + i];
            targets[pieces++] = Math.toIntExact(i / width * tileBytes + (long) (i % width) * elementBytes);
        }
        long end = base + furthestDepth + sources[pieces - 1] + (long) lanes * elementBytes;
        if (end <= data.byteSize()) {
            packer.copy(data, base, 0, depths, first, size, sources, targets, pieces, target, at, step);
        } else {
            for (int i = 0; i < count; i++) {
                long to = at + i / width * tileBytes + (long) (i % width) * elementBytes;
                oneByOne(base + lines[line + i], first, size, target, to, step);
            }
        }
    }

    /** Lines apart from each other, with runs along the depth: whole blocks of each run, as far as there is room. */
    private void transpose(
            Packer packer,
            int batch,
            long[] group,
            int count,
            int from,
            int depth,
            MemorySegment target,
            long at,
            long step) {
        int lanes = group.length;
        for (int p = 0, run; p < depth; p += run) {
            int first = inImage(from + p);
            run = Math.min(depthRuns[first], depth - p);
            long base = base(batch, from + p);
            long source = base + depths[first];
            long put = at + p * step;
            int blocks = run / lanes;
            int rest = run - blocks * lanes;
            packer.transpose(data, source, group, blocks, target, put, step);
            if (rest == 0) {
                continue;
            }
            int done = blocks * lanes;
            if (run >= lanes) {
                int last = run - lanes; // once more some rows of the block before, for a full block
                packer.transpose(data, source + (long) last * elementBytes, group, 1, target, put + last * step, step);
            } else if (rest >= 4 && p + lanes <= depth && roomAfter(source, group)) {
                packer.transpose(data, source, group, 1, target, put, step); // the next run overwrites the rows beyond
            } else {
                for (int i = 0; i < count; i++) {
                    oneByOne(
                            base + group[i],
                            first + done,
                            rest,
                            target,
                            put + done * step + (long) i * elementBytes,
                            step);
                }
            }
        }
    }

    private boolean roomAfter(long source, long[] group) {
        long furthest = 0;
        for (long line : group) {
            furthest = Math.max(furthest, line);
        }
        return source + furthest + (long) group.length * elementBytes <= data.byteSize();
    }

    private void oneByOne(long line, int first, int size, MemorySegment target, long at, long step) {
        for (int p = 0; p < size; p++) {
            if (elementBytes == 4) {
                target.set(JAVA_INT_UNALIGNED, at + p * step, data.get(JAVA_INT_UNALIGNED, line + depths[first + p]));
            } else {
                target.set(JAVA_LONG_UNALIGNED, at + p * step, data.get(JAVA_LONG_UNALIGNED, line + depths[first + p]));
            }
        }
    }
}
