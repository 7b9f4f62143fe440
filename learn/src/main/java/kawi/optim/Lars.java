package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Layer-wise adaptive rates: for each parameter, ratio = τ·‖θ‖/(‖g‖ + λ‖θ‖); v ← μv + η·ratio·(g + λθ); θ ← θ − v (You, Gitman
 * and Ginsburg 2017, algorithm 1). Where ‖θ‖ or ‖g‖ is 0 the ratio is 1. Weight decay λ is inside of the rule.
 */
public final class Lars extends Optimizer {
    private final double momentum;
    private double trust = 0.001;

    /** With momentum μ; τ = 0.001. */
    public Lars(Collection<Parameter> parameters, double learningRate, double momentum) {
        super(parameters, learningRate);
        this.momentum = Require.decay("Lars", "momentum", momentum);
    }

    /** The trust coefficient τ. Returns this. */
    public Lars trust(double tau) {
        this.trust = Require.positive("Lars", "τ", tau);
        return this;
    }

    @Override
    protected List<String> slots() {
        return List.of("v");
    }

    @Override
    protected boolean decaysItself() {
        return true;
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        double lambda = step.weightDecay();
        Tensor w = theta.norm();
        Tensor size = g.norm();
        Tensor ratio = w.mul(trust).div(size.add(w.mul(lambda)));
        Tensor local = Tensor.where(w.gt(0).and(size.gt(0)), ratio, w.onesLike());
        Tensor whole = lambda == 0 ? g : g.add(theta.mul(lambda));
        Tensor v = step.set("v", step.get("v").mul(momentum).add(whole.mul(local.mul(step.rate()))));
        return theta.sub(v);
    }
}
