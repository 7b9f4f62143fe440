package kawi.linalg;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * The factors of (A + Aᵀ)/2 = V·diag(λ)·Vᵀ, packed: λ {@code [..., n]} ascending, V {@code [..., n, n]} orthogonal. The sign of a
 * column is that of {@link SvdFactors}.
 *
 * <p>Derivative (Giles 2008, section 3.1): Ā is the symmetric part of V(diag(λ̄) + T)Vᵀ with Tᵢⱼ = (VᵀV̄)ᵢⱼ/(λⱼ − λᵢ), i ≠ j. Equal
 * eigenvalues make T infinite or NaN: then V is no function of A. What depends on λ alone has no T; at equal eigenvalues that is the
 * derivative of functions that treat these alike, of others one of the one-sided ones.
 */
record SymmetricEigendecomposition() implements MatrixOp {
    static Packed parts(Shape s) {
        return new Packed(MatrixOp.batch(s)).with(s.dim(-1)).with(s.dim(-1), s.dim(-1));
    }

    @Override
    public String label() {
        return "eigh";
    }

    @Override
    public Type infer(List<Type> in) {
        return parts(square(in.get(0)).shape()).type(in.get(0));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        MatrixOp.needFinite(in[0]);
        int n = in[0].numRows;
        var library = DecompositionFactory_DDRM.eig(n, true, true);
        if (!library.decompose(symmetric(in[0]))) {
            throw new NoResult("the iteration for the eigenvalues did not converge");
        }
        double[] found = IntStream.range(0, n)
                .mapToDouble(i -> library.getEigenvalue(i).real)
                .toArray();
        int[] order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> found[i]))
                .mapToInt(i -> i)
                .toArray();
        double[] packed =
                Arrays.copyOf(Arrays.stream(order).mapToDouble(i -> found[i]).toArray(), n + n * n);
        for (int j = 0; j < n; j++) {
            DMatrixRMaj vector = library.getEigenVector(order[j]);
            double sign = SvdFactors.sign(vector, 0);
            for (int i = 0; i < n; i++) {
                packed[n + i * n + j] = sign * vector.unsafe_get(i, 0);
            }
        }
        return packed;
    }

    /** (A + Aᵀ)/2. */
    static DMatrixRMaj symmetric(DMatrixRMaj a) {
        DMatrixRMaj result = new DMatrixRMaj(a.numRows, a.numRows);
        for (int i = 0; i < a.numRows; i++) {
            for (int j = 0; j < a.numRows; j++) {
                result.unsafe_set(i, j, (a.unsafe_get(i, j) + a.unsafe_get(j, i)) / 2);
            }
        }
        return result;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Packed parts = parts(self.inputs()[0].type().shape());
        Node byValues = parts.cotangent(g, 0);
        Node byVectors = parts.cotangent(g, 1);
        Node values = parts.part(self, 0);
        Node v = parts.part(self, 1);
        Node vt = Matrices.transpose(v);
        Node inner = null;
        if (byVectors != null) {
            Node gaps = Matrices.withDiagonal(Graph.sub(Matrices.row(values), Matrices.column(values)), 1);
            inner = Matrices.withDiagonal(Graph.div(Matrices.product(vt, byVectors), gaps), 0);
        }
        if (byValues != null) {
            Node diagonal = Matrices.diagonal(byValues);
            inner = inner == null ? diagonal : Graph.add(inner, diagonal);
        }
        return new @Nullable Node[] {inner == null ? null : Matrices.symmetric(Matrices.product(v, inner, vt))};
    }
}
