package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import kawi.base.DType;
import kawi.base.Halves;

/** Data for the tests of kernels: off-heap values, read and written as doubles whatever their type. */
final class Values {

    /** Every vector width, and plain loops. */
    static final int[] WIDTHS = {0, 128, 256, 512};

    private Values() {}

    /** The tile for a width, with everything warm that otherwise comes from the background some time. */
    static Tile tile(DType type, int bits) {
        Tile tile = Tile.of(type, bits);
        try {
            tile.awaitComplete();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return tile;
    }

    /** Uninitialised values would hide a kernel that forgets to write: everything starts as 77. */
    static MemorySegment dirty(DType type, long count) {
        MemorySegment data = Arena.ofAuto().allocate(Math.max(64, count * type.bytes()), 64);
        for (long i = 0; i < count; i++) {
            set(type, data, i, 77);
        }
        return data;
    }

    /** Whole numbers below 1000 for integers, standard normal values for floats. */
    static MemorySegment random(DType type, long count, long seed) {
        MemorySegment data = Arena.ofAuto().allocate(Math.max(64, count * type.bytes()), 64);
        var random = new Random(seed);
        for (long i = 0; i < count; i++) {
            set(type, data, i, type.isFloat() ? random.nextGaussian() : random.nextInt(-1000, 1000));
        }
        return data;
    }

    static MemorySegment of(DType type, double... values) {
        MemorySegment data = dirty(type, values.length);
        for (int i = 0; i < values.length; i++) {
            set(type, data, i, values[i]);
        }
        return data;
    }

    static double get(DType type, MemorySegment data, long index) {
        return switch (type) {
            case F32 -> data.getAtIndex(ValueLayout.JAVA_FLOAT, index);
            case F64 -> data.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
            case F16, BF16 -> Halves.number(type, data.getAtIndex(ValueLayout.JAVA_SHORT, index));
            case I32 -> data.getAtIndex(ValueLayout.JAVA_INT, index);
            case I64 -> data.getAtIndex(ValueLayout.JAVA_LONG, index);
            default -> data.get(ValueLayout.JAVA_BYTE, index);
        };
    }

    static void set(DType type, MemorySegment data, long index, double value) {
        switch (type) {
            case F32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
            case F64 -> data.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
            case F16, BF16 -> data.setAtIndex(ValueLayout.JAVA_SHORT, index, Halves.bits(type, (float) value));
            case I32 -> data.setAtIndex(ValueLayout.JAVA_INT, index, (int) value);
            case I64 -> data.setAtIndex(ValueLayout.JAVA_LONG, index, (long) value);
            default -> data.set(ValueLayout.JAVA_BYTE, index, (byte) value);
        }
    }

    static double[] values(DType type, MemorySegment data, long count) {
        double[] values = new double[(int) count];
        for (int i = 0; i < count; i++) {
            values[i] = get(type, data, i);
        }
        return values;
    }

    /** First place where the first {@code count} elements differ in a bit (any NaN equals any NaN), or -1. */
    static long firstDifference(DType type, MemorySegment left, MemorySegment right, long count) {
        for (long i = 0; i < count; i++) {
            if (Double.doubleToLongBits(get(type, left, i)) != Double.doubleToLongBits(get(type, right, i))) {
                return i;
            }
        }
        return -1;
    }
}
