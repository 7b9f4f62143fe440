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
    /** IEEE 754 half precision, for storage: 11 bits of precision, up to 65,504. Operations compute in {@code F32}. */
    F16(2, "f16"),
    /** The upper half of {@code F32} (bfloat16), for storage: 8 bits of precision. Operations compute in {@code F32}. */
    BF16(2, "bf16"),
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
        return this == F32 || this == F64 || isHalf();
    }

    /** Whether values are floating-point numbers of 16 bits, which are stored and moved but not computed with. */
    public boolean isHalf() {
        return this == F16 || this == BF16;
    }

    /** The type in which an operation on this type computes: {@code F32} for the halves, else this. */
    public DType computing() {
        return isHalf() ? F32 : this;
    }

    /** Whether values are integers that count ({@code U8}, {@code I32}, {@code I64}). */
    public boolean isInteger() {
        return this == U8 || this == I32 || this == I64;
    }

    /** The type in which an operation on {@code a} and {@code b} computes. */
    public static DType promote(DType a, DType b) {
        if (a.isHalf() && b.isHalf() && a != b) {
            return F32; // neither holds all values of the other
        }
        return a.compareTo(b) >= 0 ? a : b;
    }

    @Override
    public String toString() {
        return label;
    }
}
