package kawi.cpu.codegen;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;

/**
 * What a lane holds while a kernel computes. Narrow element types widen to one of these: {@code U8} to an integer lane,
 * {@code BOOL} to a mask, which is 0 or 1 in scalar code and a {@code VectorMask} in vector code.
 */
enum Lane {
    F32(4, TypeKind.FLOAT, CD_float, "FloatVector", "Float"),
    I32(4, TypeKind.INT, CD_int, "IntVector", "Integer"),
    F64(8, TypeKind.DOUBLE, CD_double, "DoubleVector", "Double"),
    I64(8, TypeKind.LONG, CD_long, "LongVector", "Long"),
    MASK(0, TypeKind.INT, CD_int, "VectorMask", "Integer");

    /** Bytes of a lane; 0 for masks, which are as wide as their neighbours. */
    final int bytes;

    final TypeKind kind;
    final ClassDesc scalar;
    /** The vector class. A descriptor, because jdk.incubator.vector may be absent when this class loads. */
    final ClassDesc vector;
    /** The class with the static methods of the scalar type. */
    final ClassDesc box;

    Lane(int bytes, TypeKind kind, ClassDesc scalar, String vector, String box) {
        this.bytes = bytes;
        this.kind = kind;
        this.scalar = scalar;
        this.vector = ClassDesc.of("jdk.incubator.vector", vector);
        this.box = ClassDesc.of("java.lang", box);
    }

    boolean isFloat() {
        return this == F32 || this == F64;
    }

    /** The integer lane of the same width. */
    Lane integer() {
        return bytes == 8 ? I64 : I32;
    }
}
