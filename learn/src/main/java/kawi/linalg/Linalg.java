package kawi.linalg;

import java.util.Arrays;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Tensor;

/**
 * Linear algebra, with the names of torch.linalg and numpy.linalg. Matrices lie in the last two axes; the axes before them number a
 * batch, and where there are two operands these broadcast. Integers are first cast to {@code F32}. Factorisations are computed in double
 * precision and rounded once.
 *
 * <p>Everything but {@link #matrixRank} has derivatives of any order. What does not exist is an error when it is computed (the inverse of
 * a singular matrix, the Cholesky factor of an indefinite one, singular values of NaN), with the number of the matrix in the batch. Where a value
 * exists and its derivative does not, the derivative holds infinities or NaN; each method says where that is.
 */
public final class Linalg {
    private Linalg() {}

    // Norms

    /** √Σx² over all elements. */
    public static Tensor norm(Tensor x) {
        return vectorNorm(x, 2);
    }

    /**
     * (Σ|x|ᵖ)^(1/p) over axes, or all; for p = ∞ the largest magnitude, for −∞ the smallest, for 0 the number of elements that are not 0.
     * Magnitudes are scaled before they are raised to powers, so that none overflows. At x = 0 and 0 &lt; p the derivative is taken as 0.
     */
    public static Tensor vectorNorm(Tensor x, double p, int... axes) {
        if (Double.isNaN(p)) {
            throw new KawiException("vectorNorm: the order p must be a number, but is NaN");
        }
        x = real(x);
        Tensor a = x.abs();
        if (p == Double.POSITIVE_INFINITY) {
            return a.max(axes);
        }
        if (p == Double.NEGATIVE_INFINITY) {
            return a.min(axes);
        }
        if (p == 0) {
            return x.ne(0).to(x.dtype()).sum(axes);
        }
        if (p == 1 || x.size() == 0) {
            return a.sum(axes);
        }
        Tensor top = a.detach().maxKeepDims(axes);
        top = Tensor.where(top.gt(0).and(top.isFinite()), top, one(x));
        if (p == 2) {
            return positivePower(x.div(top).square().sumKeepDims(axes), 0.5)
                    .mul(top)
                    .sum(axes);
        }
        Tensor scaled = a.div(top);
        Tensor powers = p < 0 ? scaled.pow(p) : positivePower(scaled, p);
        Tensor sum = powers.sumKeepDims(axes);
        return (p < 0 ? sum.pow(1 / p) : positivePower(sum, 1 / p)).mul(top).sum(axes);
    }

    /** xᵖ for x ≥ 0, with derivative 0 at 0. */
    private static Tensor positivePower(Tensor x, double p) {
        Tensor zero = x.eq(0);
        Tensor inside = Tensor.where(zero, one(x), x);
        Tensor power = p == 0.5 ? inside.sqrt() : inside.pow(p);
        return power.maskedFill(zero, 0);
    }

    /**
     * The norm of matrices that a vector norm induces: p = 1 the largest sum of magnitudes in a column, ∞ in a row, 2 the largest singular
     * value; −1, −∞ and −2 the smallest of these.
     */
    public static Tensor matrixNorm(Tensor a, double p) {
        a = matrices("matrixNorm", a);
        if (Math.abs(p) == 2) {
            Tensor s = svdvals(a);
            return p > 0 ? s.max(-1) : s.min(-1);
        }
        if (Math.abs(p) != 1 && !Double.isInfinite(p)) {
            throw new KawiException(
                    "matrixNorm: the order must be 1, −1, 2, −2, ∞ or −∞, but is %s; see also frobeniusNorm, nuclearNorm and vectorNorm"
                            .formatted(p));
        }
        Tensor sums = a.abs().sum(Math.abs(p) == 1 ? -2 : -1);
        return p > 0 ? sums.max(-1) : sums.min(-1);
    }

    /** √Σaᵢⱼ² of each matrix. */
    public static Tensor frobeniusNorm(Tensor a) {
        return vectorNorm(matrices("frobeniusNorm", a), 2, -2, -1);
    }

    /** The sum of the singular values of each matrix; the derivative is U·Vᵀ. */
    public static Tensor nuclearNorm(Tensor a) {
        return svdvals(matrices("nuclearNorm", a)).sum(-1);
    }

    // Numbers of a matrix

