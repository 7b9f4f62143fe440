package kawi.recipes;

import static kawi.recipes.Closeness.relativeError;
import static kawi.tensor.Transform.UNMAPPED;
import static kawi.tensor.Transform.grad;
import static kawi.tensor.Transform.hessian;
import static kawi.tensor.Transform.hvp;
import static kawi.tensor.Transform.vmap;

import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import kawi.base.DType;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Derivatives of any order against closed forms, in double precision. Logistic regression, with labels yᵢ = ±1 and σ(t) = 1/(1 + e⁻ᵗ):
 *
 * <pre>
 *   f(w)   = Σᵢ ln(1 + exp(−yᵢ·xᵢᵀw))
 *   ∇fᵢ(w) = −σ(−yᵢ·xᵢᵀw)·yᵢ·xᵢ                     the gradient of example i
 *   ∇²f(w) = XᵀSX,  S = diag(σ(xᵢᵀw)·(1 − σ(xᵢᵀw)))   (Bishop 2006, Pattern Recognition and Machine Learning, 4.97)
 * </pre>
 */
final class A5Derivatives implements Demonstration {
    private static final int EXAMPLES = 200;
    private static final int FEATURES = 12;
    /** Of sums of 200 products in double precision: some hundred roundings of 1e-16. */
    private static final Reference ROUNDING = Reference.atMost(1e-12);

    private final Tensor x = Key.of(1).normal(DType.F64, EXAMPLES, FEATURES).realized();
    private final Tensor y = Key.of(2).normal(DType.F64, EXAMPLES).sign().realized();
    private final Tensor w = Key.of(3).normal(DType.F64, FEATURES).realized();

    @Override
    public String id() {
        return "A5";
    }

    @Override
    public String sentence() {
        return "Hessians, Hessian-vector products, per-example gradients and higher derivatives equal their closed forms";
    }

    @Override
    public void run(Report report) {
        logisticRegression(report);
        thirdDerivative(report);
        metaGradient(report);
        unrolledDescent(report);
    }

    private void logisticRegression(Report report) {
        Tensor xy = Tensor.concat(1, x, y.unsqueeze(1)); // [EXAMPLES, FEATURES + 1]: an example and its label
        BinaryOperator<Tensor> ofOne = (v, example) -> example.slice(0, 0, FEATURES)
                .dot(v)
                .mul(example.select(0, FEATURES))
                .neg()
                .softplus();
        UnaryOperator<Tensor> total = v -> vmap(ofOne, UNMAPPED, 0).apply(v, xy).sum();

        Tensor p = x.matmul(w).sigmoid();
        Tensor s = p.mul(p.neg().add(1)).unsqueeze(1); // [EXAMPLES, 1]
        Tensor closed = x.t().matmul(x.mul(s)); // XᵀSX
        Tensor h = hessian(total).apply(w);
        report.say("The Hessian of logistic regression, its upper left corner, and XᵀSX:");
        report.say("%s", h.slice(0, 0, 3).slice(1, 0, 3));
        report.say("%s", closed.slice(0, 0, 3).slice(1, 0, 3));
        report.figure("hessian_error", "Hessian against XᵀSX", relativeError(h, closed), ROUNDING);

        Tensor v = Key.of(4).normal(DType.F64, FEATURES).realized();
        report.figure(
                "hvp_error",
                "Hessian-vector product against XᵀSXv",
                relativeError(hvp(total, w, v), closed.matmul(v)),
                ROUNDING);

        // Every example's own gradient in one program: vmap of grad.
        Tensor each = vmap(grad(ofOne), UNMAPPED, 0).apply(w, xy); // [EXAMPLES, FEATURES]
        Tensor margin = x.matmul(w).mul(y);
        Tensor eachClosed = x.mul(margin.neg().sigmoid().mul(y).neg().unsqueeze(1));
        report.figure(
                "per_example_error",
                "per-example gradients against −σ(−yxᵀw)·y·x",
                relativeError(each, eachClosed),
                ROUNDING);
        report.figure(
                "per_example_sum_error",
                "their sum against the gradient of the sum",
                relativeError(each.sum(0), grad(total).apply(w)),
                ROUNDING);
    }

    /** Σxᵢ⁵ has the third derivatives 60·xᵢ². */
    private void thirdDerivative(Report report) {
        UnaryOperator<Tensor> f = z -> z.pow(5).sum();
        UnaryOperator<Tensor> second =
                z -> grad((Tensor t) -> grad(f).apply(t).sum()).apply(z).sum();
        report.figure(
                "third_error",
                "third derivative of Σx⁵ against 60x²",
                relativeError(grad(second).apply(w), w.square().mul(60)),
                ROUNDING);
    }

    /**
     * The gradient through a step of gradient descent (MAML; Finn et al. 2017, <em>Model-agnostic meta-learning for fast adaptation of deep
     * networks</em>, equation 1). For the inner loss ½wᵀAw − bᵀw and the outer ½‖w′ − c‖², w′ = w − α(Aw − b), it is (I − αA)(w′ − c).
     */
    private void metaGradient(Report report) {
        double alpha = 0.05;
        Tensor m = Key.of(5).normal(DType.F64, FEATURES, FEATURES).realized();
        Tensor a = m.matmul(m.t());
        Tensor b = Key.of(6).normal(DType.F64, FEATURES).realized();
        Tensor c = Key.of(7).normal(DType.F64, FEATURES).realized();
        UnaryOperator<Tensor> inner = v -> a.matmul(v).dot(v).mul(0.5).sub(b.dot(v));
        UnaryOperator<Tensor> outer = v ->
                v.sub(grad(inner).apply(v).mul(alpha)).sub(c).square().sum().mul(0.5);
        Tensor step = w.sub(a.matmul(w).sub(b).mul(alpha));
        Tensor off = step.sub(c);
        report.figure(
                "maml_error",
                "gradient through a step of descent against (I − αA)(w′ − c)",
                relativeError(grad(outer).apply(w), off.sub(a.matmul(off).mul(alpha))),
                ROUNDING);
    }

    /** n steps of descent on ½λw² from w = 3 end at 3(1 − αλ)ⁿ, whose derivative by the step length α is −3nλ(1 − αλ)ⁿ⁻¹. */
    private void unrolledDescent(Report report) {
        int n = 25;
        double lambda = 0.7;
        double alpha = 0.3;
        UnaryOperator<Tensor> end = rate -> {
            Tensor v = Tensor.scalar(3, DType.F64);
            for (int i = 0; i < n; i++) {
                v = v.sub(
                        grad((Tensor t) -> t.square().mul(lambda / 2)).apply(v).mul(rate));
            }
            return v;
        };
        double found = grad(end).apply(Tensor.scalar(alpha, DType.F64)).item();
        double closed = -3 * n * lambda * Math.pow(1 - alpha * lambda, n - 1);
        report.say("The derivative of %d steps of descent by their length: %.12f, closed form %.12f", n, found, closed);
        report.figure(
                "unrolled_error",
                "derivative of 25 steps of descent by their length against the closed form",
                Math.abs(found / closed - 1),
                ROUNDING);
    }
}
