package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * A matrix in memory with any strides: transposed, sliced, flipped, broadcast. All strides in bytes.
 *
 * <p>Packing moves bits and never looks at them, so 4-byte elements are packed as ints and 8-byte elements as longs.
 */
record StridedOperand(MemorySegment data, long[] offsets, long lineStride, long depthStride, int elementBytes)
        implements Operand {

    private static final int[] NO_OFFSETS = new int[PanelLayout.DEPTH];

    @Override
    public boolean shared() {
        for (long offset : offsets) {
            if (offset != offsets[0]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public double packCost(int width, int lanes) {
        // 0.2 to 0.5 ns for what fills a vector; of 10 lines, 16 are moved.
        return 25.0 * Math.ceilDiv(width, lanes) * lanes / width;
    }

    @Override
    public Operand part(int batch, int start) {
        long[] offset = {offsets[batch] + start * depthStride};
        return new StridedOperand(data, offset, lineStride, depthStride, elementBytes);
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
        long source = offsets[batch] + line * lineStride + from * depthStride;
        if (lineStride == elementBytes) {
            copyRows(packer, source, count, depth, target, targetOffset, width, tileBytes);
            return;
        }
        long step = (long) width * elementBytes;
        for (int i = 0; i < count; i += width) {
            int lines = Math.min(width, count - i);
            long at = targetOffset + i / width * tileBytes;
            if (depthStride == elementBytes && depth >= packer.lanes()) {
                transpose(packer, source + i * lineStride, lines, depth, target, at, step);
            } else {
                oneByOne(source + i * lineStride, lines, 0, depth, target, at, step);
            }
        }
    }

    /**
     * Lines side by side: copies whole vectors, except in the rows where these would reach beyond the data. Row by row
     * over all tiles, because rows may be pages apart.
     */
    private void copyRows(
            Packer packer,
            long source,
            int count,
            int depth,
            MemorySegment target,
            long targetOffset,
            int width,
            long tileBytes) {
        int lanes = packer.lanes();
        int runsPerTile = Math.ceilDiv(width, lanes);
        int[] sources = new int[runsPerTile * Math.ceilDiv(count, width)];
        int[] targets = new int[sources.length];
        int runs = 0;
        for (int i = 0; i < count; i += width) {
            for (int j = 0; j < width && i + j < count; j += lanes) {
                sources[runs] = (i + j) * elementBytes;
                targets[runs++] = Math.toIntExact(i / width * tileBytes + (long) j * elementBytes);
            }
        }
        long room = data.byteSize() - source - sources[runs - 1] - (long) lanes * elementBytes;
        int safe = depth;
        if (depthStride > 0) {
            safe = Math.clamp(Math.floorDiv(room, depthStride) + 1, 0, depth);
        } else if (room < 0) {
            safe = 0;
        }
        long step = (long) width * elementBytes;
        packer.copy(data, source, depthStride, NO_OFFSETS, 0, safe, sources, targets, runs, target, targetOffset, step);
        for (int i = 0; i < count && safe < depth; i += width) {
            long at = targetOffset + i / width * tileBytes;
            oneByOne(source + (long) i * elementBytes, Math.min(width, count - i), safe, depth, target, at, step);
        }
    }

    /**
     * Lines each contiguous along the depth. A group of lines that is not full takes its last line several times; what
     * this writes beyond the row is overwritten by the next row, or by the first group, which therefore comes last.
     */
    private void transpose(
            Packer packer, long source, int count, int depth, MemorySegment target, long targetOffset, long step) {
        int lanes = packer.lanes();
        long[] lines = new long[lanes];
        int blocks = depth / lanes;
        for (int group = Math.ceilDiv(count, lanes) - 1; group >= 0; group--) {
            for (int i = 0; i < lanes; i++) {
                lines[i] = Math.min(group * lanes + i, count - 1) * lineStride;
            }
            long at = targetOffset + (long) group * lanes * elementBytes;
            packer.transpose(data, source, lines, blocks, target, at, step);
            if (blocks * lanes < depth) {
                int last = depth - lanes; // once more some rows of the block before, for a full block
                packer.transpose(data, source + (long) last * elementBytes, lines, 1, target, at + last * step, step);
            }
        }
    }

    private void oneByOne(
            long source, int count, int from, int depth, MemorySegment target, long targetOffset, long step) {
        for (int i = 0; i < count; i++) {
            long line = source + i * lineStride;
            long to = targetOffset + (long) i * elementBytes;
            if (elementBytes == 4) {
                for (int p = from; p < depth; p++) {
                    target.set(JAVA_INT_UNALIGNED, to + p * step, data.get(JAVA_INT_UNALIGNED, line + p * depthStride));
                }
            } else {
                for (int p = from; p < depth; p++) {
                    target.set(
                            JAVA_LONG_UNALIGNED, to + p * step, data.get(JAVA_LONG_UNALIGNED, line + p * depthStride));
                }
            }
        }
    }
}
