package kawi.cpu.codegen;

import java.util.Arrays;
import java.util.List;
import kawi.graph.Elementwise;

/** Elementwise operations on floating-point numbers as basic steps. */
final class FloatOperations {
    private FloatOperations() {}

    static Value apply(Elementwise op, List<Value> args) {
        Value x = args.getFirst();
        Value y = args.getLast();
        return switch (op) {
            case NEG -> x.negate();
            case ABS -> x.abs();
            case SIGN -> x.greater(0).select(1, x.less(0).select(-1, x));
            case EXP -> LaneMath.exp(x);
            case EXPM1 -> LaneMath.expm1(x);
            case LOG -> LaneMath.log(x);
            case LOG1P -> LaneMath.log1p(x);
            case SQRT -> x.sqrt();
            case RECIPROCAL -> x.of(1).over(x);
            case SIN -> Trigonometry.sin(x);
            case COS -> Trigonometry.cos(x);
            case TANH -> LaneMath.tanh(x);
            case SIGMOID -> LaneMath.sigmoid(x);
            case ERF -> LaneMath.erf(x);
            case ERFC -> call(DoubleFunction.ERFC, x);
            case ERFINV -> call(DoubleFunction.ERFINV, x);
            case SINH -> call(DoubleFunction.SINH, x);
            case COSH -> call(DoubleFunction.COSH, x);
            case ASINH -> call(DoubleFunction.ASINH, x);
            case LOG2 -> call(DoubleFunction.LOG2, x);
            case LOG10 -> call(DoubleFunction.LOG10, x);
            case LGAMMA -> call(DoubleFunction.LGAMMA, x);
            case ATAN2 -> call(DoubleFunction.ATAN2, x, y);
            case POLYGAMMA -> call(DoubleFunction.POLYGAMMA, x, y);
            case FLOOR -> LaneMath.floor(x);
            case CEIL -> LaneMath.ceil(x);
            case ROUND -> LaneMath.round(x);
            case ADD -> x.plus(y);
            case SUB -> x.minus(y);
            case MUL -> x.times(y);
            case DIV -> x.over(y);
            case FLOOR_DIV -> quotient(x, y);
            case REM -> call(DoubleFunction.REMAINDER, x, y);
            case POW -> Power.pow(x, y);
            case MAXIMUM -> x.max(y);
            case MINIMUM -> x.min(y);
            case EQ -> x.same(y);
            case NE -> x.differs(y);
            case LT -> x.less(y);
            case LE -> x.lessOrEqual(y);
            case NOT, AND, OR, XOR, SHIFT_RIGHT, THREEFRY, WHERE ->
                throw new IllegalArgumentException(op.label() + " of floating-point numbers");
        };
    }

    /** A function of doubles that no vector instruction computes. */
    private static Value call(DoubleFunction function, Value... arguments) {
        Value[] doubles = new Value[arguments.length];
        Arrays.setAll(doubles, i -> arguments[i].convert(Lane.F64));
        Value x = arguments[0];
        return x.program()
                .add(Basic.CALL, Lane.F64, function.ordinal(), doubles)
                .convert(x.lane());
    }

    /**
     * The quotient rounded down, as if divided exactly: the rounded quotient may have reached the next integer, which the
     * sign of the remainder tells (exact by a fused step, while the quotient is below 2^24, in f64 2^53).
     */
    private static Value quotient(Value x, Value y) {
        Value q = LaneMath.floor(x.over(y));
        Value infinite = y.abs().same(Double.POSITIVE_INFINITY);
        Value r = infinite.select(x, q.negate().fma(y, x));
        Value over = r.less(0).xor(y.less(0)).and(r.differs(0));
        Value endless = x.abs().same(Double.POSITIVE_INFINITY).and(y.differs(0));
        return endless.select(Double.NaN, over.select(q.minus(1), q));
    }
}
