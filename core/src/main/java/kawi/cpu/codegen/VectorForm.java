package kawi.cpu.codegen;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import kawi.cpu.codegen.Program.Step;

/**
 * As many points at a time as a vector has lanes, through jdk.incubator.vector, which only the emitted classes touch.
 * Every vector stays in a local variable of one method: C2 keeps such vectors in registers, and boxes those that it
 * must pass to a method it does not inline.
 */
final class VectorForm extends VectorMemory {
    VectorForm(CodeBuilder code, Structure structure, Frame frame) {
        super(code, structure, frame);
    }

    @Override
    void compute(Step s) {
        Lane lane = s.lane();
        switch (s.op()) {
            case CONST -> {
                literal(lane, s.literal());
                broadcast(lane);
            }
            case SCALAR -> {
                scalarArgument(lane, s.literal());
                broadcast(lane);
            }
            case LOAD -> {
                int access = (int) s.literal();
                if (structure.accesses().get(access).inner() == Structure.Inner.NONE) {
                    scalars.element(access, lane);
                    broadcast(lane);
                } else {
                    elements(access, lane);
                }
            }
            case INDEX -> index((int) s.literal(), lane);
            case CORRECT -> correct(s);
            case SELECT -> {
                load(s.c());
                load(s.b());
                loadMask(s.a(), lane);
                code.invokevirtual(lane.vector, "blend", MethodTypeDesc.of(lane.vector, VECTOR, MASK));
            }
            default -> {
                for (int arg : new int[] {s.a(), s.b(), s.c()}) {
                    if (arg >= 0 && lane == Lane.MASK && program.step(arg).lane() == Lane.MASK) {
                        loadMask(arg, maskOf(s.a()));
                    } else if (arg >= 0) {
                        load(arg);
                    }
                }
                apply(s);
            }
        }
    }

    private void maskMethod(String name) {
        code.invokevirtual(MASK, name, MethodTypeDesc.of(MASK, MASK));
    }

    private void apply(Step s) {
        Lane lane = s.lane();
        Lane from = program.step(s.a()).lane();
        if (lane == Lane.MASK && from == Lane.MASK) {
            switch (s.op()) {
                case AND -> maskMethod("and");
                case OR -> maskMethod("or");
                case XOR -> maskMethod("xor");
                case NOT -> code.invokevirtual(MASK, "not", MethodTypeDesc.of(MASK));
                default -> throw new IllegalStateException("no such operation on masks: " + s);
            }
            return;
        }
        switch (s.op()) {
            case ADD -> vectorMethod(lane, "add", 1);
            case SUB -> vectorMethod(lane, "sub", 1);
            case MUL -> vectorMethod(lane, "mul", 1);
            case DIV -> vectorMethod(lane, "div", 1);
            case NEG -> vectorMethod(lane, "neg", 0);
            case ABS -> vectorMethod(lane, "abs", 0);
            case SQRT -> vectorMethod(lane, "sqrt", 0);
            case MIN -> vectorMethod(lane, "min", 1);
            case MAX -> vectorMethod(lane, "max", 1);
            case FMA -> vectorMethod(lane, "fma", 2);
            case AND -> vectorMethod(lane, "and", 1);
            case OR -> vectorMethod(lane, "or", 1);
            case NOT -> vectorMethod(lane, "not", 0);
            case XOR -> binary(lane, "XOR");
            case SHR_BY -> binary(lane, "LSHR");
            case SHL -> shift(s, "LSHL");
            case SHR -> shift(s, "LSHR");
            case SAR -> shift(s, "ASHR");
            case ROTL -> shift(s, "ROL");
            case LT, LE, EQ, NE -> {
                // the operator belongs between the operands
                int second = spare(TypeKind.REFERENCE);
                code.astore(second);
                operator("Comparison", s.op().name());
                code.aload(second)
                        .invokevirtual(
                                from.vector,
                                "compare",
                                MethodTypeDesc.of(MASK, OPERATORS.nested("Comparison"), VECTOR));
            }
            case BITS -> {
                String name = lane.isFloat() ? "viewAsFloatingLanes" : "viewAsIntegralLanes";
                code.invokevirtual(from.vector, name, MethodTypeDesc.of(lane.vector));
            }
            case CORRECT -> throw new IllegalStateException("handled before its arguments are loaded");
            case CONVERT -> convert(letter(from) + "2" + letter(lane), lane);
            default -> throw new IllegalStateException("no vector form: " + s);
        }
    }

    private void binary(Lane lane, String name) {
        int second = spare(TypeKind.REFERENCE);
        code.astore(second);
        operator(name.equals("XOR") ? "Associative" : "Binary", name); // the type of the constant, a subtype of Binary
        code.aload(second)
                .invokevirtual(
                        lane.vector, "lanewise", MethodTypeDesc.of(lane.vector, OPERATORS.nested("Binary"), VECTOR));
    }

    private void shift(Step s, String name) {
        operator("Binary", name);
        literal(s.lane(), s.literal());
        code.invokevirtual(
                s.lane().vector,
                "lanewise",
                MethodTypeDesc.of(s.lane().vector, OPERATORS.nested("Binary"), s.lane().scalar));
    }

    /** A branch that C2 leaves out until it is taken; the lanes go through arrays there. */
    private void correct(Step s) {
        Lane lane = s.lane();
        ClassDesc array = lane.scalar.arrayType();
        Label fine = code.newLabel();
        Label end = code.newLabel();
        load(s.c());
        code.invokevirtual(MASK, "anyTrue", MethodTypeDesc.of(CD_boolean)).ifeq(fine);
        int results = spare(TypeKind.REFERENCE);
        load(s.a());
        code.invokevirtual(lane.vector, "toArray", MethodTypeDesc.of(array));
        load(s.b());
        code.invokevirtual(lane.vector, "toArray", MethodTypeDesc.of(array))
                .dup()
                .astore(results);
        load(s.c());
        code.invokevirtual(MASK, "toArray", MethodTypeDesc.of(CD_boolean.arrayType()));
        code.loadConstant((int) s.literal());
        call(DoubleFunction.CLASS, "correct", CD_void, array, array, CD_boolean.arrayType(), CD_int);
        species(lane);
        code.aload(results).iconst_0();
        call(lane.vector, "fromArray", lane.vector, SPECIES, array, CD_int);
        code.goto_(end).labelBinding(fine);
        load(s.b());
        code.labelBinding(end);
    }
}
