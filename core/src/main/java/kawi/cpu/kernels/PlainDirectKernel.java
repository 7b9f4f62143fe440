package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** The same sums in plain loops: the oracle, and what runs without the vector module. */
final class PlainDirectKernel implements DirectKernel {
    private static final int ROWS = 8;
    private static final int COLUMNS = 32;

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public int columns() {
        return COLUMNS;
    }

    @Override
    public int dotRows() {
        return 1;
    }

    @Override
    public int dotColumns() {
        return 1;
    }

    @Override
    public void correlate(
            MemorySegment a,
            long aOffset,
            MemorySegment x,
            long xOffset,
            int[] shifts,
            int depth,
            MemorySegment y,
            long yOffset,
            long yStride) {
        if (depth < 0) {
            return;
        }
        float[] sums = new float[COLUMNS];
        for (int i = 0; i < ROWS; i++) {
            java.util.Arrays.fill(sums, 0);
            for (int k = 0; k < depth; k++) {
                float w = a.get(JAVA_FLOAT_UNALIGNED, aOffset + ((long) k * ROWS + i) * 4);
                long from = xOffset + shifts[k];
                for (int j = 0; j < COLUMNS; j++) {
                    sums[j] = Math.fma(w, x.get(JAVA_FLOAT_UNALIGNED, from + j * 4L), sums[j]);
                }
            }
            for (int j = 0; j < COLUMNS; j++) {
                y.set(JAVA_FLOAT_UNALIGNED, yOffset + i * yStride + j * 4L, sums[j]);
            }
        }
    }

    @Override
    public void dot(
            MemorySegment g,
            long gOffset,
            long gStride,
            MemorySegment x,
            long xOffset,
            int[] shifts,
            int first,
            int blocks,
            MemorySegment acc,
            long accOffset) {
        for (int p = 0; p < blocks; p++) {
            for (int l = 0; l < LANES; l++) {
                long at = ((long) p * LANES + l) * 4;
                float sum = acc.get(JAVA_FLOAT_UNALIGNED, accOffset + l * 4L);
                float product = Math.fma(
                        g.get(JAVA_FLOAT_UNALIGNED, gOffset + at),
                        x.get(JAVA_FLOAT_UNALIGNED, xOffset + shifts[first] + at),
                        sum);
                acc.set(JAVA_FLOAT_UNALIGNED, accOffset + l * 4L, product);
            }
        }
    }
}
