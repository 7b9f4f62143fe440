package kawi.tensor;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.graph.Elementwise;

/** Bits of integers. */
final class Bits {
    private Bits() {}

    static Tensor not(Tensor x) {
        if (x.dtype() == DType.BOOL) {
            return x.not();
        }
        return x.xor(whole("bitwiseNot", x).dtype() == DType.U8 ? Arithmetic.number(255, x) : Arithmetic.number(-1, x));
    }

    private static Tensor whole(String what, Tensor x) {
        if (!x.dtype().isInteger()) {
            throw new KawiException("%s: integers are needed, but %s was given".formatted(what, x.type()));
        }
        return x;
    }

    /** The type that shifts are done in, and how many bits its numbers have. */
    private static DType shifting(DType d) {
        return d == DType.I64 ? d : DType.I32;
    }

    /** x·2ⁿ, whose high bits are lost; 0 from the type's width on. */
    static Tensor left(Tensor x, Tensor n) {
        DType result = DType.promote(
                whole("leftShift", x).dtype(), whole("leftShift", n).dtype());
        DType d = shifting(result);
        int bits = d.bytes() * 8;
        Tensor by = n.to(d);
        Tensor within = by.lt(bits).and(by.ge(0));
        Tensor counted = Tensor.where(within, by, Tensor.zeros(d));
        // 2ⁿ is the sign bit shifted to the right
        Tensor sign = Tensor.full(d == DType.I64 ? Long.MIN_VALUE : Integer.MIN_VALUE, d);
        Tensor power = right(sign, counted.neg().add(bits - 1));
        return Tensor.where(within, x.to(d).mul(power), Tensor.zeros(d)).to(result);
    }

    /** Zeros from the left. */
    private static Tensor right(Tensor x, Tensor n) {
        return Arithmetic.binary(Elementwise.SHIFT_RIGHT, x, n);
    }

    /** ⌊x/2ⁿ⌋: the sign from the left. */
    static Tensor rightSigned(Tensor x, Tensor n) {
        DType result = DType.promote(
                whole("rightShift", x).dtype(), whole("rightShift", n).dtype());
        DType d = shifting(result);
        Tensor by = n.to(d);
        Tensor most = Tensor.full(d.bytes() * 8 - 1, d);
        by = Tensor.where(by.lt(0), most, by.minimum(most));
        Tensor value = x.to(d);
        Tensor negative = value.lt(0);
        Tensor positive = Tensor.where(negative, not(value), value);
        Tensor shifted = right(positive, by);
        return Tensor.where(negative, not(shifted), shifted).to(result);
    }
}
