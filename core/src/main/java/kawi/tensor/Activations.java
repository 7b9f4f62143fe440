package kawi.tensor;

import kawi.graph.Graph;

/** The nonlinear functions between layers. */
final class Activations {
    private Activations() {}

    static Tensor relu(Tensor x) {
        return Tensor.of(Graph.where(
                x.le(0).node(), Arithmetic.number(0, x).node(), x.node()));
    }

    static Tensor leakyRelu(Tensor x, double slope) {
        return Tensor.where(x.gt(0), x, x.mul(slope));
    }

    static Tensor gelu(Tensor x) {
        return x.mul(0.5).mul(x.mul(Math.sqrt(0.5)).erf().add(1));
    }

    static Tensor silu(Tensor x) {
        return x.mul(x.sigmoid());
    }

    static Tensor softplus(Tensor x) {
        // −|x| by where: the derivative of |x| at 0 is taken as 0, which would make that of the sum 0 in place of ½.
        Tensor r = Arithmetic.real(x);
        return r.relu().add(Tensor.where(r.gt(0), r.neg(), r).exp().log1p());
    }

    static Tensor softmax(Tensor x, int axis) {
        int a = x.shape().axis(axis, "softmax");
        Tensor e = x.sub(x.maxKeepDims(a).detach()).exp();
        return e.div(e.sumKeepDims(a));
    }

    static Tensor logSoftmax(Tensor x, int axis) {
        int a = x.shape().axis(axis, "logSoftmax");
        Tensor shifted = x.sub(x.maxKeepDims(a).detach());
        return shifted.sub(shifted.exp().sumKeepDims(a).log());
    }
}
