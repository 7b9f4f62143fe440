package kawi.nn;

import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/**
 * In training adds normal noise of standard deviation σ to each element; in use nothing happens. On inputs it makes the function flat around
 * the examples, for small σ as a penalty on ‖∂y/∂x‖² does (Bishop 1995, <em>Training with noise is equivalent to Tikhonov
 * regularization</em>); the last layer of a network in training, it is noise on outputs.
 */
public final class GaussianNoise extends Module {
    private final double deviation;

    /** Noise of standard deviation σ from 0 on. */
    public GaussianNoise(double deviation) {
        if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
            throw new KawiException(
                    "GaussianNoise: the standard deviation is a number from 0 on, but " + deviation + " was given");
        }
        this.deviation = deviation;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (!training() || deviation == 0) {
            return traced(x, x);
        }
        Tensor noise = Kawi.nextKey().normal(x.dtype(), x.shape().dims());
        return traced(x, x.add(noise.mul(deviation)));
    }

    @Override
    public String toString() {
        return "GaussianNoise(" + deviation + ")";
    }
}
