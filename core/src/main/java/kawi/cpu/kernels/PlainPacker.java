package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Packing without the Vector API, and until C2 has compiled the one with it. */
record PlainPacker(int elementBytes, int lanes) implements Packer {

    @Override
    public void copy(
            MemorySegment source,
            long base,
            long stride,
            int[] offsets,
            int first,
            int depth,
            int[] runSources,
            int[] runTargets,
            int runs,
            MemorySegment target,
            long targetOffset,
            long step) {
        int bytes = lanes * elementBytes;
        for (int p = 0; p < depth; p++) {
            for (int r = 0; r < runs; r++) {
                long from = base + p * stride + offsets[first + p] + runSources[r];
                long to = targetOffset + p * step + runTargets[r];
                for (int i = 0; i < bytes; i += 8) {
                    target.set(JAVA_LONG_UNALIGNED, to + i, source.get(JAVA_LONG_UNALIGNED, from + i));
                }
            }
        }
    }

    @Override
    public void transpose(
            MemorySegment source,
            long base,
            long[] lines,
            int blocks,
            MemorySegment target,
            long targetOffset,
            long step) {
        int depth = blocks * lanes;
        for (int p = 0; p < depth; p++) {
            long to = targetOffset + p * step;
            if (elementBytes == 4) {
                long from = base + p * 4L;
                for (int i = 0; i < lanes; i++) {
                    target.set(JAVA_INT_UNALIGNED, to + i * 4L, source.get(JAVA_INT_UNALIGNED, from + lines[i]));
                }
            } else {
                long from = base + p * 8L;
                for (int i = 0; i < lanes; i++) {
                    target.set(JAVA_LONG_UNALIGNED, to + i * 8L, source.get(JAVA_LONG_UNALIGNED, from + lines[i]));
                }
            }
        }
    }
}
