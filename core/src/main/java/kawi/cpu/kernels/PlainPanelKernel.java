package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** A micro-kernel for a left side with fixed strides, without the Vector API. */
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
        float[] sums = new float[columns];
        float[] right = new float[columns];
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(start, JAVA_FLOAT_UNALIGNED, startOffset + i * startRowStride, sums, 0, columns);
            for (int p = 0; p < depth; p++) {
                MemorySegment.copy(b, JAVA_FLOAT_UNALIGNED, bOffset + p * (columns * 4L), right, 0, columns);
                float left = a.get(JAVA_FLOAT_UNALIGNED, aOffset + (long) p * depthBytes + (long) i * lineBytes);
                accumulate(left, right, sums);
            }
            MemorySegment.copy(sums, 0, target, JAVA_FLOAT_UNALIGNED, targetOffset + i * targetRowStride, columns);
        }
    }

    private static void accumulate(float left, float[] right, float[] sums) {
        for (int j = 0; j < sums.length; j++) {
            sums[j] = Math.fma(left, right[j], sums[j]);
        }
    }
}
