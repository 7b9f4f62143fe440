package kawi.optim;

import kawi.base.DType;
import kawi.tensor.Tensor;

/** How far a value of an objective is uncertain by rounding. */
final class Rounding {
    private Rounding() {}

    /**
     * A few units in the last place of f(x). Near a minimum decreases are smaller than that, and a comparison of values that ignored it
     * would refuse good steps at random (Hager and Zhang 2005, <em>A new conjugate gradient method with guaranteed descent</em>, section 3).
     */
    static double of(Point p) {
        double unit = p.x().dtype() == DType.F32 ? 0x1p-23 : 0x1p-52;
        return 4 * unit * Math.abs(p.value());
    }

    /** Whether a step changes no element of x by more than a few of its last digits. */
    static boolean hides(Tensor step, Tensor x) {
        double share = x.dtype() == DType.F32 ? 1e-6 : 1e-13;
        return step.abs().le(x.abs().mul(share)).all().item() == 1;
    }
}
