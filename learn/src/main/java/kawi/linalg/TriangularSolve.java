package kawi.linalg;

import java.util.List;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * X = T⁻¹B by substitution, where T is one triangle of {@code A [..., n, n]}; the rest of A is not read. A zero on the diagonal
 * gives infinities and NaN. Derivative: B̄ = T⁻ᵀX̄, Ā = −(B̄Xᵀ) within the triangle (Giles 2008, section 2.3.1).
 *
 * @param upper which triangle
 * @param unitriangular whether its diagonal is taken as ones, without reading it
 */
record TriangularSolve(boolean upper, boolean unitriangular) implements MatrixOp {
    @Override
    public String label() {
        return "solveTriangular";
    }

    @Override
    public Type infer(List<Type> in) {
        return rightSides(in.get(0), in.get(1));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        DMatrixRMaj a = in[0];
        double[] x = in[1].data;
        int n = a.numRows;
        int k = in[1].numCols;
        for (int step = 0; step < n; step++) {
            int i = upper ? n - 1 - step : step;
            for (int s = 0; s < step; s++) {
                int p = upper ? n - 1 - s : s;
                for (int j = 0; j < k; j++) {
                    x[i * k + j] -= a.unsafe_get(i, p) * x[p * k + j];
                }
            }
            for (int j = 0; j < k && !unitriangular; j++) {
                x[i * k + j] /= a.unsafe_get(i, i);
            }
        }
        return x;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node b = Node.of(new TriangularSolve(!upper, unitriangular), Matrices.transpose(self.inputs()[0]), g);
        if (!wanted[0]) {
            return new @Nullable Node[] {null, b};
        }
        Node whole = Graph.neg(Matrices.product(b, Matrices.transpose(self)));
        int off = unitriangular ? 1 : 0;
        return new @Nullable Node[] {upper ? Matrices.upper(whole, off) : Matrices.lower(whole, -off), b};
    }
}
