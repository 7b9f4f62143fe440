package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/** An operand of attention: a matrix for each head, with any strides. Offsets and strides count elements. */
public record HeadRows(MemorySegment data, long[] offsets, long rowStride, long columnStride) {
    /** Its rows as the lines of a product's operand, its columns as the depth. */
    StridedOperand lines() {
        return new StridedOperand(data, bytes(), rowStride * 4, columnStride * 4, 4);
    }

    /** Its columns as the lines, its rows as the depth. */
    StridedOperand transposed() {
        return new StridedOperand(data, bytes(), columnStride * 4, rowStride * 4, 4);
    }

    private long[] bytes() {
        long[] bytes = new long[offsets.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = offsets[i] * 4;
        }
        return bytes;
    }
}
