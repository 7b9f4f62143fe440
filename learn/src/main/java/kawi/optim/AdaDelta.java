package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * AdaDelta: E[g²] ← ρE[g²] + (1 − ρ)g²; Δ = −√(E[Δ²] + ε)/√(E[g²] + ε)·g; E[Δ²] ← ρE[Δ²] + (1 − ρ)Δ²; θ ← θ + η·Δ
 * (Zeiler 2012, algorithm 1, where η = 1).
 */
public final class AdaDelta extends Optimizer {
    private double rho = 0.9;
    private double epsilon = 1e-6;

    /** η = 1, ρ = 0.9, ε = 1e-6. */
    public AdaDelta(Collection<Parameter> parameters) {
        this(parameters, 1);
    }

    /** ρ = 0.9, ε = 1e-6. */
    public AdaDelta(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
    }

    /** How much of the averages is kept, ρ. Returns this. */
    public AdaDelta rho(double rho) {
        this.rho = Require.decay("AdaDelta", "ρ", rho);
        return this;
    }

    /** The ε that keeps the divisor above 0 and lets the first step be one. Returns this. */
    public AdaDelta epsilon(double epsilon) {
        this.epsilon = Require.positive("AdaDelta", "ε", epsilon);
        return this;
    }

    @Override
    protected List<String> slots() {
        return List.of("g2", "delta2");
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        Tensor g2 = step.set("g2", step.get("g2").mul(rho).add(g.square().mul(1 - rho)));
        Tensor before = step.get("delta2");
        Tensor delta =
                before.add(epsilon).sqrt().div(g2.add(epsilon).sqrt()).mul(g).neg();
        step.set("delta2", before.mul(rho).add(delta.square().mul(1 - rho)));
        return theta.add(delta.mul(step.rate()));
    }
}
