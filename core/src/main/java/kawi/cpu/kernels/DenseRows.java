package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import kawi.base.DType;

/**
 * Rows of a dense matrix as Java arrays of their own, in the element type. C2 vectorises {@code a[j] += f · b[j]} over two arrays, and over
 * memory segments it does not, because it cannot tell whether they overlap.
 */
sealed interface DenseRows {

    /** {@code count} rows of zeros. */
    static DenseRows zeros(DType type, int count, int width) {
        return type == DType.F32 ? new Floats(new float[count][width]) : new Doubles(new double[count][width]);
    }

    /** Reads a row from the element {@code from} on. */
    void read(int row, MemorySegment source, long from);

    /** Writes a row from the element {@code to} on. */
    void write(int row, MemorySegment target, long to);

    void clear(int row);

    /** Adds to a row {@code factor} times a row of others, which are of the same type. */
    void add(int row, double factor, DenseRows others, int other);

    /** The scalar product of a row and a row of others, summed in double precision. */
    double dot(int row, DenseRows others, int other);

    /** In {@code F32}. */
    record Floats(float[][] rows) implements DenseRows {
        @Override
        public void read(int row, MemorySegment source, long from) {
            MemorySegment.copy(source, ValueLayout.JAVA_FLOAT_UNALIGNED, from * 4, rows[row], 0, rows[row].length);
        }

        @Override
        public void write(int row, MemorySegment target, long to) {
            MemorySegment.copy(rows[row], 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, to * 4, rows[row].length);
        }

        @Override
        public void clear(int row) {
            Arrays.fill(rows[row], 0);
        }

        @Override
        public void add(int row, double factor, DenseRows others, int other) {
            float[] a = rows[row];
            float[] b = ((Floats) others).rows[other];
            float f = (float) factor;
            for (int j = 0; j < a.length; j++) {
                a[j] += f * b[j];
            }
        }

        @Override
        public double dot(int row, DenseRows others, int other) {
            float[] a = rows[row];
            float[] b = ((Floats) others).rows[other];
            double even = 0;
            double odd = 0;
            int j = 0;
            for (; j + 1 < a.length; j += 2) {
                even += (double) a[j] * b[j];
                odd += (double) a[j + 1] * b[j + 1];
            }
            return even + odd + (j < a.length ? (double) a[j] * b[j] : 0);
        }
    }

    /** In {@code F64}. */
    record Doubles(double[][] rows) implements DenseRows {
        @Override
        public void read(int row, MemorySegment source, long from) {
            MemorySegment.copy(source, ValueLayout.JAVA_DOUBLE_UNALIGNED, from * 8, rows[row], 0, rows[row].length);
        }

        @Override
        public void write(int row, MemorySegment target, long to) {
            MemorySegment.copy(rows[row], 0, target, ValueLayout.JAVA_DOUBLE_UNALIGNED, to * 8, rows[row].length);
        }

        @Override
        public void clear(int row) {
            Arrays.fill(rows[row], 0);
        }

        @Override
        public void add(int row, double factor, DenseRows others, int other) {
            double[] a = rows[row];
            double[] b = ((Doubles) others).rows[other];
            for (int j = 0; j < a.length; j++) {
                a[j] += factor * b[j];
            }
        }

        @Override
        public double dot(int row, DenseRows others, int other) {
            double[] a = rows[row];
            double[] b = ((Doubles) others).rows[other];
            double even = 0;
            double odd = 0;
            int j = 0;
            for (; j + 1 < a.length; j += 2) {
                even += a[j] * b[j];
                odd += a[j + 1] * b[j + 1];
            }
            return even + odd + (j < a.length ? a[j] * b[j] : 0);
        }
    }
}
