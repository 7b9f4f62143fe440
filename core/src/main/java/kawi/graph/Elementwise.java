package kawi.graph;

import static kawi.graph.Graph.*;

import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import org.jspecify.annotations.Nullable;

/**
 * Operations that work on each element by itself. All inputs have the same shape; {@link Graph} brings them to it.
 * A new one is one constant here: name, result type, scalar meaning, derivative.
 */
public enum Elementwise implements Op {
    NEG("neg", Result.NUMBER, x -> -x, x -> -x, (y, a, g) -> neg(g)),
    ABS("abs", Result.NUMBER, Math::abs, Math::abs, (y, a, g) -> mul(g, unary(sign(), a))),
    SIGN("sign", Result.NUMBER, Math::signum, Long::signum, null),
    EXP("exp", Result.FLOAT, Math::exp, null, (y, a, g) -> mul(g, y)),
    EXPM1("expm1", Result.FLOAT, Math::expm1, null, (y, a, g) -> add(mul(g, y), g)),
    LOG("log", Result.FLOAT, Math::log, null, (y, a, g) -> div(g, a)),
    LOG1P("log1p", Result.FLOAT, Math::log1p, null, (y, a, g) -> div(g, add(a, scalar(1, a)))),
    SQRT("sqrt", Result.FLOAT, Math::sqrt, null, (y, a, g) -> div(g, mul(y, scalar(2, a)))),
    RECIPROCAL("reciprocal", Result.FLOAT, x -> 1 / x, null, (y, a, g) -> neg(mul(g, mul(y, y)))),
    SIN("sin", Result.FLOAT, Math::sin, null, (y, a, g) -> mul(g, unary(cos(), a))),
    COS("cos", Result.FLOAT, Math::cos, null, (y, a, g) -> neg(mul(g, unary(SIN, a)))),
    TANH("tanh", Result.FLOAT, Math::tanh, null, (y, a, g) -> mul(g, sub(scalar(1, a), mul(y, y)))),
    /** 1 / (1 + e⁻ˣ), without overflow. */
    SIGMOID(
            "sigmoid",
            Result.FLOAT,
            x -> x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)),
            null,
            (y, a, g) -> mul(g, mul(y, sub(scalar(1, a), y)))),
    /** The error function, 2/√π ∫₀ˣ e^(−t²) dt. */
    ERF(
            "erf",
            Result.FLOAT,
            SpecialFunctions::erf,
            null,
            (y, a, g) -> mul(g, mul(scalar(2 / Math.sqrt(Math.PI), a), unary(EXP, neg(mul(a, a)))))),
    /** 1 − erf x, without cancellation. */
    ERFC(
            "erfc",
            Result.FLOAT,
            SpecialFunctions::erfc,
            null,
            (y, a, g) -> mul(g, mul(scalar(-2 / Math.sqrt(Math.PI), a), unary(EXP, neg(mul(a, a)))))),
    /** The inverse of the error function. */
    ERFINV(
            "erfinv",
            Result.FLOAT,
            SpecialFunctions::erfinv,
            null,
            (y, a, g) -> mul(g, mul(scalar(Math.sqrt(Math.PI) / 2, a), unary(EXP, mul(y, y))))),
    SINH("sinh", Result.FLOAT, StrictMath::sinh, null, (y, a, g) -> mul(g, unary(cosh(), a))),
    COSH("cosh", Result.FLOAT, StrictMath::cosh, null, (y, a, g) -> mul(g, unary(SINH, a))),
    ASINH(
            "asinh",
            Result.FLOAT,
            SpecialFunctions::asinh,
            null,
            (y, a, g) -> div(g, unary(SQRT, add(mul(a, a), scalar(1, a))))),
    LOG2("log2", Result.FLOAT, SpecialFunctions::log2, null, (y, a, g) -> div(g, mul(a, scalar(Math.log(2), a)))),
    LOG10("log10", Result.FLOAT, StrictMath::log10, null, (y, a, g) -> div(g, mul(a, scalar(Math.log(10), a)))),
    /** ln |Γ(x)|. */
    LGAMMA(
            "lgamma",
            Result.FLOAT,
            SpecialFunctions::lgamma,
            null,
            (y, a, g) -> mul(g, binary(polygamma(), scalar(0, a), a))),
    FLOOR("floor", Result.FLOAT, Math::floor, null, null),
    CEIL("ceil", Result.FLOAT, Math::ceil, null, null),
    /** To the nearest integer, halves to the even one. */
    ROUND("round", Result.FLOAT, Math::rint, null, null),
    /** Truth of the opposite. */
    NOT("not", Result.LOGICAL, null, x -> x == 0 ? 1 : 0, null),

    ADD("add", Result.NUMBER, (x, y) -> x + y, (x, y) -> x + y, (y, a, b, g) -> g, (y, a, b, g) -> g),
    SUB("sub", Result.NUMBER, (x, y) -> x - y, (x, y) -> x - y, (y, a, b, g) -> g, (y, a, b, g) -> neg(g)),
    MUL("mul", Result.NUMBER, (x, y) -> x * y, (x, y) -> x * y, (y, a, b, g) -> mul(g, b), (y, a, b, g) -> mul(g, a)),
    DIV("div", Result.FLOAT, (x, y) -> x / y, null, (y, a, b, g) -> div(g, b), (y, a, b, g) -> neg(div(mul(g, y), b))),
    /** Quotient rounded towards −∞; for integers, division by zero gives 0. */
    FLOOR_DIV("floorDiv", Result.NUMBER, Elementwise::floorDiv, (x, y) -> y == 0 ? 0 : Math.floorDiv(x, y), null, null),
    /** Remainder with the sign of the divisor, as in Python; for integers, division by zero gives 0. */
    REM(
            "rem",
            Result.NUMBER,
            Elementwise::remainder,
            (x, y) -> y == 0 ? 0 : Math.floorMod(x, y),
            (y, a, b, g) -> g,
            // the whole number of times that b was taken from a: ⌊a/b⌋ but for the rounding of the quotient
            (y, a, b, g) -> neg(mul(g, unary(round(), div(sub(a, y), b))))),
    POW(
            "pow",
            Result.FLOAT,
            SpecialFunctions::pow,
            null,
            (y, a, b, g) ->
                    mul(g, where(equal(b, scalar(0, b)), scalar(0, b), mul(b, binary(pow(), a, sub(b, scalar(1, b)))))),
            // the logarithm of 1 in place of that of 0, so that further derivatives stay finite there
            (y, a, b, g) -> {
                Node zero = equal(a, scalar(0, a));
                return mul(g, where(zero, scalar(0, a), mul(y, unary(LOG, where(zero, scalar(1, a), a)))));
            }),
    /** The angle of the point (b, a), from −π to π. */
    ATAN2(
            "atan2",
            Result.FLOAT,
            StrictMath::atan2,
            null,
            (y, a, b, g) -> div(mul(g, b), add(mul(a, a), mul(b, b))),
            (y, a, b, g) -> neg(div(mul(g, a), add(mul(a, a), mul(b, b))))),
    /** The derivative of order a + 1 of ln Γ at b; a is rounded to an integer, so nothing changes with it. */
    POLYGAMMA(
            "polygamma",
            Result.FLOAT,
            SpecialFunctions::polygamma,
            null,
            (y, a, b, g) -> scalar(0, a),
            (y, a, b, g) -> mul(g, binary(polygamma(), add(a, scalar(1, a)), b))),
    /** The larger; NaN if either is. Equal inputs share the cotangent. */
    MAXIMUM(
            "maximum",
            Result.NUMBER,
            Math::max,
            Math::max,
            (y, a, b, g) -> share(g, a, b),
            (y, a, b, g) -> share(g, b, a)),
    /** The smaller; NaN if either is. Equal inputs share the cotangent. */
    MINIMUM(
            "minimum",
            Result.NUMBER,
            Math::min,
            Math::min,
            (y, a, b, g) -> share(g, b, a),
            (y, a, b, g) -> share(g, a, b)),

    EQ("eq", Result.COMPARISON, (x, y) -> x == y ? 1 : 0, (x, y) -> x == y ? 1 : 0, null, null),
    NE("ne", Result.COMPARISON, (x, y) -> x != y ? 1 : 0, (x, y) -> x != y ? 1 : 0, null, null),
    LT("lt", Result.COMPARISON, (x, y) -> x < y ? 1 : 0, (x, y) -> x < y ? 1 : 0, null, null),
    LE("le", Result.COMPARISON, (x, y) -> x <= y ? 1 : 0, (x, y) -> x <= y ? 1 : 0, null, null),

    AND("and", Result.LOGICAL, null, (x, y) -> x & y, null, null),
    OR("or", Result.LOGICAL, null, (x, y) -> x | y, null, null),
    XOR("xor", Result.LOGICAL, null, (x, y) -> x ^ y, null, null),
    /** Logical (unsigned) shift to the right of {@code I32} or {@code I64}. */
    SHIFT_RIGHT("shiftRight", Result.BITS, null, null, null, null),

    /** First word of Threefry-2x32 with 20 rounds: (key 0, key 1, counter) to 32 random bits. */
    THREEFRY("threefry", Result.BITS, null, null, null, null),
    /** The second input where the first is true, else the third. */
    WHERE("where", Result.WHERE, null, null, null, null);

    /** How the type of the result follows from the inputs'. */
    private enum Result {
        NUMBER,
        FLOAT,
        COMPARISON,
        LOGICAL,
        BITS,
        WHERE
    }

    private interface D1 {
        double apply(double x);
    }

    private interface L1 {
        long apply(long x);
    }

    private interface D2 {
        double apply(double x, double y);
    }

    private interface L2 {
        long apply(long x, long y);
    }

    private interface Rule1 {
        Node apply(Node y, Node a, Node g);
    }

    private interface Rule2 {
        Node apply(Node y, Node a, Node b, Node g);
    }

    private final String label;
    private final Result result;
    private final int arity;
    private final @Nullable D1 double1;
    private final @Nullable L1 long1;
    private final @Nullable Rule1 rule;
    private final @Nullable D2 double2;
    private final @Nullable L2 long2;
    private final @Nullable Rule2 first;
    private final @Nullable Rule2 second;

    Elementwise(String label, Result result, @Nullable D1 d, @Nullable L1 l, @Nullable Rule1 rule) {
        this.label = label;
        this.result = result;
        this.arity = 1;
        this.double1 = d;
        this.long1 = l;
        this.rule = rule;
        this.double2 = null;
        this.long2 = null;
        this.first = null;
        this.second = null;
    }

    Elementwise(
            String label,
            Result result,
            @Nullable D2 d,
            @Nullable L2 l,
            @Nullable Rule2 first,
            @Nullable Rule2 second) {
        this.label = label;
        this.result = result;
        this.arity = result == Result.WHERE || label.equals("threefry") ? 3 : 2;
        this.double1 = null;
        this.long1 = null;
        this.rule = null;
        this.double2 = d;
        this.long2 = l;
        this.first = first;
        this.second = second;
    }

    // Constants cannot name later ones in their own declarations; these do it for them.
    private static Elementwise sign() {
        return SIGN;
    }

    private static Elementwise cos() {
        return COS;
    }

    private static Elementwise cosh() {
        return COSH;
    }

    private static Elementwise polygamma() {
        return POLYGAMMA;
    }

    private static Elementwise round() {
        return ROUND;
    }

    private static Elementwise pow() {
        return POW;
    }

    /** The cotangent where {@code a > b}, half of it where they are equal. */
    private static Node share(Node g, Node a, Node b) {
        return where(less(b, a), g, where(equal(a, b), mul(g, scalar(0.5, g)), scalar(0, g)));
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public Type infer(List<Type> in) {
        if (in.size() != arity) {
            throw new KawiException(label + " takes " + arity + " inputs, but " + in.size() + " were given");
        }
        Type t = in.get(arity - 1);
        for (Type other : in) {
            if (!other.shape().equals(t.shape())) {
                throw new KawiException(label + ": shapes differ: " + in);
            }
        }
        for (int i = result == Result.WHERE ? 1 : 0; i < arity; i++) {
            if (in.get(i).dtype() != t.dtype()) {
                throw new KawiException(label + ": element types differ: " + in);
            }
        }
        DType d = t.dtype();
        boolean fits = !d.isHalf()
                && switch (result) {
                    case NUMBER -> d != DType.BOOL;
                    case FLOAT -> d.isFloat();
                    case COMPARISON -> true;
                    case LOGICAL -> !d.isFloat() && (this != NOT || d == DType.BOOL);
                    case BITS -> d == DType.I32 || d == DType.I64 && this != THREEFRY;
                    case WHERE -> in.get(0).dtype() == DType.BOOL;
                };
        if (!fits) {
            throw new KawiException(label + " is not defined for element type "
                    + (result == Result.WHERE ? in.get(0).dtype() : d)
                    + "; cast the operand first, for example with .to(DType.%s)".formatted(needed().name()));
        }
        return result == Result.COMPARISON ? new Type(DType.BOOL, t.shape()) : t;
    }

    @Override
    public HostArray evaluate(List<HostArray> in, Type type) {
        HostArray out = new HostArray(type);
        HostArray a = in.get(0);
        DType operand = in.get(arity - 1).dtype();
        for (int i = 0; i < out.size(); i++) {
            if (this == WHERE) {
                out.copy(i, in.get(a.getLong(i) != 0 ? 1 : 2), i);
            } else if (this == THREEFRY) {
                out.set(i, (long)
                        Threefry.word((int) a.getLong(i), (int) in.get(1).getLong(i), (int)
                                in.get(2).getLong(i)));
            } else if (this == SHIFT_RIGHT) {
                long shift = in.get(1).getLong(i);
                out.set(i, operand == DType.I32 ? (int) a.getLong(i) >>> (int) shift : a.getLong(i) >>> shift);
            } else if (operand.isFloat()) {
                double v = arity == 1
                        ? apply(a.getDouble(i))
                        : apply(a.getDouble(i), in.get(1).getDouble(i));
                out.set(i, v);
            } else {
                out.set(
                        i,
                        arity == 1
                                ? apply(a.getLong(i))
                                : apply(a.getLong(i), in.get(1).getLong(i)));
            }
        }
        return out;
    }

    /** An element type that it takes. */
    private DType needed() {
        return switch (result) {
            case NUMBER, FLOAT, COMPARISON -> DType.F32;
            case LOGICAL, WHERE -> DType.BOOL;
            case BITS -> DType.I32;
        };
    }

    /**
     * x − ⌊x/y⌋·y without rounding the quotient, by Java's exact remainder, as Python and NumPy have it: brought to the
     * sign of the divisor, a zero too. The remainder of {@code F32} numbers is exact as well, and the sum below, rounded
     * to {@code F32} afterwards, is the {@code F32} sum.
     */
    public static double remainder(double x, double y) {
        double r = x % y;
        return r == 0 ? Math.copySign(r, y) : r < 0 != y < 0 ? r + y : r;
    }

    /** The quotient rounded down as if divided exactly: a quotient rounded up to an integer leaves a remainder of the wrong sign. */
    private static double floorDiv(double x, double y) {
        if (Double.isInfinite(x) && y != 0) {
            return Double.NaN; // it leaves no remainder that could be taken away
        }
        double q = Math.floor(x / y);
        double r = Double.isInfinite(y) ? x : Math.fma(-q, y, x);
        return r != 0 && r < 0 != y < 0 ? q - 1 : q;
    }

    /** Scalar meaning of a unary operation on floating-point numbers. */
    public double apply(double x) {
        if (double1 == null) {
            throw new KawiException(label + " is not defined for floating-point numbers");
        }
        return double1.apply(x);
    }

    /** Scalar meaning of a unary operation on integers. */
    public long apply(long x) {
        if (long1 == null) {
            throw new KawiException(label + " is not defined for integers");
        }
        return long1.apply(x);
    }

    /** Scalar meaning of a binary operation on floating-point numbers; comparisons give 0 or 1. */
    public double apply(double x, double y) {
        if (double2 == null) {
            throw new KawiException(label + " is not defined for floating-point numbers");
        }
        return double2.apply(x, y);
    }

    /** Scalar meaning of a binary operation on integers; comparisons give 0 or 1. */
    public long apply(long x, long y) {
        if (long2 == null) {
            throw new KawiException(label + " is not defined for integers");
        }
        return long2.apply(x, y);
    }

    /** Number of inputs. */
    public int arity() {
        return arity;
    }

    @Override
    public boolean differentiable() {
        return rule != null || first != null || this == WHERE;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node[] in = self.inputs();
        if (this == WHERE) {
            Node zero = scalar(0, g);
            return new @Nullable Node[] {
                null, wanted[1] ? where(in[0], g, zero) : null, wanted[2] ? where(in[0], zero, g) : null
            };
        }
        if (!self.type().dtype().isFloat()) {
            return Op.none(self);
        }
        if (rule != null) {
            return new @Nullable Node[] {rule.apply(self, in[0], g)};
        }
        if (first != null && second != null) {
            return new @Nullable Node[] {
                wanted[0] ? first.apply(self, in[0], in[1], g) : null,
                wanted[1] ? second.apply(self, in[0], in[1], g) : null
            };
        }
        return Op.none(self);
    }

    @Override
    public Jacobian jacobian() {
        return Jacobian.DIAGONAL;
    }

    @Override
    public Node batch(Batch b) {
        return b.apply(this);
    }
}