    /** The elements aᵢᵢ: {@code [..., m, n]} → {@code [..., min(m, n)]}. */
    public static Tensor diagonal(Tensor a) {
        Shape s = needMatrices("diagonal", a).shape();
        int n = s.dim(-1);
        int k = Math.min(s.dim(-2), n);
        int[] flat = Arrays.copyOf(s.dims(), s.rank() - 1);
        flat[s.rank() - 2] = s.dim(-2) * n;
        return a.reshape(flat).slice(-1, 0, k == 0 ? 0 : (k - 1) * (n + 1) + 1, n + 1);
    }

    /** Σaᵢᵢ. */
    public static Tensor trace(Tensor a) {
        return diagonal(needMatrices("trace", a)).sum(-1);
    }

    /**
     * det A; 1 for matrices without elements. The derivative is the matrix of cofactors, at singular matrices too; a second derivative
     * asks for regular ones.
     */
    public static Tensor det(Tensor a) {
        return Tensor.apply(new Determinant(), matrices("det", a));
    }

    /** The sign of a determinant, 0 for a singular matrix, and the logarithm of its magnitude, then −∞. */
    public record SlogDet(Tensor sign, Tensor logAbsDet) {}

    /** The sign and ln|det A|, where the determinant itself might overflow. The derivative of a singular matrix is an error. */
    public static SlogDet slogdet(Tensor a) {
        a = matrices("slogdet", a);
        Tensor both = Tensor.apply(new SignAndLogDeterminant(), a);
        return new SlogDet(both.select(-1, 0), both.select(-1, 1));
    }

    /** The condition number σ₁/σₖ of each matrix; ∞ where it is singular. */
    public static Tensor cond(Tensor a) {
        return cond(a, 2);
    }

    /** The condition number by the norm of {@link #matrixNorm}, ‖A‖·‖A⁻¹‖; ∞ for singular matrices. Rectangular ones for ±2 only. */
    public static Tensor cond(Tensor a, double p) {
        a = matrices("cond", a);
        if (a.dim(-1) == 0 || a.dim(-2) == 0) {
            throw new KawiException(
                    "cond: a matrix without elements has no condition number, but " + a.shape() + " was given");
        }
        if (Math.abs(p) == 2) {
            Tensor s = svdvals(a);
            Tensor largest = s.select(-1, 0);
            Tensor smallest = s.select(-1, s.dim(-1) - 1);
            return p > 0
                    ? Tensor.where(smallest.eq(0), one(s).mul(Double.POSITIVE_INFINITY), largest.div(smallest))
                    : smallest.div(largest);
        }
        Tensor product = matrixNorm(a, p).mul(matrixNorm(Tensor.apply(new Inverse(false), a), p));
        Tensor unknown = a.isNan().any(-2, -1);
        return product.maskedFill(product.isNan().and(unknown.not()), Double.POSITIVE_INFINITY); // 0 · ∞
    }

    /** How many singular values exceed max(m, n)·ε times the largest, where ε is the element type's; {@code I64}, no derivative. */
    public static Tensor matrixRank(Tensor a) {
        a = matrices("matrixRank", a);
        return matrixRank(a, tolerance(a));
    }

    /** How many singular values exceed {@code rtol} times the largest; {@code I64}, no derivative. */
    public static Tensor matrixRank(Tensor a, double rtol) {
        Tensor s = svdvals(a).detach();
        return s.dim(-1) == 0
                ? s.ne(0).to(DType.I64).sum(-1)
                : s.gt(s.maxKeepDims(-1).mul(rtol)).to(DType.I64).sum(-1);
    }

    // Equations

    /** A⁻¹; an error where A is singular. To solve equations, {@link #solve} is faster and more exact. */
    public static Tensor inv(Tensor a) {
        return Tensor.apply(new Inverse(true), matrices("inv", a));
    }

    /**
     * The X of AX = B for regular {@code A [..., n, n]} and {@code B [..., n, k]}, or a vector {@code [n]}, by LU with partial pivoting. An
     * error where A is singular, which is where a pivot is exactly 0.
     */
    public static Tensor solve(Tensor a, Tensor b) {
        return withRightSides("solve", a, b, new Solve());
    }

    /** As {@link #solveTriangular(Tensor, Tensor, boolean, boolean)} with the diagonal of A. */
    public static Tensor solveTriangular(Tensor a, Tensor b, boolean upper) {
        return solveTriangular(a, b, upper, false);
    }

