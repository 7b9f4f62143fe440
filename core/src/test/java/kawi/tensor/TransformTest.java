package kawi.tensor;

import static kawi.tensor.Transform.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import kawi.base.DType;
import kawi.base.KawiException;
import org.junit.jupiter.api.Test;

/** Transformations of functions and of what they give, against closed forms and loops, in f64. */
class TransformTest {
    private static final DType F64 = DType.F64;
    private static final Tensor HIDDEN = random(1, 4, 5);
    private static final Tensor OUTPUT = random(2, 5, 3);

    private static Tensor random(int seed, int... shape) {
        return Key.of(seed).normal(F64, shape).realized();
    }

    private static Tensor vector(double... values) {
        return Tensor.of(values);
    }

    /** Equal but for rounding: relative to the largest element. */
    private static void assertClose(Tensor got, Tensor wanted, double tolerance) {
        assertThat(got.shape()).isEqualTo(wanted.shape());
        double largest = wanted.size() == 0 ? 1 : Math.max(1, wanted.abs().max().item());
        assertThat(got.toDoubleArray()).containsExactly(wanted.toDoubleArray(), within(tolerance * largest));
    }

    private static void assertClose(Tensor got, Tensor wanted) {
        assertClose(got, wanted, 1e-12);
    }

    /** A tanh network with one number as its value. */
    private static Tensor network(Tensor x) {
        return x.matmul(HIDDEN).tanh().matmul(OUTPUT).logSumExp(-1).sum();
    }

    // First and higher derivatives

    @Test
    void derivativesOfPowers() {
        UnaryOperator<Tensor> f = x -> x.pow(5).sum();
        Tensor x = vector(1.5, -2, 0.5);
        assertClose(grad(f).apply(x), x.pow(4).mul(5));
        assertClose(
                hessian(f).apply(x),
                x.pow(3).mul(20).unsqueeze(1).mul(Tensor.eye(3).to(F64)));
        UnaryOperator<Tensor> third =
                z -> grad(y -> grad(f).apply(y).sum()).apply(z).sum();
        assertClose(grad(third).apply(x), x.square().mul(60));
        assertThat(valueAndGrad(f).apply(x).value().item()).isEqualTo(f.apply(x).item());
    }

    @Test
    void forwardsAndBackwardsAgree() {
        Tensor x = random(3, 2, 4);
        Tensor v = random(4, 2, 4);
        Jvp forward = jvp(TransformTest::network, x, v);
        Vjp backward = vjp(TransformTest::network, x);
        assertThat(forward.value().item()).isEqualTo(network(x).item());
        assertClose(
                forward.tangent(),
                backward.pullback().apply(Tensor.scalar(1, F64)).mul(v).sum());
        assertClose(
                backward.pullback().apply(Tensor.scalar(-3, F64)),
                grad(TransformTest::network).apply(x).mul(-3));
        UnaryOperator<Tensor> f = z -> z.matmul(random(5, 4, 2)).sin().exp();
        assertThat(jacobian(f).apply(x).shape().dims()).containsExactly(2, 2, 2, 4);
        assertClose(jacfwd(f).apply(x), jacrev(f).apply(x));
        assertClose(jacobian(f).apply(x), jacrev(f).apply(x));
        // ∂(x·A)ᵢⱼ/∂xₖₗ = δᵢₖ·Aₗⱼ
        Tensor a = random(6, 4, 2);
        Tensor j = jacobian(z -> z.matmul(a)).apply(x);
        Tensor eye = Tensor.eye(2).to(F64);
        assertClose(j, eye.reshape(2, 1, 2, 1).mul(a.t().reshape(1, 2, 1, 4)));
    }

    @Test
    void secondDerivativesInEveryOrder() {
        Tensor x = random(7, 2, 4);
        UnaryOperator<Tensor> f = TransformTest::network;
        Tensor h = hessian(f).apply(x);
        assertThat(h.shape().dims()).containsExactly(2, 4, 2, 4);
        assertClose(jacrev(grad(f)).apply(x), h);
        assertClose(jacfwd(jacfwd(f)).apply(x), h);
        assertClose(jacrev(jacfwd(f)).apply(x), h);
        assertClose(h, h.permute(2, 3, 0, 1));
        Tensor v = random(8, 2, 4);
        Tensor hv = h.reshape(8, 8).matmul(v.reshape(8)).reshape(2, 4);
        assertClose(hvp(f, x, v), hv);
        assertClose(grad((Tensor z) -> jvp(f, z, v).tangent()).apply(x), hv);
        assertClose(grad((Tensor z) -> grad(f).apply(z).mul(v).sum()).apply(x), hv);
        assertClose(vjp(grad(f), x).pullback().apply(v), hv);
    }

