package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Fast ways to move elements into packed panels; bits are moved, never computed with. All offsets and strides in bytes.
 *
 * <p>Both methods move whole vectors of {@link #lanes} elements: the caller sees to it that what they read and write
 * beyond the elements it needs lies within the segments and is overwritten afterwards.
 */
interface Packer {

    /** Elements that move at once. */
    int lanes();

    /**
     * Copies rows: for p = 0 … depth-1, and for each run r in order, one vector from
     * {@code source[base + p · stride + offsets[first + p] + runSources[r]]} to
     * {@code target[targetOffset + p · step + runTargets[r]]}.
     */
    void copy(
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
            long step);

    /**
     * Transposes blocks of as many lines as there are lanes: element p from {@code source[base + lines[i]]} on goes to
     * lane i of the vector at {@code target[targetOffset + p · step]}, for p = 0 … blocks · lanes - 1, in order of p.
     */
    void transpose(
            MemorySegment source,
            long base,
            long[] lines,
            int blocks,
            MemorySegment target,
            long targetOffset,
            long step);
}
