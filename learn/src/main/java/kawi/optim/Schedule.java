package kawi.optim;

import kawi.base.KawiException;

/**
 * The learning rate of each step t, counted from 0. They compose: {@code Schedule.cosine(0.1, 0, 900).warmUp(100)} rises for 100
 * steps and then falls for 900. A new one is one static method here; {@link #parse} finds it.
 */
@FunctionalInterface
public interface Schedule {
    /** The learning rate of a step. */
    double at(long step);

    // Kinds

    /** Always the same. */
    static Schedule constant(double rate) {
        rate("constant", rate);
        return step -> rate;
    }

    /** {@code rate/(1 + t/scale)}: 1/t, whose sum has no bound and whose sum of squares has one (Robbins and Monro 1951). */
    static Schedule inverseTime(double rate, double scale) {
        rate("inverseTime", rate);
        Require.positive("inverseTime", "the scale", scale);
        return step -> rate / (1 + step / scale);
    }

    /** {@code rate/√(1 + t/scale)}. */
    static Schedule inverseSquareRoot(double rate, double scale) {
        rate("inverseSquareRoot", rate);
        Require.positive("inverseSquareRoot", "the scale", scale);
        return step -> rate / Math.sqrt(1 + step / scale);
    }

    /** {@code rate·factor^⌊t/every⌋}. */
    static Schedule step(double rate, long every, double factor) {
        rate("step", rate);
        Require.count("step", "the number of steps", every);
        Require.positive("step", "the factor", factor);
        return step -> rate * Math.pow(factor, Math.floorDiv(step, every));
    }

    /** {@code rate·factor^k} after k of the milestones, given in rising order. */
    static Schedule multiStep(double rate, double factor, long... milestones) {
        rate("multiStep", rate);
        Require.positive("multiStep", "the factor", factor);
        long[] at = milestones.clone();
        for (int i = 0; i < at.length; i++) {
            if (at[i] < 1 || i > 0 && at[i] <= at[i - 1]) {
                throw new KawiException(
                        "multiStep: milestones are steps from 1 on in rising order, but number %d is %d%s"
                                .formatted(i + 1, at[i], i > 0 ? " after " + at[i - 1] : ""));
            }
        }
        return step -> {
            int passed = 0;
            while (passed < at.length && step >= at[passed]) {
                passed++;
            }
            return rate * Math.pow(factor, passed);
        };
    }

    /** {@code rate·factor^t}. */
    static Schedule exponential(double rate, double factor) {
        rate("exponential", rate);
        Require.positive("exponential", "the factor", factor);
        return step -> rate * Math.pow(factor, step);
    }

    /** {@code last + (rate − last)·(1 − t/total)^power} over {@code total} steps, then {@code last}; a line for power 1. */
    static Schedule polynomial(double rate, double last, long total, double power) {
        rate("polynomial", rate);
        Require.notNegative("polynomial", "the last rate", last);
        Require.count("polynomial", "the number of steps", total);
        Require.positive("polynomial", "the power", power);
        return step -> last + (rate - last) * Math.pow(1 - (double) Math.min(step, total) / total, power);
    }

    /** Half a cosine from {@code rate} to {@code last} over {@code total} steps, then {@code last} (Loshchilov and Hutter 2017). */
    static Schedule cosine(double rate, double last, long total) {
        rate("cosine", rate);
        Require.notNegative("cosine", "the last rate", last);
        Require.count("cosine", "the number of steps", total);
        return step -> between(rate, last, (double) Math.min(step, total) / total);
    }

    /**
     * Half a cosine from {@code rate} towards {@code last} again and again: the first takes {@code period} steps, each next one
     * {@code growth} times as many (SGDR: Loshchilov and Hutter 2017, equation 5).
     */
    static Schedule cosineRestarts(double rate, double last, long period, long growth) {
        rate("cosineRestarts", rate);
        Require.notNegative("cosineRestarts", "the last rate", last);
        Require.count("cosineRestarts", "the period", period);
        Require.count("cosineRestarts", "the growth", growth);
        return step -> {
            long from = growth == 1 ? Math.floorDiv(step, period) * period : 0;
            long length = period;
            while (step - from >= length) {
                from += length;
                length *= growth;
            }
            return between(rate, last, (double) (step - from) / length);
        };
    }

    /** In a line from {@code low} to {@code high} over {@code half} steps, back over as many, and again (Smith 2017, "triangular"). */
    static Schedule triangular(double low, double high, long half) {
        rate("triangular", low);
        rate("triangular", high);
        Require.count("triangular", "half of the cycle", half);
        return step -> {
            double place = (double) Math.floorMod(step, 2 * half) / half;
            return low + (high - low) * (place <= 1 ? place : 2 - place);
        };
    }

    /**
     * One cycle: half a cosine from {@code max/25} up to {@code max} over the first {@code rise} of the steps, then half a
     * cosine down to {@code max/250000} (Smith and Topin 2018, with PyTorch's defaults for the ends).
     */
    static Schedule oneCycle(double max, long total, double rise) {
        rate("oneCycle", max);
        Require.count("oneCycle", "the number of steps", total);
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

    // Composition

    /** Rises in a line over the first {@code steps} steps to where this begins, and follows it from its start. */
    default Schedule warmUp(long steps) {
        Require.count("warmUp", "the number of steps", steps);
        return step -> step < steps ? at(0) * (step + 1) / steps : at(step - steps);
    }

    /** This for the first {@code steps} steps, and then another from its start. */
    default Schedule then(long steps, Schedule next) {
        Require.count("then", "the number of steps", steps);
        return step -> step < steps ? at(step) : next.at(step - steps);
    }

    /** This, times a factor. */
    default Schedule times(double factor) {
        Require.positive("times", "the factor", factor);
        return step -> factor * at(step);
    }

    /**
     * This, which was found for batches of {@code reference} examples, for batches of another size: times {@code size/reference},
     * the linear scaling rule (Goyal et al. 2017, section 2.1, where a warm-up of 5 epochs goes before).
     */
    default Schedule batchSize(long size, long reference) {
        Require.count("batchSize", "the size", size);
        Require.count("batchSize", "the reference", reference);
        return times((double) size / reference);
    }

    /**
     * A schedule as one would write it here, without {@code Schedule.}: {@code cosine(0.1, 0.001, 900).warmUp(100)}.
     *
     * @throws KawiException if it is none: names the place, what was found there, and the known ones
     */
    static Schedule parse(String text) {
        return new ScheduleParser(text).parse();
    }

    private static double between(double from, double to, double part) {
        return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * part));
    }

    private static void rate(String schedule, double rate) {
        Require.positive(schedule, "the learning rate", rate);
    }
}