    /**
     * The X of TX = B, where T is the upper or lower triangle of {@code A [..., n, n]} and the rest of A is not read; B is
     * {@code [..., n, k]} or {@code [n]}. A zero on the diagonal gives infinities and NaN.
     *
     * @param unitriangular whether the diagonal counts as ones
     */
    public static Tensor solveTriangular(Tensor a, Tensor b, boolean upper, boolean unitriangular) {
        return withRightSides("solveTriangular", a, b, new TriangularSolve(upper, unitriangular));
    }

    /** A⁺ {@code [..., n, m]}, with {@code rtol} = max(m, n)·ε. */
    public static Tensor pinv(Tensor a) {
        a = matrices("pinv", a);
        return pinv(a, tolerance(a));
    }

    /**
     * The Moore-Penrose inverse A⁺ {@code [..., n, m]} of {@code A [..., m, n]}; singular values up to {@code rtol} times the largest count as
     * 0. The derivative is that at constant rank; where rank can change nearby, A⁺ is not continuous.
     */
    public static Tensor pinv(Tensor a, double rtol) {
        return Tensor.apply(new PseudoInverse(rtol), matrices("pinv", a));
    }

    /**
     * The least-squares solution of AX ≈ B: of the X with the smallest ‖AX − B‖ the one with the smallest ‖X‖, for any m, n and rank. It is
     * A⁺B, computed in double precision; the derivative is that of {@link #pinv}.
     *
     * @param a {@code [..., m, n]}
     * @param b {@code [..., m, k]} or {@code [m]}
     */
    public static Tensor lstsq(Tensor a, Tensor b) {
        a = matrices("lstsq", a);
        DType type = DType.promote(a.dtype(), real(b).dtype());
        Tensor inverse = pinv(a.to(DType.F64), tolerance(a));
        return inverse.matmul(b.to(DType.F64)).to(type);
    }

    // Factors

    /**
     * The lower triangular L with positive diagonal of A = LLᵀ. Only the symmetric part (A + Aᵀ)/2 counts, and the derivative is symmetric.
     * An error where A is not positive definite.
     */
    public static Tensor cholesky(Tensor a) {
        return Tensor.apply(new Cholesky(), matrices("cholesky", a));
    }

    /** A = QR: Q {@code [..., m, k]} with QᵀQ = I, R {@code [..., k, n]} upper triangular, k = min(m, n). */
    public record Qr(Tensor q, Tensor r) {}

    /**
     * The reduced QR factors. The diagonal of R is not negative, which makes them unique where the first k columns are independent;
     * where they are dependent, the derivative is not finite.
     */
    public static Qr qr(Tensor a) {
        a = matrices("qr", a);
        Tensor both = Tensor.apply(new QrDecomposition(), a);
        Packed parts = QrDecomposition.parts(a.shape());
        return new Qr(parts.part(both, 0), parts.part(both, 1));
    }

    /** A = U·diag(s)·Vᵀ: U {@code [..., m, k]}, s {@code [..., k]} descending, Vᵀ {@code [..., k, n]}, k = min(m, n). */
    public record Svd(Tensor u, Tensor s, Tensor vh) {}

    /**
     * The reduced singular value decomposition. In each column of U the element of largest magnitude is positive. Where singular
     * values are equal U and V are not unique, and derivatives through them hold infinities or NaN, as do those of a rectangular matrix with
     * singular value 0; derivatives through s alone are finite (see {@link #svdvals}).
     */
    public static Svd svd(Tensor a) {
        a = matrices("svd", a);
        Tensor all = Tensor.apply(new SingularValueDecomposition(), a);
        Packed parts = SingularValueDecomposition.parts(a.shape());
        return new Svd(parts.part(all, 0), parts.part(all, 1), parts.part(all, 2));
    }

    /**
     * The singular values {@code [..., min(m, n)]}, descending. First derivatives always are finite; where values are equal they are right
     * for functions that treat these alike, such as a sum. Second derivatives need them distinct.
     */
    public static Tensor svdvals(Tensor a) {
        return svd(a).s();
    }

    /** A = V·diag(λ)·Vᵀ: λ {@code [..., n]} ascending, V {@code [..., n, n]} orthogonal with a vector in each column. */
    public record Eigh(Tensor values, Tensor vectors) {}

