package kawi.cpu.kernels;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import kawi.cpu.EmittedCode;

/** Writes a {@link DirectKernel}, the tile unrolled in one method with its accumulators as local variables. */
final class DirectKernelEmitter {
    private static final MethodTypeDesc CORRELATE = MethodTypeDesc.of(
            VectorCode.VOID,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.INTS,
            VectorCode.INT,
            VectorCode.INT,
            VectorCode.SEGMENT,
            VectorCode.LONG,
            VectorCode.LONG);

    private DirectKernelEmitter() {}

    /** A kernel whose tile has {@code rows} rows of {@code vectors} vectors of so many bits. */
    static DirectKernel emit(int bits, int rows, int vectors) {
        return VectorCode.define(
                DirectKernel.class, "DirectKernel_%d_%dx%d".formatted(bits, rows, vectors), builder -> {
                    VectorCode.constant(builder, "rows", rows);
                    VectorCode.constant(builder, "columns", vectors * bits / 32);
                    builder.withMethodBody(
                            "correlate",
                            CORRELATE,
                            ClassFile.ACC_PUBLIC,
                            code -> correlate(VectorCode.ofFloats(code, bits), rows, vectors));
                });
    }

    private static void correlate(VectorCode v, int rows, int vectors) {
        int a = 1,
                aOffset = 2,
                x = 4,
                xOffset = 5,
                shifts = 7,
                depth = 8,
                tiles = 9,
                y = 10,
                yOffset = 11,
                yStride = 13;
        int tile = 15, ofTile = 16, xAt = 18, yAt = 20, k = 22, from = 23, broadcast = 25;
        int right = 26, accumulators = right + vectors;
        CodeBuilder code = v.code;
        v.returnIfNegative(depth);
        EmittedCode.needNative(code, a, x, y);
        v.loop(tile, tiles, 1, () -> {
            code.iload(tile)
                    .i2l()
                    .loadConstant((long) vectors * v.vectorBytes)
                    .lmul()
                    .lstore(ofTile);
            code.lload(xOffset).lload(ofTile).ladd().lstore(xAt);
            code.lload(yOffset).lload(ofTile).ladd().lstore(yAt);
            for (int i = 0; i < rows * vectors; i++) {
                v.zero().astore(accumulators + i);
            }
            v.loop(k, depth, 1, () -> {
                code.lload(xAt);
                v.shift(shifts, k);
                code.lstore(from);
                for (int j = 0; j < vectors; j++) {
                    int at = j * v.vectorBytes;
                    v.load(x, () -> {
                                code.lload(from);
                                v.plus(at);
                            })
                            .astore(right + j);
                }
                for (int i = 0; i < rows; i++) {
                    int at = i * 4;
                    v.broadcastFloat(() -> EmittedCode.get(
                                    code,
                                    ConstantDescs.CD_float,
                                    rows * 4,
                                    at,
                                    () -> code.aload(a)
                                            .lload(aOffset)
                                            .iload(k)
                                            .i2l()
                                            .loadConstant(rows * 4L)
                                            .lmul()
                                            .ladd()))
                            .astore(broadcast);
                    for (int j = 0; j < vectors; j++) {
                        v.fma(broadcast, right + j, accumulators + vectors * i + j);
                    }
                }
            });
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < vectors; j++) {
                    long row = i;
                    int at = j * v.vectorBytes;
                    v.store(accumulators + vectors * i + j, y, () -> {
                        code.lload(yAt).lload(yStride).loadConstant(row).lmul().ladd();
                        v.plus(at);
                    });
                }
            }
        });
        code.return_();
    }
}
