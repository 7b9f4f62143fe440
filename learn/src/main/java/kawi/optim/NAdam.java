package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Adam with Nesterov's momentum: μ_t = β₁(1 − ½·0.96^(tψ)); m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; m̂ =
 * μ_{t+1}·m/(1 − ∏_{i≤t+1} μᵢ) + (1 − μ_t)·g/(1 − ∏_{i≤t} μᵢ); θ ← θ − η·m̂/(√(v/(1 − β₂ᵗ)) + ε) (Dozat 2016, algorithm 2 and
 * its schedule of μ).
 */
public final class NAdam extends Optimizer {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;
    private double psi = 0.004;
    /** ∏ μᵢ of the steps 1 to {@link #multiplied}. */
    private double product = 1;

    private long multiplied;

    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8, ψ = 0.004. */
    public NAdam(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
    }

    /** How much of the averages of gradients, β₁, and of their squares, β₂, is kept. Returns this. */
    public NAdam betas(double beta1, double beta2) {
        this.beta1 = Require.decay("NAdam", "β₁", beta1);
        this.beta2 = Require.decay("NAdam", "β₂", beta2);
        return this;
    }

    /** The ε that keeps the divisor above 0. Returns this. */
    public NAdam epsilon(double epsilon) {
        this.epsilon = Require.positive("NAdam", "ε", epsilon);
        return this;
    }

    /** How fast the momentum rises from β₁/2 to β₁, ψ. Returns this. */
    public NAdam momentumDecay(double psi) {
        this.psi = Require.notNegative("NAdam", "ψ", psi);
        return this;
    }

    @Override
    protected List<String> slots() {
        return List.of("m", "v");
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        long t = step.number();
        Tensor m = step.set("m", step.get("m").mul(beta1).add(g.mul(1 - beta1)));
        Tensor v = step.set("v", step.get("v").mul(beta2).add(g.square().mul(1 - beta2)));
        double now = product(t);
        double ofMomentum = step.rate() * mu(t + 1) / (1 - now * mu(t + 1));
        double ofGradient = step.rate() * (1 - mu(t)) / (1 - now);
        Tensor scale = v.sqrt().mul(1 / Math.sqrt(1 - Math.pow(beta2, t))).add(epsilon);
        return theta.sub(m.mul(ofMomentum).add(g.mul(ofGradient)).div(scale));
    }

    private double mu(long t) {
        return beta1 * (1 - 0.5 * Math.pow(0.96, t * psi));
    }

    /** μ₁ ⋯ μ_t, multiplied in this order whether the run was resumed or not. */
    private double product(long t) {
        if (t < multiplied) {
            product = 1;
            multiplied = 0;
        }
        while (multiplied < t) {
            product *= mu(++multiplied);
        }
        return product;
    }
}
