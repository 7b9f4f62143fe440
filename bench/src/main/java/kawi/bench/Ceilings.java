package kawi.bench;

import java.util.Locale;

/**
 * What this machine can do at best with a number of threads: no program is faster.
 *
 * @param threads threads that worked at the same time
 * @param gigaflops fused multiply-adds of vectors that stay in registers; two operations each, 10⁹ a second
 * @param copyCached {@code a = b} over arrays that fit into the cache of each core; bytes read and written, 10⁹ a second
 * @param triadCached {@code a = b + s·c} over such arrays (McCalpin's STREAM)
 * @param copy {@code a = b} over arrays far larger than any cache
 * @param triad {@code a = b + s·c} over such arrays
 */
record Ceilings(int threads, double gigaflops, double copyCached, double triadCached, double copy, double triad) {
    /** One line for people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d %s: FMA %.0f GFLOP/s; in cache copy %.0f, triad %.0f GB/s; in memory copy %.1f, triad %.1f GB/s",
                threads,
                threads == 1 ? "thread" : "threads",
                gigaflops,
                copyCached,
                triadCached,
                copy,
                triad);
    }

    /** One word each, for {@link #parse}. */
    String text() {
        return String.format(
                Locale.ROOT,
                "%d %.6g %.6g %.6g %.6g %.6g",
                threads,
                gigaflops,
                copyCached,
                triadCached,
                copy,
                triad);
    }

    static Ceilings parse(String text) {
        String[] p = text.split(" ", -1);
        return new Ceilings(
                Integer.parseInt(p[0]),
                Double.parseDouble(p[1]),
                Double.parseDouble(p[2]),
                Double.parseDouble(p[3]),
                Double.parseDouble(p[4]),
                Double.parseDouble(p[5]));
    }
}
