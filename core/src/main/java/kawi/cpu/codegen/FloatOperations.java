package kawi.cpu.codegen;

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
            case FLOOR -> LaneMath.floor(x);
            case CEIL -> LaneMath.ceil(x);
            case ROUND -> LaneMath.round(x);
            case ADD -> x.plus(y);
            case SUB -> x.minus(y);
            case MUL -> x.times(y);
            case DIV -> x.over(y);
            case FLOOR_DIV -> x.lane() == Lane.F64 ? LaneMath.floor(x.over(y)) : division(x, y).quotient;
            case REM -> x.lane() == Lane.F64 ? x.minus(LaneMath.floor(x.over(y)).times(y)) : division(x, y).remainder;
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

    private record Division(Value quotient, Value remainder) {}

    /**
     * Quotient and remainder in f32, as if divided exactly: the rounded quotient may have reached the next integer,
     * which the sign of the remainder tells (exact by a fused step, while the quotient is below 2^24).
     */
    private static Division division(Value x, Value y) {
        Value q = LaneMath.floor(x.over(y));
        Value r = q.negate().fma(y, x);
        Value over = r.less(0).xor(y.less(0)).and(r.differs(0));
        Value infinite = y.abs().same(Double.POSITIVE_INFINITY);
        Value remainder = over.select(r.plus(y), r);
        // x − floor(x/∞)·∞ is NaN by the definition, and the fused step says the same
        return new Division(over.and(infinite.not()).select(q.minus(1), q), remainder);
    }
}
