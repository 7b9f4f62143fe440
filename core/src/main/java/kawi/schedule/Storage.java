package kawi.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Where the stored items of a plan live: in the memory of a leaf, in a buffer that the run hands out, or at a place in
 * the arena that intermediates share. Items whose lifetimes do not meet share the same bytes.
 */
final class Storage {
    /** For each item the one whose memory it uses: itself, or the item it is computed in place of. */
    final int[] owner;
    /** Place of each owner in the arena in bytes, or −1 if it is not there. */
    final long[] places;

    long arenaBytes;

    Storage(int items) {
        owner = new int[items];
        Arrays.setAll(owner, i -> i);
        places = new long[items];
        Arrays.fill(places, -1);
    }

    /** The places for a plan of these launches. */
    static Storage of(Program program, Fusion fusion, List<Draft> order) {
        int n = program.items.size();
        Storage storage = new Storage(n);
        int[] first = new int[n];
        int[] last = new int[n];
        Arrays.fill(first, Integer.MAX_VALUE);
        Arrays.fill(last, -1);
        for (int s = 0; s < order.size(); s++) {
            for (int item : order.get(s).buffers) {
                if (item != Draft.LOCAL) {
                    first[item] = Math.min(first[item], s);
                    last[item] = s;
                }
            }
        }
        boolean[] output = new boolean[n];
        for (int o = 0; o < program.outputs.length; o++) {
            int base = fusion.base(program.outputs[o]);
            output[base] = true;
            if (program.donors[o] >= 0) {
                storage.owner[base] = program.donors[o];
            }
        }
        for (int s = 0; s < order.size(); s++) {
            InPlace.share(program, order.get(s), s, storage, last, output);
        }
        int[] ownerFirst = first.clone();
        int[] ownerLast = last.clone();
        for (int i = 0; i < n; i++) {
            int o = storage.root(i);
            ownerFirst[o] = Math.min(ownerFirst[o], first[i]);
            ownerLast[o] = Math.max(ownerLast[o], last[i]);
        }
        List<Life> lives = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            if (storage.root(i) == i
                    && last[i] >= 0
                    && !output[i]
                    && !program.items.get(i).isLeaf()) {
                long bytes = program.shape(i).size() * program.dtype(i).bytes();
                lives.add(new Life(i, Math.max(bytes, 1), ownerFirst[i], ownerLast[i]));
            }
        }
        storage.arrange(lives);
        return storage;
    }

    /** The item whose memory an item ends up in. */
    int root(int item) {
        int i = item;
        while (owner[i] != i) {
            i = owner[i];
        }
        return i;
    }

    /** An intermediate and the first and last step that touch it. */
    record Life(int item, long bytes, int first, int last) {}

    /** Gives every life a place: the largest first, each at the lowest place free during its whole life. */
    void arrange(List<Life> lives) {
        List<Life> placed = new ArrayList<>();
        List<Life> bySize = new ArrayList<>(lives);
        bySize.sort(Comparator.comparingLong(Life::bytes).reversed().thenComparingInt(Life::item));
        for (Life life : bySize) {
            List<Life> rivals = new ArrayList<>();
            for (Life other : placed) {
                if (other.first <= life.last && life.first <= other.last) {
                    rivals.add(other);
                }
            }
            rivals.sort(Comparator.comparingLong(o -> places[o.item]));
            long at = 0;
            for (Life other : rivals) {
                if (places[other.item] - at >= round(life.bytes)) {
                    break;
                }
                at = Math.max(at, places[other.item] + round(other.bytes));
            }
            places[life.item] = at;
            arenaBytes = Math.max(arenaBytes, at + round(life.bytes));
            placed.add(life);
        }
    }

    /** Rounded so that every place begins on a cache line. */
    private static long round(long bytes) {
        return (bytes + 63) / 64 * 64;
    }
}
