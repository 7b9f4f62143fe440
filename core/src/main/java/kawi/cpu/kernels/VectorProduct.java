package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Vector times matrix, result[i] = Σ_p vector[p] · matrix[p, i], where the rows of the matrix are contiguous. Each of its
 * elements is used once, so packing costs more than the product: three times as much time in all as these plain loops.
 * (A matrix that is contiguous the other way goes through {@link TiledProduct}: eight scalar chains side by side were no
 * faster than that, 0.28 ns an element.)
 *
 * <p>One chain of fused multiply-adds for each element, in the order of {@link TiledProduct}.
 */
final class VectorProduct {

    /** Multiply-adds below which launching threads costs more than it saves. */
    private static final long PARALLEL_WORK = 1 << 17;

    /** Results that one task computes together: their sums stay in the first-level cache. */
    private static final int STRETCH = 512;

    private VectorProduct() {}

    /** What to do with the finished elements {@code first} … {@code end}-1. */
    interface Finish {
        void run(int first, int end);
    }

    /** All offsets and strides in bytes; {@code rowStride} leads from p to p + 1 in the matrix. */
    static void run(
            Workers workers,
            DType type,
            int columns,
            int depth,
            MemorySegment matrix,
            long matrixOffset,
            long rowStride,
            MemorySegment vector,
            long vectorOffset,
            long vectorStride,
            MemorySegment result,
            long resultOffset,
            long resultStride,
            @Nullable Finish finish) {
        Workers.TaskBody body = task -> {
            int first = task * STRETCH;
            int end = Math.min(columns, first + STRETCH);
            long from = matrixOffset + (long) first * type.bytes();
            long to = resultOffset + first * resultStride;
            if (type == DType.F32) {
                floats(
                        end - first,
                        depth,
                        matrix,
                        from,
                        rowStride,
                        vector,
                        vectorOffset,
                        vectorStride,
                        result,
                        to,
                        resultStride);
            } else {
                doubles(
                        end - first,
                        depth,
                        matrix,
                        from,
                        rowStride,
                        vector,
                        vectorOffset,
                        vectorStride,
                        result,
                        to,
                        resultStride);
            }
            if (finish != null) {
                finish.run(first, end);
            }
        };
        int tasks = Math.ceilDiv(columns, STRETCH);
        if ((long) columns * depth < PARALLEL_WORK) {
            for (int task = 0; task < tasks; task++) {
                body.run(task);
            }
        } else {
            workers.run(tasks, body);
        }
    }

    /** Each row goes to the heap first: only there does C2 see that it does not overlap the sums, and vectorises. */
    private static void floats(
            int count,
            int depth,
            MemorySegment matrix,
            long from,
            long rowStride,
            MemorySegment vector,
            long vectorOffset,
            long vectorStride,
            MemorySegment result,
            long to,
            long resultStride) {
        float[] sums = new float[count];
        float[] row = new float[count];
        for (int p = 0; p < depth; p++) {
            MemorySegment.copy(matrix, JAVA_FLOAT_UNALIGNED, from + p * rowStride, row, 0, count);
            add(vector.get(JAVA_FLOAT_UNALIGNED, vectorOffset + p * vectorStride), row, sums);
        }
        for (int i = 0; i < count; i++) {
            result.set(JAVA_FLOAT_UNALIGNED, to + i * resultStride, sums[i]);
        }
    }

    private static void add(float factor, float[] row, float[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.fma(factor, row[i], sums[i]);
        }
    }

    private static void doubles(
            int count,
            int depth,
            MemorySegment matrix,
            long from,
            long rowStride,
            MemorySegment vector,
            long vectorOffset,
            long vectorStride,
            MemorySegment result,
            long to,
            long resultStride) {
        double[] sums = new double[count];
        double[] row = new double[count];
        for (int p = 0; p < depth; p++) {
            MemorySegment.copy(matrix, JAVA_DOUBLE_UNALIGNED, from + p * rowStride, row, 0, count);
            add(vector.get(JAVA_DOUBLE_UNALIGNED, vectorOffset + p * vectorStride), row, sums);
        }
        for (int i = 0; i < count; i++) {
            result.set(JAVA_DOUBLE_UNALIGNED, to + i * resultStride, sums[i]);
        }
    }

    private static void add(double factor, double[] row, double[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.fma(factor, row[i], sums[i]);
        }
    }
}
