package kawi.optim;

import kawi.base.KawiException;

/** The learning rate of each step, counted from 0. */
@FunctionalInterface
public interface Schedule {
    /** The learning rate of a step. */
    double at(long step);

    /** Always the same. */
    static Schedule constant(double rate) {
        check(rate);
        return step -> rate;
    }

    /** {@code rate·factor^⌊step/every⌋}. */
    static Schedule step(double rate, long every, double factor) {
        check(rate);
        positive(every);
        if (!(factor > 0) || Double.isInfinite(factor)) {
            throw new KawiException("step: the factor must be a number above 0, but " + factor + " was given");
        }
        return step -> rate * Math.pow(factor, Math.floorDiv(step, every));
    }

    /** Half a cosine from {@code rate} to {@code last} over {@code total} steps, then {@code last} (Loshchilov and Hutter 2017). */
    static Schedule cosine(double rate, double last, long total) {
        check(rate);
        positive(total);
        if (!(last >= 0) || Double.isInfinite(last)) {
            throw new KawiException("cosine: the last rate must be a number from 0 on, but " + last + " was given");
        }
        return step -> last + (rate - last) * 0.5 * (1 + Math.cos(Math.PI * Math.min(step, total) / total));
    }

    /** Rises in a line over the first {@code steps} steps to what {@code then} gives, and follows it from its start. */
    static Schedule warmUp(long steps, Schedule then) {
        positive(steps);
        return step -> step < steps ? then.at(0) * (step + 1) / steps : then.at(step - steps);
    }

    /**
     * One cycle: half a cosine from {@code max/25} up to {@code max} over the first {@code rise} of the steps, then half a
     * cosine down to {@code max/250000} (Smith and Topin 2018, with PyTorch's defaults for the ends).
     */
    static Schedule oneCycle(double max, long total, double rise) {
        check(max);
        positive(total);
        if (!(rise > 0 && rise < 1)) {
            throw new KawiException("oneCycle: the rising part lies between 0 and 1, but " + rise + " was given");
        }
        double top = Math.max(1, rise * total - 1);
        double end = Math.max(top + 1, total - 1.0);
        return step -> {
            double s = Math.min(step, end);
            return s <= top ? between(max / 25, max, s / top) : between(max, max / 250000, (s - top) / (end - top));
        };
    }

    private static double between(double from, double to, double part) {
        return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * part));
    }

    private static void check(double rate) {
        if (!(rate > 0) || Double.isInfinite(rate)) {
            throw new KawiException("the learning rate must be a number above 0, but " + rate + " was given");
        }
    }

    private static void positive(long steps) {
        if (steps < 1) {
            throw new KawiException("a schedule needs at least 1 step, but " + steps + " was given");
        }
    }
}
