package kawi.cpu.codegen;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import kawi.base.DType;
import kawi.cpu.codegen.Program.Step;
import kawi.device.LoopNest;

/** One point at a time, in plain bytecode: tails, strided and mixed-width nests, and machines without vectors. */
final class ScalarForm extends Form {
    private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
    private static final ClassDesc LAYOUT = ClassDesc.of("java.lang.foreign.ValueLayout");

    ScalarForm(CodeBuilder code, Structure structure, Frame frame) {
        super(code, structure, frame);
    }

    @Override
    int lanes() {
        return 1;
    }

    @Override
    int allocate(Lane lane) {
        return code.allocateLocal(lane.kind);
    }

    @Override
    void loadLocal(Lane lane, int slot) {
        code.loadLocal(lane.kind, slot);
    }

    @Override
    void storeLocal(Lane lane, int slot) {
        code.storeLocal(lane.kind, slot);
    }

    @Override
    void compute(Step s) {
        switch (s.op()) {
            case CONST -> literal(s.lane(), s.literal());
            case SCALAR -> scalarArgument(s.lane(), s.literal());
            case LOAD -> element((int) s.literal(), s.lane());
            case INDEX -> {
                address((int) s.literal());
                if (s.lane() == Lane.I32) {
                    code.l2i();
                }
            }
            default -> {
                for (int arg : new int[] {s.a(), s.b(), s.c()}) {
                    if (arg >= 0 && s.op() != Basic.SELECT) {
                        load(arg);
                    }
                }
                apply(s);
            }
        }
    }

    private void apply(Step s) {
        Lane lane = s.lane();
        switch (s.op()) {
            case ADD -> arithmetic(lane, Opcode.IADD);
            case SUB -> arithmetic(lane, Opcode.ISUB);
            case MUL -> arithmetic(lane, Opcode.IMUL);
            case DIV -> arithmetic(lane, Opcode.IDIV);
            case REM -> arithmetic(lane, Opcode.IREM);
            case NEG -> {
                switch (lane) {
                    case F32 -> code.fneg();
                    case F64 -> code.dneg();
                    case I64 -> code.lneg();
                    default -> code.ineg();
                }
            }
            case ABS -> call(MATH, "abs", lane.scalar, lane.scalar);
            case SQRT -> {
                if (lane == Lane.F32) {
                    code.f2d();
                }
                call(MATH, "sqrt", CD_double, CD_double);
                if (lane == Lane.F32) {
                    code.d2f();
                }
            }
            case MIN -> call(MATH, "min", lane.scalar, lane.scalar, lane.scalar);
            case MAX -> call(MATH, "max", lane.scalar, lane.scalar, lane.scalar);
            case FMA -> call(MATH, "fma", lane.scalar, lane.scalar, lane.scalar, lane.scalar);
            case AND -> logical(lane, Opcode.IAND, Opcode.LAND);
            case OR -> logical(lane, Opcode.IOR, Opcode.LOR);
            case XOR -> logical(lane, Opcode.IXOR, Opcode.LXOR);
            case NOT -> {
                if (lane == Lane.I64) {
                    code.loadConstant(-1L).lxor();
                } else {
                    code.loadConstant(lane == Lane.MASK ? 1 : -1).ixor();
                }
            }
            case SHL -> shift(s, Opcode.ISHL, Opcode.LSHL);
            case SHR -> shift(s, Opcode.IUSHR, Opcode.LUSHR);
            case SAR -> shift(s, Opcode.ISHR, Opcode.LSHR);
            case ROTL -> {
                code.loadConstant((int) s.literal());
                call(lane.box, "rotateLeft", lane.scalar, lane.scalar, CD_int);
            }
            case SHR_BY -> {
                if (lane == Lane.I64) {
                    code.l2i().lushr();
                } else {
                    code.iushr();
                }
            }
            case LT, LE, EQ, NE -> compare(s.op(), program.step(s.a()).lane());
            case SELECT -> {
                Label otherwise = code.newLabel();
                Label end = code.newLabel();
                load(s.a());
                code.ifeq(otherwise);
                load(s.b());
                code.goto_(end).labelBinding(otherwise);
                load(s.c());
                code.labelBinding(end);
            }
            case BITS -> {
                switch (lane) {
                    case F32 -> call(lane.box, "intBitsToFloat", CD_float, CD_int);
                    case F64 -> call(lane.box, "longBitsToDouble", CD_double, CD_long);
                    case I32 -> call(Lane.F32.box, "floatToRawIntBits", CD_int, CD_float);
                    default -> call(Lane.F64.box, "doubleToRawLongBits", CD_long, CD_double);
                }
            }
            case CONVERT -> code.conversion(program.step(s.a()).lane().kind, lane.kind);
            case CORRECT -> {
                code.loadConstant((int) s.literal());
                call(
                        DoubleFunction.CLASS,
                        "correct",
                        lane.scalar,
                        lane.scalar,
                        lane.scalar,
                        ConstantDescs.CD_boolean,
                        CD_int);
            }
            case CALL -> DoubleFunction.values()[(int) s.literal()].emit(code);
            case CONST, SCALAR, LOAD, INDEX -> throw new AssertionError(s);
        }
    }

    /** The opcodes of arithmetic stand in the order int, long, float, double. */
    private void arithmetic(Lane lane, Opcode ofInt) {
        switch (lane) {
            case I32, MASK -> code.with(OperatorInstruction.of(ofInt));
            case I64 -> operator(ofInt, 1);
            case F32 -> operator(ofInt, 2);
            case F64 -> operator(ofInt, 3);
        }
    }

