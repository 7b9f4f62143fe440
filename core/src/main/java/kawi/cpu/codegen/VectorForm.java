package kawi.cpu.codegen;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.EnumMap;
import java.util.Map;
import kawi.base.DType;
import kawi.cpu.codegen.Program.Step;

/**
 * As many points at a time as a vector has lanes, through jdk.incubator.vector, which only the emitted classes touch.
 * Every vector stays in a local variable of one method: C2 keeps such vectors in registers, and boxes those that it
 * must pass to a method it does not inline.
 */
final class VectorForm extends Form {
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    private static final ClassDesc SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    private static final ClassDesc MASK = Lane.MASK.vector;
    private static final ClassDesc BYTES = ClassDesc.of("jdk.incubator.vector.ByteVector");
    private static final ClassDesc OPERATORS = ClassDesc.of("jdk.incubator.vector.VectorOperators");
    private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");

    private final ScalarForm scalars;
    private final Lane width;
    private final int order;
    private final int[] laneSteps;
    private final Map<TypeKind, Integer> spares = new EnumMap<>(TypeKind.class);

    VectorForm(CodeBuilder code, Structure structure, Frame frame) {
        super(code, structure, frame);
        this.scalars = new ScalarForm(code, structure, frame);
        this.width = widthOf(structure);
        this.order = code.allocateLocal(TypeKind.REFERENCE);
        call(ORDER, "nativeOrder", ORDER);
        code.astore(order);
        this.laneSteps = new int[frame.base.length];
    }

    /** An integer lane as wide as all lanes of the program, which are of one width. */
    private static Lane widthOf(Structure structure) {
        for (Step s : structure.program().steps()) {
            if (s.lane().bytes == 8) {
                return Lane.I64;
            }
        }
        for (Structure.Place p : structure.accesses()) {
            if (p.type().bytes() == 8) {
                return Lane.I64;
            }
        }
        return Lane.I32;
    }

    @Override
    int lanes() {
        return structure.bits() / (8 * width.bytes);
    }

    @Override
    int allocate(Lane lane) {
        return code.allocateLocal(TypeKind.REFERENCE);
    }

    @Override
    void loadLocal(Lane lane, int slot) {
        code.aload(slot);
    }

    @Override
    void storeLocal(Lane lane, int slot) {
        code.astore(slot);
    }

    /** A local for a moment. */
    private int spare(TypeKind kind) {
        return spares.computeIfAbsent(kind, code::allocateLocal);
    }

    void species(Lane lane) {
        Lane of = lane == Lane.MASK ? width : lane;
        code.getstatic(of.vector, "SPECIES_" + structure.bits(), SPECIES);
    }

    private void byteSpecies() {
        code.getstatic(BYTES, "SPECIES_" + 8 * lanes(), SPECIES);
    }

    private void operator(String kind, String name) {
        code.getstatic(OPERATORS, name, OPERATORS.nested(kind));
    }

    /** Calls a method of the vector of a lane that takes vectors and gives one. */
    private void vectorMethod(Lane lane, String name, int arguments) {
        ClassDesc[] args = new ClassDesc[arguments];
        java.util.Arrays.fill(args, VECTOR);
        code.invokevirtual(lane.vector, name, MethodTypeDesc.of(lane.vector, args));
    }

    private void convert(String conversion, Lane to) {
        operator("Conversion", conversion);
        species(to);
        code.iconst_0()
                .invokevirtual(
                        VECTOR,
                        "convertShape",
                        MethodTypeDesc.of(VECTOR, OPERATORS.nested("Conversion"), SPECIES, CD_int));
        code.checkcast(to.vector);
    }

