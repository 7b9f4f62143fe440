package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.base.KawiException;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Update;
import kawi.tensor.Variable;

/**
 * Stochastic gradient descent: g ← g + λθ; v ← μv + g; θ ← θ − η·v, or with Nesterov's momentum θ ← θ − η·(g + μv)
 * (Sutskever et al. 2013, in PyTorch's form).
 */
public final class Sgd extends Optimizer {
    private final double momentum;
    private final boolean nesterov;
    private final double weightDecay;

    /** Plain gradient descent. */
    public Sgd(Collection<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, 0, false, 0);
    }

    /** With momentum μ. */
    public Sgd(Collection<Parameter> parameters, double learningRate, double momentum) {
        this(parameters, learningRate, momentum, false, 0);
    }

    /** With momentum μ, plain or Nesterov's, and weight decay λ. */
    public Sgd(
            Collection<Parameter> parameters,
            double learningRate,
            double momentum,
            boolean nesterov,
            double weightDecay) {
        super(parameters, rate(learningRate), momentum == 0 ? 0 : 1);
        if (!(momentum >= 0 && momentum < 1) || !(weightDecay >= 0) || nesterov && momentum == 0) {
            throw new KawiException(
                    "Sgd: momentum lies in 0 to below 1 (above 0 for Nesterov's), weight decay from 0; given were %s and %s"
                            .formatted(momentum, weightDecay));
        }
        this.momentum = momentum;
        this.nesterov = nesterov;
        this.weightDecay = weightDecay;
    }

    @Override
    protected void update(Update update, Parameter p, Tensor gradient, double rate, List<Variable> slots) {
        Tensor g = weightDecay == 0 ? gradient : gradient.add(p.mul(weightDecay));
        if (momentum != 0) {
            Tensor v = slots.get(0).mul(momentum).add(g);
            update.set(slots.get(0), v);
            g = nesterov ? g.add(v.mul(momentum)) : v;
        }
        update.set(p, p.sub(g.mul(rate)));
    }
}