    /**
     * Eigenvalues and eigenvectors of symmetric matrices. Only the symmetric part (A + Aᵀ)/2 counts, and the derivative is symmetric. In each
     * vector the element of largest magnitude is positive. Where eigenvalues are equal vectors are not unique, and derivatives through
     * them hold infinities or NaN; derivatives through the values alone are finite.
     */
    public static Eigh eigh(Tensor a) {
        a = matrices("eigh", a);
        Tensor both = Tensor.apply(new SymmetricEigendecomposition(), a);
        Packed parts = SymmetricEigendecomposition.parts(a.shape());
        return new Eigh(parts.part(both, 0), parts.part(both, 1));
    }

    /** The eigenvalues of symmetric matrices, ascending: {@code [..., n, n]} → {@code [..., n]}. */
    public static Tensor eigvalsh(Tensor a) {
        return eigh(a).values();
    }

    // Functions of a matrix

    /** exp A = Σ Aⁱ/i! of square matrices. */
    public static Tensor matrixExp(Tensor a) {
        return Tensor.apply(new MatrixExponential(), matrices("matrixExp", a));
    }

    /** Aⁿ of square matrices by repeated squaring; negative powers are those of the inverse. */
    public static Tensor matrixPower(Tensor a, int n) {
        a = matrices("matrixPower", a);
        if (a.dim(-1) != a.dim(-2)) {
            throw new KawiException(
                    "matrixPower: square matrices [..., n, n] are needed, but %s was given".formatted(a.shape()));
        }
        Tensor square = n < 0 ? inv(a) : a;
        Tensor power = null;
        for (long rest = Math.abs((long) n); rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                power = power == null ? square : power.matmul(square);
            }
            square = rest > 1 ? square.matmul(square) : square;
        }
        return power != null
                ? power
                : Tensor.eye(a.dim(-1)).to(a.dtype()).expand(a.shape().dims());
    }

    /**
     * The product of matrices, in the order of multiplication that takes the fewest operations (Cormen et al., <em>Introduction to Algorithms</em>,
     * section on matrix-chain multiplication). The first and the last may be vectors.
     */
    public static Tensor multiDot(Tensor... factors) {
        return new ProductChain(factors).product();
    }

    // Operands

    private static Tensor real(Tensor x) {
        return x.dtype().isFloat() ? x : x.to(DType.F32);
    }

    private static Tensor one(Tensor like) {
        return Tensor.scalar(1, like.dtype());
    }

    private static Tensor matrices(String what, Tensor a) {
        return real(needMatrices(what, a));
    }

    private static Tensor needMatrices(String what, Tensor a) {
        if (a.rank() < 2) {
            throw new KawiException(
                    "%s: matrices [..., m, n] are needed, but %s%s was given".formatted(what, a.dtype(), a.shape()));
        }
        return a;
    }

    private static double tolerance(Tensor a) {
        return Math.max(a.dim(-1), a.dim(-2)) * MatrixOp.epsilon(a.dtype());
    }

    private static Tensor withRightSides(String what, Tensor a, Tensor b, MatrixOp op) {
        a = matrices(what, a);
        b = real(b);
        DType type = DType.promote(a.dtype(), b.dtype());
        boolean vector = b.rank() == 1;
        b = vector ? b.unsqueeze(1) : b;
        if (b.rank() < 2 || a.dim(-1) != b.dim(-2)) {
            throw new KawiException(
                    "%s: right-hand sides [..., n, k] or [n] for matrices %s are needed, but %s was given"
                            .formatted(what, a.shape(), b.shape()));
        }
        Shape batch = Shape.broadcast(MatrixOp.batch(a.shape()), MatrixOp.batch(b.shape()));
        if (batch == null) {
            throw new KawiException("%s: the batches of matrices %s and right-hand sides %s do not broadcast"
                    .formatted(what, a.shape(), b.shape()));
        }
        Tensor x = Tensor.apply(op, spread(a.to(type), batch), spread(b.to(type), batch));
        return vector ? x.squeeze(-1) : x;
    }

    private static Tensor spread(Tensor a, Shape batch) {
        int r = batch.rank();
        return a.expand(batch.inserted(r, a.dim(-2)).inserted(r + 1, a.dim(-1)).dims());
    }
}
