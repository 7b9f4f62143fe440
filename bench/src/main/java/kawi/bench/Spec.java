package kawi.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What one input of a case holds: floats, uniform with a mean and a standard deviation, or integers from 0 to below a
 * bound. The numbers follow from the place of the input in its case and of the number in the input alone, so that two
 * processes that know the specification hold equal inputs.
 */
record Spec(boolean integers, double centre, double spread, long bound, long[] shape) {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    static Spec floats(double centre, double deviation, int... shape) {
        return new Spec(false, centre, deviation * Math.sqrt(3), 0, longs(shape));
    }

    static Spec integers(long bound, int... shape) {
        return new Spec(true, 0, 0, bound, longs(shape));
    }

    private static long[] longs(int... shape) {
        return Arrays.stream(shape).asLongStream().toArray();
    }

    long size() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    long bytes() {
        return size() * (integers ? Long.BYTES : Float.BYTES);
    }

    /** Writes the numbers of input {@code place} of a case. */
    void fill(MemorySegment target, int place) {
        long seed = mixed(GOLDEN * (place + 1));
        long n = size();
        for (long i = 0; i < n; i++) {
            long bits = mixed(seed + GOLDEN * i);
            if (integers) {
                target.setAtIndex(ValueLayout.JAVA_LONG, i, Long.remainderUnsigned(bits, bound));
            } else {
                float unit = (bits >> 40) * 0x1p-23f; // −1 to below 1
                target.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (centre + spread * unit));
            }
        }
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
    private static long mixed(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** One word, which {@link #parse} reads. */
    String text() {
        String extents = Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining("x"));
        return integers
                ? "i:" + bound + ":" + extents
                : String.format(Locale.ROOT, "f:%s:%s:%s", centre, spread, extents);
    }

    static Spec parse(String text) {
        String[] parts = text.split(":", -1);
        String extents = parts[parts.length - 1];
        long[] shape = extents.isEmpty()
                ? new long[0]
                : Arrays.stream(extents.split("x")).mapToLong(Long::parseLong).toArray();
        return parts[0].equals("i")
                ? new Spec(true, 0, 0, Long.parseLong(parts[1]), shape)
                : new Spec(false, Double.parseDouble(parts[1]), Double.parseDouble(parts[2]), 0, shape);
    }
}
