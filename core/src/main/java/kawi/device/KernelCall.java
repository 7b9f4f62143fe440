package kawi.device;

import java.util.List;
import kawi.base.DType;
import kawi.base.View;
import kawi.graph.Op;
import org.jspecify.annotations.Nullable;

/**
 * An operation that is not a loop over elements: a contraction, a pooling, a gather.
 *
 * @param op the operation with its attributes
 * @param inputs where the operands lie: contiguous, but for matrix products and attention, which take any
 *     strides
 * @param output where the result goes: contiguous
 * @param epilogue elementwise work to do on each block of the result once it is finished, or null. Its iteration space
 *     is [batch, rows, columns] for a matrix product and [image, channel, position] for a convolution; its accesses use
 *     the same buffer numbers as the operands
 */
public record KernelCall(
        Op op,
        List<Operand> inputs,
        Operand output,
        @Nullable LoopNest epilogue) {
    /** An array in a numbered buffer. */
    public record Operand(int buffer, DType dtype, View view) {}
}
