package kawi.recipes;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import kawi.base.View;
import kawi.graph.Elementwise;
import kawi.graph.HostArray;
import kawi.graph.Ops;
import kawi.tensor.Tensor;

/** A sample of {@link Ops} with numbers, which are drawn from the hash of its name. */
record OpSample(Ops.Sample sample, List<HostArray> arrays, Random random) {
    static OpSample of(Ops.Sample sample) {
        Random random = new Random(sample.name().hashCode());
        return new OpSample(
                sample, sample.inputs().stream().map(i -> i.draw(random)).toList(), random);
    }

    /** All samples of up to so many elements. */
    static List<OpSample> all(long elements) {
        return Ops.all().stream()
                .filter(s ->
                        s.inputs().stream().mapToLong(i -> i.shape().size()).sum() <= elements)
                .map(OpSample::of)
                .toList();
    }

    /** What the operation gives. */
    Tensor apply(List<Tensor> inputs) {
        return Tensor.apply(sample.op(), inputs.toArray(Tensor[]::new));
    }

    List<Tensor> tensors() {
        return arrays.stream().map(OpSample::tensor).toList();
    }

    /** The family's name, without attributes. */
    String operation() {
        return sample.op() instanceof Elementwise e
                ? e.name()
                : sample.op().getClass().getSimpleName();
    }

    static Tensor tensor(HostArray a) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate((long) a.size() * a.dtype().bytes(), 64);
            a.write(bytes);
            return Tensor.of(bytes, a.dtype(), a.shape().dims());
        }
    }

    static HostArray array(Tensor t) {
        return HostArray.read(t.segment(), t.dtype(), View.contiguous(t.shape()));
    }
}
