package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** The same sums in plain loops: what runs without the vector module, and until the other is warm. */
final class PlainDotKernel implements DotKernel {
    @Override
    public void dots(
            MemorySegment g,
            long gOffset,
            long gStride,
            MemorySegment x,
            long xOffset,
            long xStride,
            int[] shifts,
            int first,
            int rows,
            int columns,
            MemorySegment sums,
            long sumsOffset) {
        float[] lanes = new float[LANES];
        for (int t = 0; t < TAPS; t++) {
            long to = sumsOffset + t * LANES * 4L;
            MemorySegment.copy(sums, JAVA_FLOAT_UNALIGNED, to, lanes, 0, LANES);
            for (int i = 0; i < rows; i++) {
                long left = gOffset + i * gStride;
                long right = xOffset + i * xStride + shifts[first + t];
                for (int j = 0; j < columns; j += LANES) {
                    int inside = Math.min(LANES, columns - j);
                    for (int l = 0; l < inside; l++) {
                        float value = g.get(JAVA_FLOAT_UNALIGNED, left + (j + l) * 4L);
                        lanes[l] = Math.fma(value, x.get(JAVA_FLOAT_UNALIGNED, right + (j + l) * 4L), lanes[l]);
                    }
                    for (int l = inside; l < LANES; l++) {
                        lanes[l] = Math.fma(0f, 0f, lanes[l]); // turns -0 into +0, as in a vector
                    }
                }
            }
            MemorySegment.copy(lanes, 0, sums, JAVA_FLOAT_UNALIGNED, to, LANES);
        }
    }
}
