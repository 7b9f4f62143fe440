package kawi.linalg;

import kawi.base.DType;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Node;

/** The vocabulary of the derivative rules: matrices in the last two axes of nodes. */
final class Matrices {
    private Matrices() {}

    /** The product of several matrices, from the left. */
    static Node product(Node first, Node... others) {
        Node p = first;
        for (Node o : others) {
            p = Graph.matmul(p, o);
        }
        return p;
    }

    static Node transpose(Node a) {
        return Graph.transpose(a);
    }

    /** (A + Aᵀ)/2. */
    static Node symmetric(Node a) {
        return Graph.mul(Graph.add(a, transpose(a)), Graph.scalar(0.5, a));
    }

    /** Numbers {@code [..., k]} as a row {@code [..., 1, k]}. */
    static Node row(Node s) {
        Shape shape = s.type().shape();
        return Graph.reshape(s, shape.inserted(shape.rank() - 1, 1));
    }

    /** Numbers {@code [..., k]} as a column {@code [..., k, 1]}. */
    static Node column(Node s) {
        Shape shape = s.type().shape();
        return Graph.reshape(s, shape.inserted(shape.rank(), 1));
    }

    /** What lies on and below diagonal number {@code diagonal}, counted upwards from the main one; zeros above. */
    static Node lower(Node a, int diagonal) {
        Shape shape = plane(a);
        Node last = Graph.iota(DType.I64, shape, 0);
        Node limit = Graph.add(last, Graph.scalar(diagonal + 1, last));
        return Graph.where(Graph.less(Graph.iota(DType.I64, shape, 1), limit), a, Graph.scalar(0, a));
    }

    /** What lies on and above diagonal number {@code diagonal}; zeros below. */
    static Node upper(Node a, int diagonal) {
        return transpose(lower(transpose(a), -diagonal));
    }

    /** The matrix with {@code value} on its diagonal. */
    static Node withDiagonal(Node a, double value) {
        Shape shape = plane(a);
        Node on = Graph.equal(Graph.iota(DType.I64, shape, 0), Graph.iota(DType.I64, shape, 1));
        return Graph.where(on, Graph.scalar(value, a), a);
    }

    /** The diagonal matrix of numbers {@code [..., k]}. */
    static Node diagonal(Node s) {
        int k = s.type().shape().dim(-1);
        Node row = row(s);
        Shape shape = row.type().shape();
        Node square = Graph.expand(row, shape.with(shape.rank() - 2, k));
        Node on = Graph.equal(Graph.iota(DType.I64, Shape.of(k, k), 0), Graph.iota(DType.I64, Shape.of(k, k), 1));
        return Graph.where(on, square, Graph.scalar(0, square));
    }

    private static Shape plane(Node a) {
        Shape s = a.type().shape();
        return Shape.of(s.dim(-2), s.dim(-1));
    }
}
