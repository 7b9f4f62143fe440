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
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import kawi.cpu.EmittedCode;

/**
 * Writes a {@link Packer} as a hidden class, unrolled like {@link MicroKernelEmitter} and for the same reason.
 *
 * <p>The transposition of L lines of L lanes is the butterfly of log2(L) stages: at distance d = 1, 2, 4 … two lines that are
 * d apart exchange the elements that are d apart, each stage L two-operand permutations (one instruction each on AVX-512).
 */
final class PackerEmitter {

    private static final ClassDesc SEGMENT =
            MemorySegment.class.describeConstable().orElseThrow();
    private static final ClassDesc ORDER = ByteOrder.class.describeConstable().orElseThrow();
    private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    private static final ClassDesc SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    private static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
    private static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();

    private static final MethodTypeDesc COPY = MethodTypeDesc.of(
            ConstantDescs.CD_void,
            SEGMENT,
            ConstantDescs.CD_long,
            ConstantDescs.CD_long,
            INTS,
            ConstantDescs.CD_int,
            ConstantDescs.CD_int,
            INTS,
            INTS,
            ConstantDescs.CD_int,
            SEGMENT,
            ConstantDescs.CD_long,
            ConstantDescs.CD_long);
    private static final MethodTypeDesc TRANSPOSE = MethodTypeDesc.of(
            ConstantDescs.CD_void,
            SEGMENT,
            ConstantDescs.CD_long,
            LONGS,
            ConstantDescs.CD_int,
            SEGMENT,
            ConstantDescs.CD_long,
            ConstantDescs.CD_long);

    private final ClassDesc vector;
    private final ClassDesc elements;
    private final String species;
    private final int elementBytes;
    private final int vectorBytes;
    private final int lanes;
    private final ClassDesc self;

    private PackerEmitter(int elementBytes, int bits) {
        this.vector = ClassDesc.of("jdk.incubator.vector." + (elementBytes == 4 ? "IntVector" : "LongVector"));
        this.elements = elementBytes == 4 ? INTS : LONGS;
        this.species = "SPECIES_" + bits;
        this.elementBytes = elementBytes;
        this.vectorBytes = bits / 8;
        this.lanes = vectorBytes / elementBytes;
        this.self = ClassDesc.of("kawi.cpu.kernels.Packer_" + elementBytes * 8 + "_" + bits);
    }

    /** A packer for elements of 4 or 8 bytes. */
    static Packer emit(int elementBytes, int bits) {
        var emitter = new PackerEmitter(elementBytes, bits);
        byte[] bytes = ClassFile.of()
                .build(
                        emitter.self,
                        builder -> emitter.indices(builder)
                                .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                                .withInterfaceSymbols(
                                        Packer.class.describeConstable().orElseThrow())
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
                                .withMethodBody(
                                        "lanes",
                                        MethodTypeDesc.of(ConstantDescs.CD_int),
                                        ClassFile.ACC_PUBLIC,
                                        code -> code.loadConstant(emitter.lanes).ireturn())
                                .withMethodBody("copy", COPY, ClassFile.ACC_PUBLIC, emitter::copy)
                                .withMethodBody("transpose", TRANSPOSE, ClassFile.ACC_PUBLIC, emitter::transpose));
        return EmittedCode.load(MethodHandles.lookup(), bytes, Packer.class);
    }

    private void copy(CodeBuilder code) {
        int source = 1,
                base = 2,
                stride = 4,
                offsets = 6,
                first = 7,
                depth = 8,
                runSources = 9,
                runTargets = 10,
                runs = 11;
        int target = 12, targetOffset = 13, step = 15, p = 17, r = 18, from = 19, to = 21;
        Label rows = code.newLabel();
        Label done = code.newLabel();
        Label run = code.newLabel();
        EmittedCode.needNative(code, source, target);
        Label rowDone = code.newLabel();
        code.iconst_0().istore(p).labelBinding(rows).iload(p).iload(depth).if_icmpge(done);
        code.lload(base)
                .iload(p)
                .i2l()
                .lload(stride)
                .lmul()
                .ladd()
                .aload(offsets)
                .iload(first)
                .iload(p)
                .iadd()
                .iaload()
                .i2l()
                .ladd()
                .lstore(from);
        code.lload(targetOffset).iload(p).i2l().lload(step).lmul().ladd().lstore(to);
        code.iconst_0().istore(r).labelBinding(run).iload(r).iload(runs).if_icmpge(rowDone);
        load(
                code,
                source,
                () -> code.lload(from).aload(runSources).iload(r).iaload().i2l().ladd());
        store(
                code,
                target,
                () -> code.lload(to).aload(runTargets).iload(r).iaload().i2l().ladd());
        code.iinc(r, 1)
                .goto_(run)
                .labelBinding(rowDone)
                .iinc(p, 1)
                .goto_(rows)
                .labelBinding(done)
                .return_();
    }

