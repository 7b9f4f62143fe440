package kawi.tensor;

import kawi.base.DType;
import kawi.graph.Node;
import kawi.graph.Reduction;

/** Running results along an axis: each element combined with all before it. */
final class Scans {
    private Scans() {}

    static Tensor cumsum(Tensor tensor, int axis) {
        DType d = tensor.dtype();
        Tensor x = d == DType.BOOL || d == DType.U8 || d == DType.I32 ? tensor.to(DType.I64) : tensor;
        return Tensor.of(Node.of(new Reduction.CumSum(x.shape().axis(axis, "cumsum"), false), x.node()));
    }
}
