package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * A micro-kernel for a left side with fixed strides, without the Vector API; see {@link PlainMicroKernel}.
 *
 * @param depthBytes from a[p, i] to a[p + 1, i]; {@code lineBytes} to a[p, i + 1]
 */
record PlainPanelKernel(int rows, int columns, int depthBytes, int lineBytes) implements MicroKernel {
    @Override
    public void run(
            MemorySegment a,
            long aOffset,
            int[] lines,
            int line,
            int[] depths,
            int first,
            MemorySegment b,
            long bOffset,
            int depth,
            MemorySegment start,
            long startOffset,
            long startRowStride,
            MemorySegment target,
            long targetOffset,
            long targetRowStride) {
        float[][] sums = new float[rows][columns];
        float[] right = new float[columns];
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(start, JAVA_FLOAT_UNALIGNED, startOffset + i * startRowStride, sums[i], 0, columns);
        }
        for (int p = 0; p < depth; p++) {
            MemorySegment.copy(b, JAVA_FLOAT_UNALIGNED, bOffset + p * (columns * 4L), right, 0, columns);
            for (int i = 0; i < rows; i++) {
                long at = aOffset + (long) p * depthBytes + (long) i * lineBytes;
                accumulate(a.get(JAVA_FLOAT_UNALIGNED, at), right, sums[i]);
            }
        }
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(sums[i], 0, target, JAVA_FLOAT_UNALIGNED, targetOffset + i * targetRowStride, columns);
        }
    }

    private static void accumulate(float left, float[] right, float[] sums) {
        for (int j = 0; j < sums.length; j++) {
            sums[j] = Math.fma(left, right[j], sums[j]);
        }
    }
}
