package kawi.cpu.kernels;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import kawi.cpu.EmittedCode;

/**
 * The instructions that emitted kernels on {@code F32} are made of. Everything goes into one method body, because a vector
 * that is passed to a method that C2 does not inline is boxed.
 */
final class VectorCode {
    static final ClassDesc SEGMENT = desc(MemorySegment.class);
    static final ClassDesc FLOATS = ClassDesc.of("jdk.incubator.vector.FloatVector");
    static final ClassDesc INT_VECTOR = ClassDesc.of("jdk.incubator.vector.IntVector");
    static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
    static final ClassDesc LONG = ConstantDescs.CD_long;
    static final ClassDesc INT = ConstantDescs.CD_int;
    static final ClassDesc VOID = ConstantDescs.CD_void;

    private static final ClassDesc BYTE_ORDER = desc(ByteOrder.class);
    private static final ClassDesc LAYOUT = desc(ValueLayout.class);
    private static final ClassDesc FLOAT_LAYOUT = desc(ValueLayout.OfFloat.class);
    private static final ClassDesc INT_LAYOUT = desc(ValueLayout.OfInt.class);
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    private static final ClassDesc MASK = ClassDesc.of("jdk.incubator.vector.VectorMask");
    private static final ClassDesc OPERATORS = ClassDesc.of("jdk.incubator.vector.VectorOperators");
    private static final ClassDesc COMPARISON = OPERATORS.nested("Comparison");
    private static final ClassDesc ASSOCIATIVE = OPERATORS.nested("Associative");
    private static final ClassDesc SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");

    final CodeBuilder code;
    final int lanes;
    final int vectorBytes;
    private final ClassDesc vector;
    private final String species;

    private VectorCode(CodeBuilder code, ClassDesc vector, int bits) {
        this.code = code;
        this.vector = vector;
        this.lanes = bits / 32;
        this.vectorBytes = bits / 8;
        this.species = "SPECIES_" + bits;
    }

    static VectorCode ofFloats(CodeBuilder code, int bits) {
        return new VectorCode(code, FLOATS, bits);
    }

    /** Loads, stores and moves of integers: bits that are not computed with. */
    static VectorCode ofInts(CodeBuilder code, int bits) {
        return new VectorCode(code, INT_VECTOR, bits);
    }

