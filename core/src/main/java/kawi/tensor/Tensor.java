package kawi.tensor;

import static kawi.graph.Elementwise.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.Buffer;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Memory;
import kawi.base.Shape;
import kawi.base.Value;
import kawi.base.View;
import kawi.graph.Attention;
import kawi.graph.Contraction;
import kawi.graph.Contraction.Window;
import kawi.graph.Elementwise;
import kawi.graph.Graph;
import kawi.graph.HostArray;
import kawi.graph.Indexing;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Pooling;
import kawi.graph.Reduction;
import kawi.graph.Type;
import kawi.schedule.Engine;

/**
 * An n-dimensional array of numbers; immutable. Calling an operation checks shapes and element types and records it;
 * reading a value ({@link #item}, {@link #toFloatArray}, {@link #toString}) computes what that value needs. Shapes
 * broadcast as NumPy's do, element types are promoted in the order of {@link DType}. Axes may be given as negative
 * numbers, counted from the end. Nothing has to be closed or freed.
 */
public class Tensor {
    /** A chain of recorded operations longer than this is computed at once, so that unread tensors stay small. */
    private static final int LONGEST_CHAIN = 5000;

    private final Node node;

    Tensor(Node node) {
        this.node = node;
    }

    /** A tensor over a recorded node. */
    static Tensor of(Node node) {
        if (node.value() != null) {
            node.used(); // another holder of a known value, whose memory nobody may take over now
        } else if (!node.open() && (Engine.get().eager() || node.depth() > LONGEST_CHAIN && !Jit.recording())) {
            Engine.get().realize(List.of(node));
        }
        return new Tensor(node);
    }

    /** The node that computes this tensor. */
    Node node() {
        return node;
    }

    // Making tensors

    private static Tensor filled(DType dtype, Shape shape, java.util.function.Consumer<MemorySegment> fill) {
        Type type = new Type(dtype, shape);
        Buffer buffer = Memory.allocate(shape.size() * dtype.bytes(), "tensor " + type);
        fill.accept(buffer.segment());
        return new Tensor(Node.leaf(type, new Value(buffer, View.contiguous(shape))));
    }

    private static Shape shapeFor(int length, int... shape) {
        Shape s = shape.length == 0 ? Shape.of(length) : Shape.of(shape);
        if (s.size() != length) {
            throw new KawiException(
                    "of: shape %s has %d elements, but %d values were given".formatted(s, s.size(), length));
        }
        return s;
    }

    /** A tensor of the given values in row-major order; without a shape, a vector. */
    public static Tensor of(float[] values, int... shape) {
        return filled(
                DType.F32,
                shapeFor(values.length, shape),
                m -> MemorySegment.copy(values, 0, m, ValueLayout.JAVA_FLOAT, 0, values.length));
    }

    /** A tensor of the given values in row-major order; without a shape, a vector. */
    public static Tensor of(double[] values, int... shape) {
        return filled(
                DType.F64,
                shapeFor(values.length, shape),
                m -> MemorySegment.copy(values, 0, m, ValueLayout.JAVA_DOUBLE, 0, values.length));
    }

    /** A tensor of the given values in row-major order; without a shape, a vector. */
    public static Tensor of(int[] values, int... shape) {
        return filled(
                DType.I32,
                shapeFor(values.length, shape),
                m -> MemorySegment.copy(values, 0, m, ValueLayout.JAVA_INT, 0, values.length));
    }

    /** A tensor of the given values in row-major order; without a shape, a vector. */
    public static Tensor of(long[] values, int... shape) {
        return filled(
                DType.I64,
                shapeFor(values.length, shape),
                m -> MemorySegment.copy(values, 0, m, ValueLayout.JAVA_LONG, 0, values.length));
    }

    /** A tensor of bytes from 0 to 255 in row-major order; without a shape, a vector. */
    public static Tensor of(byte[] values, int... shape) {
        return filled(
                DType.U8,
                shapeFor(values.length, shape),
                m -> MemorySegment.copy(values, 0, m, ValueLayout.JAVA_BYTE, 0, values.length));
    }

    /** A tensor of truth values in row-major order; without a shape, a vector. */
    public static Tensor of(boolean[] values, int... shape) {
        return filled(DType.BOOL, shapeFor(values.length, shape), m -> {
            for (int i = 0; i < values.length; i++) {
                m.set(ValueLayout.JAVA_BYTE, i, (byte) (values[i] ? 1 : 0));
            }
        });
    }

    /** A tensor of the given bytes, in native order and row-major; they are copied. */
    public static Tensor of(MemorySegment bytes, DType dtype, int... shape) {
        Shape s = Shape.of(shape);
        if (bytes.byteSize() != s.size() * dtype.bytes()) {
            throw new KawiException("of: %s%s takes %d bytes, but %d were given"
                    .formatted(dtype, s, s.size() * dtype.bytes(), bytes.byteSize()));
        }
        return filled(dtype, s, m -> m.copyFrom(bytes));
    }

