package kawi.linalg;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/**
 * The reduced factors of one matrix, A = U·diag(s)·Vᵀ, with singular values in descending order. Of the two signs that a pair of
 * columns of U and V may have, the one is taken for which the element of U of largest magnitude, of equals the first, is positive.
 */
record SvdFactors(DMatrixRMaj u, double[] s, DMatrixRMaj v) {

    static SvdFactors of(DMatrixRMaj a) {
        MatrixOp.needFinite(a);
        var library = DecompositionFactory_DDRM.svd(a.numRows, a.numCols, true, true, true);
        if (!library.decompose(a.copy())) {
            throw new MatrixOp.NoResult("the iteration for the singular values did not converge");
        }
        int k = Math.min(a.numRows, a.numCols);
        double[] found = library.getSingularValues();
        int[] order = IntStream.range(0, k)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -found[i]))
                .mapToInt(i -> i)
                .toArray();
        DMatrixRMaj u = library.getU(null, false);
        DMatrixRMaj v = library.getV(null, false);
        double[] signs = Arrays.stream(order).mapToDouble(c -> sign(u, c)).toArray();
        double[] s = Arrays.stream(order).mapToDouble(c -> found[c]).toArray();
        return new SvdFactors(columns(u, order, signs), s, columns(v, order, signs));
    }

    /** The sign of the element of largest magnitude in a column. */
    static double sign(DMatrixRMaj a, int column) {
        double largest = 0;
        for (int i = 0; i < a.numRows; i++) {
            double x = a.unsafe_get(i, column);
            // A little more than equal: so that rounding does not choose between elements that are equal in truth.
            largest = Math.abs(x) > Math.abs(largest) * (1 + 1e-10) ? x : largest;
        }
        return largest < 0 ? -1 : 1;
    }

    /** The columns of a matrix in an order, with signs. */
    static DMatrixRMaj columns(DMatrixRMaj a, int[] order, double[] signs) {
        DMatrixRMaj result = new DMatrixRMaj(a.numRows, order.length);
        for (int i = 0; i < a.numRows; i++) {
            for (int j = 0; j < order.length; j++) {
                result.unsafe_set(i, j, signs[j] * a.unsafe_get(i, order[j]));
            }
        }
        return result;
    }
}