    static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    /** A new hidden class with these methods, and an instance of it. */
    static <K> K define(Class<K> kernel, String name, Consumer<ClassBuilder> methods) {
        byte[] bytes = ClassFile.of().build(ClassDesc.of("kawi.cpu.kernels." + name), builder -> {
            builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC).withInterfaceSymbols(desc(kernel));
            builder.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    0,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            methods.accept(builder);
        });
        return EmittedCode.load(MethodHandles.lookup(), bytes, kernel);
    }

    /** A method that returns a constant. */
    static void constant(ClassBuilder builder, String name, int value) {
        builder.withMethodBody(
                name,
                MethodTypeDesc.of(INT),
                ClassFile.ACC_PUBLIC,
                code -> code.loadConstant(value).ireturn());
    }

    // Control

    void returnIfNegative(int slot) {
        Label start = code.newLabel();
        code.iload(slot).ifge(start).return_().labelBinding(start);
    }

    /** for (counter = 0; counter < limit; counter += step), the form of loop that C2 knows best. */
    void loop(int counter, int limit, int step, Runnable body) {
        code.iconst_0().istore(counter);
        loopOn(counter, limit, step, body);
    }

    /** The same from the counter's value on. */
    void loopOn(int counter, int limit, int step, Runnable body) {
        Label loop = code.newLabel();
        Label done = code.newLabel();
        code.labelBinding(loop).iload(counter).iload(limit).if_icmpge(done);
        body.run();
        code.iinc(counter, step).goto_(loop).labelBinding(done);
    }

    // Numbers on the stack

    /** Pushes offset + i · stride, all in local variables. */
    VectorCode offset(int offset, int i, int stride) {
        code.lload(offset).iload(i).i2l().lload(stride).lmul().ladd();
        return this;
    }

    /** Adds 4 · i to the long on the stack. */
    VectorCode element(int i) {
        code.iload(i).i2l().iconst_2().lshl().ladd();
        return this;
    }

    /** Adds offsets[i]. */
    VectorCode shift(int offsets, int i) {
        code.aload(offsets).iload(i).iaload().i2l().ladd();
        return this;
    }

    /** Pushes the layout that {@link #getInt} and {@link #setInt} use. */
    CodeBuilder intLayout() {
        return code.getstatic(LAYOUT, "JAVA_INT_UNALIGNED", INT_LAYOUT);
    }

    VectorCode getInt(int segment, Runnable offset) {
        code.aload(segment);
        intLayout();
        offset.run();
        code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(INT, INT_LAYOUT, LONG));
        return this;
    }

    /** Stores the int on the stack; segment, layout and offset are below it. */
    void setInt() {
        code.invokeinterface(SEGMENT, "set", MethodTypeDesc.of(VOID, INT_LAYOUT, LONG, INT));
    }

    VectorCode plus(long displacement) {
        if (displacement != 0) {
            code.loadConstant(displacement).ladd();
        }
        return this;
    }

    // Vectors

    CodeBuilder species() {
        return code.getstatic(vector, species, SPECIES);
    }

    CodeBuilder zero() {
        return species().invokestatic(FLOATS, "zero", MethodTypeDesc.of(FLOATS, SPECIES));
    }

    /** Pushes the vector at an offset of a segment. */
    CodeBuilder load(int segment, Runnable offset) {
        species().aload(segment);
        offset.run();
        order();
        return code.invokestatic(
                vector, "fromMemorySegment", MethodTypeDesc.of(vector, SPECIES, SEGMENT, LONG, BYTE_ORDER));
    }

    /** The same; zeros where the mask is not set, and these are not read. */
    CodeBuilder load(int segment, Runnable offset, int mask) {
        species().aload(segment);
        offset.run();
        order();
        code.aload(mask);
        return code.invokestatic(
                vector, "fromMemorySegment", MethodTypeDesc.of(vector, SPECIES, SEGMENT, LONG, BYTE_ORDER, MASK));
    }

    /** Pushes one element, spread over all lanes. */
    CodeBuilder broadcast(int segment, Runnable offset) {
        species().aload(segment).getstatic(LAYOUT, "JAVA_FLOAT_UNALIGNED", FLOAT_LAYOUT);
        offset.run();
        return code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(ConstantDescs.CD_float, FLOAT_LAYOUT, LONG))
                .invokestatic(FLOATS, "broadcast", MethodTypeDesc.of(FLOATS, SPECIES, ConstantDescs.CD_float));
    }

    /** sum = a · b + sum, all in local variables. */
    void fma(int a, int b, int sum) {
        code.aload(a)
                .aload(b)
                .aload(sum)
                .invokevirtual(FLOATS, "fma", MethodTypeDesc.of(FLOATS, VECTOR, VECTOR))
                .astore(sum);
    }

    void store(int value, int segment, Runnable offset) {
        code.aload(value).aload(segment);
        offset.run();
        order();
        code.invokevirtual(vector, "intoMemorySegment", MethodTypeDesc.of(VOID, SEGMENT, LONG, BYTE_ORDER));
    }

    /** Stores the lanes that the mask says. */
    void store(int value, int segment, Runnable offset, int mask) {
        code.aload(value).aload(segment);
        offset.run();
        order();
        code.aload(mask);
        code.invokevirtual(vector, "intoMemorySegment", MethodTypeDesc.of(VOID, SEGMENT, LONG, BYTE_ORDER, MASK));
    }

    /** mask = the lanes below the int on the stack. */
    void mask(int mask) {
        int count = code.allocateLocal(TypeKind.INT);
        code.istore(count);
        species()
                .iconst_0()
                .iload(count)
                .invokeinterface(SPECIES, "indexInRange", MethodTypeDesc.of(MASK, INT, INT))
                .astore(mask);
    }

    /** index = a vector of ints, given for each lane. */
    void indices(int index, IntUnaryOperator ofLane) {
        code.getstatic(INT_VECTOR, species, SPECIES).loadConstant(lanes).newarray(TypeKind.INT);
        for (int i = 0; i < lanes; i++) {
            code.dup().loadConstant(i).loadConstant(ofLane.applyAsInt(i)).iastore();
        }
        code.iconst_0()
                .invokestatic(INT_VECTOR, "fromArray", MethodTypeDesc.of(INT_VECTOR, SPECIES, INTS, INT))
                .astore(index);
    }

    /** Pushes the lanes of two vectors of ints that an index says, those of b counted after those of a. */
    void select(int index, int a, int b) {
        code.aload(index)
                .aload(a)
                .aload(b)
                .invokevirtual(INT_VECTOR, "selectFrom", MethodTypeDesc.of(INT_VECTOR, VECTOR, VECTOR));
    }

    /** Pushes a vector of the int that {@code value} pushes. */
    CodeBuilder broadcastInt(Runnable value) {
        species();
        value.run();
        return code.invokestatic(INT_VECTOR, "broadcast", MethodTypeDesc.of(INT_VECTOR, SPECIES, INT));
    }

    CodeBuilder broadcastFloat(float value) {
        return broadcastFloat(() -> code.loadConstant(value));
    }

    /** Pushes a vector of the float that {@code value} pushes. */
    CodeBuilder broadcastFloat(Runnable value) {
        species();
        value.run();
        return code.invokestatic(FLOATS, "broadcast", MethodTypeDesc.of(FLOATS, SPECIES, ConstantDescs.CD_float));
    }

    /** Pushes a.add(b), a.sub(b), a.mul(b), a.div(b) or a.min(b). */
    CodeBuilder lanewise(String method, int a, int b) {
        return code.aload(a).aload(b).invokevirtual(vector, method, MethodTypeDesc.of(vector, VECTOR));
    }

    /** mask = lanes where a is larger than b, NaN being larger than all else: not a ≤ b, and b is a number. */
    void larger(int a, int b, int mask) {
        code.aload(b);
        comparison("EQ");
        code.aload(b).invokevirtual(vector, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
        code.aload(a);
        comparison("LE");
        code.aload(b)
                .invokevirtual(vector, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR))
                .invokevirtual(MASK, "andNot", MethodTypeDesc.of(MASK, MASK))
                .astore(mask);
    }

    /** mask = the lanes where a compares to b so, in Java's sense: LT, GT or EQ. */
    void compare(String comparison, int a, int b, int mask) {
        code.aload(a);
        comparison(comparison);
        code.aload(b)
                .invokevirtual(vector, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR))
                .astore(mask);
    }

    private void comparison(String name) {
        code.getstatic(OPERATORS, name, COMPARISON);
    }

    /** a = b where the mask is set. */
    void blend(int a, int b, int mask) {
        code.aload(a)
                .aload(b)
                .aload(mask)
                .invokevirtual(vector, "blend", MethodTypeDesc.of(vector, VECTOR, MASK))
                .astore(a);
    }

    /** The same with a mask of vectors of the other type. */
    void blendCast(int a, int b, int mask) {
        code.aload(a).aload(b).aload(mask);
        species()
                .invokevirtual(MASK, "cast", MethodTypeDesc.of(MASK, SPECIES))
                .invokevirtual(vector, "blend", MethodTypeDesc.of(vector, VECTOR, MASK))
                .astore(a);
    }

    /** Pushes the smallest lane of a vector of ints. */
    CodeBuilder least(int a) {
        code.aload(a).getstatic(OPERATORS, "MIN", ASSOCIATIVE);
        return code.invokevirtual(INT_VECTOR, "reduceLanes", MethodTypeDesc.of(INT, ASSOCIATIVE));
    }

    private void order() {
        code.getstatic(
                BYTE_ORDER,
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "LITTLE_ENDIAN" : "BIG_ENDIAN",
                BYTE_ORDER);
    }
}
