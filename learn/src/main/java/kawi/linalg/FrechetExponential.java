package kawi.linalg;

import java.util.List;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * L(A, E) = d/dt exp(A + tE) at t = 0: the upper right block of exp([A E; 0 A]), for A and E {@code [..., n, n]} (Mathias 1996, <em>A chain
 * rule for matrix functions and applications</em>; Al-Mohy and Higham 2009, equation 1.7). It is linear in E.
 *
 * <p>Derivative: Ē = L(Aᵀ, G), and Ā is the sum of the diagonal blocks of L([A E; 0 A]ᵀ, [0 G; 0 0]).
 */
record FrechetExponential() implements MatrixOp {
    @Override
    public String label() {
        return "matrixExp along a direction";
    }

    @Override
    public Type infer(List<Type> in) {
        return rightSides(in.get(0), in.get(1));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        int n = in[0].numRows;
        DMatrixRMaj whole = new DMatrixRMaj(2 * n, 2 * n);
        CommonOps_DDRM.insert(in[0], whole, 0, 0);
        CommonOps_DDRM.insert(in[1], whole, 0, n);
        CommonOps_DDRM.insert(in[0], whole, n, n);
        return CommonOps_DDRM.extract(MatrixExponential.of(whole), 0, n, n, 2 * n).data;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node a = self.inputs()[0];
        Node byDirection = Node.of(this, Matrices.transpose(a), g);
        if (!wanted[0]) {
            return new @Nullable Node[] {null, byDirection};
        }
        Node zero = Graph.constant(0, g.type().dtype(), g.type().shape());
        Node whole = blocks(a, self.inputs()[1], zero, a);
        Node slope = Node.of(this, Matrices.transpose(whole), blocks(zero, g, zero, zero));
        return new @Nullable Node[] {Graph.add(block(slope, 0), block(slope, 1)), byDirection};
    }

    private static Node blocks(Node a, Node b, Node c, Node d) {
        int last = a.type().shape().rank() - 1;
        Node above = Node.of(new Movement.Concat(last), a, b);
        Node below = Node.of(new Movement.Concat(last), c, d);
        return Node.of(new Movement.Concat(last - 1), above, below);
    }

    /** A block of the diagonal. */
    private static Node block(Node whole, int number) {
        int last = whole.type().shape().rank() - 1;
        int n = whole.type().shape().dim(-1) / 2;
        Node rows = Graph.slice(whole, last - 1, number * n, number * n + n);
        return Graph.slice(rows, last, number * n, number * n + n);
    }
}
