package kawi.train;

import java.util.LinkedHashMap;
import java.util.Map;
import kawi.base.KawiException;
import kawi.nn.Module;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;

/**
 * Ends a training once the loss on validation examples has not fallen for some epochs, and gives back the best weights (Prechelt 1998, <em>Early stopping, but
 * when?</em>). For training loops of one's own; {@link Trainer#patience} does the same by accuracy.
 *
 * <pre>{@code
 * var stopping = new EarlyStopping(model, 20);
 * do {
 *     trainOneEpoch();
 * } while (stopping.goOn(validationLoss()));
 * stopping.restoreBest();
 * }</pre>
 */
public final class EarlyStopping {
    private final Module model;
    private final int patience;
    private final double leastGain;
    private final Map<Variable, Tensor> best = new LinkedHashMap<>();
    private double bestLoss = Double.POSITIVE_INFINITY;
    private int bestEpoch;
    private int epochs;

    /** Ends after {@code patience} epochs in a row without a lower loss. */
    public EarlyStopping(Module model, int patience) {
        this(model, patience, 0);
    }

    /**
     * All settings.
     *
     * @param patience epochs in a row without gain, from 1 on
     * @param leastGain by how much the loss must fall below the best to count as gain, from 0 on
     */
    public EarlyStopping(Module model, int patience, double leastGain) {
        if (patience < 1 || !(leastGain >= 0)) {
            throw new KawiException(
                    "EarlyStopping: patience starts at 1 epoch and the gain at 0, but %d and %s were given"
                            .formatted(patience, leastGain));
        }
        this.model = model;
        this.patience = patience;
        this.leastGain = leastGain;
    }

    /**
     * Tells the loss on validation examples after an epoch; where it is the lowest so far the weights are copied. A loss that is NaN is no gain.
     *
     * @return whether to train on
     */
    public boolean goOn(double validationLoss) {
        epochs++;
        if (validationLoss < bestLoss - leastGain || best.isEmpty() && !Double.isNaN(validationLoss)) {
            bestLoss = validationLoss;
            bestEpoch = epochs;
            // a copy of the bytes: a step may overwrite parameters in place
            model.state()
                    .values()
                    .forEach(v -> best.put(
                            v, Tensor.of(v.segment(), v.dtype(), v.shape().dims())));
        }
        return epochs - bestEpoch < patience;
    }

    /** Gives the model the parameters and running statistics that it had after the best epoch. */
    public void restoreBest() {
        if (best.isEmpty()) {
            throw new KawiException(
                    "EarlyStopping: no epoch has had a validation loss that is a number, so there is no best model");
        }
        best.forEach(Variable::assign);
    }

    /** The lowest loss; infinite before the first. */
    public double bestLoss() {
        return bestLoss;
    }

    /** The epoch of the lowest loss, counted from 1; 0 before the first. */
    public int bestEpoch() {
        return bestEpoch;
    }

    /** Epochs told so far. */
    public int epochs() {
        return epochs;
    }
}
