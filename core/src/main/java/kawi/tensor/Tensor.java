package kawi.tensor;

import static kawi.graph.Elementwise.*;
import static kawi.tensor.Arithmetic.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.base.Value;
import kawi.graph.Attention;
import kawi.graph.Contraction.Window;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Op;
import kawi.graph.Type;
import kawi.schedule.Engine;

/**
 * An n-dimensional array of numbers; immutable. Calling an operation checks shapes and element types and records it;
 * reading a value ({@link #item}, {@link #toFloatArray}, {@link #toString}) computes what that value needs. Shapes
 * broadcast as NumPy's do, element types are promoted in the order of {@link DType}. Axes may be given as negative
 * numbers, counted from the end. Nothing has to be closed or freed.
 */
public non-sealed class Tensor implements Index {
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

    /**
     * Records an operation that is declared outside of this package: how Kawi's other modules add some. Users compose the methods
     * below.
     */
    public static Tensor apply(Op op, Tensor... inputs) {
        return of(Node.of(op, Arrays.stream(inputs).map(Tensor::node).toArray(Node[]::new)));
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
        return Creation.eye(n, n);
    }

    /** Uniform in [0, 1) from the global stream, {@code F32}. */
    public static Tensor rand(int... shape) {
        return Kawi.nextKey().uniform(shape);
    }

    /** Normal with mean 0 and variance 1 from the global stream, {@code F32}. */
    public static Tensor randn(int... shape) {
        return Kawi.nextKey().normal(shape);
    }

    /** A matrix of the given rows, which have one length. */
    public static Tensor of(double[][] rows) {
        return Creation.of(rows);
    }

    /** The number everywhere, {@code F32}. */
    public static Tensor full(double value, int... shape) {
        return full(value, DType.F32, shape);
    }

    /** Zeros in the shape and type of this tensor. */
    public Tensor zerosLike() {
        return full(0, dtype(), shape().dims());
    }

    /** Ones in the shape and type of this tensor. */
    public Tensor onesLike() {
        return full(1, dtype(), shape().dims());
    }

    /** The number in the shape and type of this tensor. */
    public Tensor fullLike(double value) {
        return full(value, dtype(), shape().dims());
    }

    /** from, from + step, … before {@code to}, {@code F32}. */
    public static Tensor arange(double from, double to, double step) {
        return Creation.arange(from, to, step);
    }

    /** base to the powers that {@link #linspace} gives, {@code F32}. */
    public static Tensor logspace(double from, double to, int n, double base) {
        return Creation.logspace(from, to, n, base);
    }

    /** Ones on the diagonal of a matrix of zeros, {@code F32}. */
    public static Tensor eye(int rows, int columns) {
        return Creation.eye(rows, columns);
    }

    /** Whole numbers from low to high − 1, each as likely, from the global stream; {@code I64}. */
    public static Tensor randint(long low, long high, int... shape) {
        return Creation.randint(low, high, shape);
    }

    /** The coordinates of a grid, the first along its first axis (indexing "ij"). */
    public static List<Tensor> meshgrid(Tensor... lines) {
        return Moving.meshgrid(lines);
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
        return node().open() ? type() + ", an example of a batch" : TensorText.of(Reading.host(this));
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

    /** The value minus this. */
    public Tensor rsub(double value) {
        return number(value, this).sub(this);
    }

    /** Quotient rounded towards −∞. */
    public Tensor floorDiv(double value) {
        return floorDiv(number(value, this));
    }

    /** Remainder with the sign of the dividend, as C, Java and {@code numpy.fmod}. */
    public Tensor fmod(Tensor other) {
        return Arithmetic.fmod(this, other);
    }

    /** Remainder with the sign of the dividend. */
    public Tensor fmod(double value) {
        return fmod(number(value, this));
    }

    /** Each element at least {@code low}. */
    public Tensor clampMin(double low) {
        return maximum(number(low, this));
    }

    /** Each element at most {@code high}. */
    public Tensor clampMax(double high) {
        return minimum(number(high, this));
    }

    /** Each element brought into [low, high], which broadcast. */
    public Tensor clamp(Tensor low, Tensor high) {
        return maximum(low).minimum(high);
    }

    /** this + weight·(end − this). */
    public Tensor lerp(Tensor end, Tensor weight) {
        return Arithmetic.lerp(this, end, weight);
    }

    /** this + weight·(end − this). */
    public Tensor lerp(Tensor end, double weight) {
        return Arithmetic.lerp(this, end, number(weight, end));
    }

    /** √(x² + y²) without overflow. */
    public Tensor hypot(Tensor other) {
        return Arithmetic.hypot(this, other);
    }

    /** The angle of the point (x, this) from the first axis, from −π to π. */
    public Tensor atan2(Tensor x) {
        return realBinary(ATAN2, this, x);
    }

    /** ln(eˣ + eʸ) without overflow. */
    public Tensor logAddExp(Tensor other) {
        return Arithmetic.logAddExp(this, other);
    }

    /** 2ˣ. */
    public Tensor exp2() {
        return number(2, Arithmetic.real(this)).pow(Arithmetic.real(this));
    }

    /** Logarithm to base 2. */
    public Tensor log2() {
        return real(LOG2, this);
    }

    /** Logarithm to base 10. */
    public Tensor log10() {
        return real(LOG10, this);
    }

    /** The inverse of the sine, from −π/2 to π/2. */
    public Tensor asin() {
        return Arithmetic.asin(this);
    }

    /** The inverse of the cosine, from 0 to π. */
    public Tensor acos() {
        return Arithmetic.acos(this);
    }

    /** The inverse of the tangent, from −π/2 to π/2. */
    public Tensor atan() {
        return Arithmetic.atan(this);
    }

    /** Hyperbolic sine. */
    public Tensor sinh() {
        return real(SINH, this);
    }

    /** Hyperbolic cosine. */
    public Tensor cosh() {
        return real(COSH, this);
    }

    /** The inverse of the hyperbolic sine. */
    public Tensor asinh() {
        return real(ASINH, this);
    }

    /** The inverse of the hyperbolic cosine, from 0 on. */
    public Tensor acosh() {
        return Arithmetic.acosh(this);
    }

    /** The inverse of the hyperbolic tangent. */
    public Tensor atanh() {
        return Arithmetic.atanh(this);
    }

    /** Degrees to radians. */
    public Tensor deg2rad() {
        return Arithmetic.real(this).mul(Math.PI / 180);
    }

    /** Radians to degrees. */
    public Tensor rad2deg() {
        return Arithmetic.real(this).mul(180 / Math.PI);
    }

    /** 1 − erf x, exact where that is small. */
    public Tensor erfc() {
        return Special.erfc(this);
    }

    /** The inverse of the error function. */
    public Tensor erfinv() {
        return Special.erfinv(this);
    }

    /** ln |Γ(x)|; more functions of this kind in {@link Special}. */
    public Tensor lgamma() {
        return Special.lgamma(this);
    }

    /** ψ(x), the derivative of ln Γ. */
    public Tensor digamma() {
        return Special.digamma(this);
    }

    /** sin(πx)/(πx), 1 at 0. */
    public Tensor sinc() {
        return Special.sinc(this);
    }

    /** ln(x/(1 − x)), the inverse of the sigmoid. */
    public Tensor logit() {
        return Special.logit(this);
    }

    /** To the nearest integer towards 0. */
    public Tensor trunc() {
        return Arithmetic.trunc(this);
    }

    /** What {@link #trunc} takes away, with the sign of the number. */
    public Tensor frac() {
        return sub(trunc());
    }

    /** This with the signs of another, a zero's too. */
    public Tensor copySign(Tensor sign) {
        return Arithmetic.copySign(this, sign);
    }

    /** Whether negative, −0 too. */
    public Tensor signBit() {
        return Arithmetic.signBit(this);
    }

    /** Other numbers in place of NaN, ∞ and −∞. */
    public Tensor nanToNum(double nan, double positive, double negative) {
        return Arithmetic.nanToNum(this, nan, positive, negative);
    }

    /** Whether ∞ or −∞. */
    public Tensor isInf() {
        return Arithmetic.isInf(this);
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
        return eq(Arithmetic.asStored(value, this));
    }

    public Tensor ne(Tensor other) {
        return binary(NE, this, other);
    }

    public Tensor ne(double value) {
        return ne(Arithmetic.asStored(value, this));
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

    /** The opposite of each bit; for truth values as {@link #not}. */
    public Tensor bitwiseNot() {
        return Bits.not(this);
    }

    /** x·2ⁿ of integers; what leaves at the left is lost. */
    public Tensor leftShift(Tensor bits) {
        return Bits.left(this, bits);
    }

    /** x·2ⁿ of integers; what leaves at the left is lost. */
    public Tensor leftShift(int bits) {
        return leftShift(number(bits, this));
    }

    /** ⌊x/2ⁿ⌋ of integers. */
    public Tensor rightShift(Tensor bits) {
        return Bits.rightSigned(this, bits);
    }

    /** ⌊x/2ⁿ⌋ of integers. */
    public Tensor rightShift(int bits) {
        return rightShift(number(bits, this));
    }

    /** Whether |x − y| ≤ absolute + relative·|y|; infinities if equal, NaN never. */
    public Tensor isClose(Tensor other, double relative, double absolute) {
        return Arithmetic.isClose(this, other, relative, absolute, false);
    }

    /** Whether all elements are close, as {@link #isClose} has it. */
    public boolean allClose(Tensor other, double relative, double absolute) {
        return isClose(other, relative, absolute).all().item() != 0;
    }

    /** Whether shape and all elements are equal; NaN equals nothing. */
    public boolean allEqual(Tensor other) {
        return shape().equals(other.shape()) && eq(other).all().item() != 0;
    }

    /** Whether each element is among some values. */
    public Tensor isIn(Tensor values) {
        return Sorts.isIn(this, values);
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

    /** Broadcast to the shape of another. */
    public Tensor expandAs(Tensor other) {
        return expand(other.shape().dims());
    }

    /** An axis at another place, the others in their order. */
    public Tensor moveAxis(int from, int to) {
        return Moving.moveAxes(this, new int[] {from}, new int[] {to});
    }

    /** Axes at other places, the others in their order. */
    public Tensor moveAxis(int[] from, int[] to) {
        return Moving.moveAxes(this, from, to);
    }

    /** An axis as several; one extent may be −1 and is worked out. */
    public Tensor unflatten(int axis, int... extents) {
        return Moving.unflatten(this, axis, extents);
    }

    /** {@code length} elements from {@code from} on along an axis. */
    public Tensor narrow(int axis, int from, int length) {
        return slice(axis, from, from + length);
    }

    /** The order along axes, or along all, reversed. */
    public Tensor flip(int... axes) {
        return Shapes.flip(this, axes);
    }

    /** The diagonal of two axes, as a last axis; offset 1 is the one above, −1 the one below. */
    public Tensor diagonal(int offset, int first, int second) {
        return Moving.diagonal(this, offset, first, second);
    }

    /** The diagonals of the matrices of the last two axes. */
    public Tensor diagonal() {
        return diagonal(0, -2, -1);
    }

    /**
     * NumPy's brackets: {@code x[1, ..., [2, 0]]} is {@code x.index(at(1), ELLIPSIS, places(2, 0))}; see {@link Index}.
     */
    public Tensor index(Index... at) {
        return Selection.index(this, at);
    }

    /** Parts of the given extents along an axis. */
    public List<Tensor> split(int axis, int... sizes) {
        return Moving.split(this, axis, sizes);
    }

    /** At most so many parts of one extent along an axis, the last perhaps smaller. */
    public List<Tensor> chunk(int parts, int axis) {
        return Moving.chunk(this, parts, axis);
    }

    /** The parts of extent 1 along an axis, without that axis. */
    public List<Tensor> unbind(int axis) {
        return Moving.unbind(this, axis);
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

    /**
     * 1 at the place each integer names along a new last axis of {@code classes}, else 0; {@code F32}. An integer that is none of
     * 0 to classes − 1 is a {@link KawiException} when values are read.
     */
    public Tensor oneHot(int classes) {
        return Creation.oneHot(this, classes);
    }

    /** Elements of the tensor itself put around along an axis. */
    public Tensor pad(int axis, int before, int after, Padding mode) {
        return Moving.pad(this, axis, before, after, mode);
    }

    /** Element i at place i + shift along an axis; what leaves at one end enters at the other. */
    public Tensor roll(int shift, int axis) {
        return Moving.roll(this, shift, axis);
    }

    /** Turned by 90° from the first axis to the second, so many times. */
    public Tensor rot90(int times, int first, int second) {
        return Moving.rot90(this, times, first, second);
    }

    /** The whole so many times along each axis, as {@code numpy.tile} and PyTorch's {@code repeat}. */
    public Tensor tile(int... times) {
        return Moving.tile(this, times);
    }

    /** Each element so many times in a row along an axis, as {@code numpy.repeat}. */
    public Tensor repeatInterleave(int times, int axis) {
        return Moving.repeatInterleave(this, times, axis);
    }

    /** Each element its own number of times, which are read. */
    public Tensor repeatInterleave(Tensor times, int axis) {
        return Moving.repeatInterleave(this, times, axis);
    }

    /** Square matrices with the last axis as their diagonal. */
    public Tensor diagEmbed(int offset) {
        return Moving.diagEmbed(this, offset);
    }

    /** The diagonal of a matrix, or the matrix with a vector as its diagonal. */
    public Tensor diag() {
        return Moving.diag(this, 0);
    }

    /** The same for the diagonal {@code offset} above the main one. */
    public Tensor diag(int offset) {
        return Moving.diag(this, offset);
    }

    /** The lower triangles of the last two axes up to the diagonal {@code offset}, zeros above. */
    public Tensor tril(int offset) {
        return Moving.triangle(this, offset, true);
    }

    /** The upper triangles of the last two axes from the diagonal {@code offset} on, zeros below. */
    public Tensor triu(int offset) {
        return Moving.triangle(this, offset, false);
    }

    /** Windows of {@code size} every {@code step} along an axis; their elements lie along a new last axis. */
    public Tensor unfold(int axis, int size, int step) {
        return Moving.unfold(this, axis, size, step);
    }

    /** This tensor with values at the places {@code index} along an axis; of several for one place the last. */
    public Tensor scatter(int axis, Tensor index, Tensor values) {
        return Selection.scatter(this, axis, index, values);
    }

    /**
     * This tensor with other values at a place, as {@code x[at] = values} but in a new tensor; of several for one place the last.
     */
    public Tensor indexPut(Tensor values, Index... at) {
        return Selection.put(this, values, at);
    }

    /** This tensor with values added at a place; several for one place are all added. */
    public Tensor indexAdd(Tensor values, Index... at) {
        return Selection.add(this, values, at);
    }

    /** The elements where the mask is true, as a vector; the mask is read. */
    public Tensor maskedSelect(Tensor mask) {
        return Selection.maskedSelect(this, mask);
    }

    /** The places of the elements that are not 0, one a row, in row-major order; {@code I64}. Reads. */
    public Tensor nonzero() {
        return Selection.nonzero(this);
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

    /** Variance over axes, or over all: Σ(x − mean)² / max(0, n − correction); correction 1 is the unbiased estimate. */
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

    /** As {@link #min}; the axes stay with extent 1. */
    public Tensor minKeepDims(int... axes) {
        return Reductions.min(this, true, axes);
    }

    /** Product of all elements. */
    public Tensor prod() {
        return flatten().prod(0);
    }

    /** Standard deviation, the root of {@link #variance}. */
    public Tensor std(int correction, int... axes) {
        return variance(correction, axes).sqrt();
    }

    /** Row-major number of the first largest element; NaN wins. */
    public Tensor argmax() {
        return flatten().argmax(0);
    }

    /** Row-major number of the first smallest element; NaN wins. */
    public Tensor argmin() {
        return flatten().argmin(0);
    }

    /** (Σ |x|ᵖ)^(1/p) over axes, or over all; p may be ±∞ and 0 (how many are not 0). */
    public Tensor norm(double p, int... axes) {
        return Reductions.norm(this, p, axes);
    }

    /** √Σ x² over all. */
    public Tensor norm() {
        return norm(2);
    }

    /** How many elements are not 0, {@code I64}. */
    public Tensor countNonzero(int... axes) {
        return to(DType.BOOL).sum(axes);
    }

    /** Largest minus smallest element. */
    public Tensor ptp(int... axes) {
        return max(axes).sub(min(axes));
    }

    /** Mean with weights: Σ w·x / Σ w. */
    public Tensor average(Tensor weights, int... axes) {
        return Reductions.average(this, weights, axes);
    }

    /** Covariances of the rows, whose columns are observations. */
    public Tensor cov(int correction) {
        return Reductions.covariance(this, correction);
    }

    /** Correlation coefficients of the rows, whose columns are observations. */
    public Tensor corrcoef() {
        return Reductions.correlation(this);
    }

    /** Sum of what is not NaN. */
    public Tensor nanSum(int... axes) {
        return NanReductions.sum(this, axes);
    }

    /** Product of what is not NaN. */
    public Tensor nanProd(int axis) {
        return NanReductions.prod(this, axis);
    }

    /** Mean of what is not NaN. */
    public Tensor nanMean(int... axes) {
        return NanReductions.mean(this, axes);
    }

    /** Largest of what is not NaN. */
    public Tensor nanMax(int... axes) {
        return NanReductions.extreme(this, true, axes);
    }

    /** Smallest of what is not NaN. */
    public Tensor nanMin(int... axes) {
        return NanReductions.extreme(this, false, axes);
    }

    /** Position of the first largest element that is not NaN. */
    public Tensor nanArgmax(int axis) {
        return NanReductions.argExtreme(this, true, axis);
    }

    /** Position of the first smallest element that is not NaN. */
    public Tensor nanArgmin(int axis) {
        return NanReductions.argExtreme(this, false, axis);
    }

    /** Variance of what is not NaN; NaN where no more than {@code correction} are. */
    public Tensor nanVariance(int correction, int... axes) {
        return NanReductions.variance(this, correction, axes);
    }

    /** Standard deviation of what is not NaN. */
    public Tensor nanStd(int correction, int... axes) {
        return nanVariance(correction, axes).sqrt();
    }

    /** Median of what is not NaN. */
    public Tensor nanMedian(int... axes) {
        return Sorts.quantile(this, "nanMedian", 0.5, true, axes);
    }

    /** Quantile of what is not NaN. */
    public Tensor nanQuantile(double q, int... axes) {
        return Sorts.quantile(this, "nanQuantile", q, true, axes);
    }

    /** Running sums of what is not NaN. */
    public Tensor nanCumsum(int axis) {
        return NanReductions.cumsum(this, axis);
    }

    // Running results

    /** Products up to and including each element along an axis. */
    public Tensor cumprod(int axis) {
        return Scans.cumprod(this, axis);
    }

    /** The largest element so far along an axis, and its place; of equal ones the last, NaN wins. */
    public Indexed cummax(int axis) {
        return Scans.cumExtreme(this, axis, true);
    }

    /** The smallest element so far along an axis, and its place; of equal ones the last, NaN wins. */
    public Indexed cummin(int axis) {
        return Scans.cumExtreme(this, axis, false);
    }

    /** ln Σ eˣ up to and including each element along an axis, without overflow. */
    public Tensor logCumSumExp(int axis) {
        return Scans.logCumSumExp(this, axis);
    }

    /** Differences of neighbours along an axis, taken so many times. */
    public Tensor diff(int times, int axis) {
        return Scans.diff(this, times, axis);
    }

    // Order. NaN counts as larger than every number.

    /** Sorted along an axis, and where each element was; equal ones stay in order. */
    public Indexed sort(int axis) {
        return Sorts.sort(this, axis, false);
    }

    /** Sorted along an axis, and where each element was; equal ones stay in order. */
    public Indexed sort(int axis, boolean descending) {
        return Sorts.sort(this, axis, descending);
    }

    /** The places that sort an axis; equal elements stay in order. */
    public Tensor argsort(int axis) {
        return Sorts.argsort(this, axis, false);
    }

    /** The places that sort an axis; equal elements stay in order. */
    public Tensor argsort(int axis, boolean descending) {
        return Sorts.argsort(this, axis, descending);
    }

    /** The k largest elements along an axis, largest first, and their places. */
    public Indexed topk(int k, int axis) {
        return Sorts.topk(this, k, axis, true);
    }

    /** The k largest or smallest elements along an axis, in order, and their places. */
    public Indexed topk(int k, int axis, boolean largest) {
        return Sorts.topk(this, k, axis, largest);
    }

    /** The k-th smallest element along an axis, counted from 1, and its place. */
    public Indexed kthValue(int k, int axis) {
        return Sorts.kthValue(this, k, axis);
    }

    /** Median over axes, or over all; of an even number the mean of the middle two, as NumPy's. */
    public Tensor median(int... axes) {
        return Sorts.quantile(this, "median", 0.5, false, axes);
    }

    /** The value below which a fraction q lies, over axes or over all; linear between elements. */
    public Tensor quantile(double q, int... axes) {
        return Sorts.quantile(this, "quantile", q, false, axes);
    }

    /** The different values, sorted; NaN once. Reads. */
    public Unique unique() {
        return Sorts.unique(this);
    }

    /** The values without immediate repetitions, in row-major order. Reads. */
    public Unique uniqueConsecutive() {
        return Sorts.uniqueConsecutive(this);
    }

    /**
     * Where each value would be put into this sorted tensor (its last axis): before equal elements, or ({@code right}) after.
     */
    public Tensor searchSorted(Tensor values, boolean right) {
        return Sorts.searchSorted(this, values, right);
    }

    /** Between which boundaries each element lies: {@code boundaries.searchSorted(this, right)}. */
    public Tensor bucketize(Tensor boundaries, boolean right) {
        return Sorts.searchSorted(boundaries, this, right);
    }

    /** How often each number from 0 on occurs in a vector of integers, {@code I64}. Reads. */
    public Tensor bincount(int minLength) {
        return Sorts.bincount(this, ones(DType.I64, shape().dims()), minLength);
    }

    /** The sum of the weights of each number from 0 on in a vector of integers. Reads. */
    public Tensor bincount(Tensor weights, int minLength) {
        return Sorts.bincount(this, weights, minLength);
    }

    /** How many elements lie in each of equal bins from low to high, high included; {@code I64}. */
    public Tensor histogram(int bins, double low, double high) {
        return Sorts.histogram(this, bins, low, high);
    }

    // Contractions

    /** Matrix product over the last two axes; the others broadcast. A vector is taken as a row first or a column second. */
    public Tensor matmul(Tensor other) {
        return Products.matmul(this, other);
    }

    /**
     * Sums of products by letters of axes, such as {@code "bij,bjk->bik"}: repeated letters are diagonals, letters
     * missing on the right are summed, "..." stands for other axes, which broadcast; without an arrow the letters that
     * occur once, in alphabetical order.
     */
    public static Tensor einsum(String equation, Tensor... operands) {
        return Einsum.of(equation, operands);
    }

    /** Product of two vectors. */
    public Tensor dot(Tensor other) {
        return Products.dot(this, other);
    }

    /** Products summed over the last axes of both. */
    public Tensor inner(Tensor other) {
        return Products.inner(this, other);
    }

    /** All products of the elements of two vectors, {@code [m, n]}. */
    public Tensor outer(Tensor other) {
        return Products.outer(this, other);
    }

    /** Products summed over axes of both; the axes left follow in order. */
    public Tensor tensordot(Tensor other, int[] axes, int[] otherAxes) {
        return Products.tensordot(this, other, axes, otherAxes);
    }

    /** Products summed over the last axes of this and as many first axes of the other. */
    public Tensor tensordot(Tensor other, int axes) {
        return Products.tensordot(this, other, axes);
    }

    /** Kronecker's product: each element of this times the whole other. */
    public Tensor kron(Tensor other) {
        return Products.kron(this, other);
    }

    /** Vector product along an axis of extent 3. */
    public Tensor cross(Tensor other, int axis) {
        return Products.cross(this, other, axis);
    }

    /**
     * Distances of rows, {@code [batch…, m, d]} and {@code [batch…, n, d]} → {@code [batch…, m, n]}, by the norm of order p.
     */
    public Tensor cdist(Tensor other, double p) {
        return Products.cdist(this, other, p);
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
