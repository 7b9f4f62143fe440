package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.base.KawiException;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Update;
import kawi.tensor.Variable;

/**
 * Adam: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − η·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε) (Kingma and Ba 2015,
 * algorithm 1). Weight decay, where given, is added to the gradient; {@link AdamW} decouples it.
 */
public class Adam extends Optimizer {
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double weightDecay;

    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8. */
    public Adam(Collection<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, 0.9, 0.999, 1e-8, 0);
    }

    /** All settings given. */
    public Adam(
            Collection<Parameter> parameters,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay) {
        super(parameters, rate(learningRate), 2);
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0 && weightDecay >= 0)) {
            throw new KawiException(
                    "Adam: β₁ and β₂ lie in 0 to below 1, ε above 0, weight decay from 0; given were %s, %s, %s and %s"
                            .formatted(beta1, beta2, epsilon, weightDecay));
        }
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.weightDecay = weightDecay;
    }

    /** Weight decay λ. */
    protected final double weightDecay() {
        return weightDecay;
    }

    @Override
    protected void update(Update update, Parameter p, Tensor gradient, double rate, List<Variable> slots) {
        Tensor g = weightDecay == 0 ? gradient : gradient.add(p.mul(weightDecay));
        update.set(p, moved(update, p, g, rate, slots));
    }

    /** The parameter after Adam's own step from {@code from}; the slots move along. */
    protected final Tensor moved(Update update, Tensor from, Tensor g, double rate, List<Variable> slots) {
        Tensor m = slots.get(0).mul(beta1).add(g.mul(1 - beta1));
        Tensor v = slots.get(1).mul(beta2).add(g.square().mul(1 - beta2));
        update.set(slots.get(0), m).set(slots.get(1), v);
        double t = steps();
        double correction1 = 1 - Math.pow(beta1, t);
        double correction2 = 1 - Math.pow(beta2, t);
        Tensor scale = v.sqrt().mul(1 / Math.sqrt(correction2)).add(epsilon);
        return from.sub(m.mul(rate / correction1).div(scale));
    }
}
