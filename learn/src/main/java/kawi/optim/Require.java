package kawi.optim;

import kawi.base.KawiException;

/** Checks of settings; an error names the method, the setting, its range and what was given. */
final class Require {
    private Require() {}

    /** A number above 0. */
    static double positive(String method, String name, double value) {
        return in(value > 0 && value < Double.POSITIVE_INFINITY, method, name, "is a number above 0", value);
    }

    /** A number from 0 on. */
    static double notNegative(String method, String name, double value) {
        return in(value >= 0 && value < Double.POSITIVE_INFINITY, method, name, "is a number from 0 on", value);
    }

    /** A share of the past to keep: from 0 to below 1. */
    static double decay(String method, String name, double value) {
        return in(value >= 0 && value < 1, method, name, "lies in 0 to below 1", value);
    }

    /** A share of the whole: from 0 to 1. */
    static double share(String method, String name, double value) {
        return in(value >= 0 && value <= 1, method, name, "lies in 0 to 1", value);
    }

    /** A count from 1 on. */
    static long count(String method, String name, long value) {
        if (value < 1) {
            throw new KawiException("%s: %s starts at 1, but %d was given".formatted(method, name, value));
        }
        return value;
    }

    private static double in(boolean inside, String method, String name, String range, double value) {
        if (!inside) {
            throw new KawiException("%s: %s %s, but %s was given".formatted(method, name, range, value));
        }
        return value;
    }
}