    private void transpose(CodeBuilder code) {
        int source = 1, base = 2, lines = 4, blocks = 5, target = 6, targetOffset = 7, step = 9, b = 11, to = 12;
        int firstLine = 14, spare = firstLine + lanes;
        Label some = code.newLabel();
        code.iload(blocks).ifgt(some).return_().labelBinding(some);
        EmittedCode.needNative(code, source, target);
        Label loop = code.newLabel();
        Label done = code.newLabel();
        code.iconst_0().istore(b).labelBinding(loop).iload(b).iload(blocks).if_icmpge(done);
        for (int i = 0; i < lanes; i++) {
            int line = i;
            load(
                    code,
                    source,
                    () -> code.lload(base)
                            .iload(b)
                            .i2l()
                            .loadConstant((long) vectorBytes)
                            .lmul()
                            .ladd()
                            .aload(lines)
                            .loadConstant(line)
                            .laload()
                            .ladd());
            code.astore(firstLine + i);
        }
        for (int d = 1; d < lanes; d *= 2) {
            for (int i = 0; i < lanes; i++) {
                if ((i & d) == 0) {
                    select(code, "low" + d, firstLine + i, firstLine + i + d);
                    code.astore(spare);
                    select(code, "high" + d, firstLine + i, firstLine + i + d);
                    code.astore(firstLine + i + d).aload(spare).astore(firstLine + i);
                }
            }
        }
        code.lload(targetOffset)
                .iload(b)
                .i2l()
                .loadConstant((long) lanes)
                .lmul()
                .lload(step)
                .lmul()
                .ladd()
                .lstore(to);
        for (int i = 0; i < lanes; i++) {
            int row = i;
            code.aload(firstLine + i);
            store(
                    code,
                    target,
                    () -> code.lload(to)
                            .lload(step)
                            .loadConstant((long) row)
                            .lmul()
                            .ladd());
        }
        code.iinc(b, 1).goto_(loop).labelBinding(done).return_();
    }

    /** Index vectors as constants of the class: to build them took longer than to transpose a block. */
    private ClassBuilder indices(ClassBuilder builder) {
        int flags = ClassFile.ACC_STATIC | ClassFile.ACC_FINAL | ClassFile.ACC_PRIVATE;
        for (int d = 1; d < lanes; d *= 2) {
            builder.withField("low" + d, vector, flags).withField("high" + d, vector, flags);
        }
        return builder.withMethodBody(
                ConstantDescs.CLASS_INIT_NAME, ConstantDescs.MTD_void, ClassFile.ACC_STATIC, code -> {
                    for (int d = 1; d < lanes; d *= 2) {
                        index(code, d, false);
                        code.putstatic(self, "low" + d, vector);
                        index(code, d, true);
                        code.putstatic(self, "high" + d, vector);
                    }
                    code.return_();
                });
    }

    /** Pushes the index vector of the lower or the upper line of an exchange at distance d. */
    private void index(CodeBuilder code, int d, boolean upper) {
        code.getstatic(vector, species, SPECIES).loadConstant(lanes);
        code.newarray(elementBytes == 4 ? TypeKind.INT : TypeKind.LONG);
        for (int c = 0; c < lanes; c++) {
            boolean own = (c & d) == 0;
            int from = upper ? (own ? c + d : lanes + c) : (own ? c : lanes + c - d);
            code.dup().loadConstant(c);
            if (elementBytes == 4) {
                code.loadConstant(from).iastore();
            } else {
                code.loadConstant((long) from).lastore();
            }
        }
        code.iconst_0()
                .invokestatic(vector, "fromArray", MethodTypeDesc.of(vector, SPECIES, elements, ConstantDescs.CD_int));
    }

    private void select(CodeBuilder code, String index, int low, int high) {
        code.getstatic(self, index, vector)
                .aload(low)
                .aload(high)
                .invokevirtual(vector, "selectFrom", MethodTypeDesc.of(vector, VECTOR, VECTOR));
    }

    private void load(CodeBuilder code, int segment, Runnable offset) {
        code.getstatic(vector, species, SPECIES).aload(segment);
        offset.run();
        order(code);
        code.invokestatic(
                vector, "fromMemorySegment", MethodTypeDesc.of(vector, SPECIES, SEGMENT, ConstantDescs.CD_long, ORDER));
    }

    private static void order(CodeBuilder code) {
        code.getstatic(
                ORDER, ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "LITTLE_ENDIAN" : "BIG_ENDIAN", ORDER);
    }

    /** Stores the vector on the stack. */
    private void store(CodeBuilder code, int segment, Runnable offset) {
        code.aload(segment);
        offset.run();
        order(code);
        code.invokevirtual(
                vector,
                "intoMemorySegment",
                MethodTypeDesc.of(ConstantDescs.CD_void, SEGMENT, ConstantDescs.CD_long, ORDER));
    }
}
