package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Adam: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − η·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε) (Kingma and Ba 2015,
 * algorithm 1). Weight decay, where given, is added to the gradient; {@link AdamW} decouples it.
 */
public class Adam extends Optimizer {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;
    private boolean amsgrad;

    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8. */
    public Adam(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
    }

    /** How much of the averages of gradients, β₁, and of their squares, β₂, is kept. Returns this. */
    public Adam betas(double beta1, double beta2) {
        this.beta1 = Require.decay("Adam", "β₁", beta1);
        this.beta2 = Require.decay("Adam", "β₂", beta2);
        return this;
    }

    /** The ε that keeps the divisor above 0. Returns this. */
    public Adam epsilon(double epsilon) {
        this.epsilon = Require.positive("Adam", "ε", epsilon);
        return this;
    }

    /** Divides by the largest v so far in place of v (AMSGrad: Reddi, Kale and Kumar 2018, algorithm 2). Returns this. */
    public Adam amsgrad() {
        this.amsgrad = true;
        return this;
    }

    @Override
    protected List<String> slots() {
        return amsgrad ? List.of("m", "v", "vMax") : List.of("m", "v");
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        Tensor m = step.set("m", step.get("m").mul(beta1).add(g.mul(1 - beta1)));
        Tensor v = step.set("v", step.get("v").mul(beta2).add(g.square().mul(1 - beta2)));
        if (amsgrad) {
            v = step.set("vMax", step.get("vMax").maximum(v));
        }
        double correction1 = 1 - Math.pow(beta1, step.number());
        double correction2 = 1 - Math.pow(beta2, step.number());
        Tensor scale = v.sqrt().mul(1 / Math.sqrt(correction2)).add(epsilon);
        return theta.sub(m.mul(step.rate() / correction1).div(scale));
    }
}
