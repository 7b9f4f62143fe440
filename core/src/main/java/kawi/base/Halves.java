package kawi.base;

/** Numbers of 16 bits, as {@link DType#F16} and {@link DType#BF16} hold them, to and from {@code float}. */
public final class Halves {
    private Halves() {}

    /** The number that 16 bits of a type stand for. */
    public static float number(DType type, short bits) {
        return type == DType.F16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
    }

    /** The nearest number of a type, ties to even, as its 16 bits. */
    public static short bits(DType type, float number) {
        if (type == DType.F16) {
            return Float.floatToFloat16(number);
        }
        int bits = Float.floatToRawIntBits(number);
        if (Float.isNaN(number)) {
            return (short) (bits >>> 16 | 0x40); // quiet, and not rounded to infinity
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** The nearest number of a type. */
    public static float round(DType type, float number) {
        return number(type, bits(type, number));
    }
}
