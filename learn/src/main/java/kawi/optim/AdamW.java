package kawi.optim;

import java.util.Collection;
import kawi.tensor.Parameter;

/** {@link Adam} with decoupled weight decay: first θ ← θ − η·λ·θ, then Adam's step (Loshchilov and Hutter 2019, algorithm 2). */
public final class AdamW extends Adam {
    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8, weight decay 0.01. */
    public AdamW(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
        weightDecay(0.01).decoupled();
    }
}
