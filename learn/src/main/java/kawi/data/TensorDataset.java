package kawi.data;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/** Examples that lie in two tensors: row i of the inputs {@code [N, …]} belongs to row i of the targets {@code [N, …]}. */
final class TensorDataset implements Dataset {
    private final Rows x;
    private final Rows y;

    TensorDataset(Tensor x, Tensor y) {
        if (x.rank() == 0 || y.rank() == 0 || x.dim(0) != y.dim(0)) {
            throw new KawiException(
                    "a data set needs as many targets as inputs, counted by the first axis, but %s and %s were given"
                            .formatted(x.shape(), y.shape()));
        }
        this.x = new Rows(x, x.segment());
        this.y = new Rows(y, y.segment());
    }

    @Override
    public int size() {
        return x.tensor.dim(0);
    }

    @Override
    public Batch batch(int[] indices, Key key) {
        return new Batch(x.take(indices), y.take(indices));
    }

    /** Rows are copied as bytes: the background thread records and runs nothing. */
    private record Rows(Tensor tensor, MemorySegment bytes) {
        Tensor take(int[] indices) {
            int[] shape = tensor.shape().dims();
            long row = bytes.byteSize() / Math.max(1, shape[0]);
            MemorySegment taken = Arena.ofAuto().allocate(row * indices.length, Long.BYTES);
            for (int i = 0; i < indices.length; i++) {
                MemorySegment.copy(bytes, indices[i] * row, taken, i * row, row);
            }
            shape[0] = indices.length;
            return Tensor.of(taken, tensor.dtype(), shape);
        }
    }
}
