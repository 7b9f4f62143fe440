package kawi.cpu.kernels;

/**
 * Extents of attention: {@code heads} independent ones, each with {@code queries} and {@code keys} of {@code width} numbers
 * and values of {@code valueWidth}.
 *
 * @param diagonal query i sees keys j ≤ i + diagonal
 */
public record AttentionShape(int heads, int queries, int keys, int width, int valueWidth, float scale, int diagonal) {
    /** A scale of 0 becomes the least there is, with which all weights are equal as well, and hidden scores can be told. */
    public AttentionShape {
        scale = scale == 0 ? Float.MIN_VALUE : scale;
    }

    /** A score that gives −∞ when it is scaled, and so weight 0. */
    float hiddenScore() {
        return scale > 0 ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
    }

    /** How many keys, from the first on, query i sees. */
    int visible(int query) {
        return (int) Math.clamp((long) query + diagonal + 1, 0, keys);
    }

    /** The first query that sees a key; {@code queries} if none does. */
    int firstQuery(int key) {
        return (int) Math.clamp((long) key - diagonal, 0, queries);
    }
}
