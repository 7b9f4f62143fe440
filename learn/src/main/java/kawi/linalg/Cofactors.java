package kawi.linalg;

import java.util.Arrays;
import java.util.List;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * The matrix of cofactors, det(A)·A⁻ᵀ where A is regular. From A = USVᵀ it is det(U)·det(V)·U·S′·Vᵀ, where S′ᵢ is the product of the
 * other singular values, which needs no inverse (Stewart 1998, <em>On the adjugate matrix</em>).
 *
 * <p>Derivative, for regular A: with C for the result and Y = A⁻ᵀ, Ā = ⟨C̄, C⟩·Y − Y·C̄ᵀ·C, from dC = ⟨Y, dA⟩·C − Y·dAᵀ·C.
 */
record Cofactors() implements MatrixOp {
    @Override
    public String label() {
        return "cofactors";
    }

    @Override
    public Type infer(List<Type> in) {
        return square(in.get(0));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        int n = in[0].numRows;
        if (!Arrays.stream(in[0].data).allMatch(Double::isFinite)) {
            double[] unknown = new double[n * n];
            Arrays.fill(unknown, Double.NaN);
            return unknown;
        }
        SvdFactors svd = SvdFactors.of(in[0]);
        double sign = Math.signum(
                new Lu(svd.u().copy()).determinant() * new Lu(svd.v().copy()).determinant());
        double[] result = new double[n * n];
        for (int p = 0; p < n; p++) {
            double others = sign;
            for (int q = 0; q < n; q++) {
                others *= q == p ? 1 : svd.s()[q];
            }
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    result[i * n + j] +=
                            svd.u().unsafe_get(i, p) * others * svd.v().unsafe_get(j, p);
                }
            }
        }
        return result;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Shape s = self.type().shape();
        Node y = Matrices.transpose(Node.of(new Inverse(true), self.inputs()[0]));
        Node along = Graph.sum(Graph.mul(g, self), s.rank() - 2, s.rank() - 1);
        return new @Nullable Node[] {Graph.sub(Graph.mul(along, y), Matrices.product(y, Matrices.transpose(g), self))};
    }
}
