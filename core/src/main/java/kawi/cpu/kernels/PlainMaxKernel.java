package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Maxima in plain loops. Value and number of the weight are one long: the value's bits above, as an integer of the same
 * order, and the number counted down below. So a maximum of longs is the answer, without a branch that the processor would
 * mispredict at each second window.
 */
final class PlainMaxKernel implements MaxKernel {
    private static final long NOTHING = (long) ordered(Float.NEGATIVE_INFINITY) << 32 | Integer.MAX_VALUE;

    @Override
    public int argMax(
            MemorySegment x,
            long xStride,
            int[] shifts,
            int[] places,
            int rows,
            int columns,
            int rowStep,
            int columnStep,
            MemorySegment index,
            long indexOffset) {
        int lowest = 0;
        long[] best = new long[columns];
        for (int i = 0; i < rows; i++) {
            Arrays.fill(best, NOTHING);
            for (int k = 0; k < shifts.length; k++) {
                long from = i * xStride + shifts[k];
                for (int j = 0; j < columns; j++) {
                    long value = ordered(x.get(JAVA_FLOAT_UNALIGNED, from + j * 4L));
                    best[j] = Math.max(best[j], value << 32 | (Integer.MAX_VALUE - 1 - k));
                }
            }
            for (int j = 0; j < columns; j++) {
                int k = Integer.MAX_VALUE - 1 - (int) best[j];
                int place = (k < 0 ? NONE : places[k]) + i * rowStep + j * columnStep;
                lowest = Math.min(lowest, place);
                index.set(JAVA_INT_UNALIGNED, indexOffset + ((long) i * columns + j) * 4, place);
            }
        }
        return lowest;
    }

    /** An integer that is larger for larger values, equal for both zeros, and largest for NaN. */
    private static int ordered(float value) {
        int bits = Float.floatToIntBits(value + 0f); // -0 + 0 = +0, and every NaN has the same bits
        return bits ^ (bits >> 31 & Integer.MAX_VALUE);
    }
}
