package kawi.nn;

import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/**
 * In training each element is 0 with probability p and otherwise divided by 1 − p, so that its expectation stays; in
 * use nothing happens (Srivastava et al. 2014, section 10).
 */
public final class Dropout extends Module {
    private final double p;

    /** Elements are dropped with probability p, 0 ≤ p &lt; 1. */
    public Dropout(double p) {
        if (!(p >= 0 && p < 1)) {
            throw new KawiException("Dropout: the probability lies in 0 to below 1, but " + p + " was given");
        }
        this.p = p;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (!training() || p == 0) {
            return traced(x, x);
        }
        Tensor kept = Kawi.nextKey().bernoulli(1 - p, x.shape().dims());
        return traced(x, Tensor.where(kept, x.mul(1 / (1 - p)), Tensor.scalar(0, x.dtype())));
    }

    @Override
    public String toString() {
        return "Dropout(" + p + ")";
    }
}
