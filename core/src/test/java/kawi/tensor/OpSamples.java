package kawi.tensor;

import java.util.List;
import java.util.Random;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.graph.HostArray;
import kawi.graph.Node;
import kawi.graph.Op;
import kawi.graph.Ops;
import kawi.graph.Ops.Input;
import kawi.graph.Ops.Sample;
import kawi.graph.Type;

/** Numbers for the samples of {@link Ops}. */
final class OpSamples {
    private OpSamples() {}

    static HostArray values(Input input, Random random) {
        return input.draw(random);
    }

    static List<HostArray> values(Sample sample, Random random) {
        return sample.inputs().stream().map(i -> values(i, random)).toList();
    }

    /** Numbers from −1 to 1. */
    static HostArray weights(Type type, Random random) {
        return values(new Input(type.dtype(), type.shape(), -1, 1, !type.dtype().isFloat()), random);
    }

    static Tensor apply(Op op, List<Tensor> inputs) {
        return Tensor.of(Node.of(op, inputs.stream().map(Tensor::node).toArray(Node[]::new)));
    }

    static HostArray read(Tensor t) {
        return HostArray.read(t.value().buffer().segment(), t.dtype(), t.value().view());
    }

    static HostArray map(HostArray a, DType dtype, java.util.function.DoubleUnaryOperator f) {
        HostArray b = new HostArray(new Type(dtype, a.shape()));
        for (int i = 0; i < a.size(); i++) {
            b.set(i, f.applyAsDouble(a.getDouble(i)));
        }
        return b;
    }

    static HostArray zeros(DType dtype, Shape shape) {
        return new HostArray(new Type(dtype, shape));
    }
}
