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
            VectorCode.INTS,
            VectorCode.INT,
            VectorCode.INT,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.LONG,
            VectorCode.INT);

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
        int source = 1,
                from = 2,
                places = 4,
                first = 5,
                rows = 6,
                target = 7,
                to = 8,
                rowStep = 10,
                step = 12,
                count = 14;
        int row = 15, column = 16, write = 17, sum = 19, reads = 20;
        int inputs = matrix[0].length;
        int values = reads + 2 * inputs;
        CodeBuilder code = v.code;
        v.returnIfNegative(rows);
        EmittedCode.needNative(code, source, target);
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
        v.loop(row, rows, 1, () -> {
            for (int p = 0; p < inputs; p++) {
                code.lload(from).aload(places).iload(first).iload(row);
                code.loadConstant(inputs).imul().iadd().loadConstant(p).iadd().iaload();
                code.i2l().ladd().lstore(reads + 2 * p);
            }
            v.offset(to, row, rowStep);
            code.lstore(write);
            v.loop(column, count, v.lanes, () -> {
                for (int p = 0; p < inputs; p++) {
                    int read = reads + 2 * p;
                    v.load(source, () -> {
                                code.lload(read);
                                v.element(column);
                            })
                            .astore(values + p);
                }
                for (int q = 0; q < matrix.length; q++) {
                    boolean begun = false;
                    for (int p = 0; p < inputs; p++) {
                        Integer coefficient = coefficients.get(matrix[q][p]);
                        if (coefficient == null) {
                            continue;
                        }
                        if (begun) {
                            v.fma(values + p, coefficient, sum);
                        } else {
                            v.lanewise("mul", values + p, coefficient).astore(sum);
                            begun = true;
                        }
                    }
                    long of = q;
                    v.store(sum, target, () -> {
                        code.lload(write).lload(step).loadConstant(of).lmul().ladd();
                        v.element(column);
                    });
                }
            });
        });
        code.return_();
    }
}
