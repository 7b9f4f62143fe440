package kawi.cpu.codegen;

import kawi.base.DType;
import kawi.device.LoopNest.Reduction;

/** Partial results of reductions: what they start from, and how the 64 of a row fold. */
final class Partials {
    // ordinals of Reduction, which emitted code passes as a literal
    private static final int SUM = 0;
    private static final int MAX = 1;

    private Partials() {}

    /** A neutral element, for either kind of number. */
    record Neutral(double number, long integer) {}

    static Neutral neutral(Reduction reduction, DType type) {
        boolean max = reduction == Reduction.MAX;
        if (reduction == Reduction.SUM) {
            return new Neutral(0, 0);
        }
        double infinity = max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        return switch (type) {
            case BOOL -> new Neutral(0, max ? 0 : 1);
            case U8 -> new Neutral(0, max ? 0 : 255);
            case I32 -> new Neutral(0, max ? Integer.MIN_VALUE : Integer.MAX_VALUE);
            case I64 -> new Neutral(0, max ? Long.MIN_VALUE : Long.MAX_VALUE);
            case F16, BF16, F32, F64 -> new Neutral(infinity, 0);
        };
    }

    // A row shorter than 64 left the later partial results neutral, and folding a neutral element in changes no bit
    // (no partial sum is −0, as each starts from +0): the folds start at the first power of two that holds the row.

    private static int width(int used) {
        return used >= 64 ? 64 : used <= 1 ? 1 : Integer.highestOneBit(used - 1) << 1;
    }

    /** Folds pairwise, l with l + half, and makes the partial results neutral again. */
    static float fold(float[] p, int used, float neutral, int reduction) {
        int n = width(used);
        for (int half = n / 2; half > 0; half /= 2) {
            switch (reduction) {
                case SUM -> {
                    for (int l = 0; l < half; l++) {
                        p[l] += p[l + half];
                    }
                }
                case MAX -> {
                    for (int l = 0; l < half; l++) {
                        p[l] = Math.max(p[l], p[l + half]);
                    }
                }
                default -> {
                    for (int l = 0; l < half; l++) {
                        p[l] = Math.min(p[l], p[l + half]);
                    }
                }
            }
        }
        float result = p[0];
        for (int l = 0; l < n; l++) {
            p[l] = neutral;
        }
        return result;
    }

    /** Folds pairwise, l with l + half, and makes the partial results neutral again. */
    static double fold(double[] p, int used, double neutral, int reduction) {
        int n = width(used);
        for (int half = n / 2; half > 0; half /= 2) {
            switch (reduction) {
                case SUM -> {
                    for (int l = 0; l < half; l++) {
                        p[l] += p[l + half];
                    }
                }
                case MAX -> {
                    for (int l = 0; l < half; l++) {
                        p[l] = Math.max(p[l], p[l + half]);
                    }
                }
                default -> {
                    for (int l = 0; l < half; l++) {
                        p[l] = Math.min(p[l], p[l + half]);
                    }
                }
            }
        }
        double result = p[0];
        for (int l = 0; l < n; l++) {
            p[l] = neutral;
        }
        return result;
    }

    /** Folds pairwise, l with l + half, and makes the partial results neutral again. */
    static int fold(int[] p, int used, int neutral, int reduction) {
        int n = width(used);
        for (int half = n / 2; half > 0; half /= 2) {
            switch (reduction) {
                case SUM -> {
                    for (int l = 0; l < half; l++) {
                        p[l] += p[l + half];
                    }
                }
                case MAX -> {
                    for (int l = 0; l < half; l++) {
                        p[l] = Math.max(p[l], p[l + half]);
                    }
                }
                default -> {
                    for (int l = 0; l < half; l++) {
                        p[l] = Math.min(p[l], p[l + half]);
                    }
                }
            }
        }
        int result = p[0];
        for (int l = 0; l < n; l++) {
            p[l] = neutral;
        }
        return result;
    }

    /** Folds pairwise, l with l + half, and makes the partial results neutral again. */
    static long fold(long[] p, int used, long neutral, int reduction) {
        int n = width(used);
        for (int half = n / 2; half > 0; half /= 2) {
            switch (reduction) {
                case SUM -> {
                    for (int l = 0; l < half; l++) {
                        p[l] += p[l + half];
                    }
                }
                case MAX -> {
                    for (int l = 0; l < half; l++) {
                        p[l] = Math.max(p[l], p[l + half]);
                    }
                }
                default -> {
                    for (int l = 0; l < half; l++) {
                        p[l] = Math.min(p[l], p[l + half]);
                    }
                }
            }
        }
        long result = p[0];
        for (int l = 0; l < n; l++) {
            p[l] = neutral;
        }
        return result;
    }
}
