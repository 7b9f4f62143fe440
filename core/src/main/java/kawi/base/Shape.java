package kawi.base;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The extents of a tensor, outermost axis first; immutable. A scalar has rank 0 and one element. */
public final class Shape {
    /** The shape of a scalar. */
    public static final Shape SCALAR = new Shape(new int[0]);

    /** The most elements that a shape may have: of 8 bytes each, their bytes still can be counted. */
    private static final long LARGEST = Long.MAX_VALUE / 8;

    private final int[] dims;
    private final long size;
    private final int hash;

    private Shape(int[] dims) {
        this.dims = dims;
        long product = 1; // of the extents that are not 0: strides are such products even where there are no elements
        boolean empty = false;
        for (int d : dims) {
            if (d < 0) {
                throw new KawiException(
                        "a shape cannot have a negative extent, but " + Arrays.toString(dims) + " was given");
            }
            empty |= d == 0;
            if (product > LARGEST / Math.max(1, d)) {
                throw tooLarge(dims);
            }
            product *= Math.max(1, d);
        }
        this.size = empty ? 0 : product;
        this.hash = Arrays.hashCode(dims);
    }

    private static KawiException tooLarge(int[] dims) {
        BigInteger count = BigInteger.ONE;
        boolean empty = false;
        for (int d : dims) {
            empty |= d == 0;
            count = count.multiply(BigInteger.valueOf(Math.max(1, d)));
        }
        return new KawiException("a shape has at most %d elements, but %s has %d%s; compute in smaller parts"
                .formatted(LARGEST, Arrays.toString(dims), count, empty ? " without its axes of extent 0" : ""));
    }

    /** The shape with the given extents. */
    public static Shape of(int... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    /** Number of axes. */
    public int rank() {
        return dims.length;
    }

    /** Extent of an axis; negative axes count from the end. */
    public int dim(int axis) {
        return dims[axis(axis, "dim")];
    }

    /** A copy of the extents. */
    public int[] dims() {
        return dims.clone();
    }

    /** Number of elements: the product of the extents. */
    public long size() {
        return size;
    }

    /** The axis as a number from 0 to rank − 1, negative ones counted from the end; an error names the operation. */
    public int axis(int axis, String operation) {
        int a = axis < 0 ? axis + dims.length : axis;
        if (dims.length == 0) {
            throw new KawiException("%s: axis %d does not exist: the tensor is one number, of shape [], and has no axes"
                    .formatted(operation, axis));
        }
        if (a < 0 || a >= dims.length) {
            throw new KawiException("%s: axis %d does not exist in shape %s; axes run from %d to %d"
                    .formatted(operation, axis, this, -dims.length, dims.length - 1));
        }
        return a;
    }

    /** This shape with one extent replaced. */
    public Shape with(int axis, int extent) {
        int[] d = dims.clone();
        d[axis] = extent;
        return new Shape(d);
    }

    /** This shape without the axes {@code from} to {@code to − 1}. */
    public Shape without(int from, int to) {
        int[] d = new int[dims.length - (to - from)];
        System.arraycopy(dims, 0, d, 0, from);
        System.arraycopy(dims, to, d, from, dims.length - to);
        return of(d);
    }

    /** This shape with a new axis of the given extent before position {@code axis}. */
    public Shape inserted(int axis, int extent) {
        int[] d = new int[dims.length + 1];
        System.arraycopy(dims, 0, d, 0, axis);
        d[axis] = extent;
        System.arraycopy(dims, axis, d, axis + 1, dims.length - axis);
        return new Shape(d);
    }

    /** Product of the extents of axes {@code from} to {@code to − 1}. */
    public long product(int from, int to) {
        long p = 1;
        for (int i = from; i < to; i++) {
            p *= dims[i];
        }
        return p;
    }

    /** Steps between neighbours along each axis, in elements, of a row-major array of this shape. */
    public long[] rowMajorStrides() {
        long[] strides = new long[dims.length];
        long step = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(1, dims[i]);
        }
        return strides;
    }

    /**
     * The shape to which both broadcast by NumPy's rule: aligned at the last axis, extents must agree or be 1.
     * Returns null where they do not.
     */
    public static @org.jspecify.annotations.Nullable Shape broadcast(Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] d = new int[rank];
        for (int i = 0; i < rank; i++) {
            int x = i < rank - a.rank() ? 1 : a.dims[i - (rank - a.rank())];
            int y = i < rank - b.rank() ? 1 : b.dims[i - (rank - b.rank())];
            if (x != y && x != 1 && y != 1) {
                return null;
            }
            d[i] = x == 1 ? y : x;
        }
        return of(d);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape s && hash == s.hash && Arrays.equals(dims, s.dims);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** For example {@code [64, 1, 28, 28]}. */
    @Override
    public String toString() {
        return Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
