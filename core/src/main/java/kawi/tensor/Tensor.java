package kawi.tensor;

import static kawi.graph.Elementwise.*;
import static kawi.tensor.Arithmetic.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.base.Value;
import kawi.graph.Attention;
import kawi.graph.Contraction;
import kawi.graph.Contraction.Window;
import kawi.graph.Elementwise;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;
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
        } else if (Engine.get().eager() || node.depth() > LONGEST_CHAIN && !Jit.recording()) {
            Engine.get().realize(List.of(node));
        }
        return new Tensor(node);
    }

    /** The node that computes this tensor. */
    Node node() {
        return node;
    }

    // Making tensors

    /** A tensor of the given values in row-major order; without a shape, a vector. */
    public static Tensor of(float[] values, int... shape) {
        return Creation.of(DType.F32, ValueLayout.JAVA_FLOAT, values, values.length, shape);
    }

    /** A tensor of the given values in row-major order; without a shape, a vector. */
    public static Tensor of(double[] values, int... shape) {
        return Creation.of(DType.F64, ValueLayout.JAVA_DOUBLE, values, values.length, shape);
    }

    /** A tensor of the given values in row-major order; without a shape, a vector. */
    public static Tensor of(int[] values, int... shape) {
        return Creation.of(DType.I32, ValueLayout.JAVA_INT, values, values.length, shape);
    }

    /** A tensor of the given values in row-major order; without a shape, a vector. */
    public static Tensor of(long[] values, int... shape) {
        return Creation.of(DType.I64, ValueLayout.JAVA_LONG, values, values.length, shape);
    }

    /** A tensor of bytes from 0 to 255 in row-major order; without a shape, a vector. */
    public static Tensor of(byte[] values, int... shape) {
        return Creation.of(DType.U8, ValueLayout.JAVA_BYTE, values, values.length, shape);
    }

    /** A tensor of truth values in row-major order; without a shape, a vector. */
    public static Tensor of(boolean[] values, int... shape) {
        return Creation.of(values, shape);
    }

    /** A tensor of the given bytes, in native order and row-major; they are copied. */
    public static Tensor of(MemorySegment bytes, DType dtype, int... shape) {
        return Creation.of(bytes, dtype, shape);
    }

    /** A matrix of the given rows, which have one length. */
    public static Tensor of(float[][] rows) {
        return Creation.of(rows);
    }

    /** One number, {@code F32}. */
    public static Tensor scalar(double value) {
        return Creation.full(value, DType.F32, Shape.SCALAR);
    }

    /** One number of a type. */
    public static Tensor scalar(double value, DType dtype) {
        return Creation.full(value, dtype, Shape.SCALAR);
    }

    /** The number everywhere. */
    public static Tensor full(double value, DType dtype, int... shape) {
        return Creation.full(value, dtype, Shape.of(shape));
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
        return Creation.arange(n);
    }

    /** The numbers from {@code from} to below {@code to}, {@code I64}. */
    public static Tensor arange(long from, long to) {
        return Creation.arange(from, to);
    }

    /** {@code n} numbers evenly spaced from {@code from} to {@code to}, both included, {@code F32}. */
    public static Tensor linspace(double from, double to, int n) {
        return Creation.linspace(from, to, n);
    }

    /** The identity matrix, {@code F32}. */
    public static Tensor eye(int n) {
        return Creation.eye(n);
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
        return Reading.value(node());
    }

    /** A copy of the elements in row-major order and native byte order; to be read only. */
    public MemorySegment segment() {
        return Reading.segment(this);
    }

    /** The number of a tensor with one element. */
    public double item() {
        return Reading.item(this);
    }

    /** The elements in row-major order, cast to float. */
    public float[] toFloatArray() {
        return Reading.floats(this);
    }

    /** The elements in row-major order as doubles. */
    public double[] toDoubleArray() {
        return Reading.doubles(this);
    }

    /** The elements in row-major order as longs, cast as {@link #to} does. */
    public long[] toLongArray() {
        return Reading.longs(this);
    }

    /** The elements in row-major order as ints, cast as {@link #to} does. */
    public int[] toIntArray() {
        return Reading.ints(this);
    }

    /** The elements, aligned, with type and shape; long axes are shortened. */
    @Override
    public String toString() {
        return TensorText.of(Reading.host(this));
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

    /** Another element type; floating point to integer truncates towards zero, to {@code BOOL} asks whether not 0. */
    public Tensor to(DType dtype) {
        return dtype == dtype() ? unchanging() : of(Graph.cast(node(), dtype));
    }

    public Tensor add(Tensor other) {
        return binary(ADD, this, other);
    }

    public Tensor add(double value) {
        return add(number(value, this));
    }

    public Tensor sub(Tensor other) {
        return binary(SUB, this, other);
    }

    public Tensor sub(double value) {
        return sub(number(value, this));
    }

    public Tensor mul(Tensor other) {
        return binary(MUL, this, other);
    }

    public Tensor mul(double value) {
        return mul(number(value, this));
    }

    /** True division; integers give {@code F32}. */
    public Tensor div(Tensor other) {
        return Arithmetic.div(this, other);
    }

    /** True division; integers give {@code F32}. */
    public Tensor div(double value) {
        return div(number(value, this));
    }

    /** Quotient rounded towards −∞. */
    public Tensor floorDiv(Tensor other) {
        return binary(FLOOR_DIV, this, other);
    }

    /** Remainder with the sign of the divisor. */
    public Tensor remainder(Tensor other) {
        return binary(REM, this, other);
    }

    /** Remainder with the sign of the divisor. */
    public Tensor remainder(double value) {
        return remainder(number(value, this));
    }

    /** This to a power; two integers give {@code F32}, because an exponent may be negative. */
    public Tensor pow(Tensor exponent) {
        return Arithmetic.pow(this, exponent);
    }

    /**
     * This to a power. Integers to a whole power from 0 on multiply and stay integers, which wrap; truth values are then
     * taken as {@code I64}, as by {@link #sum}. To another power integers give {@code F32}.
     */
    public Tensor pow(double exponent) {
        return Arithmetic.pow(this, exponent);
    }

    public Tensor square() {
        return mul(this);
    }

    /** The larger of two; NaN if either is. */
    public Tensor maximum(Tensor other) {
        return binary(MAXIMUM, this, other);
    }

    /** The smaller of two; NaN if either is. */
    public Tensor minimum(Tensor other) {
        return binary(MINIMUM, this, other);
    }

    /** Each element brought into [low, high]. */
    public Tensor clamp(double low, double high) {
        return Arithmetic.clamp(this, low, high);
    }

    public Tensor neg() {
        return unary(NEG, this);
    }

    public Tensor abs() {
        return unary(ABS, this);
    }

    /** −1, 0 or 1. */
    public Tensor sign() {
        return unary(SIGN, this);
    }

    public Tensor exp() {
        return real(EXP, this);
    }

    /** eˣ − 1, exact near 0. */
    public Tensor expm1() {
        return real(EXPM1, this);
    }

    /** Natural logarithm. */
    public Tensor log() {
        return real(LOG, this);
    }

    /** ln(1 + x), exact near 0. */
    public Tensor log1p() {
        return real(LOG1P, this);
    }

    public Tensor sqrt() {
        return real(SQRT, this);
    }

    /** 1 / √x. */
    public Tensor rsqrt() {
        return sqrt().reciprocal();
    }

    public Tensor reciprocal() {
        return real(RECIPROCAL, this);
    }

    public Tensor sin() {
        return real(SIN, this);
    }

    public Tensor cos() {
        return real(COS, this);
    }

    public Tensor tan() {
        return sin().div(cos());
    }

    public Tensor tanh() {
        return real(TANH, this);
    }

    /** 1 / (1 + e⁻ˣ). */
    public Tensor sigmoid() {
        return real(SIGMOID, this);
    }

    /** The error function. */
    public Tensor erf() {
        return real(ERF, this);
    }

    public Tensor floor() {
        return Arithmetic.rounded(FLOOR, this);
    }

    public Tensor ceil() {
        return Arithmetic.rounded(CEIL, this);
    }

    /** To the nearest integer, halves to the even one. */
    public Tensor round() {
        return Arithmetic.rounded(ROUND, this);
    }

    public Tensor isNan() {
        return ne(this);
    }

    /** Whether neither NaN nor infinite. */
    public Tensor isFinite() {
        return Arithmetic.isFinite(this);
    }

    // Activations

    /** max(x, 0). */
    public Tensor relu() {
        return Activations.relu(this);
    }

    /** x where positive, else slope·x. */
    public Tensor leakyRelu(double slope) {
        return Activations.leakyRelu(this, slope);
    }

    /** x·Φ(x) with Φ the standard normal distribution function (Hendrycks and Gimpel 2016). */
    public Tensor gelu() {
        return Activations.gelu(this);
    }

    /** x·sigmoid(x), also called Swish. */
    public Tensor silu() {
        return Activations.silu(this);
    }

    /** ln(1 + eˣ), without overflow. */
    public Tensor softplus() {
        return Activations.softplus(this);
    }

    // Comparisons and logic

    public Tensor eq(Tensor other) {
        return binary(EQ, this, other);
    }

    public Tensor eq(double value) {
        return eq(number(value, this));
    }

    public Tensor ne(Tensor other) {
        return binary(NE, this, other);
    }

    public Tensor ne(double value) {
        return ne(number(value, this));
    }

    public Tensor lt(Tensor other) {
        return binary(LT, this, other);
    }

    public Tensor lt(double value) {
        return lt(number(value, this));
    }

    public Tensor le(Tensor other) {
        return binary(LE, this, other);
    }

    public Tensor le(double value) {
        return le(number(value, this));
    }

    public Tensor gt(Tensor other) {
        return binary(LT, other, this);
    }

    public Tensor gt(double value) {
        return gt(number(value, this));
    }

    public Tensor ge(Tensor other) {
        return binary(LE, other, this);
    }

    public Tensor ge(double value) {
        return ge(number(value, this));
    }

    /** Logical for {@code BOOL}, bitwise for integers. */
    public Tensor and(Tensor other) {
        return binary(AND, this, other);
    }

    /** Logical for {@code BOOL}, bitwise for integers. */
    public Tensor or(Tensor other) {
        return binary(OR, this, other);
    }

    /** Logical for {@code BOOL}, bitwise for integers. */
    public Tensor xor(Tensor other) {
        return binary(XOR, this, other);
    }

    public Tensor not() {
        return unary(NOT, this);
    }

    /** {@code a} where the condition is true, else {@code b}; all broadcast. */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return Arithmetic.where(condition, a, b);
    }

    /** This tensor, with {@code value} where the mask is true. */
    public Tensor maskedFill(Tensor mask, double value) {
        return where(mask, number(value, this), this);
    }

    // Views

    /** The same elements in row-major order under another shape; one extent may be −1 and is worked out. */
    public Tensor reshape(int... shape) {
        return Shapes.reshape(this, shape);
    }

    /** Axes {@code from} to {@code to}, both included, as one. */
    public Tensor flatten(int from, int to) {
        return Shapes.flatten(this, from, to);
    }

    /** All elements as a vector. */
    public Tensor flatten() {
        return reshape(-1);
    }

    /** Axis {@code order[i]} becomes axis i. */
    public Tensor permute(int... order) {
        return Shapes.permute(this, order);
    }

    /** Two axes exchanged. */
    public Tensor transpose(int first, int second) {
        return Shapes.transpose(this, first, second);
    }

    /** The last two axes exchanged. */
    public Tensor t() {
        return transpose(-2, -1);
    }

    /** Broadcast to a shape. */
    public Tensor expand(int... shape) {
        return Shapes.expand(this, shape);
    }

    /** A new axis of extent 1 before position {@code axis}. */
    public Tensor unsqueeze(int axis) {
        return Shapes.unsqueeze(this, axis);
    }

    /** Without an axis of extent 1. */
    public Tensor squeeze(int axis) {
        return Shapes.squeeze(this, axis);
    }

    /** Without any axis of extent 1. */
    public Tensor squeeze() {
        return Shapes.squeeze(this);
    }

    /** Element {@code index} along an axis, without that axis; negative ones count from the end. */
    public Tensor select(int axis, int index) {
        return Shapes.select(this, axis, index);
    }

    /** Elements {@code from} to {@code to − 1} along an axis, as NumPy's {@code from:to}. */
    public Tensor slice(int axis, int from, int to) {
        return Shapes.slice(this, axis, from, to, 1);
    }

    /**
     * Elements along an axis, as NumPy's {@code from:to:step}: negative bounds count from the end, bounds outside are
     * brought in, a negative step walks backwards ({@code Integer.MIN_VALUE} as its end means through the first).
     */
    public Tensor slice(int axis, int from, int to, int step) {
        return Shapes.slice(this, axis, from, to, step);
    }

    /** The order along an axis reversed. */
    public Tensor flip(int axis) {
        return Shapes.flip(this, axis);
    }

    // Moving elements

    /** {@code before} and {@code after} elements of value {@code value} put around along an axis. */
    public Tensor pad(int axis, int before, int after, double value) {
        return Joining.pad(this, axis, before, after, value);
    }

    /** Tensors one after another along an existing axis; element types are promoted. */
    public static Tensor concat(int axis, Tensor... parts) {
        return Joining.concat(axis, parts);
    }

    /** Tensors of one shape one after another along a new axis. */
    public static Tensor stack(int axis, Tensor... parts) {
        return Joining.stack(axis, parts);
    }

    /** Whole slices along an axis at the places {@code index}, which may have any shape; that shape replaces the axis. */
    public Tensor take(int axis, Tensor index) {
        return Places.take(this, axis, index);
    }

    /** One element a place along an axis: {@code y[…, i, …] = x[…, index[…, i, …], …]}. */
    public Tensor gather(int axis, Tensor index) {
        return Places.gather(this, axis, index);
    }

    /** This tensor with the elements of {@code values} added at the places {@code index} along an axis. */
    public Tensor scatterAdd(int axis, Tensor index, Tensor values) {
        return Places.scatterAdd(this, axis, index, values);
    }

    /** 1 at the place each integer names along a new last axis of {@code classes}, else 0; {@code F32}. */
    public Tensor oneHot(int classes) {
        return Creation.oneHot(this, classes);
    }

    // Reductions

    /** Sum over axes, or over all; integers and truth values give {@code I64}. */
    public Tensor sum(int... axes) {
        return Reductions.sum(this, false, axes);
    }

    /** As {@link #sum}; the axes stay with extent 1. */
    public Tensor sumKeepDims(int... axes) {
        return Reductions.sum(this, true, axes);
    }

    /** Mean over axes, or over all; integers give {@code F32}. */
    public Tensor mean(int... axes) {
        return Reductions.mean(this, false, axes);
    }

    /** As {@link #mean}; the axes stay with extent 1. */
    public Tensor meanKeepDims(int... axes) {
        return Reductions.mean(this, true, axes);
    }

    /** Largest element over axes, or over all; NaN wins. */
    public Tensor max(int... axes) {
        return Reductions.max(this, false, axes);
    }

    /** As {@link #max}; the axes stay with extent 1. */
    public Tensor maxKeepDims(int... axes) {
        return Reductions.max(this, true, axes);
    }

    /** Smallest element over axes, or over all; NaN wins. */
    public Tensor min(int... axes) {
        return Reductions.min(this, false, axes);
    }

    /** Product over one axis. */
    public Tensor prod(int axis) {
        return Reductions.prod(this, axis);
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
        return Reductions.variance(this, correction, axes);
    }

    /** Position of the first largest element along an axis, {@code I64}; NaN wins. */
    public Tensor argmax(int axis) {
        return Reductions.argReduce(this, true, axis);
    }

    /** Position of the first smallest element along an axis, {@code I64}; NaN wins. */
    public Tensor argmin(int axis) {
        return Reductions.argReduce(this, false, axis);
    }

    /** Sums up to and including each element along an axis. */
    public Tensor cumsum(int axis) {
        return Scans.cumsum(this, axis);
    }

    /** ln Σ eˣ along an axis, without overflow. */
    public Tensor logSumExp(int axis) {
        return Reductions.logSumExp(this, axis);
    }

    /** eˣ / Σ eˣ along an axis. */
    public Tensor softmax(int axis) {
        return Activations.softmax(this, axis);
    }

    /** x − ln Σ eˣ along an axis. */
    public Tensor logSoftmax(int axis) {
        return Activations.logSoftmax(this, axis);
    }

    // Contractions

    /** Matrix product over the last two axes; the others broadcast. A vector is taken as a row first or a column second. */
    public Tensor matmul(Tensor other) {
        return Products.matmul(this, other);
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
        return scaledDotProductAttention(query, key, value, Attention.ALL, Products.attentionScale(query));
    }

    /** The same; if {@code causal}, query i sees the keys 0 to i only. */
    public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value, boolean causal) {
        return scaledDotProductAttention(query, key, value, causal ? 0 : Attention.ALL, Products.attentionScale(query));
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
        return Products.attention(query, key, value, diagonal, scale);
    }

    /** Convolution of {@code [N, C, H, W]} with weights {@code [O, C/groups, kH, kW]}; one stride, padding and dilation for both axes. */
    public Tensor conv2d(Tensor weight, int stride, int padding, int dilation, int groups) {
        return Products.conv2d(this, weight, Window.of(stride, padding, dilation), groups);
    }

    /** Convolution of {@code [N, C, H, W]} with weights {@code [O, C/groups, kH, kW]}, stride 1, no padding. */
    public Tensor conv2d(Tensor weight) {
        return conv2d(weight, 1, 0, 1, 1);
    }

    /** The largest element of each {@code kernel × kernel} window of {@code [N, C, H, W]}; padding never wins. */
    public Tensor maxPool2d(int kernel, int stride, int padding) {
        return Products.maxPool2d(this, kernel, stride, padding);
    }

    /** The mean of each {@code kernel × kernel} window of {@code [N, C, H, W]}; padding counts as zeros. */
    public Tensor avgPool2d(int kernel, int stride, int padding) {
        return Products.avgPool2d(this, kernel, stride, padding);
    }
}
