package kawi.linalg;

import java.util.Arrays;
import java.util.List;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * exp A = Σ Aⁱ/i!, by scaling and squaring with the Padé approximant of degree 13 (Higham 2005, <em>The scaling and squaring method for the
 * matrix exponential revisited</em>). A matrix with an element that is not finite gives NaN.
 *
 * <p>Derivative: Ā is that of exp at Aᵀ along the cotangent ({@link FrechetExponential}).
 */
record MatrixExponential() implements MatrixOp {
    /** The largest 1-norm for which degree 13 is exact to double precision (Higham 2005, table 2.3). */
    private static final double LARGEST = 5.371920351148152;

    /** The coefficients of the numerator; the denominator's have alternating signs (Higham 2005, equation 2.1, times 26!/13!). */
    private static final double[] PADE = {
        64764752532480000.0,
        32382376266240000.0,
        7771770303897600.0,
        1187353796428800.0,
        129060195264000.0,
        10559470521600.0,
        670442572800.0,
        33522128640.0,
        1323241920.0,
        40840800.0,
        960960.0,
        16380.0,
        182.0,
        1.0
    };

    @Override
    public String label() {
        return "matrixExp";
    }

    @Override
    public Type infer(List<Type> in) {
        return square(in.get(0));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        return of(in[0]).data;
    }

    /** The exponential of one matrix, which is overwritten. */
    static DMatrixRMaj of(DMatrixRMaj a) {
        double norm = NormOps_DDRM.inducedP1(a);
        if (!Double.isFinite(norm)) {
            Arrays.fill(a.data, Double.NaN);
            return a;
        }
        int squarings = norm <= LARGEST ? 0 : Math.getExponent(norm / LARGEST) + 1;
        CommonOps_DDRM.scale(Math.scalb(1.0, -squarings), a);
        DMatrixRMaj x = pade(a);
        for (int i = 0; i < squarings; i++) {
            x = product(x, x);
        }
        return x;
    }

    /** (V − U)⁻¹(V + U) with the odd terms U and the even terms V of the numerator. */
    private static DMatrixRMaj pade(DMatrixRMaj a) {
        DMatrixRMaj[] even = new DMatrixRMaj[4]; // I, A², A⁴, A⁶
        even[0] = CommonOps_DDRM.identity(a.numRows);
        even[1] = product(a, a);
        even[2] = product(even[1], even[1]);
        even[3] = product(even[2], even[1]);
        DMatrixRMaj u = product(a, sum(even, 1));
        DMatrixRMaj v = sum(even, 0);
        DMatrixRMaj above = v.copy();
        CommonOps_DDRM.addEquals(above, u);
        CommonOps_DDRM.subtractEquals(v, u);
        return new Lu(v).solve(above);
    }

    /** Σ PADE[2i + first]·A²ⁱ, with the powers above A⁶ as A⁶ times lower ones. */
    private static DMatrixRMaj sum(DMatrixRMaj[] even, int first) {
        int n = even[0].numRows;
        DMatrixRMaj low = new DMatrixRMaj(n, n);
        DMatrixRMaj high = new DMatrixRMaj(n, n);
        for (int i = 0; i <= 3; i++) {
            CommonOps_DDRM.addEquals(low, PADE[2 * i + first], even[i]);
        }
        for (int i = 1; i <= 3; i++) {
            CommonOps_DDRM.addEquals(high, PADE[2 * (i + 3) + first], even[i]);
        }
        CommonOps_DDRM.addEquals(low, product(even[3], high));
        return low;
    }

    private static DMatrixRMaj product(DMatrixRMaj a, DMatrixRMaj b) {
        DMatrixRMaj c = new DMatrixRMaj(a.numRows, b.numCols);
        CommonOps_DDRM.mult(a, b, c);
        return c;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        return new @Nullable Node[] {Node.of(new FrechetExponential(), Matrices.transpose(self.inputs()[0]), g)};
    }
}
