package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** A linear map of panels of {@code width} values, without the Vector API. */
record PlainLinearMap(float[][] matrix, boolean withZeros, int width) implements LinearMap {
    @Override
    public void apply(
            MemorySegment source,
            long from,
            long itemFrom,
            int[] places,
            int rows,
            int items,
            MemorySegment target,
            long to,
            long itemTo,
            long rowTo,
            long stepTo) {
        int inputs = matrix[0].length;
        float[] x = new float[inputs];
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < items; i++) {
                for (int v = 0; v < width; v++) {
                    for (int p = 0; p < inputs; p++) {
                        long at = from + i * itemFrom + places[r * inputs + p] + v * 4L;
                        x[p] = source.get(JAVA_FLOAT_UNALIGNED, at);
                    }
                    for (int q = 0; q < matrix.length; q++) {
                        long at = to + i * itemTo + r * rowTo + q * stepTo + v * 4L;
                        target.set(JAVA_FLOAT_UNALIGNED, at, sum(matrix[q], x));
                    }
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
