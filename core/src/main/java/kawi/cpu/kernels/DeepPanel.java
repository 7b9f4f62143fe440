package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/** Packed panels that are not cut along the depth, so that a product may begin anywhere in it. */
final class DeepPanel {
    private DeepPanel() {}

    /** Packs elements as {@link Operand#pack} does, to any depth. */
    static void pack(
            StridedOperand operand,
            Packer packer,
            int batch,
            int line,
            int count,
            int from,
            int depth,
            MemorySegment target,
            long targetOffset,
            int width,
            long tileBytes) {
        for (int p = 0; p < depth && count > 0; p += PanelLayout.DEPTH) {
            int size = Math.min(PanelLayout.DEPTH, depth - p);
            long at = targetOffset + p * (width * 4L);
            operand.pack(packer, batch, line, count, from + p, size, target, at, width, tileBytes);
        }
    }
}
