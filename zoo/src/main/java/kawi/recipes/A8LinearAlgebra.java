package kawi.recipes;

import static kawi.recipes.Closeness.relativeError;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import kawi.base.DType;
import kawi.linalg.Linalg;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.jspecify.annotations.Nullable;

/**
 * Linear algebra three times over: its numbers against EJML's own functions, its factors against their definitions (A = QR with QᵀQ = I,
 * and so on; the factorisations are EJML's, so that only the definition is a test of them), and its derivatives, which are ours, against
 * central differences along a random direction V:
 *
 * <pre>
 *   ⟨∇⟨W, f(A)⟩, V⟩ = d/dt ⟨W, f(A + tV)⟩ ≈ (⟨W, f(A + hV)⟩ − ⟨W, f(A − hV)⟩) / 2h
 * </pre>
 */
final class A8LinearAlgebra implements Demonstration {
    private static final int N = 6;
    private static final double STEP = 1e-5;
    private static final Tensor A = Key.of(1).normal(DType.F64, N, N).realized();
    private static final Tensor B = Key.of(2).normal(DType.F64, N, 2).realized();
    private static final Tensor DIRECTION = Key.of(3).normal(DType.F64, N, N).realized();

    /**
     * A function of a square matrix.
     *
     * @param ejml its numbers by EJML, or null for factors, whose signs and order are a convention
     */
    private record Case(
            String name, UnaryOperator<Tensor> f, @Nullable Function<DMatrixRMaj, double[]> ejml) {}

    /** A residual that a definition says is 0, and how large its terms are. */
    private record Definition(String name, Tensor found, Tensor wanted) {}

    @Override
    public String id() {
        return "A8";
    }

    @Override
    public String sentence() {
        return "norms, factorisations and equations agree with EJML and their definitions, derivatives with differences";
    }

    @Override
    public void run(Report report) {
        double worstValue = 0;
        double worstDerivative = 0;
        int values = 0;
        report.say("%-28s %-12s %s", "function", "from EJML", "derivative from differences");
        for (Case c : cases()) {
            double value = c.ejml == null
                    ? Double.NaN
                    : relativeError(c.f.apply(A).flatten(), Tensor.of(c.ejml.apply(matrix(A))));
            double derivative = derivativeError(c.f);
            report.say("%-28s %-12s %.1e", c.name, c.ejml == null ? "" : "%.1e".formatted(value), derivative);
            values += c.ejml == null ? 0 : 1;
            worstValue = c.ejml == null ? worstValue : Math.max(worstValue, value);
            worstDerivative = Math.max(worstDerivative, derivative);
        }
        report.say("");
        double worstDefinition = 0;
        for (Definition d : definitions()) {
            double error = relativeError(d.found, d.wanted);
            report.say("%-28s %.1e", d.name, error);
            worstDefinition = Math.max(worstDefinition, error);
        }
        report.figure("functions", "functions differentiated", cases().size(), Reference.NONE);
        report.figure("compared", "of them compared with EJML", values, Reference.NONE);
        report.figure("value_error", "numbers against EJML", worstValue, Reference.atMost(1e-12));
        report.figure(
                "definition_error", "factors against their definitions", worstDefinition, Reference.atMost(1e-12));
        report.figure("derivative_error", "derivatives against differences", worstDerivative, Reference.atMost(1e-6));
    }

    private static List<Case> cases() {
        double infinity = Double.POSITIVE_INFINITY;
        return List.of(
                new Case("L1 norm", a -> Linalg.vectorNorm(a, 1), m -> of(NormOps_DDRM.elementP(m, 1))),
                new Case("L2 norm", a -> Linalg.vectorNorm(a, 2), m -> of(NormOps_DDRM.elementP(m, 2))),
                new Case("L3 norm", a -> Linalg.vectorNorm(a, 3), m -> of(NormOps_DDRM.elementP(m, 3))),
                new Case("L∞ norm", a -> Linalg.vectorNorm(a, infinity), m -> of(CommonOps_DDRM.elementMaxAbs(m))),
                new Case("Frobenius norm", Linalg::frobeniusNorm, m -> of(NormOps_DDRM.normF(m))),
                new Case("matrix 1-norm", a -> Linalg.matrixNorm(a, 1), m -> of(NormOps_DDRM.inducedP1(m))),
                new Case("matrix 2-norm", a -> Linalg.matrixNorm(a, 2), m -> of(NormOps_DDRM.inducedP2(m))),
                new Case("matrix ∞-norm", a -> Linalg.matrixNorm(a, infinity), m -> of(NormOps_DDRM.inducedPInf(m))),
                new Case(
                        "nuclear norm",
                        Linalg::nuclearNorm,
                        m -> of(Arrays.stream(singularValues(m)).sum())),
                new Case("trace", Linalg::trace, m -> of(CommonOps_DDRM.trace(m))),
                new Case("determinant", Linalg::det, m -> of(CommonOps_DDRM.det(m))),
                new Case(
                        "log |determinant|",
                        a -> Linalg.slogdet(a).logAbsDet(),
                        m -> of(Math.log(Math.abs(CommonOps_DDRM.det(m))))),
                new Case("condition number", Linalg::cond, m -> of(NormOps_DDRM.conditionP2(m))),
                new Case("inverse", Linalg::inv, m -> {
                    DMatrixRMaj inverse = new DMatrixRMaj(N, N);
                    CommonOps_DDRM.invert(m, inverse);
                    return inverse.getData();
                }),
                new Case("solve", a -> Linalg.solve(a, B), m -> {
                    DMatrixRMaj x = new DMatrixRMaj(N, 2);
                    CommonOps_DDRM.solve(m, matrix(B), x);
                    return x.getData();
                }),
                new Case("least squares, 6 × 4", a -> Linalg.lstsq(tall(a), B), m -> {
                    DMatrixRMaj x = new DMatrixRMaj(N - 2, 2);
                    CommonOps_DDRM.solve(matrix(tall(A)), matrix(B), x);
                    return x.getData();
                }),
                new Case("singular values", Linalg::svdvals, A8LinearAlgebra::singularValues),
                new Case("eigenvalues of A + Aᵀ", a -> Linalg.eigvalsh(a.add(a.t())), A8LinearAlgebra::eigenvalues),
                new Case("Cholesky of AAᵀ", a -> Linalg.cholesky(a.matmul(a.t())), null),
                new Case("Q of QR", a -> Linalg.qr(a).q(), null),
                new Case("R of QR", a -> Linalg.qr(a).r(), null),
                new Case("U of SVD", a -> Linalg.svd(a).u(), null),
                new Case("V of SVD", a -> Linalg.svd(a).vh(), null),
                new Case(
                        "eigenvectors of A + Aᵀ", a -> Linalg.eigh(a.add(a.t())).vectors(), null),
                new Case("matrix exponential", Linalg::matrixExp, null));
    }

