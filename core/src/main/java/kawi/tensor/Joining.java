package kawi.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;

/** Tensors put together, and elements put around. */
final class Joining {
    private Joining() {}

    static Tensor pad(Tensor x, int axis, int before, int after, double value) {
        Shape shape = x.shape();
        int a = shape.axis(axis, "pad");
        if (before < 0 || after < 0) {
            throw new KawiException(
                    "pad: %d and %d elements cannot be added; use slice to remove".formatted(before, after));
        }
        int[] start = new int[x.rank()];
        start[a] = before;
        long extent = (long) shape.dim(a) + before + after;
        if (extent > Integer.MAX_VALUE) {
            throw new KawiException(
                    "pad: an axis has at most %d elements, but %d and %d more make %d of axis %d of shape %s"
                            .formatted(Integer.MAX_VALUE, before, after, extent, a, shape));
        }
        Shape whole = shape.with(a, (int) extent);
        Movement.Embed embed = new Movement.Embed(
                list(start), list(IntStream.range(0, x.rank()).map(i -> 1).toArray()), whole);
        Tensor zeros = Tensor.of(Node.of(embed, x.node()));
        if (value == 0) {
            return zeros;
        }
        Tensor position = Tensor.of(Graph.iota(DType.I32, whole, a));
        Tensor inside = position.ge(before).and(position.lt(before + shape.dim(a)));
        return Tensor.where(inside, zeros, Tensor.full(value, x.dtype(), whole.dims()))
                .to(x.dtype());
    }

    static List<Integer> list(int... values) {
        return IntStream.of(values).boxed().toList();
    }

    static Tensor concat(int axis, Tensor... parts) {
        if (parts.length == 0) {
            throw new KawiException("concat: at least one tensor is needed");
        }
        int a = parts[0].shape().axis(axis, "concat");
        DType d = Arrays.stream(parts).map(Tensor::dtype).reduce(DType.BOOL, DType::promote);
        Node[] nodes = Arrays.stream(parts).map(p -> Graph.cast(p.node(), d)).toArray(Node[]::new);
        return nodes.length == 1 ? Tensor.of(nodes[0]) : Tensor.of(Node.of(new Movement.Concat(a), nodes));
    }

    static Tensor stack(int axis, Tensor... parts) {
        for (Tensor part : parts) {
            if (!part.shape().equals(parts[0].shape())) {
                throw new KawiException(
                        "stack: all tensors must have one shape, but %s and %s were given; concat joins along an axis that is there"
                                .formatted(parts[0].shape(), part.shape()));
            }
        }
        return concat(axis, Arrays.stream(parts).map(p -> p.unsqueeze(axis)).toArray(Tensor[]::new));
    }
}
