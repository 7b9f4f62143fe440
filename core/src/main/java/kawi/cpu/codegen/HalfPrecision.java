package kawi.cpu.codegen;

import kawi.base.DType;

/** Numbers of 16 bits, in the lower half of a lane of ints, to and from single precision: the formulas of {@link kawi.base.Halves}. */
final class HalfPrecision {
    private static final int INFINITY = 0x7c00;

    private HalfPrecision() {}

    /** The numbers that bits stand for. */
    static Value widen(Value bits, DType type) {
        if (type == DType.BF16) {
            return bits.shiftLeft(16).bits();
        }
        Value exponentAndFraction = bits.and(0x7fff).shiftLeft(13);
        // the exponent counts from −15 instead of −127; a subnormal one becomes normal in the product
        Value finite = exponentAndFraction.bits().times(0x1p112).bits();
        Value special = exponentAndFraction.or(bits.of(0x7f800000));
        Value magnitude = bits.and(INFINITY).same(INFINITY).select(special, finite);
        return magnitude.or(bits.and(0x8000).shiftLeft(16)).bits();
    }

    /** The bits of the nearest numbers, ties to even. */
    static Value narrow(Value number, DType type) {
        Value bits = number.bits();
        if (type == DType.BF16) {
            Value rounded = bits.plus(0x7fff).plus(bits.shiftRight(16).and(1)).shiftRight(16);
            Value quiet = bits.shiftRight(16).or(bits.of(0x40));
            return number.differs(number).select(quiet, rounded);
        }
        Value sign = bits.shiftRight(16).and(0x8000);
        Value magnitude = bits.and(0x7fffffff);
        // 13 bits of the fraction go; the exponent counts from −15; what is too large is infinite
        Value normal = magnitude
                .plus(0xfff)
                .plus(magnitude.shiftRight(13).and(1))
                .minus(112 << 23)
                .shiftRight(13)
                .min(bits.of(INFINITY));
        // 0.5 has the spacing 2⁻²⁴ of subnormal numbers: the sum rounds as they do
        Value subnormal = magnitude.bits().plus(0.5).bits().minus(0x3f000000);
        Value finite = magnitude.bits().less(0x1p-14).select(subnormal, normal);
        return number.differs(number).select(bits.of(0x7e00), finite).or(sign);
    }
}
