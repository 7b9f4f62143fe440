package kawi.nn;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
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
    private double momentum;

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

    /**
     * Computes the running statistics of all batch normalisations of a model anew, as the mean over some batches: for weights
     * that were not trained with them, such as averages (Izmailov et al. 2018, algorithm 1, its last line).
     *
     * @param inputs batches of training inputs, at least one, such as those of one epoch
     */
    public static void recompute(Module model, Iterable<Tensor> inputs) {
        List<BatchNorm> norms = model.modules().values().stream()
                .filter(BatchNorm.class::isInstance)
                .map(BatchNorm.class::cast)
                .toList();
        double[] momenta = norms.stream().mapToDouble(n -> n.momentum).toArray();
        List<Module> resting =
                model.modules().values().stream().filter(m -> !m.training()).toList();
        model.train();
        try {
            int batches = 0;
            for (Tensor input : inputs) {
                double weight = 1.0 / ++batches; // the mean of the batches so far; the first replaces what was there
                norms.forEach(n -> n.momentum = weight);
                model.forward(input);
                Kawi.realize(norms.stream()
                        .flatMap(n -> Stream.of(n.runningMean, n.runningVariance))
                        .toArray(Tensor[]::new));
            }
            if (batches == 0) {
                throw new KawiException("BatchNorm.recompute: there are no inputs; give the batches of one epoch");
            }
        } finally {
            for (int i = 0; i < momenta.length; i++) {
                norms.get(i).momentum = momenta[i];
            }
            resting.forEach(m -> m.training(false));
        }
    }

    private void move(Variable running, Tensor batch) {
        Tensor now = batch.to(running.dtype());
        running.assign(momentum == 1 ? now : running.mul(1 - momentum).add(now.mul(momentum)));
    }

    @Override
    public String toString() {
        return "BatchNorm(" + weight.dim(0) + ")";
    }
}
