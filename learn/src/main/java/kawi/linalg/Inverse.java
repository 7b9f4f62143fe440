package kawi.linalg;

import java.util.Arrays;
import java.util.List;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * Y = A⁻¹, by LU with partial pivoting. Derivative: Ā = −YᵀȲYᵀ (Giles 2008, section 2.2.3).
 *
 * @param strict whether a singular matrix is an error; otherwise its inverse is ∞ everywhere
 */
record Inverse(boolean strict) implements MatrixOp {
    @Override
    public String label() {
        return "inv";
    }

    @Override
    public Type infer(List<Type> in) {
        return square(in.get(0));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        int n = in[0].numRows;
        Lu lu = new Lu(in[0]);
        if (!strict && lu.isSingular()) {
            double[] infinite = new double[n * n];
            Arrays.fill(infinite, Double.POSITIVE_INFINITY);
            return infinite;
        }
        lu.needRegular();
        return lu.solve(CommonOps_DDRM.identity(n)).data;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node y = Matrices.transpose(self);
        return new @Nullable Node[] {Graph.neg(Matrices.product(y, g, y))};
    }
}
