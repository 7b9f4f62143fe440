package kawi.evaluate;

/**
 * A confidence interval: made from data in a way that holds the true value with at least (or about) that probability.
 *
 * @param low its lower end
 * @param high its upper end
 * @param confidence the probability, such as 0.95
 */
public record Interval(double low, double high, double confidence) {
    /** Whether a value lies in it, ends included. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    /** As in {@code [0.912, 0.954]}. */
    @Override
    public String toString() {
        return String.format(java.util.Locale.ROOT, "[%.4g, %.4g]", low, high);
    }
}
