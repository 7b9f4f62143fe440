package kawi.cpu.codegen;

import java.util.List;
import kawi.base.DType;
import kawi.graph.Elementwise;

/** Elementwise operations on integers and truth values as basic steps. */
final class IntegerOperations {
    private static final int[] ROTATIONS = {13, 15, 26, 6, 17, 29, 16, 24};

    private IntegerOperations() {}

    /** Integers wrap to their width; bytes live in wider lanes and wrap after each operation that can leave 0 … 255. */
    static Value apply(Elementwise op, DType type, List<Value> args) {
        Value x = args.getFirst();
        Value y = args.getLast();
        Value result = switch (op) {
            case NEG -> x.negate();
            case ABS -> type == DType.U8 ? x : x.abs();
            case SIGN -> x.greater(0).select(1, x.less(0).select(-1, x));
            case ADD -> x.plus(y);
            case SUB -> x.minus(y);
            case MUL -> x.times(y);
            case FLOOR_DIV -> floorDivide(x, y);
            case REM -> floorRemainder(x, y);
            case MAXIMUM -> x.max(y);
            case MINIMUM -> x.min(y);
            case EQ -> x.same(y);
            case NE -> x.differs(y);
            case LT -> x.less(y);
            case LE -> x.lessOrEqual(y);
            case AND -> x.and(y);
            case OR -> x.or(y);
            case XOR -> x.xor(y);
            case SHIFT_RIGHT -> x.shiftRight(y);
            case THREEFRY -> threefry(x, args.get(1), y);
            default -> throw new IllegalArgumentException(op.label() + " of integers");
        };
        boolean wraps = switch (op) {
            case NEG, ADD, SUB, MUL -> type == DType.U8;
            default -> false;
        };
        return wraps ? result.and(0xff) : result;
    }

    static Value applyTruth(Elementwise op, List<Value> args) {
        Value x = args.getFirst();
        Value y = args.getLast();
        return switch (op) {
            case NOT -> x.not();
            case AND -> x.and(y);
            case OR -> x.or(y);
            case XOR, NE -> x.xor(y);
            case EQ -> x.xor(y).not();
            case LT -> x.not().and(y);
            case LE -> x.not().or(y);
            default -> throw new IllegalArgumentException(op.label() + " of truth values");
        };
    }

    /** The divisor, or 1 in place of 0. */
    private static Value safe(Value y) {
        return y.same(0).select(1, y);
    }

    private static Value floorDivide(Value x, Value y) {
        Value q = x.over(safe(y));
        Value r = x.remainder(safe(y));
        Value down = r.differs(0).and(r.xor(y).less(0));
        return y.same(0).select(0, down.select(q.minus(q.of(1)), q));
    }

    private static Value floorRemainder(Value x, Value y) {
        Value r = x.remainder(safe(y));
        Value down = r.differs(0).and(r.xor(y).less(0));
        return y.same(0).select(0, down.select(r.plus(y), r));
    }

    /** See {@link kawi.graph.Threefry}. */
    private static Value threefry(Value k0, Value k1, Value counter) {
        Value[] key = {k0, k1, k0.xor(k1).xor(k0.of(0x1BD11BDA))};
        Value x0 = counter.plus(k0);
        Value x1 = k1;
        for (int round = 0; round < 20; round++) {
            x0 = x0.plus(x1);
            x1 = x1.rotateLeft(ROTATIONS[round % 8]).xor(x0);
            if (round % 4 == 3) {
                int s = round / 4 + 1;
                x0 = x0.plus(key[s % 3]);
                x1 = x1.plus(key[(s + 1) % 3].plus(x1.of(s)));
            }
        }
        return x0;
    }
}
