package kawi.tensor;

import kawi.base.KawiException;
import kawi.graph.Graph;

/**
 * The nonlinear functions between layers, as in {@code torch.nn.functional}; the most common are methods of {@link Tensor} too. All work
 * on each element by itself but for {@link #glu} and the softmaxes.
 */
public final class Activations {
    private Activations() {}

    static Tensor relu(Tensor x) {
        return Tensor.of(Graph.where(x.le(0).node(), Arithmetic.number(0, x).node(), x.node()));
    }

    static Tensor leakyRelu(Tensor x, double slope) {
        return Tensor.where(x.gt(0), x, x.mul(slope));
    }

    static Tensor gelu(Tensor x) {
        return x.mul(0.5).mul(x.mul(Math.sqrt(0.5)).erf().add(1));
    }

    static Tensor silu(Tensor x) {
        return x.mul(x.sigmoid());
    }

    static Tensor softplus(Tensor x) {
        // −|x| by where: the derivative of |x| at 0 is taken as 0, which would make that of the sum 0 in place of ½.
        Tensor r = Arithmetic.real(x);
        return r.relu().add(Tensor.where(r.gt(0), r.neg(), r).exp().log1p());
    }

    static Tensor softmax(Tensor tensor, int axis) {
        Tensor x = Arithmetic.real(tensor); // differences of integers could overflow
        int a = x.shape().axis(axis, "softmax");
        if (x.dim(a) == 0) {
            return x.unchanging();
        }
        Tensor e = x.sub(x.maxKeepDims(a).detach()).exp();
        return e.div(e.sumKeepDims(a));
    }

    static Tensor logSoftmax(Tensor tensor, int axis) {
        Tensor x = Arithmetic.real(tensor);
        int a = x.shape().axis(axis, "logSoftmax");
        if (x.dim(a) == 0) {
            return x.unchanging();
        }
        Tensor shifted = x.sub(x.maxKeepDims(a).detach());
        return shifted.sub(shifted.exp().sumKeepDims(a).log());
    }

    /** x where positive, else α(eˣ − 1) (Clevert et al. 2016). */
    public static Tensor elu(Tensor x, double alpha) {
        // the exponential of what is not taken must not overflow: 0 times ∞ would spoil its derivative
        return Tensor.where(x.gt(0), x, negative(x).expm1().mul(alpha));
    }

    /** x where at most 0, else 0. */
    private static Tensor negative(Tensor x) {
        return Tensor.where(x.gt(0), Arithmetic.number(0, x), x);
    }

    /** 1.0507·(x where positive, else 1.6733·(eˣ − 1)) (Klambauer et al. 2017). */
    public static Tensor selu(Tensor x) {
        return elu(x, 1.6732632423543772848).mul(1.0507009873554804934);
    }

    /** x where positive, else α(e^(x/α) − 1) (Barron 2017). */
    public static Tensor celu(Tensor x, double alpha) {
        return Tensor.where(x.gt(0), x, negative(x).div(alpha).expm1().mul(alpha));
    }

    /** x·tanh(ln(1 + eˣ)) (Misra 2020). */
    public static Tensor mish(Tensor x) {
        return x.mul(x.softplus().tanh());
    }

    /** x brought into [low, high]; flat outside. */
    public static Tensor hardtanh(Tensor x, double low, double high) {
        Tensor inside = x.gt(low).and(x.lt(high));
        return Tensor.where(inside.or(x.isNan()), x, x.detach().clamp(low, high));
    }

    /** x brought into [0, 6]. */
    public static Tensor relu6(Tensor x) {
        return hardtanh(x, 0, 6);
    }

    /** (x + 3)/6 brought into [0, 1]. */
    public static Tensor hardsigmoid(Tensor x) {
        return hardtanh(x, -3, 3).add(3).div(6);
    }

    /** x·hardsigmoid(x) (Howard et al. 2019). */
    public static Tensor hardswish(Tensor x) {
        return x.mul(hardsigmoid(x));
    }

    /** x / (1 + |x|). */
    public static Tensor softsign(Tensor x) {
        return x.div(x.abs().add(1));
    }

    /** ln(1 + e^(βx))/β. */
    public static Tensor softplus(Tensor x, double beta) {
        return softplus(x.mul(beta)).div(beta);
    }

    /** ln sigmoid(x), without overflow. */
    public static Tensor logSigmoid(Tensor x) {
        return softplus(x.neg()).neg();
    }

    /** x moved towards 0 by λ, 0 where |x| ≤ λ. */
    public static Tensor softshrink(Tensor x, double lambda) {
        Tensor zero = Arithmetic.number(0, x);
        return Tensor.where(x.gt(lambda), x.sub(lambda), Tensor.where(x.lt(-lambda), x.add(lambda), zero));
    }

    /** x, but 0 where |x| ≤ λ. */
    public static Tensor hardshrink(Tensor x, double lambda) {
        return Tensor.where(x.abs().le(lambda), Arithmetic.number(0, x), x);
    }

    /** x − tanh x. */
    public static Tensor tanhshrink(Tensor x) {
        return x.sub(x.tanh());
    }

    /** x where above the threshold, else the value. */
    public static Tensor threshold(Tensor x, double threshold, double value) {
        return Tensor.where(x.le(threshold), Arithmetic.number(value, x), x);
    }

    /** x where positive, else slope·x, with a slope that is learnt (He et al. 2015). */
    public static Tensor prelu(Tensor x, Tensor slope) {
        return Tensor.where(x.gt(0), x, x.mul(slope));
    }

    /** The first half along an axis times the sigmoid of the second (Dauphin et al. 2017). */
    public static Tensor glu(Tensor x, int axis) {
        int n = x.dim(axis);
        if (n % 2 != 0) {
            throw new KawiException(
                    "glu: axis %d of shape %s does not divide into two halves".formatted(axis, x.shape()));
        }
        return x.slice(axis, 0, n / 2).mul(x.slice(axis, n / 2, n).sigmoid());
    }

    /** x·Φ(x) by its approximation ½x(1 + tanh(√(2/π)(x + 0.044715x³))) (Hendrycks and Gimpel 2016). */
    public static Tensor geluTanh(Tensor x) {
        Tensor inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
        return x.mul(0.5).mul(inner.tanh().add(1));
    }

    /** e⁻ˣ / Σ e⁻ˣ along an axis. */
    public static Tensor softmin(Tensor x, int axis) {
        return softmax(x.neg(), axis);
    }
}
