package kawi.linalg;

import java.util.List;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * The lower triangular L with positive diagonal of LLᵀ = (A + Aᵀ)/2. Derivative (Murray 2016, <em>Differentiation of the Cholesky
 * decomposition</em>, section 3.1): Ā is the symmetric part of L⁻ᵀ·Φ(LᵀL̄)·L⁻¹, where Φ takes the lower triangle with half of the
 * diagonal.
 */
record Cholesky() implements MatrixOp {
    @Override
    public String label() {
        return "cholesky";
    }

    @Override
    public Type infer(List<Type> in) {
        return square(in.get(0));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        DMatrixRMaj symmetric = SymmetricEigendecomposition.symmetric(in[0]);
        var library = DecompositionFactory_DDRM.chol(symmetric.numRows, true);
        if (!library.decompose(symmetric)) {
            throw new NoResult("the matrix is not positive definite; adding a small multiple of the identity may help,"
                    + " or look at eigvalsh");
        }
        return library.getT(null).data;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node lt = Matrices.transpose(self);
        Node phi = Matrices.product(lt, Matrices.lower(g, 0));
        phi = Graph.mul(Graph.add(Matrices.lower(phi, 0), Matrices.lower(phi, -1)), Graph.scalar(0.5, phi));
        TriangularSolve solve = new TriangularSolve(true, false);
        Node left = Node.of(solve, lt, phi);
        return new @Nullable Node[] {Matrices.symmetric(Node.of(solve, lt, Matrices.transpose(left)))};
    }
}
