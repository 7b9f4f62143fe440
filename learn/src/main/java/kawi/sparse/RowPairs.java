package kawi.sparse;

import java.util.Arrays;
import kawi.base.KawiException;

/**
 * What pairs of lines have in common, or have together: line p of the structure has the places of the p-th pair, and entry e comes from entry
 * {@code first[e]} of the pair's one line and {@code second[e]} of the other; the number of entries stands for none.
 */
record RowPairs(Structure structure, int[] first, int[] second) {

    /** The places that both lines have. */
    static RowPairs both(Structure s, int[] i, int[] j) {
        return merged("rowDots", s, i, j, false);
    }

    /** The places that at least one line has. */
    static RowPairs either(Structure s, int[] i, int[] j) {
        return merged("rowDifferences", s, i, j, true);
    }

    private static RowPairs merged(String what, Structure s, int[] i, int[] j, boolean either) {
        if (i.length != j.length) {
            throw new KawiException("%s: pairs need as many first rows as second ones, but there are %d and %d"
                    .formatted(what, i.length, j.length));
        }
        long most = 0;
        for (int p = 0; p < i.length; p++) {
            int a = entries(what, s, i, p);
            int b = entries(what, s, j, p);
            most += either ? (long) a + b : Math.min(a, b);
        }
        int[] pointers = new int[i.length + 1];
        int[] places = new int[Math.toIntExact(most)];
        int[] first = new int[places.length];
        int[] second = new int[places.length];
        int none = s.entries();
        int at = 0;
        for (int p = 0; p < i.length; p++) {
            int e = s.pointers[i[p]];
            int f = s.pointers[j[p]];
            int eEnd = s.pointers[i[p] + 1];
            int fEnd = s.pointers[j[p] + 1];
            while (either ? e < eEnd || f < fEnd : e < eEnd && f < fEnd) {
                int a = e < eEnd ? s.indices[e] : Integer.MAX_VALUE;
                int b = f < fEnd ? s.indices[f] : Integer.MAX_VALUE;
                if (either || a == b) {
                    places[at] = Math.min(a, b);
                    first[at] = a <= b ? e : none;
                    second[at] = b <= a ? f : none;
                    at++;
                }
                e += a <= b ? 1 : 0;
                f += b <= a ? 1 : 0;
            }
            pointers[p + 1] = at;
        }
        Structure found = new Structure(s.length, pointers, Arrays.copyOf(places, at));
        return new RowPairs(found, Arrays.copyOf(first, at), Arrays.copyOf(second, at));
    }

    private static int entries(String what, Structure s, int[] rows, int p) {
        int i = rows[p];
        if (i < 0 || i >= s.lines()) {
            throw new KawiException(
                    "%s: row %d of pair %d does not exist; rows run from 0 to %d".formatted(what, i, p, s.lines() - 1));
        }
        return s.pointers[i + 1] - s.pointers[i];
    }
}
