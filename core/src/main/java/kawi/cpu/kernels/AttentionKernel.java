package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;

/**
 * What happens to the scores of attention between the products, for panels of {@code columns} adjacent numbers a row. All
 * offsets and strides are in bytes; with a negative number of rows a method returns at once (see {@link WarmUp}).
 */
interface AttentionKernel {
    /** Into how many partial sums {@link #dots} divides a dot product. */
    int LANES = 16;

    /**
     * One step of a running softmax down the columns (Milakov and Gimelshein 2018): each column is a query, each row a key.
     * With m the column's largest number t = panel · scale, those of the steps before included,
     *
     * <pre>  factor = exp(m before − m)    panel = exp(t − m)    sum = sum · factor + Σ panel</pre>
     *
     * where m counts as 0 while it is −∞.
     *
     * @param state for each column its m, after {@code columns} of these its sum, then its factor
     */
    void softmax(
            MemorySegment panel,
            long offset,
            int rows,
            int columns,
            float scale,
            MemorySegment state,
            long stateOffset);

    /** {@code panel[r, c] *= factors[c]}. */
    void multiply(MemorySegment panel, long offset, int rows, int columns, MemorySegment factors, long factorsOffset);

    /**
     * From scores and the derivative by the weights, p = exp(scores · scale − log) and p · (byWeights − delta), which take
     * their places. Each row is a query, each column a key.
     *
     * @param state one log for each row from {@code logs} on, one delta from {@code deltas} on
     */
    void weights(
            MemorySegment scores,
            long offset,
            MemorySegment byWeights,
            long byWeightsOffset,
            int rows,
            int columns,
            float scale,
            MemorySegment state,
            long logs,
            long deltas);

    /**
     * Dot products of the rows of x and y in {@link #LANES} partial sums each: element c goes to sum c mod 16, with one
     * fused multiply-add, in order.
     */
    void dots(
            MemorySegment x,
            long xOffset,
            long xStride,
            MemorySegment y,
            long yOffset,
            long yStride,
            int rows,
            int columns,
            MemorySegment sums,
            long sumsOffset);
}
