package kawi.linalg;

import java.util.List;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * X = A⁻¹B for {@code A [..., n, n]} and {@code B [..., n, k]}, by LU with partial pivoting. Derivative: B̄ = A⁻ᵀX̄,
 * Ā = −B̄Xᵀ (Giles 2008, section 2.3.1).
 */
record Solve() implements MatrixOp {
    @Override
    public String label() {
        return "solve";
    }

    @Override
    public Type infer(List<Type> in) {
        return rightSides(in.get(0), in.get(1));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        Lu lu = new Lu(in[0]);
        lu.needRegular();
        return lu.solve(in[1]).data;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node b = Node.of(this, Matrices.transpose(self.inputs()[0]), g);
        Node a = wanted[0] ? Graph.neg(Matrices.product(b, Matrices.transpose(self))) : null;
        return new @Nullable Node[] {a, b};
    }
}