    private static List<Definition> definitions() {
        Tensor eye = Tensor.eye(N).to(DType.F64);
        Tensor symmetric = A.add(A.t());
        Tensor positive = A.matmul(A.t());
        Linalg.Qr qr = Linalg.qr(A);
        Linalg.Svd svd = Linalg.svd(A);
        Linalg.Eigh eigh = Linalg.eigh(symmetric);
        Tensor l = Linalg.cholesky(positive);
        return List.of(
                new Definition("QR = A", qr.q().matmul(qr.r()), A),
                new Definition("QᵀQ = I", qr.q().t().matmul(qr.q()), eye),
                new Definition("R is upper triangular", qr.r().triu(0), qr.r()),
                new Definition("U diag(s) Vᵀ = A", svd.u().mul(svd.s()).matmul(svd.vh()), A),
                new Definition("UᵀU = I", svd.u().t().matmul(svd.u()), eye),
                new Definition("VᵀV = I", svd.vh().matmul(svd.vh().t()), eye),
                new Definition(
                        "(A + Aᵀ)V = V diag(λ)",
                        symmetric.matmul(eigh.vectors()),
                        eigh.vectors().mul(eigh.values())),
                new Definition("LLᵀ = AAᵀ", l.matmul(l.t()), positive),
                new Definition("L is lower triangular", l.tril(0), l),
                new Definition("A · solve(A, B) = B", A.matmul(Linalg.solve(A, B)), B),
                new Definition("exp(A) exp(−A) = I", Linalg.matrixExp(A).matmul(Linalg.matrixExp(A.neg())), eye));
    }

    /** The derivative of ⟨W, f⟩ along a direction, against the central difference, relative to its size. */
    private static double derivativeError(UnaryOperator<Tensor> f) {
        Tensor weights = Key.of(4).normal(DType.F64, f.apply(A).shape().dims()).realized();
        UnaryOperator<Tensor> weighted = a -> f.apply(a).mul(weights).sum();
        double exact = Transform.grad(weighted).apply(A).mul(DIRECTION).sum().item();
        double ahead = weighted.apply(A.add(DIRECTION.mul(STEP))).item();
        double behind = weighted.apply(A.sub(DIRECTION.mul(STEP))).item();
        return Math.abs((ahead - behind) / (2 * STEP) - exact) / Math.max(1, Math.abs(exact));
    }

    private static Tensor tall(Tensor a) {
        return a.slice(1, 0, N - 2);
    }

    private static DMatrixRMaj matrix(Tensor a) {
        return new DMatrixRMaj(a.dim(0), a.dim(1), true, a.toDoubleArray());
    }

    private static double[] of(double value) {
        return new double[] {value};
    }

    private static double[] singularValues(DMatrixRMaj m) {
        SingularValueDecomposition_F64<DMatrixRMaj> svd = DecompositionFactory_DDRM.svd(N, N, false, false, true);
        svd.decompose(m.copy());
        return Arrays.stream(svd.getSingularValues())
                .limit(N)
                .map(v -> -v)
                .sorted()
                .map(v -> -v)
                .toArray();
    }

    private static double[] eigenvalues(DMatrixRMaj m) {
        DMatrixRMaj symmetric = new DMatrixRMaj(N, N);
        CommonOps_DDRM.add(m, CommonOps_DDRM.transpose(m, null), symmetric);
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(N, false, true);
        eigen.decompose(symmetric);
        double[] values = new double[N];
        Arrays.setAll(values, i -> eigen.getEigenvalue(i).getReal());
        Arrays.sort(values);
        return values;
    }
}
