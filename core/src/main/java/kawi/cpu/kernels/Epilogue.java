package kawi.cpu.kernels;

/**
 * What a contraction does with each block of its result as soon as that is final: bias, activation, residual.
 *
 * <p>Called exactly once for each element of the result, in blocks of at least a few thousand elements where the result
 * has as many, by the thread that finished the block, while it is in that thread's cache. How the result is cut into
 * blocks depends on the machine, so the work must be the same however it is cut: element by element.
 */
@FunctionalInterface
public interface Epilogue {

    /** Finishes rows {@code row0} … {@code row1}-1 and columns {@code col0} … {@code col1}-1 of result {@code batch}. */
    void finish(int batch, int row0, int row1, int col0, int col1);
}
