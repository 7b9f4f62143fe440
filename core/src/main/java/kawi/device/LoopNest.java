package kawi.device;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import kawi.base.DType;
import kawi.graph.Elementwise;
import org.jspecify.annotations.Nullable;

/**
 * A fused loop: for every point of the iteration space {@code sizes}, the instructions of {@code body} in order (each
 * value is named by its position), then the stores. With a reduction, the one stored value is combined along axis
 * {@code reduceAxis}; the stores' strides along that axis are 0.
 *
 * <p>Order of a reduction, which depends on the iteration space alone: along the innermost axis, element r goes to
 * partial {@code r mod LANES} and the partials fold pairwise (l with l + LANES/2, and so on); along any other axis,
 * one after the other. Long reductions run in chunks of {@link #CHUNK} elements along the innermost axis, or {@link
 * #CHUNK_ROWS} along any other, each from the neutral element, and the chunks' results are combined one after the other.
 */
public record LoopNest(
        int[] sizes,
        int reduceAxis,
        @Nullable Reduction reduction,
        List<Access> accesses,
        List<Instruction> body,
        List<Store> stores) {

    /** Partial results of a reduction along the innermost axis. */
    public static final int LANES = 64;
    /** Length after which a reduction along the innermost axis starts a new partial result. */
    public static final int CHUNK = 8192;
    /** The same along any other axis: so few that blocks of rows which are in cache for other reasons end with a chunk. */
    public static final int CHUNK_ROWS = 128;

    /** How values combine, and from what they start. */
    public enum Reduction {
        SUM,
        MAX,
        MIN
    }

    /** Where an instruction reads or writes: element {@code offset + Σ coordinate·stride} of a buffer. */
    public record Access(int buffer, DType type, long offset, long[] strides) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Access a
                    && buffer == a.buffer
                    && type == a.type
                    && offset == a.offset
                    && Arrays.equals(strides, a.strides);
        }

        @Override
        public int hashCode() {
            return Objects.hash(buffer, type, offset, Arrays.hashCode(strides));
        }
    }

    /** One step of the body. */
    public sealed interface Instruction {
        /** Type of the value. */
        DType type();

        /** The element of a buffer. */
        record Load(int access, DType type) implements Instruction {}

        /** An argument that is the same at every point: slot of the launch's scalars. */
        record Scalar(int slot, DType type) implements Instruction {}

        /** The number that an access without buffer works out: {@code offset + Σ coordinate·stride}. */
        record Index(int access, DType type) implements Instruction {}

        /** An elementwise operation on earlier values. */
        record Apply(Elementwise op, DType type, List<Integer> args) implements Instruction {}

        /** A change of element type. */
        record Convert(DType type, int arg) implements Instruction {}
    }

    /** Writes value {@code value} to an access. */
    public record Store(int access, int value) {}

    @Override
    public boolean equals(Object o) {
        return o instanceof LoopNest n
                && reduceAxis == n.reduceAxis
                && reduction == n.reduction
                && Arrays.equals(sizes, n.sizes)
                && accesses.equals(n.accesses)
                && body.equals(n.body)
                && stores.equals(n.stores);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(sizes), reduceAxis, reduction, accesses, body, stores);
    }
}
