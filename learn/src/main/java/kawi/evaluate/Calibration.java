package kawi.evaluate;

import java.util.ArrayList;
import java.util.List;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Whether probabilities are what they say: of the examples predicted with probability 0.8, 80 % should come true. The reliability curve has a bin for
 * each stretch of probabilities; it lies on the diagonal where a model is calibrated.
 *
 * @param bins those with examples, ascending
 * @param examples number of examples
 */
public record Calibration(List<Bin> bins, int examples) {
    /**
     * The examples whose probability lies in one stretch.
     *
     * @param confidence mean probability
     * @param accuracy the share that came true
     * @param count how many
     */
    public record Bin(double confidence, double accuracy, int count) {}

    /** Keeps a copy. */
    public Calibration {
        bins = List.copyOf(bins);
    }

    /**
     * Sorts predictions into stretches of equal width, the upper end of each belonging to it (Guo et al. 2017, <em>On calibration of modern neural
     * networks</em>).
     *
     * @param probabilities {@code [n]} in 0 to 1: of the positive class, or of the predicted one
     * @param cameTrue truth values or 0 and 1, {@code [n]}: whether positive, or whether predicted right
     * @param stretches how many; 10 or 15 are usual
     */
    public static Calibration of(Tensor probabilities, Tensor cameTrue, int stretches) {
        double[] p = Inputs.numbers("Calibration", "probability", probabilities);
        boolean[] t = Inputs.truths("Calibration", "true values", cameTrue);
        Inputs.sameLength("Calibration", p.length, t.length);
        if (stretches < 1) {
            throw new KawiException("Calibration: bins start at 1, but " + stretches + " were given");
        }
        double[] sums = new double[stretches];
        int[] hits = new int[stretches];
        int[] counts = new int[stretches];
        for (int i = 0; i < p.length; i++) {
            if (p[i] < 0 || p[i] > 1) {
                throw new KawiException(
                        "Calibration: probability %d is %s, outside of 0 to 1; apply softmax or sigmoid first"
                                .formatted(i, p[i]));
            }
            int b = Math.max(0, (int) Math.ceil(p[i] * stretches) - 1);
            sums[b] += p[i];
            hits[b] += t[i] ? 1 : 0;
            counts[b]++;
        }
        List<Bin> bins = new ArrayList<>();
        for (int b = 0; b < stretches; b++) {
            if (counts[b] > 0) {
                bins.add(new Bin(sums[b] / counts[b], (double) hits[b] / counts[b], counts[b]));
            }
        }
        return new Calibration(bins, p.length);
    }

    /** The expected calibration error Σ count/n·|accuracy − confidence|. */
    public double expectedError() {
        return bins.stream()
                .mapToDouble(b -> (double) b.count / examples * Math.abs(b.accuracy - b.confidence))
                .sum();
    }

    /** The largest |accuracy − confidence|. */
    public double largestError() {
        return bins.stream()
                .mapToDouble(b -> Math.abs(b.accuracy - b.confidence))
                .max()
                .orElse(Double.NaN);
    }
}
