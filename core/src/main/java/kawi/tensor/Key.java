package kawi.tensor;

import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Elementwise;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Threefry;

/**
 * A key to random numbers, which are a function of the key and the place in the tensor alone (counter-based, {@link
 * Threefry}): the same key gives the same numbers whatever else was drawn, on any number of threads. For other numbers
 * derive other keys with {@link #fold}.
 */
public record Key(int k0, int k1) {
    /** The key of a seed. */
    public static Key of(long seed) {
        return new Key((int) seed, (int) (seed >>> 32)).fold(0x6b617769);
    }

    /** The key that number {@code n} makes of this one. */
    public Key fold(long n) {
        long words = Threefry.block(k0, k1, (int) n, (int) (n >>> 32) ^ 0x80000000);
        return new Key((int) words, (int) (words >>> 32));
    }

    /** 32 random bits an element. */
    private Node bits(Shape shape, int stream) {
        Key k = stream == 0 ? this : fold(-stream);
        return Node.of(
                Elementwise.THREEFRY,
                Graph.constant(k.k0, DType.I32, shape),
                Graph.constant(k.k1, DType.I32, shape),
                Graph.elementNumber(DType.I32, shape));
    }

    private static Node shifted(Node bits, int by, DType to) {
        return Graph.cast(Node.of(Elementwise.SHIFT_RIGHT, bits, Graph.scalar(by, bits)), to);
    }

    private Node unit(DType dtype, Shape shape, int stream) {
        if (shape.size() > Integer.MAX_VALUE) {
            throw new KawiException(
                    "random: at most 2³¹ − 1 elements can be drawn at once, but shape " + shape + " was asked for");
        }
        if (dtype == DType.F64) {
            Node high = shifted(bits(shape, stream), 6, DType.F64);
            Node low = shifted(bits(shape, stream + 1), 5, DType.F64);
            Node sum = Graph.add(Graph.mul(high, Graph.scalar(0x1p27, high)), low);
            return Graph.mul(sum, Graph.scalar(0x1p-53, sum));
        }
        if (dtype != DType.F32) {
            throw new KawiException(
                    "random: numbers are drawn as f32 or f64, but " + dtype + " was asked for; draw and then cast");
        }
        Node high = shifted(bits(shape, stream), 8, DType.F32);
        return Graph.mul(high, Graph.scalar(0x1p-24, high));
    }

    /** Uniform in [0, 1), in steps of 2⁻²⁴ ({@code F32}) or 2⁻⁵³ ({@code F64}). */
    public Tensor uniform(DType dtype, int... shape) {
        return Tensor.of(unit(dtype, Shape.of(shape), 0));
    }

    /** Uniform in [0, 1), {@code F32}. */
    public Tensor uniform(int... shape) {
        return uniform(DType.F32, shape);
    }

    /** Normal with mean 0 and variance 1: √(−2 ln u)·cos 2πv (Box and Muller 1958). */
    public Tensor normal(DType dtype, int... shape) {
        Shape s = Shape.of(shape);
        Node u = unit(dtype, s, 2);
        Node v = unit(dtype, s, 4);
        Node one = Graph.scalar(1, u);
        Node radius = Graph.unary(
                Elementwise.SQRT, Graph.mul(Graph.scalar(-2, u), Graph.unary(Elementwise.LOG, Graph.sub(one, u))));
        return Tensor.of(Graph.mul(radius, Graph.unary(Elementwise.COS, Graph.mul(v, Graph.scalar(2 * Math.PI, v)))));
    }

    /** Normal with mean 0 and variance 1, {@code F32}. */
    public Tensor normal(int... shape) {
        return normal(DType.F32, shape);
    }

    /** True with probability {@code p}. */
    public Tensor bernoulli(double p, int... shape) {
        if (!(p >= 0 && p <= 1)) {
            throw new KawiException("bernoulli: the probability lies in 0 to 1, but " + p + " was given");
        }
        Node u = unit(DType.F32, Shape.of(shape), 0);
        return Tensor.of(Graph.less(u, Graph.scalar(p, u)));
    }

    /** The numbers 0 to n − 1 in random order (Fisher and Yates), {@code I64}. */
    public Tensor permutation(int n) {
        return Tensor.of(IntStream.of(permutationArray(n)).asLongStream().toArray());
    }

    /** The numbers 0 to n − 1 in random order, as an array. */
    public int[] permutationArray(int n) {
        if (n < 0) {
            throw new KawiException("permutation: there are no " + n + " numbers; ask for 0 or more");
        }
        int[] order = IntStream.range(0, n).toArray();
        for (int i = n - 1; i > 0; i--) {
            // 64 random bits modulo i + 1: the bias is below 2⁻³²
            int j = (int) Long.remainderUnsigned(Threefry.block(k0, k1, i, 1), i + 1L);
            int t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        return order;
    }
}
