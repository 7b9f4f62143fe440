package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;

/**
 * Single elements by number, whatever their type. The type does not change within a loop, so C2 moves the choice out of
 * it (loop unswitching), and one text serves all types.
 */
final class Elements {

    private Elements() {}

    /** Element of F32 or F64. */
    static double real(boolean single, MemorySegment data, long index) {
        return single ? data.get(JAVA_FLOAT_UNALIGNED, index * 4) : data.get(JAVA_DOUBLE_UNALIGNED, index * 8);
    }

    static void setReal(boolean single, MemorySegment data, long index, double value) {
        if (single) {
            data.set(JAVA_FLOAT_UNALIGNED, index * 4, (float) value);
        } else {
            data.set(JAVA_DOUBLE_UNALIGNED, index * 8, value);
        }
    }

    /** Element of I32, I64, U8 or BOOL. */
    static long whole(DType type, MemorySegment data, long index) {
        return switch (type.bytes()) {
            case 8 -> data.get(JAVA_LONG_UNALIGNED, index * 8);
            case 4 -> data.get(JAVA_INT_UNALIGNED, index * 4);
            default -> data.get(JAVA_BYTE, index) & 0xff;
        };
    }

    static void setWhole(DType type, MemorySegment data, long index, long value) {
        switch (type.bytes()) {
            case 8 -> data.set(JAVA_LONG_UNALIGNED, index * 8, value);
            case 4 -> data.set(JAVA_INT_UNALIGNED, index * 4, (int) value);
            default -> data.set(JAVA_BYTE, index, (byte) value);
        }
    }

    /** target[to + i] += source[from + i] for i = 0 … count-1, in the arithmetic of the type. */
    static void add(DType type, MemorySegment source, long from, MemorySegment target, long to, int count) {
        switch (type) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    float sum = target.get(JAVA_FLOAT_UNALIGNED, (to + i) * 4)
                            + source.get(JAVA_FLOAT_UNALIGNED, (from + i) * 4);
                    target.set(JAVA_FLOAT_UNALIGNED, (to + i) * 4, sum);
                }
            }
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    double sum = target.get(JAVA_DOUBLE_UNALIGNED, (to + i) * 8)
                            + source.get(JAVA_DOUBLE_UNALIGNED, (from + i) * 8);
                    target.set(JAVA_DOUBLE_UNALIGNED, (to + i) * 8, sum);
                }
            }
            case I32, I64 -> {
                for (int i = 0; i < count; i++) {
                    setWhole(type, target, to + i, whole(type, target, to + i) + whole(type, source, from + i));
                }
            }
            default -> throw new IllegalArgumentException("no sums of " + type + "; cast to f32, f64, i32 or i64");
        }
    }

    /** target[to + i] = source[from + i] for i = 0 … count-1. */
    static void copy(int bytes, MemorySegment source, long from, MemorySegment target, long to, long count) {
        // A bulk copy has some 10 ns of overhead: single elements are moved by hand.
        if (count == 1 && bytes == 4) {
            target.set(JAVA_INT_UNALIGNED, to * 4, source.get(JAVA_INT_UNALIGNED, from * 4));
        } else if (count == 1 && bytes == 8) {
            target.set(JAVA_LONG_UNALIGNED, to * 8, source.get(JAVA_LONG_UNALIGNED, from * 8));
        } else {
            MemorySegment.copy(source, from * bytes, target, to * bytes, count * bytes);
        }
    }

    static void zero(DType type, MemorySegment data, long from, long count) {
        data.asSlice(from * type.bytes(), count * type.bytes()).fill((byte) 0);
    }
}
