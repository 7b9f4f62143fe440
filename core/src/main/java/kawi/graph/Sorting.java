package kawi.graph;

import java.util.List;
import kawi.base.DType;
import org.jspecify.annotations.Nullable;

/** The order of elements. */
public final class Sorting {
    private Sorting() {}

    /**
     * The places of the elements along an axis in rising or falling order, {@code I64}: {@code x[order[0]]} is the first.
     * Equal elements keep their order; NaN counts as larger than every number, and −0 equals 0.
     */
    public record ArgSort(int axis, boolean descending) implements Op {
        @Override
        public String label() {
            return "argsort";
        }

        @Override
        public Type infer(List<Type> in) {
            return new Type(DType.I64, in.get(0).shape());
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray x = in.get(0);
            HostArray out = new HostArray(result);
            int n = x.shape().dim(axis);
            int inner = (int) x.shape().product(axis + 1, x.shape().rank());
            int outer = (int) x.shape().product(0, axis);
            long[] keys = new long[n];
            for (int line = 0; line < outer * inner; line++) {
                int from = line / inner * n * inner + line % inner;
                for (int i = 0; i < n; i++) {
                    long key = key(x, from + i * inner);
                    keys[i] = descending ? ~key : key;
                }
                int[] order = order(keys);
                for (int i = 0; i < n; i++) {
                    out.set(from + i * inner, (long) order[i]);
                }
            }
            return out;
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(new ArgSort(axis + 1, descending));
        }

        @Override
        public boolean differentiable() {
            return false;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return Op.none(self);
        }
    }

    /** An integer in the order of the elements: for doubles their bits, of negative ones the magnitude turned round. */
    private static long key(HostArray x, int i) {
        if (!x.dtype().isFloat()) {
            return x.getLong(i);
        }
        long bits = Double.doubleToLongBits(x.getDouble(i) + 0.0); // −0 + 0 = 0; NaN has one form, above +∞
        return bits < 0 ? bits ^ Long.MAX_VALUE : bits;
    }

    /** The places of rising keys, equal ones in their order: runs of 1, 2, 4, … merged. */
    private static int[] order(long[] keys) {
        int n = keys.length;
        int[] order = new int[n];
        int[] merged = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int run = 1; run < n && run > 0; run *= 2) {
            for (int from = 0; from < n; from += 2 * run) {
                int middle = (int) Math.min((long) from + run, n);
                int to = (int) Math.min((long) from + 2L * run, n);
                int left = from;
                int right = middle;
                for (int at = from; at < to; at++) {
                    boolean takeLeft = right >= to || left < middle && keys[order[left]] <= keys[order[right]];
                    merged[at] = takeLeft ? order[left++] : order[right++];
                }
                if (to == n) {
                    break;
                }
            }
            int[] t = order;
            order = merged;
            merged = t;
        }
        return order;
    }
}
