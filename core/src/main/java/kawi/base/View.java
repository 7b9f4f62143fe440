package kawi.base;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A way to read a buffer as an array: element (i₀, i₁, …) lies at {@code offset + Σ iₐ·strides[a]}, in elements.
 * Reshaping, permuting, slicing and broadcasting are arithmetic on these numbers and copy nothing. Immutable by
 * agreement: nobody writes to {@code strides}.
 */
public record View(Shape shape, long[] strides, long offset) {
    /** The row-major view of a whole buffer. */
    public static View contiguous(Shape shape) {
        return new View(shape, shape.rowMajorStrides(), 0);
    }

    /** Whether elements lie in row-major order without gaps; the offset may be anything. */
    public boolean isContiguous() {
        long step = 1;
        for (int i = shape.rank() - 1; i >= 0; i--) {
            int d = shape.dim(i);
            if (d != 1) {
                if (strides[i] != step && shape.size() != 0) {
                    return false;
                }
                step *= d;
            }
        }
        return true;
    }

    /** Axis {@code order[i]} of this view becomes axis i. */
    public View permute(int[] order) {
        int[] d = new int[order.length];
        long[] s = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            d[i] = shape.dim(order[i]);
            s[i] = strides[order[i]];
        }
        return new View(Shape.of(d), s, offset);
    }

    /** Axes of extent 1 repeated to those of {@code target}, which has the same rank. */
    public View expand(Shape target) {
        long[] s = strides.clone();
        for (int i = 0; i < s.length; i++) {
            if (shape.dim(i) == 1 && target.dim(i) != 1) {
                s[i] = 0;
            }
        }
        return new View(target, s, offset);
    }

    /** Along each axis: {@code count} elements from {@code start} on, {@code step} apart (negative steps walk backwards). */
    public View slice(int[] start, int[] step, int[] count) {
        long[] s = strides.clone();
        long o = offset;
        for (int i = 0; i < s.length; i++) {
            if (count[i] > 0) {
                o += start[i] * strides[i];
            }
            s[i] = strides[i] * step[i];
        }
        return new View(Shape.of(count), s, o);
    }

    /** The same elements in row-major order under another shape, or null where that needs a copy. */
    public @Nullable View reshape(Shape target) {
        if (target.equals(shape)) {
            return this;
        }
        if (shape.size() == 0) {
            return new View(target, target.rowMajorStrides(), offset);
        }
        // Merge axes that lie regularly one within the other, then split the merged runs into the new extents.
        int rank = shape.rank();
        long[] sizes = new long[rank + 1];
        long[] steps = new long[rank + 1];
        int n = 0;
        for (int i = 0; i < rank; i++) {
            int d = shape.dim(i);
            if (d == 1) {
                continue;
            }
            if (n > 0 && steps[n - 1] == strides[i] * d) {
                sizes[n - 1] *= d;
                steps[n - 1] = strides[i];
            } else {
                sizes[n] = d;
                steps[n] = strides[i];
                n++;
            }
        }
        long[] s = new long[target.rank()];
        int run = n - 1;
        long used = 1;
        for (int i = target.rank() - 1; i >= 0; i--) {
            int d = target.dim(i);
            if (d == 1) {
                s[i] = 0;
                continue;
            }
            if (run < 0 || sizes[run] % (used * d) != 0) {
                return null;
            }
            s[i] = steps[run] * used;
            used *= d;
            if (used == sizes[run]) {
                run--;
                used = 1;
            }
        }
        return new View(target, s, offset);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof View v
                && offset == v.offset
                && shape.equals(v.shape)
                && Arrays.equals(strides, v.strides);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * shape.hashCode() + Arrays.hashCode(strides)) + Long.hashCode(offset);
    }

    @Override
    public String toString() {
        return shape + " strides " + Arrays.toString(strides) + " offset " + offset;
    }
}
