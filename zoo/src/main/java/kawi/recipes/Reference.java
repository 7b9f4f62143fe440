package kawi.recipes;

import java.util.Locale;

/**
 * What a figure is held against: a published number or a mathematical fact.
 *
 * @param kind how the figure must lie to the value
 * @param value the number
 * @param tolerance for {@link Kind#NEAR}: the largest difference; otherwise 0
 */
public record Reference(Kind kind, double value, double tolerance) {
    /** How a figure must lie to the reference. */
    public enum Kind {
        /** Not above it. */
        AT_MOST,
        /** Not below it. */
        AT_LEAST,
        /** That number itself. */
        EXACTLY,
        /** Within the tolerance of it. */
        NEAR,
        /** Anywhere: the figure is only told. */
        NONE
    }

    /** For a figure that is only told, such as a time. */
    public static final Reference NONE = new Reference(Kind.NONE, Double.NaN, 0);

    /** The figure must not exceed {@code value}. */
    public static Reference atMost(double value) {
        return new Reference(Kind.AT_MOST, value, 0);
    }

    /** The figure must reach {@code value}. */
    public static Reference atLeast(double value) {
        return new Reference(Kind.AT_LEAST, value, 0);
    }

    /** The figure must be {@code value}. */
    public static Reference exactly(double value) {
        return new Reference(Kind.EXACTLY, value, 0);
    }

    /** The figure must lie within {@code tolerance} of {@code value}. */
    public static Reference near(double value, double tolerance) {
        return new Reference(Kind.NEAR, value, tolerance);
    }

    /** Whether a figure meets this; NaN meets nothing but {@link #NONE}. */
    public boolean metBy(double figure) {
        return switch (kind) {
            case AT_MOST -> figure <= value;
            case AT_LEAST -> figure >= value;
            case EXACTLY -> figure == value;
            case NEAR -> Math.abs(figure - value) <= tolerance;
            case NONE -> true;
        };
    }

    /** As it stands in a table, such as {@code ≤ 2.5}; nothing for {@link #NONE}. */
    @Override
    public String toString() {
        return switch (kind) {
            case AT_MOST -> "≤ " + text(value);
            case AT_LEAST -> "≥ " + text(value);
            case EXACTLY -> "= " + text(value);
            case NEAR -> text(value) + " ± " + text(tolerance);
            case NONE -> "";
        };
    }

    /** A number as people write it: whole ones in groups of three digits, others with four that count. */
    static String text(double v) {
        if (v == Math.rint(v) && Math.abs(v) < 1e15) {
            return String.format(Locale.ROOT, "%,d", (long) v);
        }
        double size = Math.abs(v);
        return size >= 1e-3 && size < 1e6
                ? trimmed(String.format(Locale.ROOT, size < 10 ? "%.4f" : "%.2f", v))
                : String.format(Locale.ROOT, "%.1e", v);
    }

    private static String trimmed(String decimal) {
        return decimal.replaceFirst("\\.?0+$", "");
    }
}
