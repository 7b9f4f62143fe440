package kawi.linalg;

import java.util.List;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * The reduced factors of {@code A [..., m, n]} = QR, packed: Q {@code [..., m, k]} with QᵀQ = I, R {@code [..., k, n]} upper
 * triangular with a diagonal that is not negative, k = min(m, n).
 *
 * <p>Derivative for m ≥ n (Walter and Lehmann 2010, <em>Algorithmic differentiation of linear algebra functions</em>, section 4.2): with
 * M = RR̄ᵀ − Q̄ᵀQ and its lower triangle mirrored upwards, L(M): Ā = (Q̄ + Q·L(M))R⁻ᵀ. For m &lt; n (Roberts and Roberts 2020,
 * <em>QR and LQ decomposition matrix backpropagation algorithms for square, wide, and deep matrices</em>): with A = [X Y] and R = [U V],
 * X = QU gets the cotangents Q̄ + YV̄ᵀ and Ū, and Ȳ = QV̄. Where the first k columns are dependent R has no inverse, and the
 * derivative is not finite.
 */
record QrDecomposition() implements MatrixOp {
    static Packed parts(Shape s) {
        int k = Math.min(s.dim(-1), s.dim(-2));
        return new Packed(MatrixOp.batch(s)).with(s.dim(-2), k).with(k, s.dim(-1));
    }

    @Override
    public String label() {
        return "qr";
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
        var library = DecompositionFactory_DDRM.qr(m, n);
        boolean unused =
                library.decompose(in[0]); // false where a column is dependent, which takes nothing from the factors
        DMatrixRMaj q = library.getQ(null, true);
        DMatrixRMaj r = library.getR(null, true);
        double[] packed = new double[m * k + k * n];
        for (int p = 0; p < k; p++) {
            double sign = r.unsafe_get(p, p) < 0 ? -1 : 1;
            for (int i = 0; i < m; i++) {
                packed[i * k + p] = sign * q.unsafe_get(i, p);
            }
            for (int j = p; j < n; j++) {
                packed[m * k + p * n + j] = sign * r.unsafe_get(p, j);
            }
        }
        return packed;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node a = self.inputs()[0];
        Shape s = a.type().shape();
        Packed parts = parts(a.type().shape());
        Node q = parts.part(self, 0);
        Node r = parts.part(self, 1);
        Node byQ = parts.cotangentOrZeros(g, 0);
        Node byR = parts.cotangentOrZeros(g, 1);
        int last = s.rank() - 1;
        int m = s.dim(-2);
        int n = s.dim(-1);
        if (m >= n) {
            return new @Nullable Node[] {tall(q, r, byQ, byR)};
        }
        Node y = Graph.slice(a, last, m, n);
        Node u = Graph.slice(r, last, 0, m);
        Node byU = Graph.slice(byR, last, 0, m);
        Node byV = Graph.slice(byR, last, m, n);
        Node byX = tall(q, u, Graph.add(byQ, Matrices.product(y, Matrices.transpose(byV))), byU);
        return new @Nullable Node[] {Node.of(new Movement.Concat(last), byX, Matrices.product(q, byV))};
    }

    private static Node tall(Node q, Node r, Node byQ, Node byR) {
        Node m = Graph.sub(
                Matrices.product(r, Matrices.transpose(Matrices.upper(byR, 0))),
                Matrices.product(Matrices.transpose(byQ), q));
        Node mirrored = Graph.add(Matrices.lower(m, 0), Matrices.transpose(Matrices.lower(m, -1)));
        Node right = Graph.add(byQ, Matrices.product(q, mirrored));
        return Matrices.transpose(Node.of(new TriangularSolve(true, false), r, Matrices.transpose(right)));
    }
}
