package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;

/**
 * The micro-kernel without the Vector API, for a JVM started without the module: loops that C2 vectorises by itself.
 *
 * <p>Its inner loop runs over heap rows with one common index, the only form for which C2 (JDK 25) proves that the row
 * it reads and the row it writes do not overlap; hence the panels are copied to the heap first.
 */
final class PlainMicroKernel {

    static final int ROWS = 8;
    static final int COLUMNS = 64;

    private PlainMicroKernel() {}

    static MicroKernel of(DType type) {
        return type == DType.F32 ? new PlainPanelKernel(ROWS, COLUMNS, ROWS * 4, 4) : PlainMicroKernel::doubles;
    }

    private static void doubles(
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
        double[][] sums = new double[ROWS][COLUMNS];
        double[] right = new double[COLUMNS];
        for (int i = 0; i < ROWS; i++) {
            MemorySegment.copy(start, JAVA_DOUBLE_UNALIGNED, startOffset + i * startRowStride, sums[i], 0, COLUMNS);
        }
        for (int p = 0; p < depth; p++) {
            MemorySegment.copy(b, JAVA_DOUBLE_UNALIGNED, bOffset + p * (COLUMNS * 8L), right, 0, COLUMNS);
            for (int i = 0; i < ROWS; i++) {
                accumulate(a.get(JAVA_DOUBLE_UNALIGNED, aOffset + (p * ROWS + i) * 8L), right, sums[i]);
            }
        }
        for (int i = 0; i < ROWS; i++) {
            MemorySegment.copy(sums[i], 0, target, JAVA_DOUBLE_UNALIGNED, targetOffset + i * targetRowStride, COLUMNS);
        }
    }

    private static void accumulate(double left, double[] right, double[] sums) {
        for (int j = 0; j < sums.length; j++) {
            sums[j] = Math.fma(left, right[j], sums[j]);
        }
    }
}
