package kawi.tensor;

import kawi.graph.Attention;
import kawi.graph.Contraction;
import kawi.graph.Contraction.Window;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Pooling;

/** Sums of products over shared axes: matrices, attention, convolutions; and pooling, which has their windows. */
final class Products {
    private Products() {}

    static Tensor matmul(Tensor first, Tensor second) {
        Tensor a = first.rank() == 1 ? first.unsqueeze(0) : first;
        Tensor b = second.rank() == 1 ? second.unsqueeze(1) : second;
        Tensor y = Tensor.of(Graph.matmul(a.node(), b.node()));
        if (second.rank() == 1) {
            y = y.squeeze(-1);
        }
        return first.rank() == 1 ? y.squeeze(second.rank() == 1 ? -1 : -2) : y;
    }

    static Tensor attention(Tensor query, Tensor key, Tensor value, int diagonal, double scale) {
        return Tensor.of(Attention.of(query.node(), key.node(), value.node(), scale, diagonal));
    }

    /** 1/√d. */
    static double attentionScale(Tensor query) {
        return 1 / Math.sqrt(Math.max(1, query.rank() == 0 ? 1 : query.dim(-1)));
    }

    static Tensor conv2d(Tensor x, Tensor weight, Window window, int groups) {
        return Tensor.of(Node.of(new Contraction.Conv2d(window, groups), x.node(), weight.node()));
    }

    static Tensor maxPool2d(Tensor x, int kernel, int stride, int padding) {
        Pooling.Pool pool = new Pooling.Pool(kernel, kernel, Window.of(stride, padding, 1));
        return Tensor.of(
                Node.of(new Pooling.PlaneGather(), x.node(), Node.of(new Pooling.MaxPoolIndex(pool), x.node())));
    }

    static Tensor avgPool2d(Tensor x, int kernel, int stride, int padding) {
        Pooling.Pool pool = new Pooling.Pool(kernel, kernel, Window.of(stride, padding, 1));
        return Tensor.of(Node.of(new Pooling.SumPool(pool), x.node())).div(kernel * (double) kernel);
    }
}
