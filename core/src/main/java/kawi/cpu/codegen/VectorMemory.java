package kawi.cpu.codegen;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.EnumMap;
import java.util.Map;
import kawi.base.DType;
import kawi.cpu.codegen.Program.Step;

/**
 * Vectors between memory, arrays and local variables: what the steps of {@link VectorForm} start from and end in. All
 * names of jdk.incubator.vector are descriptors, for only emitted classes may touch a module that can be absent.
 */
abstract class VectorMemory extends Form {

    static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    static final ClassDesc SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    static final ClassDesc MASK = Lane.MASK.vector;
    private static final ClassDesc BYTES = ClassDesc.of("jdk.incubator.vector.ByteVector");
    private static final ClassDesc SHORTS = ClassDesc.of("jdk.incubator.vector.ShortVector");
    static final ClassDesc OPERATORS = ClassDesc.of("jdk.incubator.vector.VectorOperators");
    static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");

    final ScalarForm scalars;
    final Lane width;
    private final int order;
    private final int[] laneSteps;
    private final Map<TypeKind, Integer> spares = new EnumMap<>(TypeKind.class);

    VectorMemory(CodeBuilder code, Structure structure, Frame frame) {
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
    int spare(TypeKind kind) {
        return spares.computeIfAbsent(kind, code::allocateLocal);
    }

    void species(Lane lane) {
        Lane of = lane == Lane.MASK ? width : lane;
        code.getstatic(of.vector, "SPECIES_" + structure.bits(), SPECIES);
    }

    /** The vector of elements in memory that are narrower than any lane. */
    private static ClassDesc narrow(DType type) {
        return type.bytes() == 1 ? BYTES : SHORTS;
    }

    private static boolean isNarrow(DType type) {
        return type.bytes() < Lane.I32.bytes;
    }

    private void narrowSpecies(DType type) {
        code.getstatic(narrow(type), "SPECIES_" + 8 * type.bytes() * lanes(), SPECIES);
    }

    private static String narrowLetter(DType type) {
        return type.bytes() == 1 ? "B" : "S";
    }

    void operator(String kind, String name) {
        code.getstatic(OPERATORS, name, OPERATORS.nested(kind));
    }

    /** Calls a method of the vector of a lane that takes vectors and gives one. */
    void vectorMethod(Lane lane, String name, int arguments) {
        ClassDesc[] args = new ClassDesc[arguments];
        java.util.Arrays.fill(args, VECTOR);
        code.invokevirtual(lane.vector, name, MethodTypeDesc.of(lane.vector, args));
    }

    void convert(String conversion, Lane to) {
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
    void broadcast(Lane lane) {
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

    /**
     * The element of whose vectors a mask is: the API types masks by the vectors that they came from.
     */
    Lane maskOf(int value) {
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
    void loadMask(int value, Lane lane) {
        load(value);
        if (maskOf(value) != lane) {
            species(lane);
            code.invokevirtual(MASK, "cast", MethodTypeDesc.of(MASK, SPECIES));
        }
    }

    static String letter(Lane lane) {
        return switch (lane) {
            case F32 -> "F";
            case I32 -> "I";
            case F64 -> "D";
            case I64 -> "L";
            case MASK -> throw new IllegalStateException("masks do not convert");
        };
    }

    /** The elements at an access with unit stride. */
    void elements(int access, Lane lane) {
        DType type = structure.accesses().get(access).type();
        boolean narrow = isNarrow(type);
        if (narrow) {
            narrowSpecies(type);
        } else {
            species(lane);
        }
        code.aload(frame.segment[access]);
        address(access);
        code.aload(order);
        ClassDesc vector = narrow ? narrow(type) : lane.vector;
        call(vector, "fromMemorySegment", vector, SPECIES, SEGMENT, CD_long, ORDER);
        if (narrow) {
            convert("ZERO_EXTEND_" + narrowLetter(type) + "2" + letter(width), width);
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

    void index(int access, Lane lane) {
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
        write(access, lane);
    }

    /** Writes the vector on the stack to an access at the current place. */
    private void write(int access, Lane lane) {
        ClassDesc vector = lane.vector;
        DType type = structure.accesses().get(access).type();
        if (isNarrow(type)) {
            operator("Conversion", letter(width) + "2" + narrowLetter(type));
            narrowSpecies(type);
            code.iconst_0()
                    .invokevirtual(
                            VECTOR,
                            "convertShape",
                            MethodTypeDesc.of(VECTOR, OPERATORS.nested("Conversion"), SPECIES, CD_int));
            code.checkcast(narrow(type));
            vector = narrow(type);
        }
        code.aload(frame.segment[access]);
        address(access);
        code.aload(order);
        code.invokevirtual(vector, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
    }

    /** Combines a value into what an access shows at the current place. */
    void combine(int access, Lane lane, int value, String method) {
        elements(access, lane);
        load(value);
        vectorMethod(lane, method, 1);
        write(access, lane);
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

    /** Combines a value into the vector in a local. */
    void combineLocal(int slot, Lane lane, int value, String method) {
        code.aload(slot);
        load(value);
        vectorMethod(lane, method, 1);
        code.astore(slot);
    }

    /** Writes the vector in a local into an array, from the element number in another local plus some on. */
    void intoArray(int slot, int array, int index, int plus, Lane lane) {
        code.aload(slot).aload(array).iload(index).loadConstant(plus).iadd();
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
