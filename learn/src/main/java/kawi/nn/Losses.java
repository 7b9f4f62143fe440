package kawi.nn;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.graph.Indexing;
import kawi.tensor.Tensor;

/** What training makes small; each is the mean over the batch, one number. */
public final class Losses {
    /** A label that counts for nothing in {@link #crossEntropy(Tensor, Tensor, double, long)}, PyTorch's choice. */
    public static final long IGNORED = -100;

    private Losses() {}

    /**
     * −ln softmax(logits)[label], averaged.
     *
     * @param logits {@code [N, classes]}
     * @param labels integers {@code [N]}
     */
    public static Tensor crossEntropy(Tensor logits, Tensor labels) {
        return nll(logProbabilities("crossEntropy", logits, labels), labels);
    }

    /** {@link #crossEntropy(Tensor, Tensor, double, long)} with smoothed labels, where every example counts. */
    public static Tensor crossEntropy(Tensor logits, Tensor labels, double smoothing) {
        return crossEntropy(logits, labels, smoothing, IGNORED);
    }

    /**
     * Cross-entropy with smoothed labels: 1 − smoothing on the label plus smoothing/classes on every class (Szegedy et
     * al. 2016, section 7). Examples whose label is {@code ignored} do not count.
     */
    public static Tensor crossEntropy(Tensor logits, Tensor labels, double smoothing, long ignored) {
        if (!(smoothing >= 0 && smoothing <= 1)) {
            throw new KawiException("crossEntropy: label smoothing lies in 0 to 1, but " + smoothing + " was given");
        }
        Tensor logp = logProbabilities("crossEntropy", logits, labels);
        Tensor valid = labels.ne(ignored);
        Tensor safe = Tensor.where(valid, labels, Tensor.scalar(0, labels.dtype()));
        Tensor hit = ofLabels(logp, safe);
        // Without smoothing a class of probability 0 counts for nothing: 0·∞ must not come up.
        Tensor each =
                (smoothing == 0 ? hit : hit.mul(1 - smoothing).add(logp.mean(1).mul(smoothing))).neg();
        Tensor counted = Tensor.where(valid, each, Tensor.scalar(0, each.dtype()));
        return counted.sum().div(valid.sum().to(each.dtype()));
    }

    /** −log-probability of the label, averaged: {@code logp [N, classes]}, integers {@code [N]}. */
    public static Tensor nll(Tensor logp, Tensor labels) {
        check("nll", logp, labels);
        return ofLabels(logp, labels).mean().neg();
    }

    /** Mean of (prediction − target)². */
    public static Tensor mse(Tensor prediction, Tensor target) {
        same("mse", prediction, target);
        return prediction.sub(target).square().mean();
    }

    /** Binary cross-entropy of sigmoid(logit) with targets in 0 to 1: ln(1 + eᶻ) − z·t, averaged, without overflow. */
    public static Tensor bceWithLogits(Tensor logits, Tensor target) {
        same("bceWithLogits", logits, target);
        return logits.softplus().sub(logits.mul(target)).mean();
    }

    private static Tensor logProbabilities(String what, Tensor logits, Tensor labels) {
        check(what, logits, labels);
        return logits.logSoftmax(1);
    }

    /** {@code logp[i, labels[i]]}: a gather whose errors speak of labels. */
    private static Tensor ofLabels(Tensor logp, Tensor labels) {
        return Tensor.apply(new Indexing.Gather(1, Indexing.Meaning.LABELS), logp, labels.unsqueeze(1))
                .squeeze(1);
    }

    private static void check(String what, Tensor scores, Tensor labels) {
        boolean fits = scores.rank() == 2 && labels.rank() == 1 && scores.dim(0) == labels.dim(0);
        if (!fits || labels.dtype() != DType.I64 && labels.dtype() != DType.I32) {
            throw new KawiException(
                    "%s: scores [N, classes] and integer labels [N] are needed, but %s%s and %s%s were given%s"
                            .formatted(
                                    what,
                                    scores.dtype(),
                                    scores.shape(),
                                    labels.dtype(),
                                    labels.shape(),
                                    fits ? "; cast the labels with .to(DType.I64)" : ""));
        }
    }

    private static void same(String what, Tensor prediction, Tensor target) {
        if (!prediction.shape().equals(target.shape())) {
            throw new KawiException(
                    "%s: prediction and target must have one shape, but %s and %s were given; broadcasting here is"
                                    .formatted(what, prediction.shape(), target.shape())
                            + " almost always a mistake, so reshape one of them"
                            + remedy(prediction, target));
        }
    }

    /** Outputs [N, 1] beside numbers [N]: what nearly every regression meets first. */
    private static String remedy(Tensor prediction, Tensor target) {
        return prediction.rank() == target.rank() + 1 && prediction.dim(-1) == 1
                ? ", for example by target.unsqueeze(-1)"
                : target.rank() == prediction.rank() + 1 && target.dim(-1) == 1
                        ? ", for example by target.squeeze(-1)"
                        : "";
    }
}
