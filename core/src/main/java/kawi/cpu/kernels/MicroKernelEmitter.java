package kawi.cpu.kernels;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import kawi.base.DType;
import kawi.cpu.EmittedCode;

/**
 * Writes a {@link MicroKernel} as a hidden class: the whole tile unrolled in one method, each accumulator a local
 * variable, so that C2 keeps them all in registers.
 *
 * <p>One method and no helpers on purpose: when C2 reaches its node budget it stops inlining, and a vector passed to a
 * method that is not inlined is boxed on every call (measured: 207 GFLOP/s fell to 18). The tile of 10 × 2 vectors needs
 * 20 accumulators, 2 registers for b and 1 for a: 23 of the 32 of AVX-512; 6 × 2 needs 15 of the 16 of AVX2 and SSE.
 *
 * <p>The loop over p ends when an offset that grows in steps of a row has reached its end. C2 does not take that for a loop that
 * counts, and leaves it as it is written: 112 to 117 of 117 GFLOP/s. Of a loop that counts p it makes several, with the checks of the
 * bounds outside, and orders the instructions in them otherwise with each compilation: 98 to 115.
 *
 * <p>The values of all rows at one p are one record to the JVM, whose bounds are tested once.
 */
final class MicroKernelEmitter {

    private static final ClassDesc SEGMENT =
            MemorySegment.class.describeConstable().orElseThrow();
    private static final ClassDesc BYTE_ORDER =
            ByteOrder.class.describeConstable().orElseThrow();
    private static final ClassDesc LAYOUT =
            ValueLayout.class.describeConstable().orElseThrow();
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    private static final ClassDesc SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    private static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            ConstantDescs.CD_void,
            SEGMENT,
            ConstantDescs.CD_long,
            INTS,
            ConstantDescs.CD_int,
            INTS,
            ConstantDescs.CD_int,
            SEGMENT,
            ConstantDescs.CD_long,
            ConstantDescs.CD_int,
            SEGMENT,
            ConstantDescs.CD_long,
            ConstantDescs.CD_long,
            SEGMENT,
            ConstantDescs.CD_long,
            ConstantDescs.CD_long);

    // Slots of the parameters of MicroKernel.run: a long takes two, all others one. Then the local variables.
    private static final int A = 1;
    private static final int A_OFFSET = 2;
    private static final int LINES = 4;
    private static final int LINE = 5;
    private static final int DEPTHS = 6;
    private static final int FIRST = 7;
    private static final int B = 8;
    private static final int B_OFFSET = 9;
    private static final int DEPTH = 11;
    private static final int START = 12;
    private static final int START_OFFSET = 13;
    private static final int START_STRIDE = 15;
    private static final int TARGET = 17;
    private static final int TARGET_OFFSET = 18;
    private static final int TARGET_STRIDE = 20;
    private static final int P = 22;
    private static final int BROADCAST = 23;
    private static final int IN_DEPTH = 24;
    private static final int END = 26;
    private static final int FIRST_LINE = 28;

    private final ClassDesc vector;
    private final ClassDesc layout;
    private final ClassDesc primitive;
    private final String layoutName;
    private final String speciesName;
    private final int elementBytes;
    private final int vectorBytes;
    private final int rows;
    private final int vectors;
    private final boolean unpacked;

    /**
     * Values of p that go by in a turn of the loop. Two where one is only 12 multiply-adds (a core that runs two of them a cycle waits
     * for the other instructions, more so if it shares them with another thread: 57 to 64 GFLOP/s then); one where the method would
     * become too large for C2, as that of unpacked values would.
     */
    private final int steps;

    private final int depthBytes;
    private final int lineBytes;

    private MicroKernelEmitter(
            DType type, int bits, int rows, int vectors, boolean unpacked, int depthBytes, int lineBytes) {
        boolean single = type == DType.F32;
        this.vector = ClassDesc.of("jdk.incubator.vector." + (single ? "FloatVector" : "DoubleVector"));
        this.layout = (single ? ValueLayout.OfFloat.class : ValueLayout.OfDouble.class)
                .describeConstable()
                .orElseThrow();
        this.layoutName = single ? "JAVA_FLOAT_UNALIGNED" : "JAVA_DOUBLE_UNALIGNED";
        this.primitive = single ? ConstantDescs.CD_float : ConstantDescs.CD_double;
        this.speciesName = "SPECIES_" + bits;
        this.elementBytes = type.bytes();
        this.vectorBytes = bits / 8;
        this.rows = rows;
        this.vectors = vectors;
        this.unpacked = unpacked;
        this.steps = unpacked || bits == 512 ? 1 : 2;
        this.depthBytes = depthBytes;
        this.lineBytes = lineBytes;
    }

    /**
     * A kernel for {@code F32} or {@code F64} whose tile has {@code rows} rows and {@code vectors} vectors a row, and whose
     * left side is packed, or not.
     */
    static MicroKernel emit(DType type, int bits, int rows, int vectors, boolean unpacked) {
        int bytes = type.bytes();
        return new MicroKernelEmitter(type, bits, rows, vectors, unpacked, rows * bytes, bytes).emit();
    }

    /** The same for a left side whose value of row i at p is {@code p · depthBytes + i · lineBytes} further. */
    static MicroKernel emit(DType type, int bits, int rows, int vectors, int depthBytes, int lineBytes) {
        return new MicroKernelEmitter(type, bits, rows, vectors, false, depthBytes, lineBytes).emit();
    }

    private MicroKernel emit() {
        String name = "kawi.cpu.kernels.%s_%sx%d".formatted(unpacked ? "UnpackedKernel" : "MicroKernel", rows, vectors);
        byte[] bytes = ClassFile.of()
                .build(
                        ClassDesc.of(name),
                        builder -> builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                                .withInterfaceSymbols(
                                        MicroKernel.class.describeConstable().orElseThrow())
                                .withMethodBody(
                                        ConstantDescs.INIT_NAME,
                                        ConstantDescs.MTD_void,
                                        0,
                                        code -> code.aload(0)
                                                .invokespecial(
                                                        ConstantDescs.CD_Object,
                                                        ConstantDescs.INIT_NAME,
                                                        ConstantDescs.MTD_void)
                                                .return_())
                                .withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, this::body));
        return EmittedCode.load(MethodHandles.lookup(), bytes, MicroKernel.class);
    }

    private void body(CodeBuilder code) {
        Label start = code.newLabel();
        code.iload(DEPTH).ifge(start).return_().labelBinding(start);
        EmittedCode.needNative(code, A, B, START, TARGET);
        for (int i = 0; i < rows; i++) {
            int row = i;
            for (int v = 0; v < vectors; v++) {
                loadVector(code, START, () -> rowOffset(code, START_OFFSET, START_STRIDE, row), v * vectorBytes);
                code.astore(accumulator(i, v));
            }
        }
        for (int i = 0; unpacked && i < rows; i++) {
            code.lload(A_OFFSET)
                    .aload(LINES)
                    .iload(LINE)
                    .loadConstant(i)
                    .iadd()
                    .iaload()
                    .i2l()
                    .ladd()
                    .lstore(FIRST_LINE + 2 * i);
        }
        Label loop = code.newLabel();
        Label done = code.newLabel();
        if (unpacked) {
            code.iconst_0().istore(P);
        }
        code.lload(B_OFFSET)
                .iload(DEPTH)
                .loadConstant(-steps)
                .iand()
                .i2l()
                .loadConstant((long) vectors * vectorBytes)
                .lmul()
                .ladd()
                .lstore(END);
        code.labelBinding(loop).lload(B_OFFSET).lload(END).lcmp().ifeq(done);
        multiply(code, steps);
        code.goto_(loop).labelBinding(done);
        if (steps > 1) {
            Label even = code.newLabel();
            code.iload(DEPTH).iconst_1().iand().ifeq(even);
            multiply(code, 1);
            code.labelBinding(even);
        }
        for (int i = 0; i < rows; i++) {
            for (int v = 0; v < vectors; v++) {
                code.aload(accumulator(i, v));
                code.aload(TARGET);
                rowOffset(code, TARGET_OFFSET, TARGET_STRIDE, i);
                plus(code, v * vectorBytes);
                order(code);
                code.invokevirtual(
                        vector,
                        "intoMemorySegment",
                        MethodTypeDesc.of(ConstantDescs.CD_void, SEGMENT, ConstantDescs.CD_long, BYTE_ORDER));
            }
        }
        code.return_();
    }

    /** Adds the products at the next {@code count} p, and goes on to those after them. */
    private void multiply(CodeBuilder code, int count) {
        for (int step = 0; step < count; step++) {
            if (unpacked) {
                code.aload(DEPTHS).iload(FIRST).iload(P).iadd().iaload().i2l().lstore(IN_DEPTH);
                code.iinc(P, 1);
            }
            for (int v = 0; v < vectors; v++) {
                loadVector(code, B, () -> code.lload(B_OFFSET), (step * vectors + v) * vectorBytes);
                code.astore(right(v));
            }
            for (int i = 0; i < rows; i++) {
                broadcast(code, count, step, i);
                for (int v = 0; v < vectors; v++) {
                    code.aload(BROADCAST)
                            .aload(right(v))
                            .aload(accumulator(i, v))
                            .invokevirtual(vector, "fma", MethodTypeDesc.of(vector, VECTOR, VECTOR))
                            .astore(accumulator(i, v));
                }
            }
        }
        if (!unpacked) {
            advance(code, A_OFFSET, count * depthBytes);
        }
        advance(code, B_OFFSET, count * vectors * vectorBytes);
    }

    private int accumulator(int row, int v) {
        return FIRST_LINE + 2 * rows + vectors + row * vectors + v;
    }

    private int right(int v) {
        return FIRST_LINE + 2 * rows + v;
    }

    /** Vector of row {@code i} of a at one of {@code count} steps, the same value in each lane. */
    private void broadcast(CodeBuilder code, int count, int step, int i) {
        species(code);
        if (unpacked) {
            code.aload(A).getstatic(LAYOUT, layoutName, layout);
            code.lload(FIRST_LINE + 2 * i).lload(IN_DEPTH).ladd();
            code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(primitive, layout, ConstantDescs.CD_long));
        } else {
            int size = (count - 1) * depthBytes + (rows - 1) * lineBytes + elementBytes;
            int at = step * depthBytes + i * lineBytes;
            EmittedCode.get(code, primitive, size, at, () -> code.aload(A).lload(A_OFFSET));
        }
        code.invokestatic(vector, "broadcast", MethodTypeDesc.of(vector, SPECIES, primitive))
                .astore(BROADCAST);
    }

    private void loadVector(CodeBuilder code, int segment, Runnable offset, int displacement) {
        species(code);
        code.aload(segment);
        offset.run();
        plus(code, displacement);
        order(code);
        code.invokestatic(
                vector,
                "fromMemorySegment",
                MethodTypeDesc.of(vector, SPECIES, SEGMENT, ConstantDescs.CD_long, BYTE_ORDER));
    }

    private static void advance(CodeBuilder code, int offsetSlot, int bytes) {
        code.lload(offsetSlot).loadConstant((long) bytes).ladd().lstore(offsetSlot);
    }

    /** Pushes offset + row · stride. */
    private static void rowOffset(CodeBuilder code, int offsetSlot, int strideSlot, int row) {
        code.lload(offsetSlot);
        if (row > 0) {
            code.lload(strideSlot).loadConstant((long) row).lmul().ladd();
        }
    }

    private static void plus(CodeBuilder code, int displacement) {
        if (displacement > 0) {
            code.loadConstant((long) displacement).ladd();
        }
    }

    private void species(CodeBuilder code) {
        code.getstatic(vector, speciesName, SPECIES);
    }

    private static void order(CodeBuilder code) {
        // The JVM's own order: the vector load must not swap bytes.
        code.getstatic(
                BYTE_ORDER,
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "LITTLE_ENDIAN" : "BIG_ENDIAN",
                BYTE_ORDER);
    }
}