    @Test
    void tangentsAreNotConfused() {
        // d/dx x·(d/dy (x + y)) = 1: the inner derivative must not see that x moves
        Tensor one = vector(1);
        UnaryOperator<Tensor> inner = x -> x.mul(jvp(y -> x.add(y), one, one).tangent());
        assertThat(jvp(inner, vector(3), one).tangent().item()).isEqualTo(1);
        UnaryOperator<Tensor> backward =
                x -> x.mul(grad((Tensor y) -> x.mul(y).sum()).apply(x)).sum();
        assertThat(grad(backward).apply(vector(3)).item()).isEqualTo(6); // d/dx x·x, and not of x²·x
    }

    // Closed forms

    /** Of Σ ln(1 + exp(−yᵢ·xᵢᵀw)): XᵀSX with S = diag(σ(1 − σ)), σ = 1 / (1 + exp(−Xw)). */
    @Test
    void hessianOfLogisticRegression() {
        Tensor x = random(10, 30, 6);
        Tensor y = random(11, 30).sign();
        Tensor w = random(12, 6);
        BinaryOperator<Tensor> loss = (weights, example) -> example.slice(0, 0, 6)
                .mul(weights)
                .sum()
                .mul(example.slice(0, 6, 7))
                .neg()
                .exp()
                .log1p()
                .sum();
        Tensor examples = Tensor.concat(1, x, y.unsqueeze(1));
        UnaryOperator<Tensor> total =
                weights -> vmap(loss, UNMAPPED, 0).apply(weights, examples).sum();
        Tensor s = x.matmul(w).sigmoid();
        Tensor closed = x.t().matmul(s.mul(s.neg().add(1)).unsqueeze(1).mul(x));
        assertClose(hessian(total).apply(w), closed);
        // the same with the batch written by hand
        assertClose(hessian(z -> x.matmul(z).mul(y).neg().exp().log1p().sum()).apply(w), closed);
    }

    /**
     * MAML (Finn et al. 2017, equation 1) on f(w) = ½ wᵀAw − bᵀw for the inner and ½‖w − c‖² for the outer loss: after a step
     * w′ = w − α(Aw − b) the gradient is (I − αA)(w′ − c).
     */
    @Test
    void metaGradientOnAQuadratic() {
        Tensor m = random(13, 5, 5);
        Tensor a = m.t().matmul(m);
        Tensor b = random(14, 5);
        Tensor c = random(15, 5);
        Tensor w = random(16, 5);
        double alpha = 0.05;
        UnaryOperator<Tensor> inner =
                v -> v.mul(a.matmul(v)).sum().mul(0.5).sub(b.mul(v).sum());
        UnaryOperator<Tensor> outer = v ->
                v.sub(grad(inner).apply(v).mul(alpha)).sub(c).square().sum().mul(0.5);
        Tensor next = w.sub(a.matmul(w).sub(b).mul(alpha));
        Tensor closed = Tensor.eye(5).to(F64).sub(a.mul(alpha)).matmul(next.sub(c));
        assertClose(grad(outer).apply(w), closed);
    }

    /** n steps of gradient descent on ½λw² give w·(1 − αλ)ⁿ, whose derivative by α is −nλw(1 − αλ)ⁿ⁻¹. */
    @Test
    void derivativeThroughAnOptimisationLoop() {
        double lambda = 0.7;
        int steps = 25;
        UnaryOperator<Tensor> descend = alpha -> {
            Tensor w = vector(3);
            for (int i = 0; i < steps; i++) {
                w = w.sub(grad((Tensor v) -> v.square().sum().mul(lambda / 2))
                        .apply(w)
                        .mul(alpha));
            }
            return w.sum();
        };
        Tensor rate = vector(0.3);
        double closed = -steps * lambda * 3 * Math.pow(1 - 0.3 * lambda, steps - 1);
        assertThat(grad(descend).apply(rate).item()).isCloseTo(closed, within(1e-12));
        assertThat(jvp(descend, rate, vector(1)).tangent().item()).isCloseTo(closed, within(1e-12));
        double second = steps * (steps - 1) * lambda * lambda * 3 * Math.pow(1 - 0.3 * lambda, steps - 2);
        assertThat(hessian(descend).apply(rate).item()).isCloseTo(second, within(1e-11));
    }

