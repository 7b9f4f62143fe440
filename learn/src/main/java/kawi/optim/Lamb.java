package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Layer-wise adaptive Adam: r = m̂/(√v̂ + ε) with m̂ and v̂ those of {@link Adam}; u = r + λθ; θ ← θ − η·‖θ‖/‖u‖·u for each
 * parameter (You et al. 2020, algorithm 2 with φ the identity). Where ‖θ‖ or ‖u‖ is 0 the ratio is 1. Weight decay λ is
 * inside of the rule.
 */
public final class Lamb extends Optimizer {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-6;

    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-6. */
    public Lamb(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
    }

    /** How much of the averages of gradients, β₁, and of their squares, β₂, is kept. Returns this. */
    public Lamb betas(double beta1, double beta2) {
        this.beta1 = Require.decay("Lamb", "β₁", beta1);
        this.beta2 = Require.decay("Lamb", "β₂", beta2);
        return this;
    }

    /** The ε that keeps the divisor above 0. Returns this. */
    public Lamb epsilon(double epsilon) {
        this.epsilon = Require.positive("Lamb", "ε", epsilon);
        return this;
    }

    @Override
    protected List<String> slots() {
        return List.of("m", "v");
    }

    @Override
    protected boolean decaysItself() {
        return true;
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        Tensor m = step.set("m", step.get("m").mul(beta1).add(g.mul(1 - beta1)));
        Tensor v = step.set("v", step.get("v").mul(beta2).add(g.square().mul(1 - beta2)));
        double t = step.number();
        Tensor scale = v.sqrt().mul(1 / Math.sqrt(1 - Math.pow(beta2, t))).add(epsilon);
        Tensor u = m.mul(1 / (1 - Math.pow(beta1, t))).div(scale).add(theta.mul(step.weightDecay()));
        Tensor w = theta.norm();
        Tensor size = u.norm();
        Tensor ratio = Tensor.where(w.gt(0).and(size.gt(0)), w.div(size), w.onesLike());
        return theta.sub(u.mul(ratio.mul(step.rate())));
    }
}