    /** From a scalar on the stack to a vector of it. */
    private void broadcast(Lane lane) {
        // species below the scalar on the stack: through a local, as a long cannot be swapped
        int scalar = spare(lane.kind);
        code.storeLocal(lane.kind, scalar);
        species(lane);
        code.loadLocal(lane.kind, scalar);
        if (lane == Lane.MASK) {
            code.invokeinterface(SPECIES, "maskAll", MethodTypeDesc.of(MASK, CD_boolean));
        } else {
            call(lane.vector, "broadcast", lane.vector, SPECIES, lane.scalar);
        }
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

    /**
     * The element of whose vectors a mask is: the API types masks by the vectors that they came from.
     */
    private Lane maskOf(int value) {
        Step s = program.step(value);
        return switch (s.op()) {
            case LT, LE, EQ, NE ->
                program.step(s.a()).lane() == Lane.MASK
                        ? maskOf(s.a())
                        : program.step(s.a()).lane();
            case AND, OR, XOR, NOT -> maskOf(s.a());
            default -> width;
        };
    }

    /** Loads a mask for use with vectors of a lane. */
    private void loadMask(int value, Lane lane) {
        load(value);
        if (maskOf(value) != lane) {
            species(lane);
            code.invokevirtual(MASK, "cast", MethodTypeDesc.of(MASK, SPECIES));
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

    private static String letter(Lane lane) {
        return switch (lane) {
            case F32 -> "F";
            case I32 -> "I";
            case F64 -> "D";
            case I64 -> "L";
            case MASK -> throw new IllegalStateException("masks do not convert");
        };
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

    /** The elements at an access with unit stride. */
    private void elements(int access, Lane lane) {
        DType type = structure.accesses().get(access).type();
        boolean narrow = type.bytes() == 1;
        if (narrow) {
            byteSpecies();
        } else {
            species(lane);
        }
        code.aload(frame.segment[access]);
        address(access);
        code.aload(order);
        ClassDesc vector = narrow ? BYTES : lane.vector;
        call(vector, "fromMemorySegment", vector, SPECIES, SEGMENT, CD_long, ORDER);
        if (narrow) {
            convert(width == Lane.I32 ? "ZERO_EXTEND_B2I" : "ZERO_EXTEND_B2L", width);
        }
        if (type == DType.BOOL) {
            operator("Comparison", "NE");
            literal(width, 0);
            code.invokevirtual(
                    width.vector, "compare", MethodTypeDesc.of(MASK, OPERATORS.nested("Comparison"), width.scalar));
        }
    }

    /** Per index access, lane number times stride; before the loops. */
    void prepareIndices() {
        for (int a = 0; a < frame.base.length; a++) {
            Structure.Place place = structure.accesses().get(a);
            if (!place.buffered() && place.inner() != Structure.Inner.NONE) {
                literal(width, 0);
                broadcast(width);
                code.iconst_1().invokevirtual(width.vector, "addIndex", MethodTypeDesc.of(width.vector, CD_int));
                code.lload(frame.inner[a]);
                if (width == Lane.I32) {
                    code.l2i();
                }
                code.invokevirtual(width.vector, "mul", MethodTypeDesc.of(width.vector, width.scalar));
                laneSteps[a] = allocate(width);
                code.astore(laneSteps[a]);
            }
        }
    }

    private void index(int access, Lane lane) {
        address(access);
        if (lane == Lane.I32) {
            code.l2i();
        }
        broadcast(lane);
        if (structure.accesses().get(access).inner() != Structure.Inner.NONE) {
            code.aload(laneSteps[access]);
            vectorMethod(lane, "add", 1);
        }
    }

    @Override
    void store(int access, int value) {
        DType type = structure.accesses().get(access).type();
        Lane lane = program.step(value).lane();
        if (lane == Lane.MASK) {
            literal(width, 0);
            broadcast(width);
            literal(width, 1);
            loadMask(value, width);
            code.invokevirtual(width.vector, "blend", MethodTypeDesc.of(width.vector, width.scalar, MASK));
        } else {
            load(value);
        }
        ClassDesc vector = lane.vector;
        if (type.bytes() == 1) {
            operator("Conversion", letter(width) + "2B");
            byteSpecies();
            code.iconst_0()
                    .invokevirtual(
                            VECTOR,
                            "convertShape",
                            MethodTypeDesc.of(VECTOR, OPERATORS.nested("Conversion"), SPECIES, CD_int));
            code.checkcast(BYTES);
            vector = BYTES;
        }
        code.aload(frame.segment[access]);
        address(access);
        code.aload(order);
        code.invokevirtual(vector, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
    }

    /** Combines a value into the partial results: an array, at the element number on top of the stack. */
    void combine(int array, int index, Lane lane, int value, String method) {
        species(lane);
        code.aload(array).iload(index);
        call(lane.vector, "fromArray", lane.vector, SPECIES, lane.scalar.arrayType(), CD_int);
        load(value);
        vectorMethod(lane, method, 1);
        code.aload(array).iload(index);
        code.invokevirtual(lane.vector, "intoArray", MethodTypeDesc.of(CD_void, lane.scalar.arrayType(), CD_int));
    }

    /** Keeps the vector of a scalar, which is on the stack, in a new local. */
    int keep(Lane lane) {
        broadcast(lane);
        int slot = allocate(lane);
        code.astore(slot);
        return slot;
    }

    /**
     * Folds an array of partial results pairwise, until as many as a vector holds are left in its first places; the
     * others become neutral again.
     */
    void fold(int array, Lane lane, int partials, int neutral, String method) {
        int[] part = new int[partials / lanes()];
        for (int i = 0; i < part.length; i++) {
            species(lane);
            code.aload(array).loadConstant(i * lanes());
            call(lane.vector, "fromArray", lane.vector, SPECIES, lane.scalar.arrayType(), CD_int);
            part[i] = allocate(lane);
            code.astore(part[i]);
        }
        for (int half = part.length / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                code.aload(part[i]).aload(part[i + half]);
                vectorMethod(lane, method, 1);
                code.astore(part[i]);
            }
        }
        for (int i = 0; i < part.length; i++) {
            code.aload(i == 0 ? part[0] : neutral).aload(array).loadConstant(i * lanes());
            code.invokevirtual(lane.vector, "intoArray", MethodTypeDesc.of(CD_void, lane.scalar.arrayType(), CD_int));
        }
    }
}
