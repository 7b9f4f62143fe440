package kawi.nn;

import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;

/**
 * Batch normalisation over all axes but the channels (axis 1): y = γ·(x − μ)/√(σ² + ε) + β (Ioffe and Szegedy 2015,
 * algorithm 1). In training μ and σ² are the batch's; running estimates of them, used otherwise, move by {@code
 * momentum} towards the batch's (the unbiased variance), which takes at least two values a channel.
 */
public final class BatchNorm extends Module {
    public final Parameter weight;
    public final Parameter bias;
    public final Variable runningMean;
    public final Variable runningVariance;
    private final double epsilon;
    private final double momentum;

    /** ε = 1e-5, momentum 0.1. */
    public BatchNorm(int channels) {
        this(channels, 1e-5, 0.1);
    }

    /** Normalises {@code channels} channels. */
    public BatchNorm(int channels, double epsilon, double momentum) {
        this.weight = new Parameter(Tensor.ones(channels));
        this.bias = new Parameter(Tensor.zeros(channels));
        this.runningMean = new Variable(Tensor.zeros(channels));
        this.runningVariance = new Variable(Tensor.ones(channels));
        this.epsilon = epsilon;
        this.momentum = momentum;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.rank() < 2 || x.dim(1) != weight.dim(0)) {
            throw new KawiException("BatchNorm: an input of shape %s does not fit %d channels on axis 1"
                    .formatted(x.shape(), weight.dim(0)));
        }
        int[] axes = IntStream.range(0, x.rank()).filter(a -> a != 1).toArray();
        int[] along = IntStream.range(0, x.rank()).map(a -> a == 1 ? -1 : 1).toArray();
        Tensor mean = runningMean.reshape(along);
        Tensor variance = runningVariance.reshape(along);
        Tensor centred;
        if (training()) {
            double n = (double) x.size() / x.dim(1);
            if (n < 2) {
                throw new KawiException(
                        ("BatchNorm: in training each channel needs at least 2 values to have a variance, but an input of"
                                        + " shape %s has %d a channel. Use a larger batch, choose the batch size so that the"
                                        + " last batch is larger, or call eval() before computing without training")
                                .formatted(x.shape(), (long) n));
            }
            mean = x.meanKeepDims(axes);
            centred = x.sub(mean);
            variance = centred.square().meanKeepDims(axes);
            move(runningMean, mean.detach().reshape(-1));
            move(runningVariance, variance.detach().reshape(-1).mul(n / (n - 1)));
        } else {
            centred = x.sub(mean);
        }
        Tensor y = centred.mul(variance.add(epsilon).rsqrt().mul(weight.reshape(along)))
                .add(bias.reshape(along));
        return traced(x, y);
    }

    private void move(Variable running, Tensor batch) {
        running.assign(running.mul(1 - momentum).add(batch.to(running.dtype()).mul(momentum)));
    }

    @Override
    public String toString() {
        return "BatchNorm(" + weight.dim(0) + ")";
    }
}
