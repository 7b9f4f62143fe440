package kawi.tensor;

import static kawi.tensor.Arithmetic.*;

import kawi.base.KawiException;
import kawi.graph.Elementwise;

/** Functions of probability and analysis, element by element, as in {@code torch.special} and {@code scipy.special}. */
public final class Special {
    private Special() {}

    /** 2/√π ∫₀ˣ e^(−t²) dt. */
    public static Tensor erf(Tensor x) {
        return x.erf();
    }

    /** 1 − erf x, exact where that is small. */
    public static Tensor erfc(Tensor x) {
        return real(Elementwise.ERFC, x);
    }

    /** The y with erf y = x. */
    public static Tensor erfinv(Tensor x) {
        return real(Elementwise.ERFINV, x);
    }

    /** ln |Γ(x)|, in {@code scipy.special} gammaln. */
    public static Tensor lgamma(Tensor x) {
        return real(Elementwise.LGAMMA, x);
    }

    /** ln |Γ(x)|. */
    public static Tensor gammaln(Tensor x) {
        return lgamma(x);
    }

    /** ψ(x), the derivative of ln Γ. */
    public static Tensor digamma(Tensor x) {
        return polygamma(0, x);
    }

    /** ψ(x), the derivative of ln Γ. */
    public static Tensor psi(Tensor x) {
        return polygamma(0, x);
    }

    /** The derivative of order n of ψ. */
    public static Tensor polygamma(int n, Tensor x) {
        if (n < 0) {
            throw new KawiException("polygamma: the order starts at 0, but " + n + " was given");
        }
        Tensor r = real(x);
        return binary(Elementwise.POLYGAMMA, number(n, r), r);
    }

    /** ln Γ of dimension p: p(p − 1)/4·ln π + Σ ln Γ(x − i/2) for i = 0 … p − 1. */
    public static Tensor multigammaln(Tensor x, int p) {
        Tensor sum = lgamma(x).add(p * (p - 1) / 4.0 * Math.log(Math.PI));
        for (int i = 1; i < p; i++) {
            sum = sum.add(lgamma(real(x).sub(i / 2.0)));
        }
        return sum;
    }

    /** ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b). */
    public static Tensor betaln(Tensor a, Tensor b) {
        return lgamma(a).add(lgamma(b)).sub(lgamma(a.add(b)));
    }

    /** 1/(1 + e⁻ˣ). */
    public static Tensor expit(Tensor x) {
        return x.sigmoid();
    }

    /** ln(x/(1 − x)), the inverse of the sigmoid. */
    public static Tensor logit(Tensor x) {
        Tensor r = real(x);
        return r.log().sub(r.neg().log1p());
    }

    /** The same for x brought into [ε, 1 − ε]. */
    public static Tensor logit(Tensor x, double epsilon) {
        return logit(Activations.hardtanh(real(x), epsilon, 1 - epsilon));
    }

    /** x·ln y, and 0 where x is 0 (but NaN where y is). */
    public static Tensor xlogy(Tensor x, Tensor y) {
        Tensor nothing = x.eq(0).and(y.isNan().not());
        Tensor safe = Tensor.where(nothing, number(1, y), y);
        return Tensor.where(nothing, x.mul(0), x.mul(safe.log()));
    }

    /** x·ln(1 + y), and 0 where x is 0 (but NaN where y is). */
    public static Tensor xlog1py(Tensor x, Tensor y) {
        Tensor nothing = x.eq(0).and(y.isNan().not());
        Tensor safe = Tensor.where(nothing, number(0, y), y);
        return Tensor.where(nothing, x.mul(0), x.mul(safe.log1p()));
    }

    /** −x·ln x, 0 at 0 and −∞ below. */
    public static Tensor entr(Tensor x) {
        Tensor r = real(x);
        Tensor low = r.lt(0);
        Tensor value = xlogy(r, Tensor.where(low, number(1, r), r)).neg();
        return Tensor.where(low, number(Double.NEGATIVE_INFINITY, r), value);
    }

    /** The standard normal distribution function, ½erfc(−x/√2). */
    public static Tensor ndtr(Tensor x) {
        return erfc(real(x).mul(-Math.sqrt(0.5))).mul(0.5);
    }

    /** The inverse of {@link #ndtr}. */
    public static Tensor ndtri(Tensor x) {
        return erfinv(real(x).mul(2).sub(1)).mul(Math.sqrt(2));
    }

    /** sin(πx)/(πx), 1 at 0; near 0 by its series, so that derivatives are right there too. */
    public static Tensor sinc(Tensor tensor) {
        Tensor x = real(tensor).mul(Math.PI);
        Tensor near = x.abs().lt(3e-3);
        Tensor square = x.square();
        Tensor series = square.mul(1 / 120.0).sub(1 / 6.0).mul(square).add(1);
        Tensor safe = Tensor.where(near, number(1, x), x);
        return Tensor.where(near, series, safe.sin().div(safe));
    }

    /** 2ˣ. */
    public static Tensor exp2(Tensor x) {
        return x.exp2();
    }
}
