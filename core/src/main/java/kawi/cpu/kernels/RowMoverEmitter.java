package kawi.cpu.kernels;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import kawi.cpu.EmittedCode;

/**
 * Writes a {@link RowMover}: rows in whole vectors, of which the last overlaps the one before; so short rows need short
 * vectors. (The rest of a row under a mask took 20 ns, as long as all else.)
 */
final class RowMoverEmitter {
    private static final MethodTypeDesc MOVE = MethodTypeDesc.of(
            VectorCode.VOID,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.INT,
            VectorCode.INT);

    private static final MethodTypeDesc JOIN = MethodTypeDesc.of(
            VectorCode.VOID,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.INT,
            VectorCode.INT);

    // Slots of the parameters, then of the local variables.
    private static final int SOURCE = 1;
    private static final int FROM = 2;
    private static final int FROM_STRIDE = 4;
    private static final int TARGET = 6;
    private static final int TO = 7;
    private static final int TO_STRIDE = 9;
    private static final int ROWS = 11;
    private static final int COUNT = 12;
    private static final int ROW = 13;
    private static final int COLUMN = 14;
    private static final int READ = 15;
    private static final int WRITE = 17;
    private static final int LAST = 19;
    private static final int LOW = 20;
    private static final int HIGH = 21;
    private static final int INDEX = 22;

    private RowMoverEmitter() {}

    static RowMover emit(int bits) {
        return VectorCode.define(RowMover.class, "RowMover_" + bits, builder -> {
            builder.withMethodBody("copy", MOVE, ClassFile.ACC_PUBLIC, code -> move(code, bits, 1));
            builder.withMethodBody("split", MOVE, ClassFile.ACC_PUBLIC, code -> move(code, bits, 2));
            builder.withMethodBody("join", JOIN, ClassFile.ACC_PUBLIC, code -> join(code, bits));
        });
    }

    private static void move(CodeBuilder code, int bits, int step) {
        VectorCode.ofInts(code, bits).returnIfNegative(ROWS);
        EmittedCode.needNative(code, SOURCE, TARGET);
        for (int size = bits; size >= 128; size /= 2) {
            Label shorter = code.newLabel();
            code.iload(COUNT).loadConstant(size / 32).if_icmplt(shorter);
            rows(VectorCode.ofInts(code, size), step);
            code.return_().labelBinding(shorter);
        }
        VectorCode v = VectorCode.ofInts(code, 128);
        eachRow(
                v,
                () -> v.loop(COLUMN, COUNT, 1, () -> {
                    code.aload(TARGET);
                    v.intLayout();
                    code.lload(WRITE);
                    v.element(COLUMN).getInt(SOURCE, () -> source(v, step, 0)).setInt();
                }));
        code.return_();
    }

    private static void rows(VectorCode v, int step) {
        CodeBuilder code = v.code;
        if (step == 2) {
            // The second vector begins one element early, so that the pair ends with an element that is wanted.
            v.indices(INDEX, l -> 2 * l < v.lanes ? 2 * l : 2 * l + 1);
        }
        code.iload(COUNT).loadConstant(v.lanes).isub().istore(LAST);
        eachRow(v, () -> {
            v.loop(COLUMN, LAST, v.lanes, () -> vector(v, step));
            code.iload(LAST).istore(COLUMN);
            vector(v, step);
        });
    }

    private static void eachRow(VectorCode v, Runnable body) {
        v.loop(ROW, ROWS, 1, () -> {
            v.offset(FROM, ROW, FROM_STRIDE);
            v.code.lstore(READ);
            v.offset(TO, ROW, TO_STRIDE);
            v.code.lstore(WRITE);
            body.run();
        });
    }

    private static void vector(VectorCode v, int step) {
        v.load(SOURCE, () -> source(v, step, 0)).astore(LOW);
        if (step == 2) {
            v.load(SOURCE, () -> source(v, step, v.vectorBytes - 4)).astore(HIGH);
            v.select(INDEX, LOW, HIGH);
            v.code.astore(LOW);
        }
        v.store(LOW, TARGET, () -> {
            v.code.lload(WRITE);
            v.element(COLUMN);
        });
    }

    private static void source(VectorCode v, int step, int more) {
        v.code.lload(READ);
        for (int i = 0; i < step; i++) {
            v.element(COLUMN);
        }
        v.plus(more);
    }

    private static void join(CodeBuilder code, int bits) {
        int even = 1, evenFrom = 2, evenStride = 4, odd = 6, oddFrom = 7, oddStride = 9;
        int target = 11, to = 12, toStride = 14, rows = 16, count = 17;
        int row = 18, column = 19, last = 20, readEven = 21, readOdd = 23, write = 25;
        int a = 27, b = 28, joined = 29, lowIndex = 30, highIndex = 31;
        VectorCode.ofInts(code, bits).returnIfNegative(rows);
        EmittedCode.needNative(code, even, odd, target);
        for (int size = bits; size >= 64; size /= 2) {
            boolean one = size == 64; // rows shorter than the shortest vector go element by element
            VectorCode v = VectorCode.ofInts(code, one ? 128 : size);
            Label shorter = code.newLabel();
            if (!one) {
                code.iload(count).loadConstant(v.lanes).if_icmplt(shorter);
                v.indices(lowIndex, l -> l / 2 + l % 2 * v.lanes);
                v.indices(highIndex, l -> (l + v.lanes) / 2 + l % 2 * v.lanes);
                code.iload(count).loadConstant(v.lanes).isub().istore(last);
            }
            Runnable vectors = () -> {
                for (int source = 0; source < 2; source++) {
                    int read = source == 0 ? readEven : readOdd;
                    v.load(source == 0 ? even : odd, () -> {
                                code.lload(read);
                                v.element(column);
                            })
                            .astore(source == 0 ? a : b);
                }
                for (int half = 0; half < 2; half++) {
                    int at = half * v.vectorBytes;
                    v.select(half == 0 ? lowIndex : highIndex, a, b);
                    code.astore(joined);
                    v.store(joined, target, () -> {
                        code.lload(write);
                        v.element(column).element(column).plus(at);
                    });
                }
            };
            Runnable single = () -> {
                for (int source = 0; source < 2; source++) {
                    int read = source == 0 ? readEven : readOdd;
                    int at = source * 4;
                    code.aload(target);
                    v.intLayout();
                    code.lload(write);
                    v.element(column).element(column).plus(at);
                    v.getInt(source == 0 ? even : odd, () -> {
                                code.lload(read);
                                v.element(column);
                            })
                            .setInt();
                }
            };
            v.loop(row, rows, 1, () -> {
                v.offset(evenFrom, row, evenStride);
                code.lstore(readEven);
                v.offset(oddFrom, row, oddStride);
                code.lstore(readOdd);
                v.offset(to, row, toStride);
                code.lstore(write);
                if (one) {
                    v.loop(column, count, 1, single);
                } else {
                    v.loop(column, last, v.lanes, vectors);
                    code.iload(last).istore(column);
                    vectors.run();
                }
            });
            code.return_();
            if (!one) {
                code.labelBinding(shorter);
            }
        }
    }
}
