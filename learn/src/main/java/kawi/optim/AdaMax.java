package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * AdaMax: m ← β₁m + (1 − β₁)g; u ← max(β₂u, |g| + ε); θ ← θ − η/(1 − β₁ᵗ)·m/u (Kingma and Ba 2015, algorithm 2; the ε, for
 * gradients that are 0 from the start, is PyTorch's).
 */
public final class AdaMax extends Optimizer {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;

    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8. */
    public AdaMax(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
    }

    /** How much of the average of gradients, β₁, and of the largest, β₂, is kept. Returns this. */
    public AdaMax betas(double beta1, double beta2) {
        this.beta1 = Require.decay("AdaMax", "β₁", beta1);
        this.beta2 = Require.decay("AdaMax", "β₂", beta2);
        return this;
    }

    /** The ε that keeps the divisor above 0. Returns this. */
    public AdaMax epsilon(double epsilon) {
        this.epsilon = Require.positive("AdaMax", "ε", epsilon);
        return this;
    }

    @Override
    protected List<String> slots() {
        return List.of("m", "u");
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        Tensor m = step.set("m", step.get("m").mul(beta1).add(g.mul(1 - beta1)));
        Tensor u = step.set("u", step.get("u").mul(beta2).maximum(g.abs().add(epsilon)));
        return theta.sub(
                m.mul(step.rate() / (1 - Math.pow(beta1, step.number()))).div(u));
    }
}
