package kawi.linalg;

import java.util.ArrayList;
import java.util.List;
import kawi.base.Shape;
import kawi.graph.Elementwise;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Source;
import kawi.graph.Type;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Several arrays as one. An operation has one result; the factors of a matrix lie in it one after the other, {@code [..., length]},
 * so that they are computed once and each is a view.
 */
final class Packed {
    private final Shape batch;
    private final List<int[]> parts = new ArrayList<>();
    private int length;

    /** Nothing yet, for each of a batch. */
    Packed(Shape batch) {
        this.batch = batch;
    }

    /** With one more array of the given extents. */
    Packed with(int... extents) {
        parts.add(extents);
        length += size(extents);
        return this;
    }

    private static int size(int[] extents) {
        return Math.toIntExact(Shape.of(extents).size());
    }

    private int start(int part) {
        return parts.subList(0, part).stream().mapToInt(Packed::size).sum();
    }

    private Shape shape(int part) {
        Shape s = batch;
        for (int extent : parts.get(part)) {
            s = s.inserted(s.rank(), extent);
        }
        return s;
    }

    /** The type of the whole, of the element type of another. */
    Type type(Type like) {
        return new Type(like.dtype(), batch.inserted(batch.rank(), length));
    }

    /** One of the arrays. */
    Tensor part(Tensor whole, int part) {
        int from = start(part);
        return whole.slice(-1, from, from + size(parts.get(part)))
                .reshape(shape(part).dims());
    }

    /** One of the arrays. */
    Node part(Node whole, int part) {
        int from = start(part);
        return Graph.reshape(Graph.slice(whole, batch.rank(), from, from + size(parts.get(part))), shape(part));
    }

    /** One of the arrays of a cotangent; null where nothing depends on it, which the way it was put together shows. */
    @Nullable
    Node cotangent(Node whole, int part) {
        if (whole.op() == Elementwise.ADD && whole.inputs().length == 2) {
            Node a = cotangent(whole.inputs()[0], part);
            Node b = cotangent(whole.inputs()[1], part);
            return a == null ? b : b == null ? a : Graph.add(a, b);
        }
        Node found = part(whole, part);
        return found.op() instanceof Source.Constant c && c.value() == 0 ? null : found;
    }

    /** The cotangent of one of the arrays, zeros where nothing depends on it. */
    Node cotangentOrZeros(Node whole, int part) {
        Node found = cotangent(whole, part);
        return found != null ? found : Graph.constant(0, whole.type().dtype(), shape(part));
    }
}
