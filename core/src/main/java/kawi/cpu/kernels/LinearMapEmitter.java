package kawi.cpu.kernels;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.Map;
import kawi.cpu.EmittedCode;

/** Writes a {@link LinearMap} with its coefficients as constants. */
final class LinearMapEmitter {
    private static final MethodTypeDesc APPLY = MethodTypeDesc.of(
            VectorCode.VOID,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.INTS,
            VectorCode.INT,
            VectorCode.INT,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.LONG);

    // Slots of the parameters, then of the local variables.
    private static final int SOURCE = 1;
    private static final int FROM = 2;
    private static final int ITEM_FROM = 4;
    private static final int PLACES = 6;
    private static final int ROWS = 7;
    private static final int ITEMS = 8;
    private static final int TARGET = 9;
    private static final int TO = 10;
    private static final int ITEM_TO = 12;
    private static final int ROW_TO = 14;
    private static final int STEP_TO = 16;
    private static final int ROW = 18;
    private static final int ITEM = 19;
    private static final int WRITE = 20;
    private static final int SUM = 22;
    private static final int READS = 23;

    private LinearMapEmitter() {}

    /** @param withZeros whether values that meet a zero count too: then what is not finite shows in the sum */
    static LinearMap emit(int bits, float[][] matrix, boolean withZeros) {
        return VectorCode.define(
                LinearMap.class,
                "LinearMap_%d_%dx%d".formatted(bits, matrix.length, matrix[0].length),
                builder -> builder.withMethodBody(
                        "apply",
                        APPLY,
                        ClassFile.ACC_PUBLIC,
                        code -> apply(VectorCode.ofFloats(code, bits), matrix, withZeros)));
    }

    private static void apply(VectorCode v, float[][] matrix, boolean withZeros) {
        int inputs = matrix[0].length;
        int values = READS + 2 * inputs;
        CodeBuilder code = v.code;
        v.returnIfNegative(ROWS);
        EmittedCode.needNative(code, SOURCE, TARGET);
        Map<Float, Integer> coefficients = new LinkedHashMap<>();
        for (float[] of : matrix) {
            for (float c : of) {
                if ((c != 0 || withZeros) && !coefficients.containsKey(c)) {
                    int slot = values + inputs + coefficients.size();
                    v.broadcastFloat(c).astore(slot);
                    coefficients.put(c, slot);
                }
            }
        }
        v.loop(ROW, ROWS, 1, () -> {
            for (int p = 0; p < inputs; p++) {
                code.lload(FROM).aload(PLACES).iload(ROW);
                code.loadConstant(inputs).imul().loadConstant(p).iadd().iaload();
                code.i2l().ladd().lstore(READS + 2 * p);
            }
            v.offset(TO, ROW, ROW_TO);
            code.lstore(WRITE);
            v.loop(ITEM, ITEMS, 1, () -> {
                for (int half = 0; half < 2; half++) {
                    int at = half * v.vectorBytes;
                    for (int p = 0; p < inputs; p++) {
                        int read = READS + 2 * p;
                        v.load(SOURCE, () -> v.offset(read, ITEM, ITEM_FROM).plus(at))
                                .astore(values + p);
                    }
                    for (int q = 0; q < matrix.length; q++) {
                        sum(v, matrix[q], values, coefficients);
                        long of = q;
                        v.store(SUM, TARGET, () -> {
                            v.offset(WRITE, ITEM, ITEM_TO);
                            code.lload(STEP_TO).loadConstant(of).lmul().ladd();
                            v.plus(at);
                        });
                    }
                }
            });
        });
        code.return_();
    }

    private static void sum(VectorCode v, float[] row, int values, Map<Float, Integer> coefficients) {
        boolean begun = false;
        for (int p = 0; p < row.length; p++) {
            Integer coefficient = coefficients.get(row[p]);
            if (coefficient != null && begun) {
                v.fma(values + p, coefficient, SUM);
            } else if (coefficient != null) {
                v.lanewise("mul", values + p, coefficient).astore(SUM);
                begun = true;
            }
        }
    }
}
