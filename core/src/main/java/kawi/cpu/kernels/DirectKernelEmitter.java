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
import kawi.cpu.EmittedCode;

/**
 * Writes a {@link DirectKernel} as a hidden class, each tile unrolled in one method with its accumulators as local
 * variables, for the reason that {@link MicroKernelEmitter} gives.
 */
final class DirectKernelEmitter {
    private static final ClassDesc KERNEL = desc(DirectKernel.class);
    private static final ClassDesc SEGMENT = desc(MemorySegment.class);
    private static final ClassDesc BYTE_ORDER = desc(ByteOrder.class);
    private static final ClassDesc LAYOUT = desc(ValueLayout.class);
    private static final ClassDesc FLOAT_LAYOUT = desc(ValueLayout.OfFloat.class);
    private static final ClassDesc FLOATS = ClassDesc.of("jdk.incubator.vector.FloatVector");
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    private static final ClassDesc SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    private static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
    private static final ClassDesc LONG = ConstantDescs.CD_long;
    private static final ClassDesc INT = ConstantDescs.CD_int;
    private static final ClassDesc VOID = ConstantDescs.CD_void;

    private static final MethodTypeDesc CORRELATE =
            MethodTypeDesc.of(VOID, SEGMENT, LONG, SEGMENT, LONG, INTS, INT, SEGMENT, LONG, LONG);

    private final int lanes;
    private final int vectorBytes;
    private final String species;
    private final int rows;

    private DirectKernelEmitter(int bits, int rows) {
        this.lanes = bits / 32;
        this.vectorBytes = bits / 8;
        this.species = "SPECIES_" + bits;
        this.rows = rows;
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    /** A kernel for vectors of so many bits whose correlation tile has {@code rows} rows of two vectors. */
    static DirectKernel emit(int bits, int rows) {
        var emitter = new DirectKernelEmitter(bits, rows);
        String name = "kawi.cpu.kernels.DirectKernel_" + bits + "_" + rows;
        byte[] bytes = ClassFile.of().build(ClassDesc.of(name), builder -> {
            builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC).withInterfaceSymbols(KERNEL);
            builder.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    0,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            constant(builder, "rows", rows);
            constant(builder, "columns", 2 * emitter.lanes);
            builder.withMethodBody("correlate", CORRELATE, ClassFile.ACC_PUBLIC, emitter::correlate);
        });
        return EmittedCode.load(MethodHandles.lookup(), bytes, DirectKernel.class);
    }

    private static void constant(java.lang.classfile.ClassBuilder builder, String name, int value) {
        builder.withMethodBody(
                name,
                MethodTypeDesc.of(INT),
                ClassFile.ACC_PUBLIC,
                code -> code.loadConstant(value).ireturn());
    }

    // correlate: parameters a 1, aOffset 2, x 4, xOffset 5, shifts 7, depth 8, y 9, yOffset 10, yStride 12
    private void correlate(CodeBuilder code) {
        int k = 14;
        int from = 15;
        int broadcast = 17;
        int right = 18;
        int accumulators = 20;
        returnIfNegative(code, 8);
        EmittedCode.needNative(code, 1, 4, 9);
        for (int i = 0; i < rows * 2; i++) {
            zero(code).astore(accumulators + i);
        }
        Label loop = code.newLabel();
        Label done = code.newLabel();
        code.iconst_0().istore(k);
        code.labelBinding(loop).iload(k).iload(8).if_icmpge(done);
        code.lload(5).aload(7).iload(k).iaload().i2l().ladd().lstore(from);
        for (int v = 0; v < 2; v++) {
            int at = v;
            load(code, 4, () -> plus(code.lload(from), at * vectorBytes)).astore(right + v);
        }
        for (int i = 0; i < rows; i++) {
            species(code).aload(1).getstatic(LAYOUT, "JAVA_FLOAT_UNALIGNED", FLOAT_LAYOUT);
            code.lload(2).iload(k).i2l().loadConstant((long) rows * 4).lmul().ladd();
            plus(code, i * 4);
            code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(ConstantDescs.CD_float, FLOAT_LAYOUT, LONG))
                    .invokestatic(FLOATS, "broadcast", MethodTypeDesc.of(FLOATS, SPECIES, ConstantDescs.CD_float))
                    .astore(broadcast);
            for (int v = 0; v < 2; v++) {
                fma(code, broadcast, right + v, accumulators + 2 * i + v);
            }
        }
        code.iinc(k, 1).goto_(loop).labelBinding(done);
        for (int i = 0; i < rows; i++) {
            for (int v = 0; v < 2; v++) {
                int row = i;
                int at = v;
                store(code, accumulators + 2 * i + v, 9, () -> {
                    code.lload(10).lload(12).loadConstant((long) row).lmul().ladd();
                    plus(code, at * vectorBytes);
                });
            }
        }
        code.return_();
    }

    private static void returnIfNegative(CodeBuilder code, int slot) {
        Label start = code.newLabel();
        code.iload(slot).ifge(start).return_().labelBinding(start);
    }

    private static void fma(CodeBuilder code, int a, int b, int sum) {
        code.aload(a)
                .aload(b)
                .aload(sum)
                .invokevirtual(FLOATS, "fma", MethodTypeDesc.of(FLOATS, VECTOR, VECTOR))
                .astore(sum);
    }

    private CodeBuilder zero(CodeBuilder code) {
        return species(code).invokestatic(FLOATS, "zero", MethodTypeDesc.of(FLOATS, SPECIES));
    }

    private CodeBuilder species(CodeBuilder code) {
        return code.getstatic(FLOATS, species, SPECIES);
    }

    private CodeBuilder load(CodeBuilder code, int segment, Runnable offset) {
        species(code).aload(segment);
        offset.run();
        order(code);
        return code.invokestatic(
                FLOATS, "fromMemorySegment", MethodTypeDesc.of(FLOATS, SPECIES, SEGMENT, LONG, BYTE_ORDER));
    }

    private static void store(CodeBuilder code, int vector, int segment, Runnable offset) {
        code.aload(vector).aload(segment);
        offset.run();
        order(code);
        code.invokevirtual(FLOATS, "intoMemorySegment", MethodTypeDesc.of(VOID, SEGMENT, LONG, BYTE_ORDER));
    }

    private static void plus(CodeBuilder code, int displacement) {
        if (displacement > 0) {
            code.loadConstant((long) displacement).ladd();
        }
    }

    private static void order(CodeBuilder code) {
        code.getstatic(
                BYTE_ORDER,
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "LITTLE_ENDIAN" : "BIG_ENDIAN",
                BYTE_ORDER);
    }
}
