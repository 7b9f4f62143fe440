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
}