    // Batches

    @Test
    void perExampleGradientsEqualALoop() {
        Parameter w = new Parameter(random(20, 4, 3));
        Parameter b = new Parameter(random(21, 3));
        Tensor x = random(22, 7, 4);
        List<Tensor> all = vmapAll(
                        xs -> Kawi.grad(
                                xs.getFirst().matmul(w).add(b).tanh().square().sum(), List.of(w, b)),
                        0)
                .apply(List.of(x));
        assertThat(all.get(0).shape().dims()).containsExactly(7, 4, 3);
        for (int i = 0; i < 7; i++) {
            Tensor one = x.slice(0, i, i + 1).squeeze(0);
            List<Tensor> g = Kawi.grad(one.matmul(w).add(b).tanh().square().sum(), List.of(w, b));
            assertClose(all.get(0).slice(0, i, i + 1).squeeze(0), g.get(0));
            assertClose(all.get(1).slice(0, i, i + 1).squeeze(0), g.get(1));
        }
        assertClose(
                all.get(0).sum(0), Kawi.grad(x.matmul(w).add(b).tanh().square().sum(), w));
    }

    @Test
    void perExampleGradientsOfAConvolutionEqualALoop() {
        Tensor w = random(23, 6, 2, 3, 3);
        Tensor x = random(24, 3, 1, 4, 8, 8);
        BinaryOperator<Tensor> loss = (weights, image) ->
                image.conv2d(weights, 1, 1, 1, 2).maxPool2d(2, 2, 0).square().mean();
        Tensor all = vmap(grad(loss), UNMAPPED, 0).apply(w, x);
        for (int i = 0; i < 3; i++) {
            assertClose(
                    all.slice(0, i, i + 1).squeeze(0),
                    grad(loss).apply(w, x.slice(0, i, i + 1).squeeze(0)));
        }
        assertClose(
                grad((Tensor v) -> vmap(loss, UNMAPPED, 0).apply(v, x).sum()).apply(w), all.sum(0));
        // several models on the same images
        Tensor models = random(25, 2, 6, 2, 3, 3);
        Tensor image = x.slice(0, 0, 1).squeeze(0);
        Tensor values = vmap(loss, 0, UNMAPPED).apply(models, image);
        for (int i = 0; i < 2; i++) {
            assertClose(
                    values.slice(0, i, i + 1).squeeze(0),
                    loss.apply(models.slice(0, i, i + 1).squeeze(0), image));
        }
    }

    @Test
    void nestedBatches() {
        Tensor a = random(26, 3, 5);
        Tensor b = random(27, 4, 5);
        BinaryOperator<Tensor> dot = (x, y) -> x.mul(y).sum();
        Tensor outer =
                vmap((Tensor x) -> vmap((Tensor y) -> dot.apply(x, y)).apply(b)).apply(a);
        assertClose(outer, a.matmul(b.t()));
        Tensor inner = vmap(vmap(dot, UNMAPPED, 0), 0, UNMAPPED).apply(a, b);
        assertClose(inner, a.matmul(b.t()));
        assertClose(vmap((Tensor x) -> x.sum(), 1).apply(a), a.sum(0));
        assertClose(
                vmap(dot, 0, -1).apply(a, random(28, 5, 3)),
                a.mul(random(28, 5, 3).t()).sum(1));
        assertClose(vmap((Tensor x) -> b).apply(a), b.expand(3, 4, 5));
        assertThat(vmap((Tensor x) -> x.exp().sum())
                        .apply(Tensor.zeros(F64, 0, 5))
                        .shape()
                        .dims())
                .containsExactly(0);
        // a table for all, places for each
        Tensor places = Tensor.of(new int[] {0, 2, 2, 1}, 2, 2);
        assertClose(
                vmap((Tensor p) -> a.take(0, p).sum(0)).apply(places),
                a.take(0, places).sum(1));
    }