    private void operator(Opcode ofInt, int further) {
        for (Opcode o : Opcode.values()) {
            if (o.bytecode() == ofInt.bytecode() + further) {
                code.with(OperatorInstruction.of(o));
                return;
            }
        }
    }

    private void logical(Lane lane, Opcode ofInt, Opcode ofLong) {
        code.with(OperatorInstruction.of(lane == Lane.I64 ? ofLong : ofInt));
    }

    private void shift(Step s, Opcode ofInt, Opcode ofLong) {
        code.loadConstant((int) s.literal());
        logical(s.lane(), ofInt, ofLong);
    }

    /** Combines a value into what an access shows at the current place. */
    void combine(int access, Lane lane, int value, LoopNest.Reduction reduction) {
        DType type = structure.accesses().get(access).type();
        code.aload(frame.segment[access]);
        layout(type);
        address(access);
        element(access, lane);
        load(value);
        combine(lane, reduction);
        finishStore(type, lane);
    }

    /** Combines the two numbers on the stack. */
    void combine(Lane lane, LoopNest.Reduction reduction) {
        switch (reduction) {
            case SUM -> arithmetic(lane, Opcode.IADD);
            case MAX -> call(MATH, "max", lane.scalar, lane.scalar, lane.scalar);
            case MIN -> call(MATH, "min", lane.scalar, lane.scalar, lane.scalar);
        }
    }

    /** 1 or 0 for the comparison of the two numbers on the stack. */
    private void compare(Basic op, Lane of) {
        // fcmpg turns NaN into "greater", so that less-than fails; equality fails either way
        switch (of) {
            case F32 -> code.fcmpg();
            case F64 -> code.dcmpg();
            case I64 -> code.lcmp();
            default -> {}
        }
        boolean direct = of == Lane.I32 || of == Lane.MASK;
        Label yes = code.newLabel();
        Label end = code.newLabel();
        switch (op) {
            case LT -> code.branch(direct ? Opcode.IF_ICMPLT : Opcode.IFLT, yes);
            case LE -> code.branch(direct ? Opcode.IF_ICMPLE : Opcode.IFLE, yes);
            case EQ -> code.branch(direct ? Opcode.IF_ICMPEQ : Opcode.IFEQ, yes);
            default -> code.branch(direct ? Opcode.IF_ICMPNE : Opcode.IFNE, yes);
        }
        code.iconst_0().goto_(end).labelBinding(yes).iconst_1().labelBinding(end);
    }

    /** Pushes the element at an access, widened to a lane. */
    void element(int access, Lane lane) {
        DType type = structure.accesses().get(access).type();
        code.aload(frame.segment[access]);
        layout(type);
        address(access);
        code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(carrier(type), layoutClass(type), CD_long));
        switch (type) {
            case U8, BOOL -> code.loadConstant(0xff).iand();
            case F16, BF16 -> code.loadConstant(0xffff).iand();
            default -> {}
        }
        if (type == DType.BOOL) {
            // any byte but 0 is true
            code.ineg().loadConstant(31).iushr();
        }
        if (lane == Lane.I64 && type == DType.U8) {
            code.i2l();
        }
    }

    @Override
    void store(int access, int value) {
        code.aload(frame.segment[access]);
        DType type = structure.accesses().get(access).type();
        layout(type);
        address(access);
        load(value);
        finishStore(type, program.step(value).lane());
    }

    /** With segment, layout, address and value on the stack: narrows the value and writes it. */
    void finishStore(DType type, Lane lane) {
        if (type == DType.U8 && lane == Lane.I64) {
            code.l2i();
        }
        if (type == DType.U8 || type == DType.BOOL) {
            code.i2b();
        } else if (type.isHalf()) {
            code.i2s();
        }
        code.invokeinterface(
                SEGMENT, "set", MethodTypeDesc.of(ConstantDescs.CD_void, layoutClass(type), CD_long, carrier(type)));
    }

    /** Pushes the layout of a type: unaligned, which spares a check and costs nothing on aligned memory. */
    void layout(DType type) {
        String name = switch (type) {
            case BOOL, U8 -> "JAVA_BYTE";
            case F16, BF16 -> "JAVA_SHORT_UNALIGNED";
            case I32 -> "JAVA_INT_UNALIGNED";
            case I64 -> "JAVA_LONG_UNALIGNED";
            case F32 -> "JAVA_FLOAT_UNALIGNED";
            case F64 -> "JAVA_DOUBLE_UNALIGNED";
        };
        code.getstatic(LAYOUT, name, layoutClass(type));
    }

    private static ClassDesc layoutClass(DType type) {
        return LAYOUT.nested(
                switch (type) {
                    case BOOL, U8 -> "OfByte";
                    case F16, BF16 -> "OfShort";
                    case I32 -> "OfInt";
                    case I64 -> "OfLong";
                    case F32 -> "OfFloat";
                    case F64 -> "OfDouble";
                });
    }

    private static ClassDesc carrier(DType type) {
        return switch (type) {
            case BOOL, U8 -> ConstantDescs.CD_byte;
            case F16, BF16 -> ConstantDescs.CD_short;
            case I32 -> CD_int;
            case I64 -> CD_long;
            case F32 -> CD_float;
            case F64 -> CD_double;
        };
    }
}
