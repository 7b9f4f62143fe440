package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Rectified Adam: with ρ∞ = 2/(1 − β₂) − 1 and ρ_t = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ), θ ← θ − η·m̂ while ρ_t ≤ 5, when the variance of the
 * step is not known yet, and then θ ← θ − η·r_t·m̂·√(1 − β₂ᵗ)/(√v + ε), r_t = √((ρ_t − 4)(ρ_t − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ_t)), with
 * m̂ = m/(1 − β₁ᵗ) and m, v as in {@link Adam} (Liu et al. 2020, algorithm 2; the bound there is 4, in their program and in
 * PyTorch 5).
 */
public final class RAdam extends Optimizer {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;

    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8. */
    public RAdam(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
    }

    /** How much of the averages of gradients, β₁, and of their squares, β₂, is kept. Returns this. */
    public RAdam betas(double beta1, double beta2) {
        this.beta1 = Require.decay("RAdam", "β₁", beta1);
        this.beta2 = Require.decay("RAdam", "β₂", beta2);
        return this;
    }

    /** The ε that keeps the divisor above 0. Returns this. */
    public RAdam epsilon(double epsilon) {
        this.epsilon = Require.positive("RAdam", "ε", epsilon);
        return this;
    }

    @Override
    protected List<String> slots() {
        return List.of("m", "v");
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        Tensor m = step.set("m", step.get("m").mul(beta1).add(g.mul(1 - beta1)));
        Tensor v = step.set("v", step.get("v").mul(beta2).add(g.square().mul(1 - beta2)));
        double t = step.number();
        double power = Math.pow(beta2, t);
        double rhoEnd = 2 / (1 - beta2) - 1;
        double rho = rhoEnd - 2 * t * power / (1 - power);
        Tensor plain = m.mul(step.rate() / (1 - Math.pow(beta1, t)));
        if (rho <= 5) {
            return theta.sub(plain);
        }
        double r = Math.sqrt((rho - 4) * (rho - 2) * rhoEnd / ((rhoEnd - 4) * (rhoEnd - 2) * rho));
        return theta.sub(plain.mul(r * Math.sqrt(1 - power)).div(v.sqrt().add(epsilon)));
    }
}