    @Test
    void hessianOfABatchAndBatchesOfHessians() {
        Tensor x = random(29, 3, 4);
        UnaryOperator<Tensor> f = z -> z.square().sum().sin().add(z.prod(0));
        UnaryOperator<Tensor> total = batch -> vmap(f).apply(batch).sum();
        Tensor whole = hessian(total).apply(x);
        Tensor each = vmap(hessian(f)).apply(x);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                Tensor block = whole.slice(0, i, i + 1).slice(2, j, j + 1).reshape(4, 4);
                Tensor wanted = i != j
                        ? Tensor.zeros(F64, 4, 4)
                        : hessian(f).apply(x.slice(0, i, i + 1).squeeze(0));
                assertClose(block, wanted);
            }
            assertClose(
                    each.slice(0, i, i + 1).squeeze(0),
                    hessian(f).apply(x.slice(0, i, i + 1).squeeze(0)));
        }
        Tensor v = random(30, 3, 4);
        assertClose(
                jvp(vmap(grad(f)), x, v).tangent(),
                vmap((Tensor z, Tensor d) -> hvp(f, z, d), 0, 0).apply(x, v));
    }

    @Test
    void attentionOfEveryExampleEqualsALoop() {
        Tensor q = Key.of(31).normal(3, 2, 5, 4).realized(); // f32: the fused operation
        UnaryOperator<Tensor> f = z -> Tensor.scaledDotProductAttention(z, z.sin(), z.cos(), true)
                .square()
                .sum();
        Tensor all = vmap(grad(f)).apply(q);
        for (int i = 0; i < 3; i++) {
            assertClose(
                    all.slice(0, i, i + 1).squeeze(0),
                    grad(f).apply(q.slice(0, i, i + 1).squeeze(0)),
                    1e-5);
        }
        Tensor v = Key.of(32).normal(3, 2, 5, 4);
        assertClose(jvp(f, q, v).tangent(), grad(f).apply(q).mul(v).sum(), 1e-5);
    }

    // What a function may do

    @Test
    void valuesCanBeReadButNotThoseOfAnExample() {
        UnaryOperator<Tensor> branching = x -> x.sum().item() > 0 ? x.square().sum() : x.sum();
        assertThat(grad(branching).apply(vector(2, 1)).toDoubleArray()).containsExactly(4, 2);
        assertThat(jvp(branching, vector(-2, 1), vector(1, 1)).tangent().item()).isEqualTo(2);
        assertThatThrownBy(() -> vmap(branching).apply(random(1, 3, 2)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("one example of a batch")
                .hasMessageContaining("Tensor.where");
        assertThatThrownBy(() -> vmap((Tensor x) -> new Variable(x)).apply(random(1, 3, 2)))
                .hasMessageContaining("one example of a batch");
        Variable state = new Variable(vector(0));
        assertThatThrownBy(() -> vmap((Tensor x) -> {
                            state.assign(x.sum().reshape(1));
                            return x;
                        })
                        .apply(random(1, 3, 2)))
                .hasMessageContaining("assign")
                .hasMessageContaining("Return it");
        List<Tensor> kept = new ArrayList<>();
        vmap((Tensor x) -> {
                    kept.add(x.mul(2));
                    return x;
                })
                .apply(random(1, 3, 2));
        assertThat(kept.getFirst()).hasToString("f64[2], an example of a batch");
        assertThatThrownBy(() -> kept.getFirst().toDoubleArray()).hasMessageContaining("return it");
    }

    @Test
    void eagerAndLazyGiveTheSameBits() {
        Tensor x = random(40, 3, 2, 4);
        UnaryOperator<Tensor> all = z -> vmap(grad(TransformTest::network))
                .apply(z)
                .add(checkpoint((Tensor y) -> y.sin()).apply(z));
        double[] lazy = all.apply(x).toDoubleArray();
        double[] tangent = jvp(all, x, x).tangent().toDoubleArray();
        Kawi.eager(true);
        try {
            assertThat(all.apply(x).toDoubleArray()).isEqualTo(lazy);
            assertThat(jvp(all, x, x).tangent().toDoubleArray()).isEqualTo(tangent);
        } finally {
            Kawi.eager(false);
        }
    }

    @Test
    void variablesFromOutsideAreDifferentiatedThroughTheTransformation() {
        Parameter w = new Parameter(vector(2, -1));
        Tensor x = vector(3, 5);
        // ∂/∂w Σ ∇ₓ(w²·x²) = ∂/∂w Σ 2w²x = 4wx
        Tensor y = grad((Tensor z) -> w.square().mul(z.square()).sum()).apply(x).sum();
        assertThat(Kawi.grad(y, w).toDoubleArray()).containsExactly(24, -20);
        Tensor batch = vmap((Tensor z) -> w.mul(z).sum()).apply(random(41, 6, 2));
        assertClose(Kawi.grad(batch.sum(), w), random(41, 6, 2).sum(0));
        // with respect to a parameter, and what holds its gradient
        Tensor g = grad((Tensor z) -> z.pow(3).sum()).apply(w);
        assertThat(Kawi.grad(g.sum(), w).toDoubleArray()).containsExactly(12, -6);
    }

    @Test
    void recordedFunctionsNestWithTransformations() {
        Tensor x = random(48, 3, 2, 4);
        double[] wanted = vmap(grad(TransformTest::network)).apply(x).toDoubleArray();
        Function<Tensor, Tensor> jit = Kawi.jit(TransformTest::network);
        for (int call = 0; call < 2; call++) {
            assertThat(Kawi.jit(vmap(grad(TransformTest::network))).apply(x).toDoubleArray())
                    .isEqualTo(wanted);
            assertThat(vmap(grad(jit)).apply(x).toDoubleArray()).isEqualTo(wanted);
        }
        Function<Tensor, Tensor> squares = Kawi.jit(n -> n.mul(n));
        assertThat(vmap(squares).apply(Tensor.arange(4)).toIntArray()).containsExactly(0, 1, 4, 9);
    }

    @Test
    void detachedValuesAreConstantsToEveryTransformation() {
        Tensor x = random(42, 3, 2);
        UnaryOperator<Tensor> f =
                z -> z.detach().mul(z).sum().add(stopGradient(z.square()).sum());
        assertClose(grad(f).apply(x), x);
        assertClose(jvp(f, x, x).tangent(), x.square().sum());
        assertClose(grad((Tensor z) -> vmap(f).apply(z).sum()).apply(x), x);
        assertClose(vmap(grad(f)).apply(x), x);
    }

    @Test
    void randomNumbersAreDrawnOnceForAllExamples() {
        Tensor noisy = vmap((Tensor x) -> x.add(Tensor.rand(2).to(F64))).apply(Tensor.zeros(F64, 3, 2));
        assertThat(noisy.slice(0, 0, 1).toDoubleArray())
                .isEqualTo(noisy.slice(0, 2, 3).toDoubleArray());
        Tensor noise = random(43, 3, 2);
        assertClose(vmap((Tensor x, Tensor n) -> x.add(n), 0, 0).apply(Tensor.zeros(F64, 3, 2), noise), noise);
    }

    @Test
    void nothingIsKeptAfterwards() {
        Tensor w = random(44, 3);
        for (int i = 0; i < 50; i++) {
            w = w.sub(grad((Tensor v) -> v.square().sum()).apply(w).mul(0.1)).realized();
        }
        assertThat(w.node().tracked()).isFalse();
        assertThat(w.node().inputs()).isEmpty();
    }

    @Test
    void theSamePlanServesEveryCall() {
        Parameter w = new Parameter(random(45, 3));
        BinaryOperator<Tensor> custom =
                (v, x) -> customGradient((Tensor z) -> z.mul(x).sum(), (z, y, g) -> g.mul(x))
                        .apply(v);
        List<String> first = Kawi.explain(grad(custom).apply(w, random(46, 3)));
        assertThat(Kawi.explain(grad(custom).apply(w, random(47, 3)))).isEqualTo(first);
    }

    // Rules of one's own

    @Test
    void aRuleOfOnesOwn() {
        // ln(1 + eˣ) with the derivative that does not overflow (the example of JAX's manual)
        UnaryOperator<Tensor> softplus = customGradient(
                (Tensor x) -> x.exp().log1p(),
                (x, y, v) -> v.mul(x.neg().exp().add(1).reciprocal()));
        Tensor x = vector(-1, 0, 800);
        assertClose(grad((Tensor z) -> softplus.apply(z).sum()).apply(x), x.sigmoid());
        assertClose(jvp(softplus, x, vector(1, 2, 3)).tangent(), x.sigmoid().mul(vector(1, 2, 3)));
        assertClose(vmap(grad(softplus)).apply(x), x.sigmoid());
        Tensor rows = random(50, 4, 3);
        UnaryOperator<Tensor> total = z -> softplus.apply(z).sum();
        assertClose(vmap(grad(total)).apply(rows), rows.sigmoid());
        assertClose(grad((Tensor z) -> vmap(total).apply(z).sum()).apply(rows), rows.sigmoid());
        Tensor s = rows.sigmoid();
        assertClose(
                grad((Tensor z) -> grad(total).apply(z).sum()).apply(rows),
                s.mul(s.neg().add(1)));
    }

    @Test
    void aRuleThatIsNotLinearRefusesForwardMode() {
        UnaryOperator<Tensor> clipped = customGradient(
                (Tensor x) -> x.square(), (x, y, v) -> x.mul(2).mul(v).clamp(-1, 1));
        assertThat(grad((Tensor x) -> clipped.apply(x).sum())
                        .apply(vector(3, 0.25))
                        .toDoubleArray())
                .containsExactly(1, 0.5);
        assertThatThrownBy(() -> jvp(clipped, vector(3), vector(1)))
                .hasMessageContaining("customGradient")
                .hasMessageContaining("not linear");
        Parameter w = new Parameter(vector(2));
        assertThatThrownBy(() ->
                        customGradient((Tensor x) -> x.mul(w), (x, y, v) -> v).apply(vector(1)))
                .hasMessageContaining("not among its arguments")
                .hasMessageContaining("detach()");
        assertThatThrownBy(() -> grad(customGradient((Tensor x) -> x.sum(), (x, y, v) -> v))
                        .apply(vector(1, 2)))
                .hasMessageContaining("f64[2]")
                .hasMessageContaining("f64[]");
        Map<String, Tensor> both = Map.of("a", vector(2), "b", vector(5));
        List<Tensor> g = gradAll(customGradientAll(
                        xs -> xs.get(0).mul(xs.get(1)).sum(),
                        (xs, y, v) -> List.of(v.mul(xs.get(1)), xs.get(0).mul(v).mul(-1))))
                .apply(List.of(both.get("a"), both.get("b")));
        assertThat(g.get(0).item()).isEqualTo(5);
        assertThat(g.get(1).item()).isEqualTo(-2);
    }

    // Checkpoints

    /** A network of some layers, every one of them or groups of them under a checkpoint. */
    static Tensor deep(Tensor x, List<? extends Tensor> weights, int group) {
        for (int from = 0; from < weights.size(); from += Math.max(1, group)) {
            List<? extends Tensor> layers = weights.subList(from, Math.min(weights.size(), from + Math.max(1, group)));
            UnaryOperator<Tensor> f = z -> {
                for (Tensor w : layers) {
                    z = z.matmul(w)
                            .tanh()
                            .mul(Key.of(9).bernoulli(0.9, z.shape().dims()).to(z.dtype()));
                }
                return z;
            };
            x = (group > 0 ? checkpoint(f) : f).apply(x);
        }
        return x;
    }

    @Test
    void aCheckpointChangesNoBit() {
        List<Parameter> weights = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            weights.add(new Parameter(random(60 + i, 5, 5)));
        }
        Tensor x = random(70, 3, 5);
        Tensor plain = deep(x, weights, 0).square().sum();
        List<Tensor> wanted = Kawi.grad(plain, weights);
        for (int group : new int[] {1, 2, 3, 6}) {
            Tensor y = deep(x, weights, group).square().sum();
            List<Tensor> g = Kawi.grad(y, weights);
            assertThat(y.item()).isEqualTo(plain.item());
            for (int i = 0; i < 6; i++) {
                assertThat(g.get(i).toDoubleArray()).isEqualTo(wanted.get(i).toDoubleArray());
            }
            int n = group;
            UnaryOperator<Tensor> f = z -> deep(z, weights, n).square().sum();
            UnaryOperator<Tensor> p = z -> deep(z, weights, 0).square().sum();
            assertThat(grad(f).apply(x).toDoubleArray())
                    .isEqualTo(grad(p).apply(x).toDoubleArray());
            assertClose(hessian(f).apply(x), hessian(p).apply(x));
            assertClose(jvp(f, x, x).tangent(), jvp(p, x, x).tangent());
            Tensor batch = random(71, 2, 3, 5);
            assertClose(vmap(grad(f)).apply(batch), vmap(grad(p)).apply(batch));
            assertClose(
                    grad((Tensor z) -> vmap(f).apply(z).sum()).apply(batch),
                    vmap(grad(p)).apply(batch));
        }
    }

    /** Two arrays for each of √depth segments, one between them and one inside: 2·√depth, where a plain step keeps depth. */
    @Test
    void memoryGrowsAsTheRootOfTheDepth() {
        int width = 32;
        int rows = 256;
        Tensor x = random(75, rows, width);
        for (int depth : new int[] {16, 64, 256}) {
            List<Parameter> weights = new ArrayList<>();
            for (int i = 0; i < depth; i++) {
                weights.add(new Parameter(random(100 + i, width, width)));
            }
            int root = (int) Math.sqrt(depth);
            int[] groups = {0, root};
            double[] arrays = new double[2];
            for (int k = 0; k < 2; k++) {
                Tensor y = x;
                for (int from = 0; from < depth; from += root) {
                    List<Parameter> layers = weights.subList(from, from + root);
                    UnaryOperator<Tensor> f = z -> {
                        for (Tensor w : layers) {
                            z = z.matmul(w).tanh();
                        }
                        return z;
                    };
                    y = (groups[k] > 0 ? checkpoint(f) : f).apply(y);
                }
                Tensor loss = y.square().mean();
                List<Tensor> all = new ArrayList<>(List.of(loss));
                List<Tensor> gradients = Kawi.grad(loss, weights);
                for (int i = 0; i < depth; i++) {
                    all.add(weights.get(i).sub(gradients.get(i).mul(0.1)));
                }
                long bytes = Kawi.intermediateBytes(all.toArray(Tensor[]::new));
                arrays[k] = bytes / (8.0 * rows * width);
            }
            System.out.printf("depth %d: %.0f arrays plain, %.0f with checkpoints%n", depth, arrays[0], arrays[1]);
            assertThat(arrays[0]).isBetween(depth - 1.0, depth + 3.0);
            assertThat(arrays[1]).isLessThanOrEqualTo(2 * root + 2);
        }
    }

    @Test
    void aCheckpointOfSeveralValues() {
        Parameter w = new Parameter(random(72, 3, 3));
        Tensor wt = w.t(); // read beside w itself, from which it is computed
        BinaryOperator<Tensor> f =
                (x, a) -> x.matmul(w).tanh().matmul(wt).mul(a).add(x);
        Tensor x = random(73, 2, 3);
        Tensor a = random(74, 2, 3);
        Tensor plain = Kawi.grad(f.apply(x, a).square().sum(), w);
        Tensor kept = Kawi.grad(checkpoint(f).apply(x, a).square().sum(), w);
        assertClose(kept, plain);
        assertClose(
                grad((Tensor z) -> checkpoint(f).apply(z, z).sum()).apply(x),
                grad((Tensor z) -> f.apply(z, z).sum()).apply(x));
        assertThat(checkpoint((Tensor z) -> a).apply(x).toDoubleArray()).isEqualTo(a.toDoubleArray());
    }

    // Mistakes

    @Test
    void mistakesAreNamed() {
        Tensor x = random(80, 3, 2);
        assertThatThrownBy(() -> grad((Tensor z) -> z.square()).apply(x)).hasMessageContaining("reduce it first");
        assertThatThrownBy(() -> grad((Tensor z) -> z.to(F64).sum()).apply(Tensor.arange(3)))
                .hasMessageContaining("only floating-point");
        assertThatThrownBy(() -> jvp(z -> z, x, vector(1)))
                .hasMessageContaining("[1]")
                .hasMessageContaining("[3, 2]");
        assertThatThrownBy(() -> vjp(z -> z.sum(), x).pullback().apply(x)).hasMessageContaining("f(x)");
        assertThatThrownBy(() -> vmap((Tensor z, Tensor a) -> z, 0, 0).apply(x, vector(1)))
                .hasMessageContaining("has 1 examples along axis 0, but those before it have 3");
        assertThatThrownBy(() ->
                        vmap((Tensor z, Tensor a) -> z, UNMAPPED, UNMAPPED).apply(x, x))
                .hasMessageContaining("needs an axis");
        assertThatThrownBy(() -> vmap((Tensor z) -> z, 2).apply(x)).hasMessageContaining("axis 2");
    }
}
