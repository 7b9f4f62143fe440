package kawi.cpu.codegen;

import java.util.ArrayList;
import java.util.List;
import kawi.base.DType;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Instruction;
import kawi.graph.Elementwise;

/** From the instructions of a loop nest to basic steps. */
final class Lowering {
    private final LoopNest nest;
    private final Program program = new Program();
    private final boolean wide;
    private final boolean mixed;
    private final List<Integer> scalarSlots = new ArrayList<>();
    private final List<Value> values = new ArrayList<>();

    Lowering(LoopNest nest) {
        this.nest = nest;
        boolean any32 = false;
        boolean any64 = false;
        for (Instruction i : nest.body()) {
            any32 |= i.type() == DType.F32 || i.type() == DType.I32 || i.type().isHalf();
            any64 |= i.type() == DType.F64 || i.type() == DType.I64;
        }
        this.wide = any64 && !any32;
        for (Instruction i : nest.body()) {
            values.add(lower(i));
        }
        this.mixed = program.steps().stream().anyMatch(s -> s.lane().bytes == 4)
                && program.steps().stream().anyMatch(s -> s.lane().bytes == 8);
    }

    Program program() {
        return program;
    }

    /** Whether lanes of 32 and of 64 bits occur, so that no one vector shape fits. */
    boolean mixed() {
        return mixed;
    }

    /** The step that computes instruction {@code i}. */
    int step(int i) {
        return values.get(i).id();
    }

    /** The launch's scalar slots in the order in which the program numbers them. */
    int[] scalarSlots() {
        return scalarSlots.stream().mapToInt(i -> i).toArray();
    }

    /** The lane that holds a type; bytes take the width of their neighbours. */
    Lane lane(DType type) {
        return switch (type) {
            case F32 -> Lane.F32;
            case F64 -> Lane.F64;
            case I32, F16, BF16 -> Lane.I32; // halves as their bits
            case I64 -> Lane.I64;
            case U8 -> wide ? Lane.I64 : Lane.I32;
            case BOOL -> Lane.MASK;
        };
    }

    private Value lower(Instruction instruction) {
        return switch (instruction) {
            case Instruction.Load l -> {
                DType stored = nest.accesses().get(l.access()).type();
                Value v = program.add(Basic.LOAD, lane(stored), l.access());
                yield convert(v, stored, l.type());
            }
            case Instruction.Scalar s -> {
                int number = scalarSlots.indexOf(s.slot());
                if (number < 0) {
                    number = scalarSlots.size();
                    scalarSlots.add(s.slot());
                }
                if (s.type().isHalf()) {
                    yield HalfPrecision.narrow(program.add(Basic.SCALAR, Lane.F32, number), s.type());
                }
                Value v = program.add(Basic.SCALAR, lane(s.type()), number);
                yield s.type() == DType.U8 ? v.and(0xff) : v;
            }
            case Instruction.Index i -> index(i);
            case Instruction.Apply a -> apply(a);
            case Instruction.Convert c ->
                convert(values.get(c.arg()), nest.body().get(c.arg()).type(), c.type());
        };
    }

    /** An index counts in the integer lane that fits; one that outgrows 32 bits in the 64-bit lane. */
    private Value index(Instruction.Index i) {
        boolean narrow = i.type() != DType.I64 && !wide && fits(nest.accesses().get(i.access()));
        Value v = program.add(Basic.INDEX, narrow ? Lane.I32 : Lane.I64, i.access());
        return convert(v, narrow ? DType.I32 : DType.I64, i.type());
    }

    private boolean fits(LoopNest.Access access) {
        double low = access.offset();
        double high = access.offset();
        for (int axis = 0; axis < nest.sizes().length; axis++) {
            double reach = (double) access.strides()[axis] * Math.max(0, nest.sizes()[axis] - 1);
            low += Math.min(0, reach);
            high += Math.max(0, reach);
        }
        return low >= Integer.MIN_VALUE && high <= Integer.MAX_VALUE;
    }

    private Value convert(Value v, DType from, DType to) {
        if (from == to) {
            return v;
        }
        if (from.isHalf()) {
            return convert(HalfPrecision.widen(v, from), DType.F32, to);
        }
        if (to.isHalf()) {
            return HalfPrecision.narrow(convert(v, from, DType.F32), to);
        }
        Lane lane = lane(to);
        if (to == DType.BOOL) {
            return v.differs(0);
        }
        if (from == DType.BOOL) {
            return v.select(program.constant(lane, 1), program.constant(lane, 0));
        }
        Value converted = v.convert(lane);
        if (to == DType.U8) {
            if (from.isFloat() && lane == Lane.I64) { // saturates at 32 bits first, whatever lanes the nest has
                converted = converted.max(converted.of(Integer.MIN_VALUE)).min(converted.of(Integer.MAX_VALUE));
            }
            return converted.and(0xff);
        }
        return converted;
    }

    private Value apply(Instruction.Apply a) {
        List<Value> args = a.args().stream().map(values::get).toList();
        DType operand = nest.body().get(a.args().getLast()).type();
        return apply(a.op(), operand, args);
    }

    /** The steps of an operation on values of an element type; for WHERE, the type of the branches. */
    static Value apply(Elementwise op, DType type, List<Value> args) {
        if (op == Elementwise.WHERE) {
            return type == DType.BOOL
                    ? args.get(0).and(args.get(1)).or(args.get(0).not().and(args.get(2)))
                    : args.get(0).select(args.get(1), args.get(2));
        }
        if (type.isFloat()) {
            return FloatOperations.apply(op, args);
        }
        return type == DType.BOOL ? IntegerOperations.applyTruth(op, args) : IntegerOperations.apply(op, type, args);
    }
}
