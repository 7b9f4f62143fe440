package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/** Matrix products of I32 and I64, wrapping around: plain loops, a row of c at a time. Networks hardly ever need them. */
final class IntegerProduct {

    private IntegerProduct() {}

    static void run(
            Workers workers,
            DType type,
            int m,
            int n,
            int k,
            MemorySegment a,
            long[] aOffsets,
            long aRow,
            long aCol,
            MemorySegment b,
            long[] bOffsets,
            long bRow,
            long bCol,
            MemorySegment c,
            long[] cOffsets,
            long cRow,
            @Nullable Epilogue epilogue) {
        if (type != DType.I32 && type != DType.I64) {
            throw new IllegalArgumentException("no matrix product of " + type + "; cast to f32, f64, i32 or i64");
        }
        int rows = Math.clamp(65_536 / Math.max(1, (long) n * k), 1, m);
        int groups = (m + rows - 1) / rows;
        workers.run(cOffsets.length * groups, task -> {
            int batch = task / groups;
            int row0 = task % groups * rows;
            int row1 = Math.min(m, row0 + rows);
            long[] sums = new long[n];
            for (int i = row0; i < row1; i++) {
                Arrays.fill(sums, 0);
                for (int p = 0; p < k; p++) {
                    long left = get(type, a, aOffsets[batch] + i * aRow + p * aCol);
                    long right = bOffsets[batch] + p * bRow;
                    for (int j = 0; j < n; j++) {
                        sums[j] += left * get(type, b, right + j * bCol);
                    }
                }
                long target = cOffsets[batch] + i * cRow;
                for (int j = 0; j < n; j++) {
                    if (type == DType.I32) {
                        c.set(JAVA_INT_UNALIGNED, (target + j) * 4, (int) sums[j]);
                    } else {
                        c.set(JAVA_LONG_UNALIGNED, (target + j) * 8, sums[j]);
                    }
                }
            }
            if (epilogue != null) {
                epilogue.finish(batch, row0, row1, 0, n);
            }
        });
    }

    /** Sums of 64 bits give the same low 32 bits as sums of 32. */
    private static long get(DType type, MemorySegment data, long index) {
        return type == DType.I32 ? data.get(JAVA_INT_UNALIGNED, index * 4) : data.get(JAVA_LONG_UNALIGNED, index * 8);
    }
}
