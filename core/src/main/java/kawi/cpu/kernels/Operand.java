package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * One side of a contraction, as the packed panels that a {@link MicroKernel} reads. Seen from here both sides are
 * alike: a has lines that are the rows of the result, b has lines that are its columns, and both run along the depth k
 * that is summed over.
 */
interface Operand {

    /**
     * Packs {@code count} lines from {@code line} on, and {@code depth} positions of k from {@code from} on, so that the
     * values of all lines at one k lie together:
     *
     * <pre>  target[targetOffset + (p · width + i) · elementBytes] = value of line + i at from + p</pre>
     *
     * and 0 for i = count … width-1.
     */
    void pack(int batch, int line, int count, int from, int depth, MemorySegment target, long targetOffset, int width);

    /** Whether all batches have the same values here, so that packing once serves them all. */
    boolean shared();
}
