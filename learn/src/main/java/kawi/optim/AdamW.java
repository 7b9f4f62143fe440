package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Update;
import kawi.tensor.Variable;

/** {@link Adam} with decoupled weight decay: first θ ← θ − η·λ·θ, then Adam's step (Loshchilov and Hutter 2019, algorithm 2). */
public final class AdamW extends Adam {
    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8, weight decay 0.01. */
    public AdamW(Collection<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, 0.9, 0.999, 1e-8, 0.01);
    }

    /** All settings given. */
    public AdamW(
            Collection<Parameter> parameters,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay) {
        super(parameters, learningRate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    protected void update(Update update, Parameter p, Tensor gradient, double rate, List<Variable> slots) {
        update.set(p, moved(update, p.mul(1 - rate * weightDecay()), gradient, rate, slots));
    }
}
