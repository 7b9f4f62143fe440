package kawi.graph;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kawi.base.DType;
import kawi.base.Halves;
import kawi.base.Shape;
import kawi.base.View;

/**
 * A dense row-major array on the Java heap: the currency of {@link Op#evaluate}. Floating-point types are held as
 * doubles that an {@code F32} rounds to on every store, the other types as longs that wrap to their width.
 */
public final class HostArray {
    private final Type type;
    private final double[] doubles;
    private final long[] longs;

    /** An array of zeros. */
    public HostArray(Type type) {
        this.type = type;
        int n = Math.toIntExact(type.shape().size());
        this.doubles = type.dtype().isFloat() ? new double[n] : new double[0];
        this.longs = type.dtype().isFloat() ? new long[0] : new long[n];
    }

    public Type type() {
        return type;
    }

    public DType dtype() {
        return type.dtype();
    }

    public Shape shape() {
        return type.shape();
    }

    public int size() {
        return (int) type.shape().size();
    }

    /** Element i in row-major order, as a double. */
    public double getDouble(int i) {
        return type.dtype().isFloat() ? doubles[i] : longs[i];
    }

    /** Element i in row-major order, as a long; floating-point values as Java's cast does. */
    public long getLong(int i) {
        return type.dtype().isFloat() ? (long) doubles[i] : longs[i];
    }

    public void set(int i, double value) {
        switch (type.dtype()) {
            case F64 -> doubles[i] = value;
            case F32 -> doubles[i] = (float) value;
            case F16, BF16 -> doubles[i] = Halves.round(type.dtype(), (float) value);
            default -> set(i, (long) value);
        }
    }

    public void set(int i, long value) {
        switch (type.dtype()) {
            case F64 -> doubles[i] = value;
            case F32 -> doubles[i] = (float) value;
            case F16, BF16 -> doubles[i] = Halves.round(type.dtype(), (float) value);
            case I64 -> longs[i] = value;
            case I32 -> longs[i] = (int) value;
            case U8 -> longs[i] = value & 0xff;
            case BOOL -> longs[i] = value != 0 ? 1 : 0;
        }
    }

    /** Copies element j of {@code source}, which has the same kind of type, to place i. */
    public void copy(int i, HostArray source, int j) {
        if (type.dtype().isFloat()) {
            set(i, source.getDouble(j));
        } else {
            set(i, source.getLong(j));
        }
    }

    /** The elements that {@code view} shows of memory starting at {@code segment}, as a dense array. */
    public static HostArray read(MemorySegment segment, DType dtype, View view) {
        HostArray a = new HostArray(new Type(dtype, view.shape()));
        forEach(view, (i, element) -> {
            long at = element * dtype.bytes();
            switch (dtype) {
                case F64 -> a.doubles[i] = segment.get(ValueLayout.JAVA_DOUBLE, at);
                case F32 -> a.doubles[i] = segment.get(ValueLayout.JAVA_FLOAT, at);
                case F16, BF16 -> a.doubles[i] = Halves.number(dtype, segment.get(ValueLayout.JAVA_SHORT, at));
                case I64 -> a.longs[i] = segment.get(ValueLayout.JAVA_LONG, at);
                case I32 -> a.longs[i] = segment.get(ValueLayout.JAVA_INT, at);
                case U8, BOOL -> a.longs[i] = segment.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            }
        });
        return a;
    }

    /** Writes the elements in row-major order from the segment's start on. */
    public void write(MemorySegment segment) {
        for (int i = 0; i < size(); i++) {
            switch (type.dtype()) {
                case F64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, doubles[i]);
                case F32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) doubles[i]);
                case F16, BF16 ->
                    segment.setAtIndex(ValueLayout.JAVA_SHORT, i, Halves.bits(type.dtype(), (float) doubles[i]));
                case I64 -> segment.setAtIndex(ValueLayout.JAVA_LONG, i, longs[i]);
                case I32 -> segment.setAtIndex(ValueLayout.JAVA_INT, i, (int) longs[i]);
                case U8, BOOL -> segment.set(ValueLayout.JAVA_BYTE, i, (byte) longs[i]);
            }
        }
    }

    /** Called with the row-major number of each element and its place in the viewed memory. */
    public interface Visit {
        void element(int i, long at);
    }

    /** Visits the elements of a view in row-major order. */
    public static void forEach(View view, Visit visit) {
        Shape shape = view.shape();
        int rank = shape.rank();
        int[] at = new int[rank];
        long element = view.offset();
        int n = Math.toIntExact(shape.size());
        for (int i = 0; i < n; i++) {
            visit.element(i, element);
            for (int axis = rank - 1; axis >= 0; axis--) {
                element += view.strides()[axis];
                if (++at[axis] < shape.dim(axis)) {
                    break;
                }
                element -= at[axis] * view.strides()[axis];
                at[axis] = 0;
            }
        }
    }
}
