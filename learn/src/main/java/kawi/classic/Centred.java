package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * A regression problem without its means, in double precision: what the bias of a linear model takes up, so that it is never penalised.
 *
 * @param x features less their means {@code [n, features]}
 * @param y targets less their mean {@code [n]}
 */
record Centred(Tensor x, Tensor y, Tensor meanX, Tensor meanY, DType dtype) {
    static Centred of(String what, Tensor features, Tensor targets) {
        Tensor given = Examples.features(what, features, 1);
        Tensor x = given.to(DType.F64);
        Tensor y = Examples.targets(what, targets, x.dim(0)).to(DType.F64);
        Tensor constant = x.eq(x.slice(0, 0, 1)).all(0);
        Tensor meanX = Tensor.where(constant, x.select(0, 0), x.mean(0)); // exactly, where rounding would leave a trace
        Tensor meanY = y.mean();
        return new Centred(x.sub(meanX).realized(), y.sub(meanY).realized(), meanX, meanY, given.dtype());
    }

    /** The model of weights found for the centred problem. */
    LinearModel model(Tensor weights) {
        Tensor bias = meanY.sub(meanX.mul(weights).sum());
        return new LinearModel(weights.to(dtype).realized(), bias.to(dtype).realized());
    }

    /** Refuses penalties that are no penalties. */
    static void checkPenalty(String what, double lambda) {
        if (!(lambda >= 0) || Double.isInfinite(lambda)) {
            throw new KawiException("%s: λ must be a number from 0, but %s was given".formatted(what, lambda));
        }
    }
}
