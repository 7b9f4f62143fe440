package kawi.graph;

/**
 * The counter-based generator Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random
 * numbers: as easy as 1, 2, 3", section 4.2): a keyed permutation of counters, so the random number at a place depends
 * on the key and the place alone, not on threads or on what was drawn before.
 */
public final class Threefry {
    private static final int PARITY = 0x1BD11BDA;
    private static final int[] ROTATIONS = {13, 15, 26, 6, 17, 29, 16, 24};

    private Threefry() {}

    /** First word for counter (counter, 0) under key (k0, k1). */
    public static int word(int k0, int k1, int counter) {
        return (int) block(k0, k1, counter, 0);
    }

    /** Both words for counter (c0, c1) under key (k0, k1); the first in the lower half. */
    public static long block(int k0, int k1, int c0, int c1) {
        int[] key = {k0, k1, PARITY ^ k0 ^ k1};
        int x0 = c0 + k0;
        int x1 = c1 + k1;
        for (int round = 0; round < 20; round++) {
            x0 += x1;
            x1 = Integer.rotateLeft(x1, ROTATIONS[round % 8]) ^ x0;
            if (round % 4 == 3) {
                int s = round / 4 + 1;
                x0 += key[s % 3];
                x1 += key[(s + 1) % 3] + s;
            }
        }
        return x0 & 0xffffffffL | (long) x1 << 32;
    }
}
