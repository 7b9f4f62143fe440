package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.base.KawiException;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Stochastic gradient descent, θ ← θ − η·g. With momentum μ: v ← μv + g; θ ← θ − η·v (heavy ball, Polyak 1964), or with
 * Nesterov's θ ← θ − η·(g + μv) (Sutskever et al. 2013, in PyTorch's form).
 */
public final class Sgd extends Optimizer {
    private final double momentum;
    private boolean nesterov;

    /** Plain gradient descent. */
    public Sgd(Collection<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, 0);
    }

    /** With momentum μ, 0 ≤ μ &lt; 1. */
    public Sgd(Collection<Parameter> parameters, double learningRate, double momentum) {
        super(parameters, learningRate);
        this.momentum = Require.decay("Sgd", "momentum", momentum);
    }

    /** Nesterov's momentum in place of the heavy ball's. Returns this. */
    public Sgd nesterov() {
        if (momentum == 0) {
            throw new KawiException(
                    "Sgd: Nesterov's momentum needs a momentum above 0; new Sgd(parameters, rate, 0.9)");
        }
        nesterov = true;
        return this;
    }

    @Override
    protected List<String> slots() {
        return momentum == 0 ? List.of() : List.of("v");
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        if (momentum == 0) {
            return theta.sub(g.mul(step.rate()));
        }
        Tensor v = step.set("v", step.get("v").mul(momentum).add(g));
        return theta.sub((nesterov ? g.add(v.mul(momentum)) : v).mul(step.rate()));
    }
}
