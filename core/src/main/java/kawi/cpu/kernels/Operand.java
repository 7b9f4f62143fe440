package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * One side of a contraction, as the packed panels that a {@link MicroKernel} reads. Seen from here both sides are
 * alike: a has lines that are the rows of the result, b has lines that are its columns, and both run along the depth k
 * that is summed over.
 */
interface Operand {

    /**
     * Packs {@code count} lines from {@code line} on, and {@code depth} positions of k from {@code from} on, as the panels
     * of tiles that are {@code width} lines wide, so that the values of all lines of a tile at one k lie together:
     *
     * <pre>  target[targetOffset + t · tileBytes + (p · width + i) · elementBytes] = value of line + t · width + i at from + p</pre>
     *
     * What comes to lie where the last tile has no lines is left open: those rows or columns are thrown away. Up to one
     * vector beyond each panel may be overwritten.
     */
    void pack(
            Packer packer,
            int batch,
            int line,
            int count,
            int from,
            int depth,
            MemorySegment target,
            long targetOffset,
            int width,
            long tileBytes);

    /** Whether all batches have the same values here, so that packing once serves them all. */
    boolean shared();

    /** What packing one element costs, in multiply-adds, for a tile of {@code width} lines and vectors of {@code lanes}. */
    double packCost(int width, int lanes);

    /** The same for one batch alone, and from {@code start} of k on. */
    Operand part(int batch, int start);
}
