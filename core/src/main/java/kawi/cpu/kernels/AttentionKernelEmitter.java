package kawi.cpu.kernels;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.function.Consumer;
import kawi.cpu.EmittedCode;
import kawi.cpu.codegen.LaneFunction;

/**
 * Writes an {@link AttentionKernel}. A panel goes by in strips of one vector, down all rows: maximum and sum of a strip
 * stay in registers, and no sum over lanes is ever needed.
 */
final class AttentionKernelEmitter {
    private static final ClassDesc SEGMENT = VectorCode.SEGMENT;
    private static final ClassDesc LONG = VectorCode.LONG;
    private static final ClassDesc INT = VectorCode.INT;
    private static final ClassDesc FLOAT = ConstantDescs.CD_float;

    private final VectorCode v;
    private final CodeBuilder code;
    private final int bits;

    private AttentionKernelEmitter(CodeBuilder code, int bits) {
        this.v = VectorCode.ofFloats(code, bits);
        this.code = code;
        this.bits = bits;
    }

    /** A kernel with vectors of so many bits. */
    static AttentionKernel emit(int bits) {
        return VectorCode.define(
                AttentionKernel.class,
                "AttentionKernel_" + bits,
                builder -> builder.withMethodBody(
                                "softmax",
                                method(SEGMENT, LONG, INT, INT, FLOAT, SEGMENT, LONG),
                                ClassFile.ACC_PUBLIC,
                                code -> new AttentionKernelEmitter(code, bits).softmax())
                        .withMethodBody(
                                "multiply",
                                method(SEGMENT, LONG, INT, INT, SEGMENT, LONG),
                                ClassFile.ACC_PUBLIC,
                                code -> new AttentionKernelEmitter(code, bits).multiply())
                        .withMethodBody(
                                "weights",
                                method(SEGMENT, LONG, SEGMENT, LONG, INT, INT, FLOAT, SEGMENT, LONG, LONG),
                                ClassFile.ACC_PUBLIC,
                                code -> new AttentionKernelEmitter(code, bits).weights())
                        .withMethodBody(
                                "dots",
                                method(SEGMENT, LONG, LONG, SEGMENT, LONG, LONG, INT, INT, SEGMENT, LONG),
                                ClassFile.ACC_PUBLIC,
                                code -> new AttentionKernelEmitter(code, bits).dots()));
    }

    private static MethodTypeDesc method(ClassDesc... parameters) {
        return MethodTypeDesc.of(VectorCode.VOID, parameters);
    }

    private int parameter(int number) {
        return code.parameterSlot(number);
    }

    private int integer() {
        return code.allocateLocal(TypeKind.INT);
    }

    private int place() {
        return code.allocateLocal(TypeKind.LONG);
    }

    private int vector() {
        return code.allocateLocal(TypeKind.REFERENCE);
    }

    /** A local with the vector or mask on the stack. */
    private int keep() {
        int local = vector();
        code.astore(local);
        return local;
    }

    /** Stores offset + 4 · column in a local. */
    private int strip(int offset, int column) {
        int at = place();
        code.lload(offset);
        v.element(column);
        code.lstore(at);
        return at;
    }

    /** Stores columns · 4 in a local. */
    private int rowBytes(int columns) {
        int bytes = place();
        code.iload(columns).i2l().loadConstant(4L).lmul().lstore(bytes);
        return bytes;
    }

    private void forward(int at, int by) {
        code.lload(at).lload(by).ladd().lstore(at);
    }

    private CodeBuilder load(int segment, int at) {
        return v.load(segment, () -> code.lload(at));
    }

    private void store(int value, int segment, int at) {
        v.store(value, segment, () -> code.lload(at));
    }

    private void softmax() {
        int panel = parameter(0);
        int offset = parameter(1);
        int rows = parameter(2);
        int columns = parameter(3);
        int scale = parameter(4);
        int state = parameter(5);
        int stateOffset = parameter(6);
        v.returnIfNegative(rows);
        EmittedCode.needNative(code, panel, state);
        Consumer<CodeBuilder> exp = LaneFunction.EXP.in(code, bits);
        v.broadcastFloat(() -> code.fload(scale));
        int scales = keep();
        v.zero();
        int zero = keep();
        v.broadcastFloat(Float.NEGATIVE_INFINITY);
        int lowest = keep();
        int step = rowBytes(columns);
        int column = integer();
        int row = integer();
        int mask = vector();
        int x = vector();
        v.loop(column, columns, v.lanes, () -> {
            int m = strip(stateOffset, column);
            int sums = place();
            code.lload(m).lload(step).ladd().lstore(sums);
            int factors = place();
            code.lload(sums).lload(step).ladd().lstore(factors);
            load(state, m);
            int before = keep();
            code.aload(before);
            int top = keep();
            int at = strip(offset, column);
            v.loop(row, rows, 1, () -> {
                load(panel, at).astore(x);
                v.lanewise("mul", x, scales).astore(x);
                v.compare("GT", x, top, mask);
                v.blend(top, x, mask);
                forward(at, step);
            });
            code.aload(top);
            int shift = keep();
            v.compare("EQ", top, lowest, mask);
            v.blend(shift, zero, mask);
            v.lanewise("sub", before, shift);
            exp.accept(code);
            code.astore(before);
            store(before, state, factors);
            load(state, sums);
            int sum = keep();
            v.lanewise("mul", sum, before).astore(sum);
            code.lload(offset);
            v.element(column);
            code.lstore(at);
            v.loop(row, rows, 1, () -> {
                load(panel, at).astore(x);
                v.lanewise("mul", x, scales).astore(x);
                v.lanewise("sub", x, shift);
                exp.accept(code);
                code.astore(x);
                store(x, panel, at);
                v.lanewise("add", sum, x).astore(sum);
                forward(at, step);
            });
            store(top, state, m);
            store(sum, state, sums);
        });
        code.return_();
    }

