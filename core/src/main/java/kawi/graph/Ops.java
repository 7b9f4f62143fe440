package kawi.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Contraction.Conv2d;
import kawi.graph.Contraction.Window;
import kawi.graph.Pooling.Pool;

/**
 * Sample uses of every primitive operation: what the tests run over. A new operation gets its lines here, and with them
 * tests of its value, at every vector width, of its derivatives forwards and backwards, of its batching rule, and of its
 * reading of strided memory.
 */
public final class Ops {
    private static final DType[] FLOATS = {DType.F32, DType.F64};
    private static final DType[] NUMBERS = {DType.F32, DType.F64, DType.I32, DType.I64};
    private static final int[][] SHAPES = {{5, 7}, {}, {1}, {0, 3}, {2, 1, 35}};

    private final List<Sample> samples = new ArrayList<>();

    private Ops() {}

    /**
     * An operand of a sample: its elements lie in {@code low} to {@code high}, where the operation is defined and, for
     * distinct elements, smooth.
     *
     * @param whole whether floating-point elements are whole numbers, so that some are equal
     * @param ascending whether the elements do not decrease in row-major order
     */
    public record Input(DType dtype, Shape shape, double low, double high, boolean whole, boolean ascending) {
        /** In any order. */
        public Input(DType dtype, Shape shape, double low, double high, boolean whole) {
            this(dtype, shape, low, high, whole, false);
        }

        /** Random elements; those that are not whole numbers keep a distance from each other, in a random order. */
        public HostArray draw(Random random) {
            HostArray a = new HostArray(new Type(dtype, shape));
            int n = a.size();
            List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
            Collections.shuffle(order, random);
            double range = high - low;
            for (int i = 0; i < n; i++) {
                // otherwise one of n cells each, somewhere in its middle
                double v = whole
                        ? low + Math.floor(random.nextDouble() * (range + 1))
                        : low + range * (order.get(i) + 0.3 + 0.4 * random.nextDouble()) / n;
                if (dtype.isFloat() || !whole) {
                    a.set(i, v);
                } else {
                    a.set(i, (long) v);
                }
            }
            return ascending ? sorted(a) : a;
        }

        private static HostArray sorted(HostArray a) {
            double[] numbers = IntStream.range(0, a.size())
                    .mapToDouble(a::getDouble)
                    .sorted()
                    .toArray();
            for (int i = 0; i < numbers.length; i++) {
                a.set(i, numbers[i]);
            }
            return a;
        }
    }

    /** An operation with attributes, on operands. */
    public record Sample(String name, Op op, List<Input> inputs) {
        /** Type of the result. */
        public Type result() {
            return op.infer(
                    inputs.stream().map(i -> new Type(i.dtype(), i.shape())).toList());
        }