    /** A matrix of the given rows, which have one length. */
    public static Tensor of(float[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        float[] all = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != columns) {
                throw new KawiException(
                        "of: row 0 has %d values, but row %d has %d".formatted(columns, i, rows[i].length));
            }
            System.arraycopy(rows[i], 0, all, i * columns, columns);
        }
        return of(all, rows.length, columns);
    }

    /** One number, {@code F32}. */
    public static Tensor scalar(double value) {
        return of(Graph.constant(value, DType.F32, Shape.SCALAR));
    }

    /** One number of a type. */
    public static Tensor scalar(double value, DType dtype) {
        return of(Graph.constant(value, dtype, Shape.SCALAR));
    }

    /** The number everywhere. */
    public static Tensor full(double value, DType dtype, int... shape) {
        return of(Graph.constant(value, dtype, Shape.of(shape)));
    }

    /** Zeros, {@code F32}. */
    public static Tensor zeros(int... shape) {
        return full(0, DType.F32, shape);
    }

    /** Zeros. */
    public static Tensor zeros(DType dtype, int... shape) {
        return full(0, dtype, shape);
    }

    /** Ones, {@code F32}. */
    public static Tensor ones(int... shape) {
        return full(1, DType.F32, shape);
    }

    /** Ones. */
    public static Tensor ones(DType dtype, int... shape) {
        return full(1, dtype, shape);
    }

    /** The numbers 0 to n − 1, {@code I64}. */
    public static Tensor arange(int n) {
        return of(Graph.iota(DType.I64, Shape.of(n), 0));
    }

    /** The numbers from {@code from} to below {@code to}, {@code I64}. */
    public static Tensor arange(long from, long to) {
        if (to < from) {
            throw new KawiException("arange: the end " + to + " lies before the start " + from);
        }
        if (to - from < 0 || to - from > Integer.MAX_VALUE) {
            throw new KawiException("arange: an axis has at most %d elements, but from %d to %d there are %s"
                    .formatted(Integer.MAX_VALUE, from, to, Long.toUnsignedString(to - from)));
        }
        return arange((int) (to - from)).add(full(from, DType.I64));
    }

    /** {@code n} numbers evenly spaced from {@code from} to {@code to}, both included, {@code F32}. */
    public static Tensor linspace(double from, double to, int n) {
        return arange(n).to(DType.F32).mul(n > 1 ? (to - from) / (n - 1) : 0).add(from);
    }

    /** The identity matrix, {@code F32}. */
    public static Tensor eye(int n) {
        return arange(n).unsqueeze(1).eq(arange(n)).to(DType.F32);
    }

    /** Uniform in [0, 1) from the global stream, {@code F32}. */
    public static Tensor rand(int... shape) {
        return Kawi.nextKey().uniform(shape);
    }

    /** Normal with mean 0 and variance 1 from the global stream, {@code F32}. */
    public static Tensor randn(int... shape) {
        return Kawi.nextKey().normal(shape);
    }

    // What it is

    /** Element type. */
    public DType dtype() {
        return node().type().dtype();
    }

    /** Extents, outermost axis first. */
    public Shape shape() {
        return node().type().shape();
    }

    /** Extent of an axis; negative axes count from the end. */
    public int dim(int axis) {
        return shape().dim(axis);
    }

    /** Number of axes. */
    public int rank() {
        return shape().rank();
    }

    /** Number of elements. */
    public long size() {
        return shape().size();
    }

    /** Element type and shape. */
    Type type() {
        return node().type();
    }

    // Reading

    /** This tensor, computed. */
    public Tensor realized() {
        Jit.refuseToRead(this);
        Engine.get().realize(List.of(node()));
        return this;
    }

    Value value() {
        Jit.refuseToRead(this);
        Node n = node();
        Value v = n.value();
        if (v == null) {
            Engine.get().realize(List.of(n));
            v = n.value();
        }
        if (v == null) {
            throw new IllegalStateException("a run gives every wanted node its value");
        }
        return v;
    }

    private HostArray host() {
        Value v = value();
        HostArray a = HostArray.read(v.buffer().segment(), dtype(), v.view());
        Reference.reachabilityFence(v.buffer()); // it goes back to the pool when nobody refers to it
        return a;
    }

    /** A copy of the elements in row-major order and native byte order; to be read only. */
    public MemorySegment segment() {
        long bytes = size() * dtype().bytes();
        MemorySegment copy = Arena.ofAuto().allocate(Math.max(bytes, 1), 64).asSlice(0, bytes);
        Value v = value();
        if (v.view().isContiguous()) {
            copy.copyFrom(v.buffer().segment().asSlice(v.offsetBytes(dtype()), bytes));
            Reference.reachabilityFence(v.buffer());
        } else {
            host().write(copy);
        }
        return copy.asReadOnly();
    }

    /** The number of a tensor with one element. */
    public double item() {
        if (size() != 1) {
            throw new KawiException("item: the tensor must have one element, but " + type() + " has " + size());
        }
        return host().getDouble(0);
    }

    /** The elements in row-major order, cast to float. */
    public float[] toFloatArray() {
        float[] a = new float[Math.toIntExact(size())];
        Value v = value();
        if (dtype() == DType.F32 && v.view().isContiguous()) {
            MemorySegment.copy(v.buffer().segment(), ValueLayout.JAVA_FLOAT, v.offsetBytes(DType.F32), a, 0, a.length);
            Reference.reachabilityFence(v.buffer());
            return a;
        }
        HostArray h = host();
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) h.getDouble(i);
        }
        return a;
    }

    /** The elements in row-major order as doubles. */
    public double[] toDoubleArray() {
        HostArray h = host();
        return IntStream.range(0, h.size()).mapToDouble(h::getDouble).toArray();
    }

    /** The elements in row-major order as longs, cast as {@link #to} does. */
    public long[] toLongArray() {
        HostArray h = host();
        return IntStream.range(0, h.size()).mapToLong(h::getLong).toArray();
    }

    /** The elements in row-major order as ints, cast as {@link #to} does. */
    public int[] toIntArray() {
        HostArray h = host();
        boolean floats = dtype().isFloat();
        return IntStream.range(0, h.size())
                .map(i -> floats ? (int) h.getDouble(i) : (int) h.getLong(i))
                .toArray();
    }

    /** The elements, aligned, with type and shape; long axes are shortened. */
    @Override
    public String toString() {
        return node().open() ? type() + ", an example of a batch" : TensorText.of(host());
    }

    /** The same numbers as a constant: nothing is differentiated through the result. */
    public Tensor detach() {
        return node().tracked() ? of(Node.of(new Movement.StopGradient(), node())) : unchanging();
    }

    /** This tensor, or what a variable holds now. */
    Tensor unchanging() {
        return this;
    }

    /** The same numbers as a leaf with respect to which derivatives are kept. */
    public Tensor requiresGrad() {
        if (!dtype().isFloat()) {
            throw new KawiException(
                    "requiresGrad: only floating-point tensors are differentiated, but this one is " + type());
        }
        Tensor leaf = Jit.trackedArgument(this);
        if (leaf != null) {
            return leaf;
        }
        Value value = value();
        node().used();
        return new Tensor(Node.trackedLeaf(type(), value));
    }

    // Elementwise

    private Tensor unary(Elementwise op) {
        return of(Graph.unary(op, node()));
    }

    /** As {@link #unary} on floating-point numbers; integers are first cast to {@code F32}. */
    private Tensor real(Elementwise op) {
        return of(Graph.unary(op, Graph.cast(node(), dtype().isFloat() ? dtype() : DType.F32)));
    }

    private Tensor binary(Elementwise op, Tensor other) {
        return of(Graph.binary(op, node(), other.node()));
    }

    /**
     * A Java number takes this tensor's type; with integers, a fraction or an infinity gives {@code F32}, and a whole number
     * that the type cannot hold {@code I64}.
     */
    private Tensor number(double value) {
        DType d = dtype();
        if (!d.isFloat()) {
            boolean whole = d.isInteger() && value == Math.rint(value) && Math.abs(value) <= 0x1p63;
            boolean held = d == DType.U8 ? value >= 0 && value <= 255 : value == (int) value;
            d = !whole ? DType.F32 : held ? d : DType.I64;
        }
        return new Tensor(Graph.constant(value, d, shape()));
    }

    /** Another element type; floating point to integer truncates towards zero, to {@code BOOL} asks whether not 0. */
    public Tensor to(DType dtype) {
        return dtype == dtype() ? unchanging() : of(Graph.cast(node(), dtype));
    }

    public Tensor add(Tensor other) {
        return binary(ADD, other);
    }

    public Tensor add(double value) {
        return add(number(value));
    }

    public Tensor sub(Tensor other) {
        return binary(SUB, other);
    }

    public Tensor sub(double value) {
        return sub(number(value));
    }

    public Tensor mul(Tensor other) {
        return binary(MUL, other);
    }

    public Tensor mul(double value) {
        return mul(number(value));
    }

    /** True division; integers give {@code F32}. */
    public Tensor div(Tensor other) {
        return of(Graph.div(node(), other.node()));
    }

    /** True division; integers give {@code F32}. */
    public Tensor div(double value) {
        return div(number(value));
    }

    /** Quotient rounded towards −∞. */
    public Tensor floorDiv(Tensor other) {
        return binary(FLOOR_DIV, other);
    }

    /** Remainder with the sign of the divisor. */
    public Tensor remainder(Tensor other) {
        return binary(REM, other);
    }

    /** Remainder with the sign of the divisor. */
    public Tensor remainder(double value) {
        return remainder(number(value));
    }

    /** This to a power; two integers give {@code F32}, because an exponent may be negative. */
    public Tensor pow(Tensor exponent) {
        Tensor base = dtype().isFloat() || exponent.dtype().isFloat() ? this : to(DType.F32);
        return base.binary(POW, exponent);
    }

    /**
     * This to a power. Integers to a whole power from 0 on multiply and stay integers, which wrap; truth values are then
     * taken as {@code I64}, as by {@link #sum}. To another power integers give {@code F32}.
     */
    public Tensor pow(double exponent) {
        if (!dtype().isFloat() && exponent >= 0 && exponent == Math.rint(exponent) && exponent <= 0x1p53) {
            return wholePower((long) exponent);
        }
        if (exponent == 1) {
            return unchanging();
        }
        if (exponent == 2) {
            return square();
        }
        if (exponent == 0.5) {
            return sqrt();
        }
        Tensor base = dtype().isFloat() ? this : to(DType.F32);
        return base.binary(POW, base.number(exponent));
    }

    /** Squares multiplied: one for each bit of the exponent. */
    private Tensor wholePower(long exponent) {
        Tensor square = dtype() == DType.BOOL ? to(DType.I64) : unchanging();
        Tensor power = exponent % 2 == 1 ? square : ones(square.dtype(), shape().dims());
        for (long rest = exponent / 2; rest > 0; rest /= 2) {
            square = square.mul(square);
            power = rest % 2 == 0 ? power : power.mul(square);
        }
        return power;
    }

    public Tensor square() {
        return mul(this);
    }

    /** The larger of two; NaN if either is. */
    public Tensor maximum(Tensor other) {
        return binary(MAXIMUM, other);
    }

    /** The smaller of two; NaN if either is. */
    public Tensor minimum(Tensor other) {
        return binary(MINIMUM, other);
    }

    /** Each element brought into [low, high]. */
    public Tensor clamp(double low, double high) {
        return maximum(number(low)).minimum(number(high));
    }

    public Tensor neg() {
        return unary(NEG);
    }

    public Tensor abs() {
        return unary(ABS);
    }

    /** −1, 0 or 1. */
    public Tensor sign() {
        return unary(SIGN);
    }

    public Tensor exp() {
        return real(EXP);
    }

    /** eˣ − 1, exact near 0. */
    public Tensor expm1() {
        return real(EXPM1);
    }

    /** Natural logarithm. */
    public Tensor log() {
        return real(LOG);
    }

    /** ln(1 + x), exact near 0. */
    public Tensor log1p() {
        return real(LOG1P);
    }

    public Tensor sqrt() {
        return real(SQRT);
    }

    /** 1 / √x. */
    public Tensor rsqrt() {
        return sqrt().reciprocal();
    }

    public Tensor reciprocal() {
        return real(RECIPROCAL);
    }

    public Tensor sin() {
        return real(SIN);
    }

    public Tensor cos() {
        return real(COS);
    }

    public Tensor tan() {
        return sin().div(cos());
    }

    public Tensor tanh() {
        return real(TANH);
    }

    /** 1 / (1 + e⁻ˣ). */
    public Tensor sigmoid() {
        return real(SIGMOID);
    }

    /** The error function. */
    public Tensor erf() {
        return real(ERF);
    }

    public Tensor floor() {
        return dtype().isFloat() ? unary(FLOOR) : unchanging();
    }

    public Tensor ceil() {
        return dtype().isFloat() ? unary(CEIL) : unchanging();
    }

    /** To the nearest integer, halves to the even one. */
    public Tensor round() {
        return dtype().isFloat() ? unary(ROUND) : unchanging();
    }

    public Tensor isNan() {
        return ne(this);
    }

    /** Whether neither NaN nor infinite. */
    public Tensor isFinite() {
        return dtype().isFloat() ? abs().lt(Double.POSITIVE_INFINITY) : full(1, DType.BOOL, shape().dims());
    }

    // Activations

    /** max(x, 0). */
    public Tensor relu() {
        return of(Graph.where(le(0).node(), number(0).node(), node()));
    }

    /** x where positive, else slope·x. */
    public Tensor leakyRelu(double slope) {
        return where(gt(0), this, mul(slope));
    }

    /** x·Φ(x) with Φ the standard normal distribution function (Hendrycks and Gimpel 2016). */
    public Tensor gelu() {
        return mul(0.5).mul(mul(Math.sqrt(0.5)).erf().add(1));
    }

    /** x·sigmoid(x), also called Swish. */
    public Tensor silu() {
        return mul(sigmoid());
    }

    /** ln(1 + eˣ), without overflow. */
    public Tensor softplus() {
        // −|x| by where: the derivative of |x| at 0 is taken as 0, which would make that of the sum 0 in place of ½.
        Tensor x = dtype().isFloat() ? this : to(DType.F32);
        return x.relu().add(where(x.gt(0), x.neg(), x).exp().log1p());
    }

    // Comparisons and logic

    public Tensor eq(Tensor other) {
        return binary(EQ, other);
    }

    public Tensor eq(double value) {
        return eq(number(value));
    }

    public Tensor ne(Tensor other) {
        return binary(NE, other);
    }

    public Tensor ne(double value) {
        return ne(number(value));
    }

    public Tensor lt(Tensor other) {
        return binary(LT, other);
    }

    public Tensor lt(double value) {
        return lt(number(value));
    }

    public Tensor le(Tensor other) {
        return binary(LE, other);
    }

    public Tensor le(double value) {
        return le(number(value));
    }

    public Tensor gt(Tensor other) {
        return other.binary(LT, this);
    }

    public Tensor gt(double value) {
        return gt(number(value));
    }

    public Tensor ge(Tensor other) {
        return other.binary(LE, this);
    }

    public Tensor ge(double value) {
        return ge(number(value));
    }

    /** Logical for {@code BOOL}, bitwise for integers. */
    public Tensor and(Tensor other) {
        return binary(AND, other);
    }

    /** Logical for {@code BOOL}, bitwise for integers. */
    public Tensor or(Tensor other) {
        return binary(OR, other);
    }

    /** Logical for {@code BOOL}, bitwise for integers. */
    public Tensor xor(Tensor other) {
        return binary(XOR, other);
    }

    public Tensor not() {
        return unary(NOT);
    }

    /** {@code a} where the condition is true, else {@code b}; all broadcast. */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return of(Graph.where(condition.to(DType.BOOL).node(), a.node(), b.node()));
    }

    /** This tensor, with {@code value} where the mask is true. */
    public Tensor maskedFill(Tensor mask, double value) {
        return where(mask, number(value), this);
    }

    // Views

    /** The same elements in row-major order under another shape; one extent may be −1 and is worked out. */
    public Tensor reshape(int... shape) {
        int[] d = shape.clone();
        int open = -1;
        for (int i = 0; i < d.length && open < 0; i++) {
            open = d[i] == -1 ? i : -1;
        }
        if (open >= 0) {
            d[open] = 1;
            boolean twice = Arrays.stream(d).anyMatch(e -> e < 0);
            long known = twice ? 0 : Shape.of(d).size();
            if (known == 0 || size() % known != 0 || size() / known > Integer.MAX_VALUE) {
                throw new KawiException("reshape: %s with %d elements does not divide into %s"
                        .formatted(shape(), size(), Arrays.toString(shape)));
            }
            d[open] = (int) (size() / known);
        }
        return of(Graph.reshape(node(), Shape.of(d)));
    }

    /** Axes {@code from} to {@code to}, both included, as one. */
    public Tensor flatten(int from, int to) {
        int a = shape().axis(from, "flatten");
        int b = shape().axis(to, "flatten");
        if (b < a) {
            throw new KawiException("flatten: axis %d comes after axis %d in shape %s".formatted(from, to, shape()));
        }
        long extent = shape().product(a, b + 1);
        if (extent > Integer.MAX_VALUE) {
            throw new KawiException("flatten: an axis has at most %d elements, but axes %d to %d of shape %s have %d"
                    .formatted(Integer.MAX_VALUE, a, b, shape(), extent));
        }
        return of(Graph.reshape(node(), shape().without(a, b + 1).inserted(a, (int) extent)));
    }

    /** All elements as a vector. */
    public Tensor flatten() {
        return reshape(-1);
    }

    /** Axis {@code order[i]} becomes axis i. */
    public Tensor permute(int... order) {
        int[] o = IntStream.of(order).map(a -> shape().axis(a, "permute")).toArray();
        return of(Graph.permute(node(), o));
    }

    /** Two axes exchanged. */
    public Tensor transpose(int first, int second) {
        int a = shape().axis(first, "transpose");
        int b = shape().axis(second, "transpose");
        int[] order =
                IntStream.range(0, rank()).map(i -> i == a ? b : i == b ? a : i).toArray();
        return of(Graph.permute(node(), order));
    }

    /** The last two axes exchanged. */
    public Tensor t() {
        return transpose(-2, -1);
    }

    /** Broadcast to a shape. */
    public Tensor expand(int... shape) {
        return of(Graph.expand(node(), Shape.of(shape)));
    }

    /** A new axis of extent 1 before position {@code axis}. */
    public Tensor unsqueeze(int axis) {
        int a = axis < 0 ? axis + rank() + 1 : axis;
        if (a < 0 || a > rank()) {
            throw new KawiException("unsqueeze: position %d does not exist for shape %s; positions run from %d to %d"
                    .formatted(axis, shape(), -rank() - 1, rank()));
        }
        return of(Graph.reshape(node(), shape().inserted(a, 1)));
    }

    /** Without an axis of extent 1. */
    public Tensor squeeze(int axis) {
        int a = shape().axis(axis, "squeeze");
        if (shape().dim(a) != 1) {
            throw new KawiException(
                    "squeeze: axis %d of shape %s has extent %d, not 1".formatted(axis, shape(), shape().dim(a)));
        }
        return of(Graph.reshape(node(), shape().without(a, a + 1)));
    }

    /** Without any axis of extent 1. */
    public Tensor squeeze() {
        return of(Graph.reshape(
                node(),
                Shape.of(IntStream.of(shape().dims()).filter(d -> d != 1).toArray())));
    }

    /** Element {@code index} along an axis, without that axis; negative ones count from the end. */
    public Tensor select(int axis, int index) {
        int a = shape().axis(axis, "select");
        int n = shape().dim(a);
        int i = index < 0 ? index + n : index;
        if (i < 0 || i >= n) {
            throw new KawiException(
                    "select: index %d lies outside axis %d of shape %s".formatted(index, axis, shape()));
        }
        return slice(a, i, i + 1).squeeze(a);
    }

    /** Elements {@code from} to {@code to − 1} along an axis, as NumPy's {@code from:to}. */
    public Tensor slice(int axis, int from, int to) {
        return slice(axis, from, to, 1);
    }

    /**
     * Elements along an axis, as NumPy's {@code from:to:step}: negative bounds count from the end, bounds outside are
     * brought in, a negative step walks backwards ({@code Integer.MIN_VALUE} as its end means through the first).
     */
    public Tensor slice(int axis, int from, int to, int step) {
        int a = shape().axis(axis, "slice");
        int n = shape().dim(a);
        if (step == 0) {
            throw new KawiException("slice: the step cannot be 0");
        }
        int lowest = step > 0 ? 0 : -1;
        int highest = step > 0 ? n : n - 1;
        int f = Math.clamp(from < 0 ? (long) from + n : from, lowest, highest);
        int t = to == Integer.MIN_VALUE ? lowest : Math.clamp(to < 0 ? (long) to + n : to, lowest, highest);
        long length = step > 0 ? (long) t - f : (long) f - t;
        long stride = Math.abs((long) step);
        int count = (int) Math.max(0, (length + stride - 1) / stride);
        int[] starts = new int[rank()];
        int[] steps = new int[rank()];
        int[] counts = shape().dims();
        Arrays.fill(steps, 1);
        starts[a] = count == 0 ? 0 : f;
        steps[a] = count < 2 ? 1 : step;
        counts[a] = count;
        return of(Graph.slice(node(), starts, steps, counts));
    }

    /** The order along an axis reversed. */
    public Tensor flip(int axis) {
        int a = shape().axis(axis, "flip");
        return slice(a, shape().dim(a) - 1, Integer.MIN_VALUE, -1);
    }

    // Moving elements

    /** {@code before} and {@code after} elements of value {@code value} put around along an axis. */
    public Tensor pad(int axis, int before, int after, double value) {
        int a = shape().axis(axis, "pad");
        if (before < 0 || after < 0) {
            throw new KawiException(
                    "pad: %d and %d elements cannot be added; use slice to remove".formatted(before, after));
        }
        int[] start = new int[rank()];
        start[a] = before;
        long extent = (long) shape().dim(a) + before + after;
        if (extent > Integer.MAX_VALUE) {
            throw new KawiException(
                    "pad: an axis has at most %d elements, but %d and %d more make %d of axis %d of shape %s"
                            .formatted(Integer.MAX_VALUE, before, after, extent, a, shape()));
        }
        Shape whole = shape().with(a, (int) extent);
        Movement.Embed embed = new Movement.Embed(
                list(start), list(IntStream.range(0, rank()).map(i -> 1).toArray()), whole);
        Tensor zeros = of(Node.of(embed, node()));
        if (value == 0) {
            return zeros;
        }
        Tensor position = of(Graph.iota(DType.I32, whole, a));
        Tensor inside = position.ge(before).and(position.lt(before + shape().dim(a)));
        return where(inside, zeros, full(value, dtype(), whole.dims()));
    }

    private static List<Integer> list(int[] values) {
        return IntStream.of(values).boxed().toList();
    }

    /** Tensors one after another along an existing axis; element types are promoted. */
    public static Tensor concat(int axis, Tensor... parts) {
        if (parts.length == 0) {
            throw new KawiException("concat: at least one tensor is needed");
        }
        int a = parts[0].shape().axis(axis, "concat");
        DType d = Arrays.stream(parts).map(Tensor::dtype).reduce(DType.BOOL, DType::promote);
        Node[] nodes = Arrays.stream(parts).map(p -> Graph.cast(p.node(), d)).toArray(Node[]::new);
        return nodes.length == 1 ? of(nodes[0]) : of(Node.of(new Movement.Concat(a), nodes));
    }

    /** Tensors of one shape one after another along a new axis. */
    public static Tensor stack(int axis, Tensor... parts) {
        return concat(axis, Arrays.stream(parts).map(p -> p.unsqueeze(axis)).toArray(Tensor[]::new));
    }

    /** Whole slices along an axis at the places {@code index}, which may have any shape; that shape replaces the axis. */
    public Tensor take(int axis, Tensor index) {
        int a = shape().axis(axis, "take");
        Tensor y = of(Node.of(new Indexing.Take(a), node(), index.flatten().node()));
        List<Integer> d = new ArrayList<>();
        for (int i = 0; i < rank(); i++) {
            if (i == a) {
                IntStream.of(index.shape().dims()).forEach(d::add);
            } else {
                d.add(dim(i));
            }
        }
        return y.reshape(d.stream().mapToInt(Integer::intValue).toArray());
    }

    /** One element a place along an axis: {@code y[…, i, …] = x[…, index[…, i, …], …]}. */
    public Tensor gather(int axis, Tensor index) {
        return of(Node.of(new Indexing.Gather(shape().axis(axis, "gather")), node(), index.node()));
    }

    /** This tensor with the elements of {@code values} added at the places {@code index} along an axis. */
    public Tensor scatterAdd(int axis, Tensor index, Tensor values) {
        int a = shape().axis(axis, "scatterAdd");
        Tensor added = of(
                Node.of(new Indexing.ScatterAdd(a, dim(a)), values.to(dtype()).node(), index.node()));
        if (!added.shape().equals(shape())) {
            throw new KawiException(
                    "scatterAdd: along axis %d, values of shape %s do not fit %s; all other extents must agree"
                            .formatted(axis, values.shape(), shape()));
        }
        return add(added);
    }

    /** 1 at the place each integer names along a new last axis of {@code classes}, else 0; {@code F32}. */
    public Tensor oneHot(int classes) {
        return unsqueeze(-1).eq(arange(classes)).to(DType.F32);
    }

    // Reductions

    private int[] axes(String what, int... axes) {
        if (axes.length == 0) {
            return IntStream.range(0, rank()).toArray();
        }
        int[] a = IntStream.of(axes)
                .map(x -> shape().axis(x, what))
                .sorted()
                .distinct()
                .toArray();
        if (a.length != axes.length) {
            throw new KawiException(what + ": axes " + Arrays.toString(axes) + " name an axis twice");
        }
        return a;
    }

    private Tensor reduce(Reduction.Kind kind, String what, boolean keepDims, int... over) {
        int[] a = axes(what, over);
        Tensor x = dtype() == DType.BOOL || dtype() == DType.U8 || dtype() == DType.I32 && kind == Reduction.Kind.SUM
                ? to(DType.I64)
                : this;
        Node y = Graph.reduce(kind, x.node(), a);
        if (kind != Reduction.Kind.SUM) {
            y = Graph.cast(y, dtype());
        }
        return of(keepDims ? y : Graph.reshape(y, removed(a)));
    }

    private Shape removed(int[] axes) {
        return Shape.of(IntStream.range(0, rank())
                .filter(i -> Arrays.binarySearch(axes, i) < 0)
                .map(this::dim)
                .toArray());
    }

    /** Sum over axes, or over all; integers and truth values give {@code I64}. */
    public Tensor sum(int... axes) {
        return reduce(Reduction.Kind.SUM, "sum", false, axes);
    }

    /** As {@link #sum}; the axes stay with extent 1. */
    public Tensor sumKeepDims(int... axes) {
        return reduce(Reduction.Kind.SUM, "sum", true, axes);
    }

    /** Mean over axes, or over all; integers give {@code F32}. */
    public Tensor mean(int... axes) {
        return meanOf(false, axes);
    }

    /** As {@link #mean}; the axes stay with extent 1. */
    public Tensor meanKeepDims(int... axes) {
        return meanOf(true, axes);
    }

    private Tensor meanOf(boolean keepDims, int... over) {
        Tensor x = dtype().isFloat() ? this : to(DType.F32);
        return x.reduce(Reduction.Kind.SUM, "mean", keepDims, over).div(count("mean", over));
    }

    private double count(String what, int... over) {
        double n = 1;
        for (int a : axes(what, over)) {
            n *= dim(a);
        }
        return n;
    }

    /** Largest element over axes, or over all; NaN wins. */
    public Tensor max(int... axes) {
        return reduce(Reduction.Kind.MAX, "max", false, axes);
    }

    /** As {@link #max}; the axes stay with extent 1. */
    public Tensor maxKeepDims(int... axes) {
        return reduce(Reduction.Kind.MAX, "max", true, axes);
    }

    /** Smallest element over axes, or over all; NaN wins. */
    public Tensor min(int... axes) {
        return reduce(Reduction.Kind.MIN, "min", false, axes);
    }

    /** Product over one axis. */
    public Tensor prod(int axis) {
        int a = shape().axis(axis, "prod");
        Tensor x = dtype().isFloat() || dtype() == DType.I64 ? this : to(DType.I64);
        if (x.dim(a) == 0) {
            return full(1, x.dtype(), shape().without(a, a + 1).dims());
        }
        // Halves multiplied until one is left: its derivative needs no division, so zeros do no harm.
        while (x.dim(a) > 1) {
            int half = x.dim(a) / 2;
            Tensor y = x.slice(a, 0, half).mul(x.slice(a, half, 2 * half));
            x = x.dim(a) % 2 == 0 ? y : concat(a, y, x.slice(a, 2 * half, 2 * half + 1));
        }
        return x.squeeze(a);
    }

    /** Whether any element is true. */
    public Tensor any(int... axes) {
        return to(DType.BOOL).sum(axes).ne(0);
    }

    /** Whether all elements are true. */
    public Tensor all(int... axes) {
        return to(DType.BOOL).not().sum(axes).eq(0);
    }

    /** Variance over axes, or over all: Σ(x − mean)² / (n − correction); correction 1 is the unbiased estimate. */
    public Tensor variance(int correction, int... axes) {
        Tensor x = dtype().isFloat() ? this : to(DType.F32);
        Tensor centred = x.sub(x.meanKeepDims(axes));
        return centred.square().sum(axes).div(count("variance", axes) - correction);
    }

    /** Position of the first largest element along an axis, {@code I64}; NaN wins. */
    public Tensor argmax(int axis) {
        int a = shape().axis(axis, "argmax");
        return of(Graph.reshape(Node.of(new Reduction.ArgReduce(true, a), node()), shape().without(a, a + 1)));
    }

    /** Position of the first smallest element along an axis, {@code I64}; NaN wins. */
    public Tensor argmin(int axis) {
        int a = shape().axis(axis, "argmin");
        return of(Graph.reshape(Node.of(new Reduction.ArgReduce(false, a), node()), shape().without(a, a + 1)));
    }

    /** Sums up to and including each element along an axis. */
    public Tensor cumsum(int axis) {
        Tensor x = dtype() == DType.BOOL || dtype() == DType.U8 || dtype() == DType.I32 ? to(DType.I64) : this;
        return of(Node.of(new Reduction.CumSum(shape().axis(axis, "cumsum"), false), x.node()));
    }

    /** ln Σ eˣ along an axis, without overflow. */
    public Tensor logSumExp(int axis) {
        int a = shape().axis(axis, "logSumExp");
        return logSumExpKeepDims(a).squeeze(a);
    }

    private Tensor logSumExpKeepDims(int axis) {
        Tensor top = maxKeepDims(axis).detach();
        Tensor shift = where(top.isFinite(), top, zeros(dtype()));
        return sub(shift).exp().sumKeepDims(axis).log().add(shift);
    }

    /** eˣ / Σ eˣ along an axis. */
    public Tensor softmax(int axis) {
        int a = shape().axis(axis, "softmax");
        Tensor e = sub(maxKeepDims(a).detach()).exp();
        return e.div(e.sumKeepDims(a));
    }

    /** x − ln Σ eˣ along an axis. */
    public Tensor logSoftmax(int axis) {
        int a = shape().axis(axis, "logSoftmax");
        Tensor shifted = sub(maxKeepDims(a).detach());
        return shifted.sub(shifted.exp().sumKeepDims(a).log());
    }

    // Contractions

    /** Matrix product over the last two axes; the others broadcast. A vector is taken as a row first or a column second. */
    public Tensor matmul(Tensor other) {
        Tensor a = rank() == 1 ? unsqueeze(0) : this;
        Tensor b = other.rank() == 1 ? other.unsqueeze(1) : other;
        Tensor y = of(Graph.matmul(a.node(), b.node()));
        if (other.rank() == 1) {
            y = y.squeeze(-1);
        }
        return rank() == 1 ? y.squeeze(other.rank() == 1 ? -1 : -2) : y;
    }

    /**
     * Scaled dot-product attention, softmax(query·keyᵀ/√d)·value, in which every query sees every key (Vaswani et al. 2017,
     * section 3.2.1).
     *
     * @param query {@code [batch…, Tq, d]}
     * @param key {@code [batch…, Tk, d]}; batch axes broadcast
     * @param value {@code [batch…, Tk, dv]}
     * @return {@code [batch…, Tq, dv]}
     */
    public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value) {
        return scaledDotProductAttention(query, key, value, Attention.ALL, defaultScale(query));
    }

    /** The same; if {@code causal}, query i sees the keys 0 to i only. */
    public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value, boolean causal) {
        return scaledDotProductAttention(query, key, value, causal ? 0 : Attention.ALL, defaultScale(query));
    }

    /**
     * Scaled dot-product attention, softmax(scale·query·keyᵀ)·value, in which query i sees the keys 0 to i + diagonal. With
     * diagonal Tk − Tq the last query sees all keys: the queries continue a sequence whose keys are kept. The result of a query
     * that sees no key is 0, and has no derivative.
     *
     * <p>In {@code F32} neither the forward nor the backward pass stores the scores {@code [Tq, Tk]} (Dao et al. 2022). A
     * number that is not finite makes NaN of what it reaches by the formula; at a hidden place it may also reach
     * the other queries of its block of 64, or the other keys of a block of 96.
     *
     * @param diagonal 0 for causal attention; {@link Integer#MAX_VALUE} hides nothing
     * @param scale factor of the products, usually 1/√d
     */
    public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value, int diagonal, double scale) {
        return of(Attention.of(query.node(), key.node(), value.node(), scale, diagonal));
    }

    private static double defaultScale(Tensor query) {
        return 1 / Math.sqrt(Math.max(1, query.rank() == 0 ? 1 : query.dim(-1)));
    }

    /** Convolution of {@code [N, C, H, W]} with weights {@code [O, C/groups, kH, kW]}; one stride, padding and dilation for both axes. */
    public Tensor conv2d(Tensor weight, int stride, int padding, int dilation, int groups) {
        return conv2d(weight, Window.of(stride, padding, dilation), groups);
    }

    /** Convolution of {@code [N, C, H, W]} with weights {@code [O, C/groups, kH, kW]}, stride 1, no padding. */
    public Tensor conv2d(Tensor weight) {
        return conv2d(weight, 1, 0, 1, 1);
    }

    private Tensor conv2d(Tensor weight, Window window, int groups) {
        return of(Node.of(new Contraction.Conv2d(window, groups), node(), weight.node()));
    }

    /** The largest element of each {@code kernel × kernel} window of {@code [N, C, H, W]}; padding never wins. */
    public Tensor maxPool2d(int kernel, int stride, int padding) {
        Pooling.Pool pool = new Pooling.Pool(kernel, kernel, Window.of(stride, padding, 1));
        return of(Node.of(new Pooling.PlaneGather(), node(), Node.of(new Pooling.MaxPoolIndex(pool), node())));
    }

    /** The mean of each {@code kernel × kernel} window of {@code [N, C, H, W]}; padding counts as zeros. */
    public Tensor avgPool2d(int kernel, int stride, int padding) {
        Pooling.Pool pool = new Pooling.Pool(kernel, kernel, Window.of(stride, padding, 1));
        return of(Node.of(new Pooling.SumPool(pool), node())).div(kernel * (double) kernel);
    }
}
