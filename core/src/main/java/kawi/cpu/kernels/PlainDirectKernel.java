package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** The same sums in plain loops: the oracle, and what runs without the vector module. */
final class PlainDirectKernel implements DirectKernel {
    private final int rows;
    private final int columns;

    PlainDirectKernel(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public void correlate(
            MemorySegment a,
            long aOffset,
            MemorySegment x,
            long xOffset,
            int[] shifts,
            int depth,
            int tiles,
            MemorySegment y,
            long yOffset,
            long yStride) {
        if (depth < 0) {
            return;
        }
        float[] sums = new float[columns];
        for (int tile = 0; tile < tiles; tile++) {
            long tileBytes = tile * columns * 4L;
            for (int i = 0; i < rows; i++) {
                java.util.Arrays.fill(sums, 0);
                for (int k = 0; k < depth; k++) {
                    float w = a.get(JAVA_FLOAT_UNALIGNED, aOffset + ((long) k * rows + i) * 4);
                    long from = xOffset + tileBytes + shifts[k];
                    for (int j = 0; j < columns; j++) {
                        sums[j] = Math.fma(w, x.get(JAVA_FLOAT_UNALIGNED, from + j * 4L), sums[j]);
                    }
                }
                for (int j = 0; j < columns; j++) {
                    y.set(JAVA_FLOAT_UNALIGNED, yOffset + tileBytes + i * yStride + j * 4L, sums[j]);
                }
            }
        }
    }
}
