package kawi.classic;

import java.util.function.Function;
import java.util.function.UnaryOperator;
import kawi.base.DType;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/**
 * Training rows x, dense or sparse, whose scores are x·W + b: what logistic and softmax regression share.
 *
 * @param times x·w for {@code w [features]} or {@code [features, classes]}
 * @param meanSquares the mean of x² for each feature, {@code F64}
 */
record LinearScores(UnaryOperator<Tensor> times, int examples, int features, DType dtype, Tensor meanSquares) {
    static LinearScores of(String what, Tensor rows) {
        Tensor x = Examples.features(what, rows, 2);
        Tensor squares = x.to(DType.F64).square().mean(0);
        return new LinearScores(x::matmul, x.dim(0), x.dim(1), x.dtype(), squares);
    }

    static LinearScores of(String what, SparseMatrix rows) {
        SparseMatrix x = Examples.features(what, rows, 2);
        SparseMatrix squares = x.withValues(x.values().to(DType.F64).square());
        Tensor sums = squares.t().matmul(Tensor.ones(DType.F64, x.rows()));
        return new LinearScores(x::matmul, x.rows(), x.columns(), x.dtype(), sums.div(x.rows()));
    }

    /**
     * W and below it b at the minimum of loss(x·W + b) + ½λ‖W‖². The loss is the mean of one whose curvature in a score is at most ¼, so that of the whole in a weight is at
     * most h = ¼·mean(x²) + λ, and the descent is in weights times √h: features of any scale count alike (Nocedal and Wright 2006, section 5.1, preconditioning).
     *
     * @param outputs none, or the number of classes
     */
    Tensor fit(Function<Tensor, Tensor> loss, double lambda, int... outputs) {
        Tensor bounds = Tensor.concat(0, meanSquares.mul(0.25).add(lambda), Tensor.full(0.25, DType.F64, 1));
        Tensor units = Tensor.where(bounds.gt(0), bounds, bounds.onesLike())
                .sqrt()
                .reciprocal()
                .to(dtype);
        Tensor scale = (outputs.length == 0 ? units : units.unsqueeze(1)).realized();
        Tensor start =
                outputs.length == 0 ? Tensor.zeros(dtype, features + 1) : Tensor.zeros(dtype, features + 1, outputs[0]);
        Function<Tensor, Tensor> f = t -> {
            Tensor theta = t.mul(scale);
            Tensor w = theta.slice(0, 0, features);
            return loss.apply(times.apply(w).add(theta.select(0, features)))
                    .add(w.square().sum().mul(lambda / 2));
        };
        return Convex.minimum(f, start).mul(scale).realized();
    }
}
