package kawi.linalg;

import java.util.List;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * The reduced factors of {@code A [..., m, n]} = U·diag(s)·Vᵀ, packed: U {@code [..., m, k]}, s {@code [..., k]} descending, Vᵀ
 * {@code [..., k, n]}, k = min(m, n).
 *
 * <p>Derivative (Townsend 2016, <em>Differentiating the singular value decomposition</em>): with P = UᵀŪ − ŪᵀU and Q = VᵀV̄ − V̄ᵀV
 *
 * <pre>  Ā = U(T + diag(s̄))Vᵀ + (I − UUᵀ)·Ū·S⁻¹·Vᵀ + U·S⁻¹·V̄ᵀ·(I − VVᵀ)
 *  Tᵢⱼ = (sⱼPᵢⱼ + sᵢQᵢⱼ)/(sⱼ² − sᵢ²) = ½(P + Q)ᵢⱼ/(sⱼ − sᵢ) + ½(P − Q)ᵢⱼ/(sⱼ + sᵢ),  i ≠ j</pre>
 *
 * <p>The second form of T loses no digits where singular values are close. Equal ones make it infinite or NaN: then U and V are no
 * functions of A. What depends on s alone has Ā = U·diag(s̄)·Vᵀ, which is finite; at equal values it is the derivative of functions that
 * treat these alike (such as the sum), of others one of the one-sided ones.
 */
record SingularValueDecomposition() implements MatrixOp {
    static Packed parts(Shape s) {
        int k = Math.min(s.dim(-1), s.dim(-2));
        return new Packed(MatrixOp.batch(s)).with(s.dim(-2), k).with(k).with(k, s.dim(-1));
    }

    @Override
    public String label() {
        return "svd";
    }

    @Override
    public Type infer(List<Type> in) {
        return parts(matrices(in.get(0)).shape()).type(in.get(0));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        int m = in[0].numRows;
        int n = in[0].numCols;
        int k = Math.min(m, n);
        SvdFactors svd = SvdFactors.of(in[0]);
        double[] packed = new double[m * k + k + k * n];
        System.arraycopy(svd.u().data, 0, packed, 0, m * k);
        System.arraycopy(svd.s(), 0, packed, m * k, k);
        for (int p = 0; p < k; p++) {
            for (int j = 0; j < n; j++) {
                packed[m * k + k + p * n + j] = svd.v().unsafe_get(j, p);
            }
        }
        return packed;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Packed parts = parts(self.inputs()[0].type().shape());
        Node byU = parts.cotangent(g, 0);
        Node byS = parts.cotangent(g, 1);
        Node byVt = parts.cotangent(g, 2);
        Node u = parts.part(self, 0);
        Node s = parts.part(self, 1);
        Node vt = parts.part(self, 2);
        Node sum = null;
        if (byU != null || byVt != null) {
            byU = byU != null ? byU : Graph.scalar(0, u);
            Node byV = byVt != null ? Matrices.transpose(byVt) : Graph.scalar(0, Matrices.transpose(vt));
            sum = byVectors(u, s, vt, byU, byV);
        }
        if (byS != null) {
            Node byValues = Matrices.product(Graph.mul(u, Matrices.row(byS)), vt);
            sum = sum == null ? byValues : Graph.add(sum, byValues);
        }
        return new @Nullable Node[] {sum};
    }

    private static Node byVectors(Node u, Node s, Node vt, Node byU, Node byV) {
        Node ut = Matrices.transpose(u);
        Node v = Matrices.transpose(vt);
        Node row = Matrices.row(s);
        Node column = Matrices.column(s);
        Node p = antisymmetric(Matrices.product(ut, byU));
        Node q = antisymmetric(Matrices.product(vt, byV));
        Node apart = Graph.div(Graph.add(p, q), Matrices.withDiagonal(Graph.sub(row, column), 1));
        Node together = Graph.div(Graph.sub(p, q), Matrices.withDiagonal(Graph.add(row, column), 1));
        Node t = Graph.mul(Graph.add(apart, together), Graph.scalar(0.5, apart));
        Node a = Matrices.product(u, t, vt);
        Shape extents = u.type().shape();
        if (extents.dim(-2) > extents.dim(-1)) {
            Node beside = Graph.sub(byU, Matrices.product(u, Matrices.product(ut, byU)));
            a = Graph.add(a, Matrices.product(Graph.div(beside, row), vt));
        }
        if (vt.type().shape().dim(-1) > vt.type().shape().dim(-2)) {
            Node beside = Graph.sub(byV, Matrices.product(v, Matrices.product(vt, byV)));
            a = Graph.add(a, Matrices.product(u, Matrices.transpose(Graph.div(beside, row))));
        }
        return a;
    }

    /** X − Xᵀ. */
    private static Node antisymmetric(Node x) {
        return Graph.sub(x, Matrices.transpose(x));
    }
}
