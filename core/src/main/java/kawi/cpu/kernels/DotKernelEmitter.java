package kawi.cpu.kernels;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import kawi.cpu.EmittedCode;

/** Writes a {@link DotKernel}: the sums of all weights are local variables, and each value of g serves them all. */
final class DotKernelEmitter {
    private static final MethodTypeDesc DOTS = MethodTypeDesc.of(
            VectorCode.VOID,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.INTS,
            VectorCode.INT,
            VectorCode.INT,
            VectorCode.INT,
            VectorCode.SEGMENT,
            VectorCode.LONG);

    // Slots of the parameters, then of the local variables.
    private static final int G = 1;
    private static final int G_OFFSET = 2;
    private static final int G_STRIDE = 4;
    private static final int X = 6;
    private static final int X_OFFSET = 7;
    private static final int X_STRIDE = 9;
    private static final int SHIFTS = 11;
    private static final int FIRST = 12;
    private static final int ROWS = 13;
    private static final int COLUMNS = 14;
    private static final int SUMS = 15;
    private static final int SUMS_OFFSET = 16;
    private static final int ROW = 18;
    private static final int COLUMN = 19;
    private static final int WHOLE = 20;
    private static final int READ_G = 21;
    private static final int READ_X = 23;
    private static final int RIGHT = 25;
    private static final int LEFT = 26;

    private final VectorCode v;
    private final CodeBuilder code;

    /** Vectors of a sum. */
    private final int vectors;

    private DotKernelEmitter(VectorCode v) {
        this.v = v;
        this.code = v.code;
        this.vectors = DotKernel.LANES / v.lanes;
    }

    static DotKernel emit(int bits) {
        return VectorCode.define(
                DotKernel.class,
                "DotKernel_" + bits,
                builder -> builder.withMethodBody(
                        "dots",
                        DOTS,
                        ClassFile.ACC_PUBLIC,
                        code -> new DotKernelEmitter(VectorCode.ofFloats(code, bits)).dots()));
    }

    private int mask(int vector) {
        return LEFT + vectors + vector;
    }

    private int shift(int tap) {
        return LEFT + 2 * vectors + 2 * tap;
    }

    private int sum(int tap, int vector) {
        return LEFT + 2 * vectors + 2 * DotKernel.TAPS + tap * vectors + vector;
    }

    private void dots() {
        v.returnIfNegative(ROWS);
        EmittedCode.needNative(code, G, X, SUMS);
        for (int t = 0; t < DotKernel.TAPS; t++) {
            code.aload(SHIFTS)
                    .iload(FIRST)
                    .loadConstant(t)
                    .iadd()
                    .iaload()
                    .i2l()
                    .lstore(shift(t));
            for (int i = 0; i < vectors; i++) {
                long at = (t * vectors + i) * (long) v.vectorBytes;
                v.load(SUMS, () -> {
                            code.lload(SUMS_OFFSET);
                            v.plus(at);
                        })
                        .astore(sum(t, i));
            }
        }
        for (int i = 0; i < vectors; i++) {
            code.iload(COLUMNS)
                    .loadConstant(DotKernel.LANES)
                    .irem()
                    .loadConstant(i * v.lanes)
                    .isub();
            code.iconst_0()
                    .invokestatic(
                            VectorCode.desc(Math.class),
                            "max",
                            MethodTypeDesc.of(VectorCode.INT, VectorCode.INT, VectorCode.INT));
            v.mask(mask(i));
        }
        code.iload(COLUMNS)
                .iload(COLUMNS)
                .loadConstant(DotKernel.LANES)
                .irem()
                .isub()
                .istore(WHOLE);
        v.loop(ROW, ROWS, 1, () -> {
            v.offset(G_OFFSET, ROW, G_STRIDE);
            code.lstore(READ_G);
            v.offset(X_OFFSET, ROW, X_STRIDE);
            code.lstore(READ_X);
            v.loop(COLUMN, WHOLE, DotKernel.LANES, () -> step(false));
            Label end = code.newLabel();
            code.iload(WHOLE).istore(COLUMN);
            code.iload(COLUMN).iload(COLUMNS).if_icmpge(end);
            step(true);
            code.labelBinding(end);
        });
        for (int t = 0; t < DotKernel.TAPS; t++) {
            for (int i = 0; i < vectors; i++) {
                long at = (t * vectors + i) * (long) v.vectorBytes;
                v.store(sum(t, i), SUMS, () -> {
                    code.lload(SUMS_OFFSET);
                    v.plus(at);
                });
            }
        }
        code.return_();
    }

    private void step(boolean masked) {
        for (int i = 0; i < vectors; i++) {
            int at = i * v.vectorBytes;
            load(masked, i, G, () -> {
                code.lload(READ_G);
                v.element(COLUMN).plus(at);
            });
            code.astore(LEFT + i);
        }
        for (int t = 0; t < DotKernel.TAPS; t++) {
            int tap = t;
            for (int i = 0; i < vectors; i++) {
                int at = i * v.vectorBytes;
                load(masked, i, X, () -> {
                    code.lload(READ_X).lload(shift(tap)).ladd();
                    v.element(COLUMN).plus(at);
                });
                code.astore(RIGHT);
                v.fma(LEFT + i, RIGHT, sum(t, i));
            }
        }
    }

    private void load(boolean masked, int vector, int segment, Runnable offset) {
        if (masked) {
            v.load(segment, offset, mask(vector));
        } else {
            v.load(segment, offset);
        }
    }
}
