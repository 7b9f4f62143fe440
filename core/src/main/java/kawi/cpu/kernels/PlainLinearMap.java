package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** A linear map without the Vector API. */
record PlainLinearMap(float[][] matrix, boolean withZeros) implements LinearMap {
    @Override
    public void apply(
            MemorySegment source,
            long from,
            int[] places,
            int first,
            int rows,
            MemorySegment target,
            long to,
            long rowStep,
            long step,
            int count) {
        int inputs = matrix[0].length;
        float[] x = new float[inputs];
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < count; i++) {
                for (int p = 0; p < inputs; p++) {
                    x[p] = source.get(JAVA_FLOAT_UNALIGNED, from + places[first + r * inputs + p] + i * 4L);
                }
                for (int q = 0; q < matrix.length; q++) {
                    target.set(JAVA_FLOAT_UNALIGNED, to + r * rowStep + q * step + i * 4L, sum(matrix[q], x));
                }
            }
        }
    }

    private float sum(float[] row, float[] x) {
        float sum = 0;
        boolean begun = false;
        for (int p = 0; p < x.length; p++) {
            if (row[p] != 0 || withZeros) {
                sum = begun ? Math.fma(x[p], row[p], sum) : x[p] * row[p];
                begun = true;
            }
        }
        return sum;
    }
}
