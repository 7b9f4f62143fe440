package kawi.data;

/**
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014), by whole numbers alone: the same
 * stream on every machine. Small enough to make one for each example, from (seed, stream, index).
 */
final class SplitMix {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private long state;

    SplitMix(long seed, long stream, long index) {
        state = mix(mix(mix(seed) + GOLDEN * (stream + 1)) + GOLDEN * (index + 1));
    }

    /** The next 64 bits. */
    long next() {
        state += GOLDEN;
        return mix(state);
    }

    /** Uniform in 0 … bound − 1, for small bounds. */
    int below(int bound) {
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    /** Uniform in [low, high). */
    float uniform(float low, float high) {
        return low + (high - low) * ((next() >>> 40) * 0x1p-24f);
    }

    /** Bell-shaped, mean 0 and standard deviation 1, never beyond ±3.5: the sum of four uniform 16-bit numbers. */
    float bell() {
        long bits = next();
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum - 131070) * (1.7320508f / 65536);
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
