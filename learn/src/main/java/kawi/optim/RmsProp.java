package kawi.optim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * RMSProp: v ← αv + (1 − α)g²; θ ← θ − η·g/(√v + ε) (Tieleman and Hinton 2012, <em>Neural networks for machine learning</em>,
 * lecture 6.5). Centred, v − ḡ² with ḡ ← αḡ + (1 − α)g stands for v; with momentum μ, b ← μb + g/(√v + ε) and θ ← θ − η·b
 * (Graves 2013, section 2; PyTorch's form).
 */
public final class RmsProp extends Optimizer {
    private double alpha = 0.99;
    private double epsilon = 1e-8;
    private double momentum;
    private boolean centred;

    /** α = 0.99, ε = 1e-8, not centred, no momentum. */
    public RmsProp(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
    }

    /** How much of the average of squares is kept, α. Returns this. */
    public RmsProp alpha(double alpha) {
        this.alpha = Require.decay("RmsProp", "α", alpha);
        return this;
    }

    /** The ε that keeps the divisor above 0. Returns this. */
    public RmsProp epsilon(double epsilon) {
        this.epsilon = Require.positive("RmsProp", "ε", epsilon);
        return this;
    }

    /** Momentum μ. Returns this. */
    public RmsProp momentum(double momentum) {
        this.momentum = Require.decay("RmsProp", "momentum", momentum);
        return this;
    }

    /** Divides by the deviation of the gradient in place of its root mean square. Returns this. */
    public RmsProp centred() {
        this.centred = true;
        return this;
    }

    @Override
    protected List<String> slots() {
        List<String> slots = new ArrayList<>(List.of("v"));
        if (centred) {
            slots.add("g");
        }
        if (momentum > 0) {
            slots.add("b");
        }
        return slots;
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        Tensor v = step.set("v", step.get("v").mul(alpha).add(g.square().mul(1 - alpha)));
        if (centred) {
            Tensor mean = step.set("g", step.get("g").mul(alpha).add(g.mul(1 - alpha)));
            v = v.sub(mean.square()).clampMin(0); // rounding may leave it below 0
        }
        Tensor direction = g.div(v.sqrt().add(epsilon));
        if (momentum > 0) {
            direction = step.set("b", step.get("b").mul(momentum).add(direction));
        }
        return theta.sub(direction.mul(step.rate()));
    }
}
