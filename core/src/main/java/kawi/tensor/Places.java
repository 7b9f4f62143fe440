package kawi.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.graph.Indexing;
import kawi.graph.Node;

/** Reading and adding at places along one axis that tensors of integers name. */
final class Places {
    private Places() {}

    static Tensor take(Tensor x, int axis, Tensor index) {
        int a = x.shape().axis(axis, "take");
        Tensor y = Tensor.of(
                Node.of(new Indexing.Take(a), x.node(), index.flatten().node()));
        List<Integer> d = new ArrayList<>();
        for (int i = 0; i < x.rank(); i++) {
            if (i == a) {
                IntStream.of(index.shape().dims()).forEach(d::add);
            } else {
                d.add(x.dim(i));
            }
        }
        return y.reshape(d.stream().mapToInt(Integer::intValue).toArray());
    }

    static Tensor gather(Tensor x, int axis, Tensor index) {
        return Tensor.of(Node.of(new Indexing.Gather(x.shape().axis(axis, "gather")), x.node(), index.node()));
    }

    static Tensor scatterAdd(Tensor x, int axis, Tensor index, Tensor values) {
        int a = x.shape().axis(axis, "scatterAdd");
        Tensor added = Tensor.of(Node.of(
                new Indexing.ScatterAdd(a, x.dim(a)), values.to(x.dtype()).node(), index.node()));
        if (!added.shape().equals(x.shape())) {
            throw new KawiException(
                    "scatterAdd: along axis %d, values of shape %s do not fit %s; all other extents must agree"
                            .formatted(axis, values.shape(), x.shape()));
        }
        return x.add(added);
    }
}
