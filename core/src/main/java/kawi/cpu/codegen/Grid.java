package kawi.cpu.codegen;

/**
 * A box of iteration space reduced to as few axes as its accesses allow: neighbouring axes that every access crosses in
 * one stride are one axis. Axis 0 is the innermost, the columns of kernels; axis 1, if there, their rows.
 */
final class Grid {
    final int accesses;
    int axes;
    final long[] extents;
    /** Stride of access a along axis k at {@code k·accesses + a}; bytes, or numbers for an index. */
    final long[] strides;

    /**
     * @param order the box's axes from the outermost to the innermost; the innermost stays innermost
     * @param strides stride of access a along original axis d at {@code d·accesses + a}
     */
    Grid(int[] order, int[] from, int[] to, long[] strides, int accesses) {
        this.accesses = accesses;
        this.extents = new long[Math.max(1, order.length)];
        this.strides = new long[extents.length * accesses];
        this.extents[0] = 1;
        for (int k = order.length - 1; k >= 0; k--) {
            int d = order[k];
            long extent = (long) to[d] - from[d];
            if (axes == 0) {
                push(extent, strides, d);
            } else if (extent != 1) {
                if (continues(strides, d)) {
                    extents[axes - 1] *= extent;
                } else {
                    push(extent, strides, d);
                }
            }
        }
        axes = Math.max(1, axes);
    }

    private void push(long extent, long[] from, int d) {
        extents[axes] = extent;
        System.arraycopy(from, d * accesses, strides, axes * accesses, accesses);
        axes++;
    }

    private boolean continues(long[] from, int d) {
        long last = extents[axes - 1];
        for (int a = 0; a < accesses; a++) {
            if (from[d * accesses + a] != last * strides[(axes - 1) * accesses + a]) {
                return false;
            }
        }
        return true;
    }

    long columns() {
        return extents[0];
    }

    long rows() {
        return axes > 1 ? extents[1] : 1;
    }

    /** Number of places of the axes outside rows and columns. */
    long outer() {
        long n = 1;
        for (int k = 2; k < axes; k++) {
            n *= extents[k];
        }
        return n;
    }

    /** Points of the box. */
    long size() {
        return outer() * rows() * columns();
    }

    /**
     * Moves addresses from the box's first point to a place.
     *
     * @param outer which place of the outer axes, the last of them the slowest
     */
    void move(long[] address, long outer, long row, long column) {
        for (int a = 0; a < accesses; a++) {
            long at = address[a] + column * strides[a];
            address[a] = axes > 1 ? at + row * strides[accesses + a] : at;
        }
        for (int k = 2; k < axes && outer > 0; k++) {
            long at = outer % extents[k];
            outer /= extents[k];
            for (int a = 0; a < accesses; a++) {
                address[a] += at * strides[k * accesses + a];
            }
        }
    }
}
