package kawi.linalg;

import static kawi.linalg.Numbers.assertClose;
import static kawi.linalg.Numbers.eye;
import static kawi.linalg.Numbers.normal;
import static kawi.linalg.Numbers.positive;
import static kawi.linalg.Numbers.transpose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Identities, shapes without elements, what is singular or not unique, and messages. */
class LinalgTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private final Random random = new Random(11);

    // Identities

    static Stream<int[]> shapes() {
        return Stream.of(
                new int[] {1, 1},
                new int[] {4, 4},
                new int[] {7, 3},
                new int[] {3, 7},
                new int[] {2, 3, 5, 4},
                new int[] {3, 2, 6},
                new int[] {70, 40},
                new int[] {0, 0},
                new int[] {0, 3},
                new int[] {3, 0},
                new int[] {0, 4, 3},
                new int[] {2, 0, 3},
                new int[] {1, 1, 2, 2});
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void factorsGiveTheMatrixBack(int[] shape) {
        Tensor a = normal(random, shape).requiresGrad();
        int k = Math.min(a.dim(-1), a.dim(-2));
        Tensor identity = eye(k).expand(with(a.shape(), k, k).dims());
        Linalg.Svd svd = Linalg.svd(a);
        assertClose("USVᵀ", svd.u().mul(svd.s().unsqueeze(-2)).matmul(svd.vh()), a, 1e-13);
        assertClose("UᵀU", transpose(svd.u()).matmul(svd.u()), identity, 1e-13);
        assertClose("VᵀV", svd.vh().matmul(transpose(svd.vh())), identity, 1e-13);
        Linalg.Qr qr = Linalg.qr(a);
        assertClose("QR", qr.q().matmul(qr.r()), a, 1e-13);
        assertClose("QᵀQ", transpose(qr.q()).matmul(qr.q()), identity, 1e-13);
        assertThat(Linalg.diagonal(qr.r()).ge(0).all().item()).isEqualTo(1);
        Tensor p = Linalg.pinv(a);
        assertClose("AA⁺A", a.matmul(p).matmul(a), a, 1e-12);
        assertClose("A⁺AA⁺", p.matmul(a).matmul(p), p, 1e-12);
        assertClose("(AA⁺)ᵀ", transpose(a.matmul(p)), a.matmul(p), 1e-12);
        for (Tensor g : List.of(
                Kawi.grad(svd.u().sum().add(svd.s().sum()).add(svd.vh().sum()), a),
                Kawi.grad(qr.q().sum().add(qr.r().sum()), a),
                Kawi.grad(p.sum(), a))) {
            assertThat(g.shape()).isEqualTo(a.shape());
            assertThat(g.isFinite().all().item()).isEqualTo(1);
        }
    }

    private static Shape with(Shape matrices, int rows, int columns) {
        int r = matrices.rank();
        return matrices.with(r - 2, rows).with(r - 1, columns);
    }

    static Stream<int[]> squares() {
        return Stream.of(
                new int[] {1, 1},
                new int[] {2, 2},
                new int[] {50, 50},
                new int[] {2, 3, 4, 4},
                new int[] {0, 0},
                new int[] {0, 3, 3},
                new int[] {2, 0, 0});
    }

    @ParameterizedTest
    @MethodSource("squares")
    void identitiesOfSquareMatrices(int[] shape) {
        int n = shape[shape.length - 1];
        Tensor identity = eye(n).expand(shape);
        Tensor a = normal(random, shape).mul(0.3).add(eye(n).mul(2));
        Tensor s = positive(random, shape);
        assertClose("A·A⁻¹", a.matmul(Linalg.inv(a)), identity, 1e-12);
        Tensor b = normal(random, shape);
        assertClose("AX", a.matmul(Linalg.solve(a, b)), b, 1e-11);
        Tensor l = Linalg.cholesky(s);
        assertClose("LLᵀ", l.matmul(transpose(l)), s, 1e-13);
        assertClose(
                "ln det by Cholesky",
                Linalg.diagonal(l).log().sum(-1).mul(2),
                Linalg.slogdet(s).logAbsDet(),
                1e-11);
        Linalg.Eigh e = Linalg.eigh(s);
        assertClose("VΛVᵀ", e.vectors().mul(e.values().unsqueeze(-2)).matmul(transpose(e.vectors())), s, 1e-13);
        assertClose("Σλ", e.values().sum(-1), Linalg.trace(s), 1e-12);
        assertClose("det", Linalg.det(a.matmul(s)), Linalg.det(a).mul(Linalg.det(s)), 1e-10);
        Linalg.SlogDet d = Linalg.slogdet(a.neg());
        assertClose("slogdet", d.sign().mul(d.logAbsDet().exp()), Linalg.det(a.neg()), 1e-11);
        Tensor x = a.mul(0.1);
        assertClose("exp(A)·exp(−A)", Linalg.matrixExp(x).matmul(Linalg.matrixExp(x.neg())), identity, 1e-12);
        assertClose(
                "det exp = exp trace",
                Linalg.det(Linalg.matrixExp(x)),
                Linalg.trace(x).exp(),
                1e-12);
        assertClose("A⁰", Linalg.matrixPower(a, 0), identity, 0);
        assertClose(
                "A⁵", Linalg.matrixPower(a, 5), a.matmul(a).matmul(a).matmul(a).matmul(a), 1e-12);
    }

    /** Derivatives of matrices known in closed form (Petersen and Pedersen 2012, <em>The matrix cookbook</em>, sections 2.1 to 2.5). */
    @Test
    void theConditionNumberOfZerosIsInfiniteInEveryNorm() {
        for (double p : new double[] {1, -1, 2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThat(Linalg.cond(Tensor.zeros(2, 2), p).item()).as("p = " + p).isEqualTo(Double.POSITIVE_INFINITY);
        }
        assertThat(Linalg.cond(Tensor.full(Double.NaN, 2, 2), 1).item()).isNaN();
    }

    @Test
    void derivativesInClosedForm() {
        Tensor a = positive(random, 5, 5).realized().requiresGrad();
        Tensor inverse = Linalg.inv(a);
        assertClose("ln det", Kawi.grad(Linalg.slogdet(a).logAbsDet(), a), transpose(inverse), 1e-12);
        assertClose("det", Kawi.grad(Linalg.det(a), a), transpose(inverse).mul(Linalg.det(a)), 1e-10);
        assertClose(
                "tr A⁻¹",
                Kawi.grad(Linalg.trace(inverse), a),
                transpose(inverse.matmul(inverse)).neg(),
                1e-11);
        assertClose("tr exp", Kawi.grad(Linalg.trace(Linalg.matrixExp(a)), a), transpose(Linalg.matrixExp(a)), 1e-11);
        assertClose("Σλ", Kawi.grad(Linalg.eigvalsh(a).sum(), a), eye(5), 1e-12);
        Linalg.Svd svd = Linalg.svd(a);
        assertClose("nuclear", Kawi.grad(Linalg.nuclearNorm(a), a), svd.u().matmul(svd.vh()), 1e-12);
        assertClose("Frobenius", Kawi.grad(Linalg.frobeniusNorm(a), a), a.div(Linalg.frobeniusNorm(a)), 1e-12);
    }

    // Singular, repeated, not finite

    @Test
    void singularMatricesHaveDeterminantsAndPseudoInverses() {
        Tensor a = Tensor.of(new double[] {1, 2, 2, 4}, 2, 2).requiresGrad();
        assertThat(Linalg.det(a).item()).isZero();
        assertClose("cofactors", Kawi.grad(Linalg.det(a), a), Tensor.of(new double[] {4, -2, -2, 1}, 2, 2), 1e-14);
        assertThat(Linalg.slogdet(a).sign().item()).isZero();
        assertThat(Linalg.slogdet(a).logAbsDet().item()).isEqualTo(-INFINITY);
        assertThat(Linalg.cond(a, 1).item()).isEqualTo(INFINITY);
        assertThat(Linalg.cond(Tensor.zeros(DType.F64, 2, 2)).item()).isEqualTo(INFINITY);
        assertThat(Linalg.matrixRank(a).item()).isEqualTo(1);
        assertClose("pinv", Linalg.pinv(a), a.div(25), 1e-14);
        Tensor zero = Tensor.zeros(DType.F64, 3, 3).requiresGrad();
        assertClose("cofactors of 0", Kawi.grad(Linalg.det(zero), zero), Tensor.zeros(DType.F64, 3, 3), 0);
        assertClose("pinv of 0", Linalg.pinv(zero), Tensor.zeros(DType.F64, 3, 3), 0);
        Tensor triangular = Linalg.solveTriangular(
                Tensor.of(new double[] {0, 0, 1, 1}, 2, 2), Tensor.of(new double[] {1, 1}), false);
        assertThat(triangular.toDoubleArray()).containsExactly(INFINITY, -INFINITY);
    }

    @Test
    void normsAtZeroHaveTheDerivativeZero() {
        for (double p : new double[] {0.5, 1, 2, 3, INFINITY}) {
            Tensor x = Tensor.zeros(DType.F64, 3).requiresGrad();
            Tensor norm = Linalg.vectorNorm(x, p);
            assertThat(norm.item()).isZero();
            assertClose("p = " + p, Kawi.grad(norm, x), Tensor.zeros(DType.F64, 3), 0);
        }
        assertThat(Linalg.vectorNorm(Tensor.zeros(0, 3), 2, 0).toDoubleArray()).containsExactly(0, 0, 0);
        assertThat(Linalg.norm(Tensor.of(new float[] {3e30f, 4e30f})).item()).isEqualTo(5e30f);
        assertThat(Linalg.norm(Tensor.of(new double[] {1, INFINITY})).item()).isEqualTo(INFINITY);
        assertThat(Linalg.norm(Tensor.of(new double[] {1, Double.NaN})).item()).isNaN();
        assertThat(Linalg.norm(Tensor.of(new int[] {3, 4})).item()).isEqualTo(5);
    }

    /** Of vectors that are not unique there is no derivative; of values alone there is. */
    @Test
    void repeatedValues() {
        Tensor a = eye(3).requiresGrad();
        assertClose("Σλ²", Kawi.grad(Linalg.eigvalsh(a).square().sum(), a), eye(3).mul(2), 1e-14);
        assertClose("Σσ²", Kawi.grad(Linalg.svdvals(a).square().sum(), a), eye(3).mul(2), 1e-14);
        assertClose("nuclear", Kawi.grad(Linalg.nuclearNorm(a), a), eye(3), 1e-14);
        Linalg.Eigh e = Linalg.eigh(a);
        Tensor rootOfA = e.vectors().mul(e.values().sqrt().unsqueeze(-2)).matmul(transpose(e.vectors()));
        Tensor weights = normal(random, 3, 3);
        assertThat(Kawi.grad(rootOfA.mul(weights).sum(), a).isFinite().all().item())
                .isZero();
        Linalg.Svd f = Linalg.svd(a);
        assertThat(Kawi.grad(f.u().mul(weights).sum(), a).isFinite().all().item())
                .isZero();
        Tensor thin = Tensor.of(new double[] {1, 0, 2, 0, 3, 0}, 3, 2).requiresGrad();
        assertClose("QR", Linalg.qr(thin).q().matmul(Linalg.qr(thin).r()), thin, 1e-15);
        assertThat(Kawi.grad(Linalg.qr(thin).q().mul(normal(random, 3, 2)).sum(), thin)
                        .isFinite()
                        .all()
                        .item())
                .isZero();
        // the pseudo-inverse has no such trouble
        assertThat(Kawi.grad(Linalg.pinv(a).mul(weights).sum(), a).toDoubleArray())
                .containsExactly(weights.neg().toDoubleArray(), org.assertj.core.data.Offset.offset(1e-13));
    }

    @Test
    void whatIsNotFiniteStaysSo() {
        Tensor a = Tensor.of(new double[] {1, Double.NaN, 2, 3}, 2, 2).requiresGrad();
        assertThat(Linalg.matrixExp(a).isNan().all().item()).isEqualTo(1);
        assertThat(Linalg.det(a).item()).isNaN();
        assertThat(Kawi.grad(Linalg.det(a), a).isNan().all().item()).isEqualTo(1);
        assertThat(Linalg.inv(a).isNan().any().item()).isEqualTo(1);
        assertThat(Linalg.cholesky(a).isNan().any().item()).isEqualTo(1);
        assertThat(Linalg.matrixExp(Tensor.of(new double[] {1e308}, 1, 1)).item())
                .isEqualTo(INFINITY);
        assertThat(Linalg.matrixExp(Tensor.of(new double[] {-1e6}, 1, 1)).item())
                .isZero();
    }

    // Messages

    private static Arguments error(String message, Function<Tensor, Tensor> f, double[] data, int... shape) {
        return Arguments.of(message, f, Tensor.of(data, shape));
    }

    static Stream<Arguments> errors() {
        double[] singular = {1, 2, 2, 4};
        double[] two = {1, 0, 0, 1, 1, 2, 2, 4};
        double[] indefinite = {1, 2, 2, 1};
        double[] unknown = {1, 2, Double.NaN, 1};
        double[] six = new double[6];
        return Stream.of(
                error("inv: the matrix is singular; pinv and lstsq", Linalg::inv, singular, 2, 2),
                error(
                        "singular; pinv and lstsq give the least-squares answer, and adding a small multiple of the identity makes it regular (matrix 1 of 2 in the batch)",
                        Linalg::inv,
                        two,
                        2,
                        2,
                        2),
                error("solve: the matrix is singular", a -> Linalg.solve(a, a), singular, 2, 2),
                error(
                        "inv: the matrix is singular",
                        a -> Kawi.grad(Linalg.slogdet(a).logAbsDet(), a),
                        singular,
                        2,
                        2),
                error("cholesky: the matrix is not positive definite", Linalg::cholesky, indefinite, 2, 2),
                error("eigh: element (1, 0) is NaN, but all must be finite", Linalg::eigvalsh, unknown, 2, 2),
                error("svd: element (1, 0) is NaN", Linalg::svdvals, unknown, 2, 2),
                error("pinv: element (1, 0) is NaN", Linalg::pinv, unknown, 2, 2),
                error(
                        "inv: square matrices [..., n, n] are needed, but f64[2, 3] was given; pinv",
                        Linalg::inv,
                        six,
                        2,
                        3),
                error("det: square matrices", Linalg::det, six, 2, 3),
                error("eigh: square matrices", Linalg::eigvalsh, six, 2, 3),
                error("matrixPower: square matrices", a -> Linalg.matrixPower(a, 2), six, 2, 3),
                error("matrixExp: square matrices", Linalg::matrixExp, six, 2, 3),
                error("svd: matrices [..., m, n] are needed, but f64[6] was given", Linalg::svdvals, six, 6),
                error("trace: matrices", Linalg::trace, six, 6),
                error(
                        "matrixNorm: the order must be 1, −1, 2, −2, ∞ or −∞, but is 3.0",
                        a -> Linalg.matrixNorm(a, 3),
                        six,
                        2,
                        3),
                error("vectorNorm: the order p must be a number", a -> Linalg.vectorNorm(a, Double.NaN), six, 2, 3),
                error("cond: a matrix without elements", Linalg::cond, new double[0], 0, 3),
                error(
                        "right-hand sides [..., n, k] or [n] for matrices [2, 2] are needed, but [3, 2] was given",
                        a -> Linalg.solve(a, Tensor.zeros(3, 2)),
                        singular,
                        2,
                        2),
                error(
                        "the batches of matrices [2, 2, 2] and right-hand sides [3, 2, 1] do not broadcast",
                        a -> Linalg.solve(a, Tensor.zeros(3, 2, 1)),
                        two,
                        2,
                        2,
                        2),
                error(
                        "multiDot: factor 0 must be a matrix, but has shape [2, 2, 2]",
                        a -> Linalg.multiDot(a, a),
                        two,
                        2,
                        2,
                        2));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void messagesSayWhatIsWrong(String message, Function<Tensor, Tensor> f, Tensor a) {
        assertThatThrownBy(() -> f.apply(a.requiresGrad()).realized())
                .isInstanceOf(KawiException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("LinalgTest");
    }

    // The engine

    /** Both factors come from one run of the factorisation, also where values were read before. */
    @Test
    void factorsAreComputedOnce() {
        Tensor a = normal(random, 4, 4);
        Linalg.Svd f = Linalg.svd(a);
        Tensor product = f.u().mul(f.s()).matmul(f.vh());
        assertThat(Kawi.explain(product).stream().filter(l -> l.contains("svd")).count())
                .isEqualTo(1);
    }

    @Test
    void stridedOperandsAndIntegers() {
        Tensor a = normal(random, 3, 4, 4).realized();
        Tensor view = a.permute(1, 2, 0).slice(2, 0, 3, 2).permute(2, 0, 1);
        assertThat(Linalg.inv(view).toDoubleArray())
                .isEqualTo(Linalg.inv(Tensor.of(view.toDoubleArray(), 2, 4, 4)).toDoubleArray());
        assertThat(Linalg.det(Tensor.of(new int[] {1, 2, 3, 4}, 2, 2)).item()).isEqualTo(-2);
        assertThat(Linalg.det(Tensor.of(new int[] {1, 2, 3, 4}, 2, 2)).dtype()).isEqualTo(DType.F32);
        double[] broadcast = Linalg.inv(eye(2).expand(3, 2, 2)).toDoubleArray();
        assertThat(broadcast).hasSize(12).isEqualTo(eye(2).expand(3, 2, 2).toDoubleArray());
    }

    @Test
    void eagerGivesTheSameBits() {
        Tensor a = positive(random, 6, 6).realized();
        double[] lazy = gradient(a);
        Kawi.eager(true);
        try {
            assertThat(gradient(a)).isEqualTo(lazy);
        } finally {
            Kawi.eager(false);
        }
        assertThat(Arrays.stream(lazy).allMatch(Double::isFinite)).isTrue();
    }

    private static double[] gradient(Tensor a) {
        Tensor x = a.requiresGrad();
        Linalg.Eigh e = Linalg.eigh(x);
        return Kawi.grad(
                        e.vectors().mul(e.values()).sum().add(Linalg.cholesky(x).sum()), x)
                .toDoubleArray();
    }
}
