package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.cpu.codegen.LaneFunction;

/** The same in plain loops: what runs without the vector module, and until the other is warm. */
final class PlainAttentionKernel implements AttentionKernel {
    @Override
    public void softmax(
            MemorySegment panel,
            long offset,
            int rows,
            int columns,
            float scale,
            MemorySegment state,
            long stateOffset) {
        for (int c = 0; c < columns && rows >= 0; c++) {
            long m = stateOffset + c * 4L;
            long sums = m + columns * 4L;
            long factors = sums + columns * 4L;
            float before = get(state, m);
            float top = before;
            for (int r = 0; r < rows; r++) {
                float t = get(panel, offset + ((long) r * columns + c) * 4) * scale;
                top = t > top ? t : top;
            }
            float shift = top == Float.NEGATIVE_INFINITY ? 0 : top;
            float factor = LaneFunction.EXP.of(before - shift);
            float sum = get(state, sums) * factor;
            for (int r = 0; r < rows; r++) {
                long at = offset + ((long) r * columns + c) * 4;
                float p = LaneFunction.EXP.of(get(panel, at) * scale - shift);
                set(panel, at, p);
                sum += p;
            }
            set(state, m, top);
            set(state, sums, sum);
            set(state, factors, factor);
        }
    }

    @Override
    public void multiply(
            MemorySegment panel, long offset, int rows, int columns, MemorySegment factors, long factorsOffset) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                long at = offset + ((long) r * columns + c) * 4;
                set(panel, at, get(panel, at) * get(factors, factorsOffset + c * 4L));
            }
        }
    }

    @Override
    public void weights(
            MemorySegment scores,
            long offset,
            MemorySegment byWeights,
            long byWeightsOffset,
            int rows,
            int columns,
            float scale,
            MemorySegment state,
            long logs,
            long deltas) {
        for (int r = 0; r < rows; r++) {
            float log = get(state, logs + r * 4L);
            float delta = get(state, deltas + r * 4L);
            for (int c = 0; c < columns; c++) {
                long at = ((long) r * columns + c) * 4;
                float p = LaneFunction.EXP.of(get(scores, offset + at) * scale - log);
                set(scores, offset + at, p);
                set(byWeights, byWeightsOffset + at, p * (get(byWeights, byWeightsOffset + at) - delta));
            }
        }
    }

    @Override
    public void dots(
            MemorySegment x,
            long xOffset,
            long xStride,
            MemorySegment y,
            long yOffset,
            long yStride,
            int rows,
            int columns,
            MemorySegment sums,
            long sumsOffset) {
        float[] lanes = new float[LANES];
        for (int r = 0; r < rows; r++) {
            Arrays.fill(lanes, 0);
            for (int c = 0; c < columns; c++) {
                float left = get(x, xOffset + r * xStride + c * 4L);
                lanes[c % LANES] = Math.fma(left, get(y, yOffset + r * yStride + c * 4L), lanes[c % LANES]);
            }
            for (int l = columns % LANES; l > 0 && l < LANES; l++) {
                lanes[l] = Math.fma(0f, 0f, lanes[l]); // turns -0 into +0, as in a vector
            }
            MemorySegment.copy(lanes, 0, sums, JAVA_FLOAT_UNALIGNED, sumsOffset + (long) r * LANES * 4, LANES);
        }
    }

    private static float get(MemorySegment m, long at) {
        return m.get(JAVA_FLOAT_UNALIGNED, at);
    }

    private static void set(MemorySegment m, long at, float value) {
        m.set(JAVA_FLOAT_UNALIGNED, at, value);
    }
}
