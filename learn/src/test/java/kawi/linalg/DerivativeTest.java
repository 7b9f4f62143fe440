package kawi.linalg;

import static kawi.linalg.Numbers.transpose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * First and second derivatives against differences in f64 along random directions, by every operand. With five points and a step of
 * 10⁻⁴ rounding makes a difference wrong by some 10⁻¹² of the value's scale, and truncation by 10⁻¹⁷ times the fifth derivative.
 */
class DerivativeTest {
    private static final double STEP = 1e-4;
    private static final double TOLERANCE = 1e-6;

    /** A function of tensors of some shapes; the gradient is asked of ⟨weights, result⟩. */
    private record Case(String name, Function<List<Tensor>, Tensor> function, List<int[]> shapes, boolean regular) {
        @Override
        public String toString() {
            return name + shapes.stream().map(java.util.Arrays::toString).toList();
        }
    }

    private static final int[][] SQUARE = {{1, 1}, {3, 3}, {2, 4, 4}};
    private static final int[][] ANY = {{1, 1}, {3, 3}, {4, 2}, {2, 5}, {2, 3, 2}, {2, 2, 3}, {1, 3}};

    private static final List<Case> CASES = new ArrayList<>();

    static {
        for (int[] s : SQUARE) {
            square("inv", Linalg::inv, s);
            square("det", Linalg::det, s);
            square("cofactors", a -> Tensor.apply(new Cofactors(), a), s);
            square("slogdet", a -> Linalg.slogdet(a).logAbsDet(), s);
            square("cholesky", a -> Linalg.cholesky(a.matmul(transpose(a))), s);
            square(
                    "cholesky of asymmetric",
                    a -> Linalg.cholesky(a.add(Numbers.eye(a.dim(-1)).mul(5))),
                    s);
            square("eigvalsh", Linalg::eigvalsh, s);
            square(
                    "eigh",
                    a -> {
                        Linalg.Eigh e = Linalg.eigh(a);
                        return e.vectors().mul(e.values().unsqueeze(-2).sin());
                    },
                    s);
            any("matrixExp", Linalg::matrixExp, s);
            any("matrixExp, large", a -> Linalg.matrixExp(a.mul(3)), s);
            any("matrixPower 3", a -> Linalg.matrixPower(a, 3), s);
            square("matrixPower -2", a -> Linalg.matrixPower(a, -2), s);
            any("matrixPower 0", a -> Linalg.matrixPower(a, 0).mul(a.sum()), s);
            for (double p : new double[] {1, -1, 2, -2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                square("cond " + p, a -> Linalg.cond(a, p), s);
            }
            int[] b = s.clone();
            b[b.length - 1] = 2;
            two("solve", Linalg::solve, s, b);
            two("solveTriangular lower", (l, r) -> Linalg.solveTriangular(l, r, false), s, b);
            two("solveTriangular upper", (l, r) -> Linalg.solveTriangular(l, r, true), s, b);
            two("solveTriangular lower, ones", (l, r) -> Linalg.solveTriangular(l, r, false, true), s, b);
            two("solveTriangular upper, ones", (l, r) -> Linalg.solveTriangular(l, r, true, true), s, b);
        }
        two("solve, vector", Linalg::solve, new int[] {3, 3}, new int[] {3});
        two("solve, broadcast", Linalg::solve, new int[] {3, 3}, new int[] {2, 3, 1});
        two("solve, broadcast", Linalg::solve, new int[] {2, 1, 3, 3}, new int[] {4, 3, 1});
        for (int[] s : ANY) {
            any("svdvals", Linalg::svdvals, s);
            any("svd", DerivativeTest::allOfSvd, s);
            any("svd U", a -> Linalg.svd(a).u(), s);
            any("svd V", a -> Linalg.svd(a).vh(), s);
            any(
                    "qr",
                    a -> {
                        Linalg.Qr f = Linalg.qr(a);
                        return Tensor.concat(-1, f.q().flatten(), f.r().flatten());
                    },
                    s);
            any("qr Q", a -> Linalg.qr(a).q(), s);
            any("qr R", a -> Linalg.qr(a).r(), s);
            any("pinv", Linalg::pinv, s);
            int[] low = s.clone();
            low[low.length - 1] = 1;
            int[] high = s.clone();
            high[high.length - 2] = 1;
            two("pinv of rank 1", (u, v) -> Linalg.pinv(u.matmul(v), 1e-9), low, high);
            any("trace", Linalg::trace, s);
            any("diagonal", Linalg::diagonal, s);
            any("frobeniusNorm", Linalg::frobeniusNorm, s);
            any("nuclearNorm", Linalg::nuclearNorm, s);
            for (double p : new double[] {1, -1, 2, -2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                any("matrixNorm " + p, a -> Linalg.matrixNorm(a, p), s);
            }
            for (double p : new double[] {1, 2, 3.5, 0.5, -1.5, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                any("vectorNorm " + p, a -> Linalg.vectorNorm(away(a), p, -1), s);
                any("vectorNorm " + p + " of all", a -> Linalg.vectorNorm(away(a), p), s);
            }
            int[] b = s.clone();
            b[b.length - 1] = 2;
            two("lstsq", Linalg::lstsq, s, b);
        }
        CASES.add(new Case(
                "multiDot",
                in -> Linalg.multiDot(in.toArray(Tensor[]::new)),
                List.of(new int[] {4}, new int[] {4, 2}, new int[] {2, 5}, new int[] {5}),
                false));
    }

    /** The numbers moved away from 0, where powers of magnitudes have a kink or a pole. */
    private static Tensor away(Tensor a) {
        return a.add(a.sign().mul(0.5));
    }

    private static Tensor allOfSvd(Tensor a) {
        Linalg.Svd f = Linalg.svd(a);
        return Tensor.concat(-1, f.u().flatten(), f.s().sin().flatten(), f.vh().flatten());
    }

    private static void any(String name, Function<Tensor, Tensor> f, int... shape) {
        CASES.add(new Case(name, in -> f.apply(in.get(0)), List.of(shape), false));
    }

    /** Of regular matrices, with well separated eigenvalues. */
    private static void square(String name, Function<Tensor, Tensor> f, int... shape) {
        CASES.add(new Case(name, in -> f.apply(in.get(0)), List.of(shape), true));
    }

    private static void two(String name, java.util.function.BinaryOperator<Tensor> f, int[] a, int[] b) {
        CASES.add(new Case(name, in -> f.apply(in.get(0), in.get(1)), List.of(a, b), name.startsWith("solve")));
    }

    static Stream<Case> cases() {
        return CASES.stream();
    }

    private static List<Tensor> points(Case c, Random random) {
        List<Tensor> points = new ArrayList<>();
        for (int[] shape : c.shapes) {
            Tensor a = Numbers.normal(random, shape);
            boolean square = shape.length > 1 && shape[shape.length - 1] == shape[shape.length - 2];
            if (c.regular && square) {
                int n = shape[shape.length - 1];
                a = a.mul(0.3).add(Numbers.eye(n).mul(Tensor.arange(n).add(1).to(DType.F64)));
            }
            points.add(a.realized());
        }
        return points;
    }

    private static double value(Case c, List<Tensor> at, Tensor weights) {
        return c.function.apply(at).mul(weights).sum().item();
    }

    private static List<Tensor> gradient(Case c, List<Tensor> xs, Tensor weights) {
        return Kawi.grad(c.function.apply(xs).mul(weights).sum(), xs);
    }

    private static List<Tensor> moved(List<Tensor> at, int input, Tensor direction, double by) {
        List<Tensor> result = new ArrayList<>(at);
        result.set(input, at.get(input).add(direction.mul(by)).realized());
        return result;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void firstAndSecond(Case c) {
        Random random = new Random(c.toString().hashCode());
        List<Tensor> at = points(c, random);
        Tensor weights = Numbers.normal(random, c.function.apply(at).shape().dims());
        List<Tensor> xs = at.stream().map(Tensor::requiresGrad).toList();
        List<Tensor> first = gradient(c, xs, weights);
        List<Tensor> seeds = first.stream()
                .map(g -> Numbers.normal(random, g.shape().dims()))
                .toList();
        Tensor along = weighted(first, seeds);
        // where the gradient is constant nothing is tracked any more
        List<Tensor> second = constant(c) ? zeros(at) : Kawi.grad(along, xs);
        for (int input = 0; input < at.size(); input++) {
            for (int trial = 0; trial < 2; trial++) {
                Tensor direction = Numbers.normal(random, at.get(input).shape().dims());
                int i = input;
                compare(
                        "first derivative by operand " + input,
                        first.get(input).mul(direction).sum().item(),
                        by -> value(c, moved(at, i, direction, by), weights));
                compare(
                        "second derivative by operand " + input,
                        second.get(input).mul(direction).sum().item(),
                        by -> weighted(
                                        gradient(
                                                c,
                                                moved(at, i, direction, by).stream()
                                                        .map(Tensor::requiresGrad)
                                                        .toList(),
                                                weights),
                                        seeds)
                                .item());
            }
        }
    }

    /** Forward mode agrees with reverse mode, and forward over reverse with reverse over reverse, but for rounding. */
    @ParameterizedTest
    @MethodSource("cases")
    void forwards(Case c) {
        Random random = new Random(c.toString().hashCode());
        List<Tensor> at = points(c, random);
        Tensor weights = Numbers.normal(random, c.function.apply(at).shape().dims());
        for (int input = 0; input < at.size(); input++) {
            Tensor x = at.get(input);
            Tensor direction = Numbers.normal(random, x.shape().dims());
            List<Tensor> all = new ArrayList<>(at);
            int i = input;
            Function<Tensor, Tensor> f = z -> {
                all.set(i, z);
                return c.function.apply(all).mul(weights).sum();
            };
            Tensor slope = Transform.grad(f).apply(x).mul(direction).sum();
            same("first", Transform.jvp(f, x, direction).tangent(), slope);
            Tensor second = Transform.grad((Tensor z) ->
                            Transform.grad(f).apply(z).mul(direction).sum())
                    .apply(x);
            same("second", Transform.hvp(f, x, direction), second);
            all.set(i, x);
        }
    }

    private static void same(String what, Tensor got, Tensor wanted) {
        double scale = Math.max(1, wanted.abs().max().item());
        assertThat(got.sub(wanted).abs().max().item()).as(what).isLessThan(1e-9 * scale);
    }

    private static boolean constant(Case c) {
        return c.name.equals("trace") || c.name.equals("diagonal");
    }

    private static List<Tensor> zeros(List<Tensor> like) {
        return like.stream().map(t -> Tensor.zeros(t.dtype(), t.shape().dims())).toList();
    }

    private static Tensor weighted(List<Tensor> values, List<Tensor> weights) {
        Tensor sum = Tensor.scalar(0, DType.F64);
        for (int i = 0; i < values.size(); i++) {
            sum = sum.add(values.get(i).mul(weights.get(i)).sum());
        }
        return sum;
    }

    private static void compare(String what, double got, java.util.function.DoubleUnaryOperator f) {
        double above = f.applyAsDouble(STEP);
        double below = f.applyAsDouble(-STEP);
        double wanted = (8 * (above - below) - f.applyAsDouble(2 * STEP) + f.applyAsDouble(-2 * STEP)) / (12 * STEP);
        double scale = Math.max(1, Math.max(Math.abs(above), Math.abs(wanted)));
        assertThat(got).as(what).isCloseTo(wanted, within(TOLERANCE * scale));
    }

    /** A third derivative, by way of the same rules. */
    @Test
    void thirdDerivativeOfAnInverse() {
        Tensor x = Tensor.scalar(2, DType.F64).requiresGrad();
        Tensor y = Linalg.inv(x.reshape(1, 1)).sum();
        for (double wanted : new double[] {-1 / 4.0, 2 / 8.0, -6 / 16.0}) {
            y = Kawi.grad(y, x);
            assertThat(y.item()).isCloseTo(wanted, within(1e-12));
        }
    }

    @Test
    void countOfFunctions() {
        System.out.println("kawi.linalg: " + CASES.size() + " functions and shapes with first and second derivatives");
        assertThat(CASES).hasSizeGreaterThan(200);
    }
}
