package kawi.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.Shape;
import kawi.graph.HostArray;
import kawi.graph.Type;

/** Ways in which the elements of an operand may lie in memory. Each makes a leaf and a view of it that shows the elements. */
enum Layout {
    CONTIGUOUS {
        @Override
        Tensor leaf(HostArray a) {
            return tensor(a);
        }

        @Override
        Tensor view(Tensor leaf, Shape shape) {
            return leaf;
        }
    },
    TRANSPOSED {
        @Override
        Tensor leaf(HostArray a) {
            int[] strides = new int[a.shape().rank()];
            int[] dims = new int[strides.length];
            int step = 1;
            for (int i = strides.length - 1; i >= 0; i--) {
                dims[strides.length - 1 - i] = a.shape().dim(i);
                strides[strides.length - 1 - i] = step;
                step *= a.shape().dim(i);
            }
            return gathered(a, dims, strides, 0);
        }

        @Override
        Tensor view(Tensor leaf, Shape shape) {
            int r = leaf.rank();
            return leaf.permute(IntStream.range(0, r).map(i -> r - 1 - i).toArray());
        }
    },
    /** Every second element, backwards along every axis. */
    BACKWARDS {
        @Override
        Tensor leaf(HostArray a) {
            HostArray big = new HostArray(new Type(
                    a.dtype(),
                    Shape.of(Arrays.stream(a.shape().dims()).map(d -> 2 * d + 1).toArray())));
            spread(a, big, 2, 1, true);
            return tensor(big);
        }

        @Override
        Tensor view(Tensor leaf, Shape shape) {
            Tensor t = leaf;
            for (int i = 0; i < shape.rank(); i++) {
                int d = shape.dim(i);
                t = d == 0 ? t.slice(i, 0, 0) : t.slice(i, 2 * d - 1, Integer.MIN_VALUE, -2);
            }
            return t;
        }
    },
    /** A block inside of a larger array. */
    INSIDE {
        @Override
        Tensor leaf(HostArray a) {
            HostArray big = new HostArray(new Type(
                    a.dtype(),
                    Shape.of(Arrays.stream(a.shape().dims()).map(d -> d + 3).toArray())));
            spread(a, big, 1, 1, false);
            return tensor(big);
        }

        @Override
        Tensor view(Tensor leaf, Shape shape) {
            Tensor t = leaf;
            for (int i = 0; i < shape.rank(); i++) {
                t = t.slice(i, 1, 1 + shape.dim(i));
            }
            return t;
        }
    },
    /** The first element along the first axis repeated: other elements than the array has. */
    BROADCAST {
        @Override
        Tensor leaf(HostArray a) {
            return a.shape().rank() == 0 ? tensor(a) : tensor(first(a));
        }

        @Override
        Tensor view(Tensor leaf, Shape shape) {
            return leaf.expand(shape.dims());
        }
    };

    /** A leaf that holds the elements. */
    abstract Tensor leaf(HostArray a);

    /** What of the leaf shows an array of this shape. */
    abstract Tensor view(Tensor leaf, Shape shape);

    static Tensor tensor(HostArray a) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment m =
                    arena.allocate(Math.max(8, a.size() * (long) a.dtype().bytes()), 8);
            a.write(m);
            return Tensor.of(
                    m.asSlice(0, a.size() * (long) a.dtype().bytes()),
                    a.dtype(),
                    a.shape().dims());
        }
    }

    private static HostArray first(HostArray a) {
        HostArray b = new HostArray(new Type(
                a.dtype(), a.shape().with(0, Math.min(1, a.shape().dim(0)))));
        for (int i = 0; i < b.size(); i++) {
            b.copy(i, a, i);
        }
        return b;
    }

    private static Tensor gathered(HostArray a, int[] dims, int[] strides, int offset) {
        HostArray b = new HostArray(new Type(a.dtype(), Shape.of(dims)));
        HostArray.forEach(
                new kawi.base.View(
                        Shape.of(dims), Arrays.stream(strides).asLongStream().toArray(), offset),
                (i, at) -> b.copy(i, a, (int) at));
        return tensor(b);
    }

    /** Puts element i of a at {@code step·i + start} along each axis, or counted from the end; elsewhere stands a 1. */
    private static void spread(HostArray a, HostArray big, int step, int start, boolean backwards) {
        for (int i = 0; i < big.size(); i++) {
            big.set(i, 1L);
        }
        Shape s = a.shape();
        for (int i = 0; i < a.size(); i++) {
            int rest = i;
            int at = 0;
            long factor = 1;
            for (int axis = s.rank() - 1; axis >= 0; axis--) {
                int c = rest % s.dim(axis);
                rest /= s.dim(axis);
                int place = backwards ? step * (s.dim(axis) - 1 - c) + start : step * c + start;
                at += (int) (place * factor);
                factor *= big.shape().dim(axis);
            }
            big.copy(at, a, i);
        }
    }
}
