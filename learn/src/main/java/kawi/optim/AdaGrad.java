package kawi.optim;

import java.util.Collection;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/** AdaGrad: G ← G + g²; θ ← θ − η·g/(√G + ε) (Duchi, Hazan and Singer 2011, the diagonal form). */
public final class AdaGrad extends Optimizer {
    private double epsilon = 1e-10;
    private double start;

    /** ε = 1e-10, G from 0. */
    public AdaGrad(Collection<Parameter> parameters, double learningRate) {
        super(parameters, learningRate);
    }

    /** The ε that keeps the divisor above 0. Returns this. */
    public AdaGrad epsilon(double epsilon) {
        this.epsilon = Require.positive("AdaGrad", "ε", epsilon);
        return this;
    }

    /** What G starts from in place of 0; makes the first steps smaller. Returns this. */
    public AdaGrad start(double accumulated) {
        this.start = Require.notNegative("AdaGrad", "the start of G", accumulated);
        return this;
    }

    @Override
    protected List<String> slots() {
        return List.of("G");
    }

    @Override
    protected Tensor initial(String slot, Parameter p) {
        return p.fullLike(start);
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        Tensor sum = step.set("G", step.get("G").add(g.square()));
        return theta.sub(g.mul(step.rate()).div(sum.sqrt().add(epsilon)));
    }
}
