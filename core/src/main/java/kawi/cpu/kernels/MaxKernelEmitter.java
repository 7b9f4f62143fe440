package kawi.cpu.kernels;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import kawi.cpu.EmittedCode;

/** Writes a {@link MaxKernel}; the last vector of a row overlaps the one before, so short rows need short vectors. */
final class MaxKernelEmitter {
    private static final MethodTypeDesc ARG_MAX = MethodTypeDesc.of(
            VectorCode.INT,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.INTS,
            VectorCode.INTS,
            VectorCode.INT,
            VectorCode.INT,
            VectorCode.INT,
            VectorCode.INT,
            VectorCode.SEGMENT,
            VectorCode.LONG);

    // Slots of the parameters, then of the local variables.
    private static final int X = 1;
    private static final int X_STRIDE = 2;
    private static final int SHIFTS = 4;
    private static final int PLACES = 5;
    private static final int ROWS = 6;
    private static final int COLUMNS = 7;
    private static final int ROW_STEP = 8;
    private static final int COLUMN_STEP = 9;
    private static final int INDEX = 10;
    private static final int INDEX_OFFSET = 11;
    private static final int ROW = 13;
    private static final int COLUMN = 14;
    private static final int LAST = 15;
    private static final int K = 16;
    private static final int TAPS = 17;
    private static final int READ = 18;
    private static final int WRITE = 20;
    private static final int BEST = 22;
    private static final int PLACE = 23;
    private static final int VALUE = 24;
    private static final int ALONG = 25;
    private static final int LOWEST = 26;
    private static final int LARGER = 27;

    private MaxKernelEmitter() {}

    static MaxKernel emit(int bits) {
        return VectorCode.define(
                MaxKernel.class,
                "MaxKernel_" + bits,
                builder -> builder.withMethodBody("argMax", ARG_MAX, ClassFile.ACC_PUBLIC, code -> body(code, bits)));
    }

    private static void body(CodeBuilder code, int bits) {
        Label start = code.newLabel();
        code.iload(ROWS).ifge(start).iconst_0().ireturn().labelBinding(start);
        EmittedCode.needNative(code, X, INDEX);
        code.aload(SHIFTS).arraylength().istore(TAPS);
        for (int size = bits; size >= 128; size /= 2) {
            Label shorter = code.newLabel();
            code.iload(COLUMNS).loadConstant(size / 32).if_icmplt(shorter);
            rows(VectorCode.ofFloats(code, size), VectorCode.ofInts(code, size));
            code.labelBinding(shorter);
        }
        code.iconst_0().ireturn();
    }

    private static void rows(VectorCode floats, VectorCode ints) {
        CodeBuilder code = floats.code;
        ints.indices(ALONG, l -> l);
        ints.broadcastInt(() -> code.iload(COLUMN_STEP));
        code.astore(PLACE);
        ints.lanewise("mul", ALONG, PLACE).astore(ALONG);
        ints.broadcastInt(() -> code.iconst_0());
        code.astore(LOWEST);
        code.iload(COLUMNS).loadConstant(floats.lanes).isub().istore(LAST);
        floats.loop(ROW, ROWS, 1, () -> {
            code.iload(ROW).i2l().lload(X_STRIDE).lmul().lstore(READ);
            code.lload(INDEX_OFFSET)
                    .iload(ROW)
                    .iload(COLUMNS)
                    .imul()
                    .i2l()
                    .iconst_2()
                    .lshl()
                    .ladd()
                    .lstore(WRITE);
            floats.loop(COLUMN, LAST, floats.lanes, () -> windows(floats, ints));
            code.iload(LAST).istore(COLUMN);
            windows(floats, ints);
        });
        ints.least(LOWEST).ireturn();
    }

    private static void windows(VectorCode floats, VectorCode ints) {
        CodeBuilder code = floats.code;
        floats.broadcastFloat(Float.NEGATIVE_INFINITY).astore(BEST);
        ints.broadcastInt(() -> code.loadConstant(MaxKernel.NONE));
        code.astore(PLACE);
        floats.loop(K, TAPS, 1, () -> {
            floats.load(X, () -> {
                        code.lload(READ);
                        floats.element(COLUMN).shift(SHIFTS, K);
                    })
                    .astore(VALUE);
            floats.larger(VALUE, BEST, LARGER);
            floats.blend(BEST, VALUE, LARGER);
            ints.broadcastInt(() -> code.aload(PLACES).iload(K).iaload());
            code.astore(VALUE);
            ints.blendCast(PLACE, VALUE, LARGER);
        });
        ints.broadcastInt(() -> code.iload(ROW)
                .iload(ROW_STEP)
                .imul()
                .iload(COLUMN)
                .iload(COLUMN_STEP)
                .imul()
                .iadd());
        code.astore(VALUE);
        ints.lanewise("add", PLACE, VALUE).astore(PLACE);
        ints.lanewise("add", PLACE, ALONG).astore(PLACE);
        ints.lanewise("min", LOWEST, PLACE).astore(LOWEST);
        ints.store(PLACE, INDEX, () -> {
            code.lload(WRITE);
            floats.element(COLUMN);
        });
    }
}