        /** Whether derivatives can be compared with differences: floating-point throughout, not rounded to 16 bits, and smooth. */
        public boolean smooth() {
            return op.differentiable()
                    && !inputs.isEmpty()
                    && !result().dtype().isHalf()
                    && inputs.stream().noneMatch(i -> i.dtype().isHalf())
                    && result().dtype().isFloat()
                    && inputs.stream().anyMatch(i -> i.dtype().isFloat() && !i.whole());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Samples of all operations. */
    public static List<Sample> all() {
        Ops ops = new Ops();
        ops.elementwise();
        ops.casts();
        ops.movements();
        ops.reductions();
        ops.contractions();
        ops.attentions();
        ops.poolings();
        ops.indexings();
        ops.sparse();
        ops.sortings();
        ops.transforms();
        ops.sources();
        return List.copyOf(ops.samples);
    }

    /** Adds a sample; none of numbers of 16 bits for an operation that never sees them. */
    private void add(Op op, Input... inputs) {
        List<Input> in = List.of(inputs);
        if (!op.takesHalves() && in.stream().anyMatch(i -> i.dtype().isHalf())) {
            return;
        }
        String name =
                op + " of " + in.stream().map(i -> "" + i.dtype() + i.shape()).toList();
        samples.add(new Sample(name, op, in));
    }

    private static Input in(DType dtype, double low, double high, int... shape) {
        return new Input(dtype, Shape.of(shape), low, high, !dtype.isFloat());
    }

    /** Anything an ordinary number may be. */
    private static Input any(DType dtype, int... shape) {
        return switch (dtype) {
            case BOOL -> in(dtype, 0, 1, shape);
            case U8 -> in(dtype, 0, 255, shape);
            default -> in(dtype, -3, 3, shape);
        };
    }

    private static Input whole(DType dtype, double low, double high, int... shape) {
        return new Input(dtype, Shape.of(shape), low, high, true);
    }

    // Families

    private void elementwise() {
        for (Elementwise op : Elementwise.values()) {
            for (DType type : DType.values()) {
                for (int[] shape : SHAPES) {
                    List<Input> in = operands(op, type, shape);
                    if (fits(op, in)) {
                        add(op, in.toArray(Input[]::new));
                    }
                }
            }
        }
    }

    private static boolean fits(Op op, List<Input> in) {
        try {
            op.infer(in.stream().map(i -> new Type(i.dtype(), i.shape())).toList());
            return true;
        } catch (KawiException e) {
            return false;
        }
    }

    private static List<Input> operands(Elementwise op, DType type, int[] shape) {
        Input any = any(type, shape);
        return switch (op) {
            case LOG, LOG2, LOG10, SQRT -> List.of(in(type, 0.1, 4, shape));
            case LGAMMA -> List.of(in(type, 0.4, 4, shape));
            case ERFINV -> List.of(in(type, -0.8, 0.8, shape));
            case ATAN2 -> List.of(any, in(type, 0.5, 3, shape));
            case POLYGAMMA -> List.of(whole(type, 0, 2, shape), in(type, 1.2, 4, shape));
            case LOG1P -> List.of(in(type, -0.8, 4, shape));
            case RECIPROCAL -> List.of(in(type, 0.3, 3, shape));
            case ABS, SIGN -> List.of(type == DType.U8 ? any : in(type, -3, 2.9, shape));
            case FLOOR, CEIL, ROUND -> List.of(in(type, -3.7, 3.8, shape));
            case DIV -> List.of(any, in(type, 0.5, 3, shape));
            case FLOOR_DIV, REM ->
                type.isFloat()
                        ? List.of(in(type, -1.8, -1.2, shape), in(type, 0.8, 1.1, shape))
                        : List.of(type == DType.U8 ? any : in(type, -20, 20, shape), in(type, 1, 5, shape));
            case POW -> List.of(in(type, 0.2, 3, shape), in(type, -2, 2, shape));
            case EQ, NE, LT, LE ->
                type == DType.BOOL ? List.of(any, any) : List.of(whole(type, 0, 3, shape), whole(type, 0, 3, shape));
            case SHIFT_RIGHT -> List.of(in(type, -1e6, 1e6, shape), in(type, 0, 31, shape));
            case THREEFRY -> List.of(in(type, -1e9, 1e9, shape), in(type, -1e9, 1e9, shape), in(type, 0, 1e9, shape));
            case WHERE -> List.of(any(DType.BOOL, shape), any, any);
            default -> op.arity() == 1 ? List.of(any) : List.of(any, any);
        };
    }

    private void casts() {
        for (DType from : DType.values()) {
            for (DType to : DType.values()) {
                if (from != to) {
                    // negative numbers to U8 wrap, so they are worth a sample too
                    Input in = from.isFloat() || from == DType.I32 || from == DType.I64
                            ? in(from, -300, 300, 5, 7)
                            : any(from, 5, 7);
                    add(new Cast(to), in);
                }
            }
        }
        add(new Cast(DType.F64), any(DType.F32));
        add(new Cast(DType.F32), any(DType.F64, 0, 3));
    }

    private void movements() {
        for (DType type : DType.values()) {
            add(new Movement.Reshape(Shape.of(7, 5)), any(type, 5, 7));
            add(new Movement.Permute(List.of(2, 0, 1)), any(type, 3, 4, 5));
            add(new Movement.Expand(Shape.of(3, 4, 5)), any(type, 3, 1, 5));
            add(new Movement.Slice(List.of(1, 4), List.of(2, -1), Shape.of(3, 3)), any(type, 7, 5));
            add(new Movement.Embed(List.of(1, 4), List.of(2, -1), Shape.of(7, 5)), any(type, 3, 3));
            add(new Movement.Concat(1), any(type, 3, 2), any(type, 3, 5));
        }
        for (DType type : FLOATS) {
            add(new Movement.Reshape(Shape.SCALAR), any(type, 1, 1));
            add(new Movement.Reshape(Shape.of(0, 4)), any(type, 2, 0));
            add(new Movement.Permute(List.of()), any(type));
            add(new Movement.Permute(List.of(1, 0)), any(type, 0, 3));
            add(new Movement.Expand(Shape.of(0, 5)), any(type, 1, 5));
            add(new Movement.Expand(Shape.of(2, 3)), any(type, 1, 1));
            add(new Movement.Slice(List.of(0), List.of(3), Shape.of(0)), any(type, 4));
            add(new Movement.Slice(List.of(3), List.of(-3), Shape.of(2)), any(type, 4));
            add(new Movement.Embed(List.of(0), List.of(1), Shape.of(4)), any(type, 0));
            add(new Movement.Embed(List.of(3), List.of(-3), Shape.of(4)), any(type, 2));
            add(new Movement.Concat(0), any(type, 2, 3), any(type, 0, 3), any(type, 1, 3));
            add(new Movement.StopGradient(), any(type, 5, 7));
            add(new Identity.Mark(), any(type, 5, 7));
            add(new Identity.After(), any(type, 5, 7), any(DType.I32, 3));
        }
    }

    private void reductions() {
        int[][] shapes = {{5, 7}, {7, 1}, {1, 67}, {4, 3, 130}};
        for (DType type : NUMBERS) {
            for (Reduction.Kind kind : Reduction.Kind.values()) {
                for (int[] shape : shapes) {
                    for (int axis = 0; axis < shape.length; axis++) {
                        add(new Reduction.Reduce(kind, axis), any(type, shape));
                    }
                }
                add(new Reduction.Reduce(kind, 1), any(type, 0, 3));
            }
            add(new Reduction.Reduce(Reduction.Kind.SUM, 0), any(type, 0, 3));
            for (int axis = 0; axis < 3; axis++) {
                for (boolean flag : new boolean[] {true, false}) {
                    add(new Reduction.CumSum(axis, flag), any(type, 4, 3, 5));
                    add(new Reduction.ArgReduce(flag, axis), whole(type, -3, 3, 4, 3, 5));
                }
            }
            add(new Reduction.CumSum(1, false), any(type, 3, 0));
            add(new Reduction.CumSum(0, true), any(type, 1));
            add(new Reduction.ArgReduce(true, 0), any(type, 1, 1));
            add(new Reduction.ArgReduce(false, 1), any(type, 0, 3));
        }
        add(new Reduction.ArgReduce(true, 0), any(DType.BOOL, 7, 3));
        add(new Reduction.ArgReduce(false, 1), any(DType.U8, 7, 3));
        // longer than one chunk of partial sums
        add(new Reduction.Reduce(Reduction.Kind.SUM, 1), any(DType.F32, 2, 9001));
        add(new Reduction.Reduce(Reduction.Kind.SUM, 0), any(DType.F32, 9001, 2));
        add(new Reduction.Reduce(Reduction.Kind.MAX, 1), any(DType.F32, 2, 9001));
    }

    private void contractions() {
        for (DType type : NUMBERS) {
            add(new Contraction.MatMul(), any(type, 5, 7), any(type, 7, 3));
            add(new Contraction.MatMul(), any(type, 1, 1), any(type, 1, 1));
            add(new Contraction.MatMul(), any(type, 2, 3, 4, 5), any(type, 2, 3, 5, 6));
            add(new Contraction.MatMul(), any(type, 3, 0), any(type, 0, 4));
            add(new Contraction.MatMul(), any(type, 0, 3, 2), any(type, 0, 2, 4));
            add(new Contraction.MatMul(), any(type, 0, 3), any(type, 3, 4));
        }
        add(new Contraction.MatMul(), any(DType.U8, 3, 4), any(DType.U8, 4, 2));
        add(new Contraction.MatMul(), any(DType.BOOL, 3, 4), any(DType.BOOL, 4, 2));
        add(new Contraction.MatMul(), any(DType.F32, 37, 300), any(DType.F32, 300, 65));
        add(new Contraction.MatMul(), any(DType.F32, 1, 700), any(DType.F32, 700, 40));
        add(new Contraction.MatMul(), any(DType.F32, 40, 700), any(DType.F32, 700, 1));
        Window plain = Window.of(1, 0, 1);
        for (DType type : FLOATS) {
            convolution(type, new Conv2d(plain, 1), new int[] {2, 3, 5, 6}, new int[] {4, 3, 3, 2});
            convolution(type, new Conv2d(plain, 1), new int[] {1, 1, 1, 1}, new int[] {1, 1, 1, 1});
            convolution(type, new Conv2d(plain, 1), new int[] {2, 3, 4, 4}, new int[] {5, 3, 1, 1});
            convolution(type, new Conv2d(plain, 1), new int[] {0, 2, 4, 4}, new int[] {3, 2, 3, 3});
            convolution(type, new Conv2d(Window.of(2, 1, 1), 2), new int[] {2, 4, 5, 7}, new int[] {6, 2, 3, 3});
            convolution(type, new Conv2d(Window.of(1, 2, 2), 1), new int[] {1, 2, 6, 5}, new int[] {3, 2, 3, 3});
            convolution(type, new Conv2d(Window.of(3, 0, 1), 4), new int[] {2, 4, 7, 7}, new int[] {4, 1, 2, 2});
            Window uneven = new Window(2, 1, 0, 1, 2, 0, 1, 2);
            convolution(type, new Conv2d(uneven, 1), new int[] {2, 2, 6, 5}, new int[] {3, 2, 2, 3});
        }
        convolution(DType.F32, new Conv2d(Window.of(1, 1, 1), 1), new int[] {2, 9, 17, 19}, new int[] {20, 9, 3, 3});
    }

    private void convolution(DType type, Conv2d conv, int[] x, int[] w) {
        Shape y = conv.infer(List.of(new Type(type, Shape.of(x)), new Type(type, Shape.of(w))))
                .shape();
        add(conv, any(type, x), any(type, w));
        add(new Contraction.Conv2dByData(conv, x[2], x[3]), any(type, y.dims()), any(type, w));
        add(new Contraction.Conv2dByWeight(conv, w[2], w[3]), any(type, x), any(type, y.dims()));
    }

    private void attentions() {
        for (DType type : FLOATS) {
            for (int diagonal : new int[] {0, 2, -2, Attention.ALL}) {
                attention(type, 0.7, diagonal, 2, 5, 7, 3, 4);
            }
            attention(type, -0.7, 0, 1, 1, 1, 1, 1);
            attention(type, 0, 0, 1, 3, 3, 2, 2);
            attention(type, 1, 0, 2, 3, 0, 2, 2);
            attention(type, 1, 0, 2, 0, 3, 2, 2);
            attention(type, 1, 0, 0, 2, 3, 2, 2);
        }
        attention(DType.F32, 0.3, 0, 2, 130, 130, 17, 20);
        attention(DType.F32, 0.3, -40, 1, 90, 101, 33, 64);
        attention(DType.F32, 0.3, Attention.ALL, 17, 65, 97, 16, 16);
    }

    private void attention(
            DType type, double scale, int diagonal, int heads, int queries, int keys, int width, int valueWidth) {
        Attention op = new Attention(scale, diagonal);
        Input q = any(type, heads, queries, width);
        Input k = any(type, heads, keys, width);
        Input v = any(type, heads, keys, valueWidth);
        add(op, q, k, v);
        Input packed = in(type, 1, 3, heads * queries * (valueWidth + 1));
        add(
                new Attention.Backward(op),
                q,
                k,
                v,
                packed,
                any(type, heads, queries, valueWidth),
                any(type, heads, queries));
    }

    private void poolings() {
        for (DType type : FLOATS) {
            pooling(type, new Pool(2, 2, Window.of(2, 0, 1)), 2, 3, 6, 6);
            pooling(type, new Pool(3, 2, new Window(2, 1, 1, 0, 0, 1, 1, 1)), 2, 1, 7, 5);
            pooling(type, new Pool(3, 3, Window.of(1, 1, 1)), 1, 2, 4, 5);
            pooling(type, new Pool(2, 2, Window.of(3, 1, 1)), 1, 1, 5, 8);
            pooling(type, new Pool(1, 1, Window.of(1, 0, 1)), 1, 1, 1, 1);
            pooling(type, new Pool(2, 2, Window.of(2, 0, 1)), 0, 2, 4, 4);
            pooling(type, new Pool(2, 2, Window.of(1, 0, 2)), 1, 2, 5, 5);
        }
    }

    private void pooling(DType type, Pool pool, int... x) {
        Shape y = pool.out("pooling", Shape.of(x));
        add(new Pooling.MaxPoolIndex(pool), any(type, x));
        add(new Pooling.SumPool(pool), any(type, x));
        add(new Pooling.SumPoolTranspose(pool, x[2], x[3]), any(type, y.dims()));
        Input places = in(DType.I32, 0, (double) x[2] * x[3] - 1, y.dims());
        add(new Pooling.PlaneGather(), any(type, x), places);
        add(new Pooling.PlaneScatter(x[2], x[3]), any(type, y.dims()), places);
    }

    private void indexings() {
        for (DType type : DType.values()) {
            for (DType index : new DType[] {DType.I32, DType.I64}) {
                for (int axis = 0; axis < 3; axis++) {
                    int[] x = {4, 3, 5};
                    int[] y = x.clone();
                    y[axis] = 6;
                    Input places = in(index, 0, x[axis] - 1, y);
                    add(new Indexing.Gather(axis), any(type, x), places);
                    add(new Indexing.ScatterAdd(axis, x[axis]), any(type, y), places);
                    Input slices = in(index, 0, x[axis] - 1, 6);
                    add(new Indexing.Take(axis), any(type, x), slices);
                    add(new Indexing.TakeAdd(axis, x[axis]), any(type, y), slices);
                }
            }
        }
        for (DType type : FLOATS) {
            add(new Indexing.Take(0), any(type, 4, 3), in(DType.I64, 0, 3, 0));
            add(new Indexing.TakeAdd(0, 4), any(type, 0, 3), in(DType.I64, 0, 3, 0));
            add(new Indexing.Gather(0), any(type, 1), in(DType.I64, 0, 0, 1));
            add(new Indexing.ScatterAdd(1, 2), any(type, 3, 0), in(DType.I64, 0, 1, 3, 0));
        }
    }

    private void sparse() {
        for (DType type : FLOATS) {
            sparse(type, 5, 7, 12, 3);
            sparse(type, 4, 3, 30, 1);
            sparse(type, 3, 40, 5, 2);
            sparse(type, 3, 40, 5, 1);
            sparse(type, 1, 1, 1, 1);
            sparse(type, 3, 2, 0, 2);
            sparse(type, 0, 2, 3, 2);
            sparse(type, 4, 5, 9, 0);
            sparse(type, 4, 3, 9, 2, 2, 1);
            sparse(type, 4, 3, 9, 1, 2);
        }
        sparse(DType.F32, 900, 20, 5000, 1);
        sparse(DType.F32, 900, 20, 5000, 17);
    }

    private void sparse(DType type, int m, int n, int entries, int k, int... batch) {
        Input pointers = new Input(DType.I32, Shape.of(m + 1), 0, entries, true, true);
        Input indices = in(DType.I32, 0, n - 1, entries);
        Shape b = Shape.of(batch);
        int r = batch.length;
        Input values = any(type, b.inserted(r, entries).dims());
        Input x = any(type, b.inserted(r, n).inserted(r + 1, k).dims());
        Input y = any(type, b.inserted(r, m).inserted(r + 1, k).dims());
        add(new Sparse.MatMul(), pointers, indices, values, x);
        add(new Sparse.TransposedMatMul(n), pointers, indices, values, y);
        add(new Sparse.Sampled(), pointers, indices, y, x);
    }

    private void sortings() {
        for (DType type : DType.values()) {
            for (boolean descending : new boolean[] {true, false}) {
                for (int axis = 0; axis < 3; axis++) {
                    add(new Sorting.ArgSort(axis, descending), any(type, 4, 3, 5));
                }
            }
        }
        for (DType type : FLOATS) {
            add(new Sorting.ArgSort(1, false), whole(type, -2, 2, 3, 67));
            add(new Sorting.ArgSort(0, true), any(type, 0, 3));
            add(new Sorting.ArgSort(0, false), any(type, 1));
        }
    }

    private void transforms() {
        for (DType type : FLOATS) {
            for (boolean inverse : new boolean[] {true, false}) {
                for (int n : new int[] {0, 1, 2, 3, 4, 8, 15, 37, 41, 60, 97}) {
                    add(new Fourier.Dft(inverse), any(type, n < 50 ? 3 : 1, n, 2));
                }
                add(new Fourier.Dft(inverse), any(type, 0, 4, 2));
                add(new Fourier.Dft(inverse), any(type, 2, 3, 6, 2));
            }
        }
    }

    private void sources() {
        for (DType type : DType.values()) {
            double value = type == DType.BOOL ? 1 : type.isFloat() ? 0.1 : 7;
            add(Source.Constant.of(value, new Type(type, Shape.of(3, 5))));
            add(Source.Constant.of(value, new Type(type, Shape.SCALAR)));
            if (type != DType.BOOL) {
                add(new Source.Iota(type, Shape.of(3, 5), List.of(5L, 1L)));
                add(new Source.Iota(type, Shape.of(3, 5), List.of(0L, 2L)));
            }
        }
        add(Source.Constant.of(1, new Type(DType.F32, Shape.of(0, 3))));
    }
}
