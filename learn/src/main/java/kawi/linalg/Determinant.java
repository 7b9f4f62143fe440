package kawi.linalg;

import java.util.List;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * det A, by LU with partial pivoting. Derivative: the matrix of cofactors (Jacobi's formula), which exists for singular matrices
 * too ({@link Cofactors}).
 */
record Determinant() implements MatrixOp {
    @Override
    public String label() {
        return "det";
    }

    @Override
    public Type infer(List<Type> in) {
        return new Type(in.get(0).dtype(), MatrixOp.batch(square(in.get(0)).shape()));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        return new double[] {in[0].numRows == 0 ? 1 : new Lu(in[0]).determinant()};
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node cofactors = Node.of(new Cofactors(), self.inputs()[0]);
        return new @Nullable Node[] {Graph.mul(Matrices.column(Matrices.column(g)), cofactors)};
    }
}
