package kawi.base;

/**
 * Element types, ordered by promotion: an operation on two types computes in the later of the two, so
 * {@code I64} with {@code F32} gives {@code F32}, as in PyTorch.
 */
public enum DType {
    /** Truth values, one byte each: 0 or 1. */
    BOOL(1, "bool"),
    /** Unsigned bytes, 0 to 255. */
    U8(1, "u8"),
    /** 32-bit two's complement integers. */
    I32(4, "i32"),
    /** 64-bit two's complement integers. */
    I64(8, "i64"),
    /** IEEE 754 single precision. */
    F32(4, "f32"),
    /** IEEE 754 double precision. */
    F64(8, "f64");

    private final int bytes;
    private final String label;

    DType(int bytes, String label) {
        this.bytes = bytes;
        this.label = label;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether values are floating-point numbers; only these are differentiable. */
    public boolean isFloat() {
        return this == F32 || this == F64;
    }

    /** Whether values are integers that count ({@code U8}, {@code I32}, {@code I64}). */
    public boolean isInteger() {
        return this == U8 || this == I32 || this == I64;
    }

    /** The type in which an operation on {@code a} and {@code b} computes. */
    public static DType promote(DType a, DType b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    @Override
    public String toString() {
        return label;
    }
}