    private void multiply() {
        int panel = parameter(0);
        int offset = parameter(1);
        int rows = parameter(2);
        int columns = parameter(3);
        int factors = parameter(4);
        int factorsOffset = parameter(5);
        v.returnIfNegative(rows);
        EmittedCode.needNative(code, panel, factors);
        int step = rowBytes(columns);
        int column = integer();
        int row = integer();
        int x = vector();
        v.loop(column, columns, v.lanes, () -> {
            int from = strip(factorsOffset, column);
            load(factors, from);
            int factor = keep();
            int at = strip(offset, column);
            v.loop(row, rows, 1, () -> {
                load(panel, at).astore(x);
                v.lanewise("mul", x, factor).astore(x);
                store(x, panel, at);
                forward(at, step);
            });
        });
        code.return_();
    }

    private void weights() {
        int scores = parameter(0);
        int offset = parameter(1);
        int byWeights = parameter(2);
        int byWeightsOffset = parameter(3);
        int rows = parameter(4);
        int columns = parameter(5);
        int scale = parameter(6);
        int state = parameter(7);
        int logs = parameter(8);
        int deltas = parameter(9);
        v.returnIfNegative(rows);
        EmittedCode.needNative(code, scores, byWeights, state);
        Consumer<CodeBuilder> exp = LaneFunction.EXP.in(code, bits);
        v.broadcastFloat(() -> code.fload(scale));
        int scales = keep();
        int step = rowBytes(columns);
        int column = integer();
        int row = integer();
        int p = vector();
        int z = vector();
        int x = vector();
        v.loop(column, columns, v.lanes, () -> {
            int at = strip(offset, column);
            int from = strip(byWeightsOffset, column);
            v.loop(row, rows, 1, () -> {
                load(scores, at).astore(p);
                v.lanewise("mul", p, scales).astore(p);
                v.broadcast(state, () -> {
                            code.lload(logs);
                            v.element(row);
                        })
                        .astore(x);
                v.lanewise("sub", p, x);
                exp.accept(code);
                code.astore(p);
                store(p, scores, at);
                load(byWeights, from).astore(z);
                v.broadcast(state, () -> {
                            code.lload(deltas);
                            v.element(row);
                        })
                        .astore(x);
                v.lanewise("sub", z, x).astore(z);
                v.lanewise("mul", p, z).astore(z);
                store(z, byWeights, from);
                forward(at, step);
                forward(from, step);
            });
        });
        code.return_();
    }

    private void dots() {
        int left = parameter(0);
        int leftOffset = parameter(1);
        int leftStride = parameter(2);
        int right = parameter(3);
        int rightOffset = parameter(4);
        int rightStride = parameter(5);
        int rows = parameter(6);
        int columns = parameter(7);
        int sums = parameter(8);
        int sumsOffset = parameter(9);
        v.returnIfNegative(rows);
        EmittedCode.needNative(code, left, right, sums);
        int vectors = AttentionKernel.LANES / v.lanes;
        int[] sum = new int[vectors];
        int[] mask = new int[vectors];
        int whole = integer();
        code.iload(columns)
                .iload(columns)
                .loadConstant(AttentionKernel.LANES)
                .irem()
                .isub()
                .istore(whole);
        for (int i = 0; i < vectors; i++) {
            sum[i] = vector();
            mask[i] = vector();
            code.iload(columns).iload(whole).isub().loadConstant(i * v.lanes).isub();
            code.iconst_0().invokestatic(VectorCode.desc(Math.class), "max", MethodTypeDesc.of(INT, INT, INT));
            v.mask(mask[i]);
        }
        int row = integer();
        int column = integer();
        int leftRow = place();
        int rightRow = place();
        int target = place();
        code.lload(sumsOffset).lstore(target);
        int x = vector();
        int y = vector();
        v.loop(row, rows, 1, () -> {
            v.offset(leftOffset, row, leftStride);
            code.lstore(leftRow);
            v.offset(rightOffset, row, rightStride);
            code.lstore(rightRow);
            for (int s : sum) {
                v.zero().astore(s);
            }
            Consumer<Boolean> products = masked -> {
                for (int i = 0; i < vectors; i++) {
                    long at = (long) i * v.vectorBytes;
                    Runnable inLeft = () -> {
                        code.lload(leftRow);
                        v.element(column).plus(at);
                    };
                    Runnable inRight = () -> {
                        code.lload(rightRow);
                        v.element(column).plus(at);
                    };
                    (masked ? v.load(left, inLeft, mask[i]) : v.load(left, inLeft)).astore(x);
                    (masked ? v.load(right, inRight, mask[i]) : v.load(right, inRight)).astore(y);
                    v.fma(x, y, sum[i]);
                }
            };
            v.loop(column, whole, AttentionKernel.LANES, () -> products.accept(false));
            v.loopOn(column, columns, AttentionKernel.LANES, () -> products.accept(true));
            for (int i = 0; i < vectors; i++) {
                long at = (long) i * v.vectorBytes;
                v.store(sum[i], sums, () -> {
                    code.lload(target);
                    v.plus(at);
                });
            }
            code.lload(target).loadConstant(AttentionKernel.LANES * 4L).ladd().lstore(target);
        });
        code.return_();
    }
}
