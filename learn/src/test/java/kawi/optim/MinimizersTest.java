package kawi.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.nn.Activation;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Sequential;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Full-batch methods on functions whose minima are known. */
class MinimizersTest {
    private static final Stopping TIGHT = new Stopping(1e-9, 400);

    static Stream<Minimizer> methods() {
        return Stream.of(
                new Lbfgs(TIGHT),
                new Lbfgs(3, new Armijo(), TIGHT),
                new Lbfgs(1, new StrongWolfe(1e-4, 0.1, 40), TIGHT),
                new Newton(TIGHT),
                new NewtonCg(TIGHT),
                new NewtonCg(1e-3, 10, TIGHT));
    }

    private static Tensor of(double... values) {
        return Tensor.of(values);
    }

    /** Rosenbrock 1960; the minimum is 0 at (1, 1), at the end of a curved valley. */
    private static Tensor rosenbrock(Tensor x) {
        Tensor a = x.select(0, 0);
        Tensor b = x.select(0, 1);
        return b.sub(a.square()).square().mul(100).add(a.rsub(1).square());
    }

    @Test
    void gradientsBeyondTheSquareRootOfTheRange() {
        // −eˣ falls without end; the square of its gradient overflows from x = 355 on.
        Minimum falls = new Lbfgs(TIGHT).minimize((Tensor x) -> x.exp().sum().neg(), of(354));
        assertThat(falls.converged()).isFalse();
        assertThat(falls.reason()).contains("the gradient is too large");
        // Norms are those of the gradient, however large or small its squares are.
        for (double size : new double[] {1e-200, 1e-20, 1, 1e20, 1e200}) {
            Point p = new Point(of(0, 0), 0, of(3 * size, -4 * size));
            assertThat(p.gradientNorm()).isCloseTo(5 * size, within(5 * size * 1e-14));
        }
        Tensor tiny = Tensor.of(new float[] {3e-30f, -4e-30f});
        assertThat(new Point(tiny, 0, tiny).gradientNorm()).isCloseTo(5e-30, within(1e-35));
        assertThat(new Point(tiny, 0, of(1, Double.NaN)).finite()).isFalse();
        assertThat(new Point(tiny, 0, of(1, Double.NEGATIVE_INFINITY)).finite()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void theValley(Minimizer method) {
        Minimum m = method.minimize(MinimizersTest::rosenbrock, of(-1.2, 1));
        assertThat(m.converged()).as(m.reason()).isTrue();
        assertThat(m.x().toDoubleArray())
                .containsExactly(new double[] {1, 1}, within(1e-8)); // ‖∇f‖ over the least curvature, 0.4
        assertThat(m.trace().getFirst().value()).isCloseTo(24.2, within(1e-12));
        assertThat(m.values()).isSortedAccordingTo((p, q) -> Double.compare(q, p));
        assertThat(m.gradientNorm())
                .isEqualTo(m.gradientNorms()[m.iterations()])
                .isLessThanOrEqualTo(1e-9);
    }

    /** ½xᵀAx − bᵀx with x of shape {@code [2, 3]}: A⁻¹b is known. */
    @ParameterizedTest
    @MethodSource("methods")
    void quadraticsOfAnyShape(Minimizer method) {
        Tensor curvature = of(1, 2, 4, 8, 16, 32).reshape(2, 3);
        Tensor b = of(1, -1, 2, -2, 3, -3).reshape(2, 3);
        Minimum m = method.minimize(
                x -> curvature.mul(x.square()).mul(0.5).sub(b.mul(x)).sum(), Tensor.zeros(DType.F64, 2, 3));
        assertThat(m.x().shape()).isEqualTo(Shape.of(2, 3));
        assertThat(m.x().toDoubleArray()).containsExactly(b.div(curvature).toDoubleArray(), within(1e-9));
        assertThat(m.value()).isCloseTo(-b.square().div(curvature).sum().item() / 2, within(1e-12));
    }

    /** x⁴ − x² + y² curves downwards at the start; its minima are at x = ±√½. */
    @ParameterizedTest
    @MethodSource("methods")
    void whereItIsNotConvex(Minimizer method) {
        Minimum m = method.minimize(
                x -> x.select(0, 0)
                        .pow(4)
                        .sub(x.select(0, 0).square())
                        .add(x.select(0, 1).square()),
                of(0.1, 0.5));
        assertThat(m.x().toDoubleArray()).containsExactly(new double[] {Math.sqrt(0.5), 0}, within(1e-9));
        assertThat(m.value()).isCloseTo(-0.25, within(1e-15));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aStartAtTheMinimumIsKept(Minimizer method) {
        Minimum m = method.minimize(MinimizersTest::rosenbrock, of(1, 1));
        assertThat(m.iterations()).isZero();
        assertThat(m.converged()).isTrue();
        assertThat(m.x().toDoubleArray()).containsExactly(1, 1);
    }

    /** f32 cannot tell values apart closer than 6e-8, so gradients end near the square root of that. */
    @ParameterizedTest
    @MethodSource("methods")
    void singlePrecisionEndsWhereRoundingHidesDescent(Minimizer method) {
        Minimum m = method.minimize(MinimizersTest::rosenbrock, Tensor.of(new float[] {-1.2f, 1}));
        assertThat(m.x().dtype()).isEqualTo(DType.F32);
        assertThat(m.x().toDoubleArray()).containsExactly(new double[] {1, 1}, within(2e-2));
    }

    /** Logarithms are NaN beyond the minimum's side: steps that leave the domain are shortened. */
    @ParameterizedTest
    @MethodSource("methods")
    void stepsStayWhereTheLossIsFinite(Minimizer method) {
        Minimum m = method.minimize(x -> x.sub(x.log()).sum(), of(0.01, 3));
        assertThat(m.x().toDoubleArray()).containsExactly(new double[] {1, 1}, within(1e-8));
    }

    /** With exact line searches and a memory of n pairs, L-BFGS is a method of conjugate directions: n steps for a quadratic (theorem 6.4 of Nocedal and Wright). */
    @Test
    void lbfgsEndsQuadraticsInNSteps() {
        int n = 8;
        Tensor curvature =
                Tensor.of(IntStream.range(0, n).mapToDouble(i -> 1 << i).toArray());
        Function<Tensor, Tensor> f = x -> curvature.mul(x.sub(1).square()).sum();
        LineSearch exact = new StrongWolfe(1e-10, 1e-9, 100); // a cubic through a parabola is the parabola
        Minimum m = new Lbfgs(n, exact, new Stopping(1e-7, 50)).minimize(f, Tensor.zeros(DType.F64, n));
        assertThat(m.iterations()).isEqualTo(n);
        Minimum forgetful = new Lbfgs(1, exact, new Stopping(1e-7, 50)).minimize(f, Tensor.zeros(DType.F64, n));
        assertThat(forgetful.iterations()).isBetween(n, n + 2); // conjugate gradients, but for rounding
    }

    @Test
    void newtonTakesOneStepForAQuadraticAndDoublesDigitsElsewhere() {
        Tensor x = Key.of(1).normal(DType.F64, 30, 4).realized();
        Tensor y = Key.of(2).normal(DType.F64, 30).realized();
        Minimum m = new Newton().minimize(w -> x.matmul(w).sub(y).square().mean(), Tensor.zeros(DType.F64, 4));
        assertThat(m.iterations()).isEqualTo(1);
        assertThat(m.trace().getLast().products()).isEqualTo(4);
        // ln cosh: x⁺ = x − sinh x·cosh x ≈ −⅔x³
        Minimum cosh = new Newton(new Stopping(0, 3))
                .minimize(v -> v.exp().add(v.neg().exp()).log().sum(), of(0.1));
        double[] g = cosh.gradientNorms();
        assertThat(g[1] / Math.pow(g[0], 3)).isCloseTo(2 / 3.0, within(0.02));
        assertThat(g[2] / Math.pow(g[1], 3)).isCloseTo(2 / 3.0, within(0.02));
    }

    /** Both conditions hold at the step found, from the first step of any size. */
    @ParameterizedTest
    @CsvSource({"1e-6, 0.9", "1e-3, 0.1", "1, 0.9", "1, 0.1", "1, 0.001", "30, 0.5", "1e4, 0.01"})
    void wolfeConditions(double first, double curvature) {
        Objective f = Objective.of((Tensor x) -> rosenbrock(x).add(1).log());
        Point from = f.at(of(-1.2, 1));
        Tensor direction = from.gradient().neg();
        double slope = from.slope(direction);
        LineSearch.Found w = new StrongWolfe(1e-4, curvature, 100)
                .search(f, from, direction, first)
                .orElseThrow();
        assertThat(w.point().value()).isLessThanOrEqualTo(from.value() + 1e-4 * w.step() * slope);
        assertThat(Math.abs(w.point().slope(direction))).isLessThanOrEqualTo(-curvature * slope);
        assertThat(w.point().x().toDoubleArray())
                .containsExactly(from.x().add(direction.mul(w.step())).toDoubleArray());
        LineSearch.Found a = new Armijo().search(f, from, direction, first).orElseThrow();
        assertThat(a.point().value()).isLessThanOrEqualTo(from.value() + 1e-4 * a.step() * slope);
        assertThat(a.step()).isEqualTo(first * Math.pow(0.5, a.evaluations() - 1));
    }

    @Test
    void noStepWhereNothingDescends() {
        Objective f = Objective.of((Tensor x) -> x.abs().sum());
        Point from = f.at(of(1, 1));
        assertThat(new Armijo().search(f, from, of(Double.NaN, 0), 1)).isEmpty();
        assertThat(new StrongWolfe().search(f, from, of(Double.NaN, 0), 1)).isEmpty();
    }

    @Test
    void parametersOfANetwork() {
        Kawi.seed(3);
        Tensor x = Key.of(1).normal(64, 2).realized();
        Tensor y = x.select(1, 0).mul(x.select(1, 1)).gt(0).to(DType.I64).realized();
        for (Minimizer method : List.of(new Lbfgs(new Stopping(1e-3, 200)), new NewtonCg(new Stopping(1e-3, 60)))) {
            Sequential net = new Sequential(new Linear(2, 8), Activation.tanh(), new Linear(8, 2));
            Tensor decay = Tensor.scalar(1e-3);
            Minimum m = method.minimize(net.parameters(), () -> {
                Tensor loss = Losses.crossEntropy(net.forward(x), y);
                for (Parameter p : net.parameters()) {
                    loss = loss.add(p.square().sum().mul(decay));
                }
                return loss;
            });
            assertThat(net.forward(x).argmax(1).eq(y).to(DType.F32).mean().item())
                    .isGreaterThan(0.95);
            assertThat(m.x().size()).isEqualTo(net.parameterCount());
            assertThat(net.parameters().getFirst().toDoubleArray())
                    .isEqualTo(m.x().slice(0, 0, 16).toDoubleArray());
        }
    }

    /** The Hessian by way of parameters against the same function of a vector. */
    @Test
    void parametersAndFunctionsHaveTheSameDerivatives() {
        Parameter a = new Parameter(of(1, 2).reshape(1, 2));
        Parameter b = new Parameter(of(3));
        Objective byParameters = Objective.of(
                List.of(a, b), () -> a.square().sum().mul(b.sum()).add(b.pow(3).sum()));
        Objective byVector = Objective.of((Tensor x) -> x.slice(0, 0, 2)
                .square()
                .sum()
                .mul(x.select(0, 2))
                .add(x.select(0, 2).pow(3)));
        Tensor x = of(0.5, -1, 2);
        Tensor v = of(1, 2, 3);
        assertThat(byParameters.value(x)).isEqualTo(byVector.value(x)).isEqualTo(1.25 * 2 + 8);
        assertThat(byParameters.at(x).gradient().toDoubleArray())
                .containsExactly(byVector.at(x).gradient().toDoubleArray())
                .containsExactly(2, -4, 13.25);
        assertThat(byParameters.hessianProduct(x, v).toDoubleArray())
                .containsExactly(byVector.hessianProduct(x, v).toDoubleArray())
                .containsExactly(4 + 3, 8 - 6, 1 - 4 + 36);
        assertThat(byParameters.hessian(x).toDoubleArray())
                .containsExactly(byVector.hessian(x).toDoubleArray())
                .containsExactly(4, 0, 1, 0, 4, -2, 1, -2, 12);
    }

    @Test
    void errorsSayHowToMendThem() {
        Lbfgs method = new Lbfgs();
        assertThatThrownBy(() -> method.minimize(x -> x, of(1, 2)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("one number, but gave shape [2]");
        assertThatThrownBy(() -> method.minimize(x -> x.log().sum(), of(-1)))
                .hasMessageContaining("the loss is NaN")
                .hasMessageContaining("begin where both are finite");
        assertThatThrownBy(() -> method.minimize(x -> x.sum(), Tensor.arange(3)))
                .hasMessageContaining(".to(DType.F64)");
        assertThatThrownBy(() -> method.minimize(List.of(), () -> Tensor.scalar(0)))
                .hasMessageContaining("no parameters");
        assertThatThrownBy(() -> new Stopping(Double.NaN, 1)).isInstanceOf(KawiException.class);
        assertThatThrownBy(() -> new StrongWolfe(0.5, 0.4, 1)).isInstanceOf(KawiException.class);
        assertThatThrownBy(() -> new Armijo(0.5, 1, 1)).isInstanceOf(KawiException.class);
        assertThatThrownBy(() -> new NewtonCg(2, 1, TIGHT)).isInstanceOf(KawiException.class);
        assertThatThrownBy(() -> new Lbfgs(0, new Armijo(), TIGHT)).isInstanceOf(KawiException.class);
    }

    /** −x has no curvature to go by, and of −eˣ the gradient, its square and the products overflow on the way. */
    @ParameterizedTest
    @MethodSource("methods")
    void whatHasNoMinimumEndsLower(Minimizer method) {
        Minimum line = method.minimize(x -> x.sum().neg(), of(3, 0.5));
        assertThat(line.converged()).isFalse();
        assertThat(line.value()).isLessThan(-100);
        Minimum cliff = method.minimize(x -> x.exp().sum().neg(), of(3, 0.5));
        assertThat(cliff.converged()).isFalse();
        assertThat(cliff.value()).isLessThan(-1e100);
    }

    @Test
    void whatDescendsWithoutEndIsToldSo() {
        Minimum m = new Lbfgs(new Stopping(1e-9, 5)).minimize(x -> x.neg().exp().sum(), of(0));
        assertThat(m.converged()).isFalse();
        assertThat(m.reason()).contains("used up");
        assertThat(m.iterations()).isEqualTo(5);
    }
}
