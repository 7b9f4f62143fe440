package kawi.linalg;

import java.util.List;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * A⁺ {@code [..., n, m]} of {@code A [..., m, n]}, the Moore-Penrose inverse V·S⁺·Uᵀ, where singular values at most {@code rtol} times the
 * largest count as 0.
 *
 * <p>Derivative where the rank does not change (Golub and Pereyra 1973, <em>The differentiation of pseudo-inverses and nonlinear least
 * squares problems whose variables separate</em>, equation 4.12): dP = −P·dA·P + P·Pᵀ·dAᵀ·(I − AP) + (I − PA)·dAᵀ·Pᵀ·P with P = A⁺, so
 * Ā = −PᵀP̄Pᵀ + (I − AP)·P̄ᵀ·P·Pᵀ + Pᵀ·P·P̄ᵀ·(I − PA). It has no trouble with equal singular values.
 */
record PseudoInverse(double rtol) implements MatrixOp {
    @Override
    public String label() {
        return "pinv";
    }

    @Override
    public Type infer(List<Type> in) {
        Shape s = matrices(in.get(0)).shape();
        int r = s.rank();
        return new Type(in.get(0).dtype(), s.with(r - 2, s.dim(-1)).with(r - 1, s.dim(-2)));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        int m = in[0].numRows;
        int n = in[0].numCols;
        SvdFactors svd = SvdFactors.of(in[0]);
        double[] s = svd.s();
        double[] result = new double[n * m];
        for (int p = 0; p < s.length && s[p] > rtol * s[0]; p++) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < m; j++) {
                    result[i * m + j] +=
                            svd.v().unsafe_get(i, p) / s[p] * svd.u().unsafe_get(j, p);
                }
            }
        }
        return result;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node a = self.inputs()[0];
        Node pt = Matrices.transpose(self);
        Node gt = Matrices.transpose(g);
        Node right = Matrices.product(gt, self, pt);
        Node left = Matrices.product(pt, self, gt);
        Node inside = Graph.neg(Matrices.product(pt, g, pt));
        Node besideColumns = Graph.sub(right, Matrices.product(a, Matrices.product(self, right)));
        Node besideRows = Graph.sub(left, Matrices.product(Matrices.product(left, self), a));
        return new @Nullable Node[] {Graph.add(inside, Graph.add(besideColumns, besideRows))};
    }
}
