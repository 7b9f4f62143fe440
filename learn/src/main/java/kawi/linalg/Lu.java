package kawi.linalg;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.lu.LUDecompositionAlt_DDRM;

/** PA = LU with partial pivoting of one square matrix, which it overwrites. */
final class Lu {
    private final LUDecompositionAlt_DDRM lu = new LUDecompositionAlt_DDRM();
    private final int n;

    Lu(DMatrixRMaj a) {
        n = a.numRows;
        lu.decompose(a);
    }

    private double pivot(int i) {
        return lu.getLU().unsafe_get(i, i);
    }

    /** Whether a pivot is exactly 0, which is LAPACK's test; the library's compares with a number that ignores the scale. */
    boolean isSingular() {
        for (int i = 0; i < n; i++) {
            if (pivot(i) == 0) {
                return true;
            }
        }
        return false;
    }

    void needRegular() {
        if (isSingular()) {
            throw new MatrixOp.NoResult("the matrix is singular; pinv and lstsq give the least-squares answer,"
                    + " and adding a small multiple of the identity makes it regular");
        }
    }

    double determinant() {
        double d = permutationSign();
        for (int i = 0; i < n; i++) {
            d *= pivot(i);
        }
        return d;
    }

    /** The sign of the determinant, 0 for a singular matrix, and the logarithm of its magnitude. */
    double[] signAndLog() {
        double sign = permutationSign();
        double log = 0;
        for (int i = 0; i < n; i++) {
            sign *= Math.signum(pivot(i));
            log += Math.log(Math.abs(pivot(i)));
        }
        return new double[] {sign, log};
    }

    private int permutationSign() {
        int[] to = lu.getPivot();
        boolean[] seen = new boolean[n];
        int sign = 1;
        for (int i = 0; i < n; i++) {
            for (int j = to[i]; !seen[i] && j != i; j = to[j]) {
                seen[j] = true;
                sign = -sign;
            }
        }
        return sign;
    }

    /** A⁻¹B. */
    DMatrixRMaj solve(DMatrixRMaj b) {
        DMatrixRMaj x = new DMatrixRMaj(b.numRows, b.numCols);
        double[] column = new double[n];
        for (int j = 0; j < b.numCols; j++) {
            for (int i = 0; i < n; i++) {
                column[i] = b.unsafe_get(i, j);
            }
            lu._solveVectorInternal(column);
            for (int i = 0; i < n; i++) {
                x.unsafe_set(i, j, column[i]);
            }
        }
        return x;
    }
}
