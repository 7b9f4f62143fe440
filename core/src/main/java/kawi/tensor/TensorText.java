package kawi.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kawi.base.Shape;
import kawi.graph.HostArray;

/** The text of a tensor as NumPy lays it out: aligned columns, long axes shortened to their ends, matrices apart; then type and shape. */
final class TensorText {
    private static final int EDGE = 3;
    private static final int LONG = 1000;

    private final HostArray array;
    private final boolean shorten;
    private final StringBuilder text = new StringBuilder();
    private int width;
    private boolean scientific;
    private boolean whole = true;

    private TensorText(HostArray array) {
        this.array = array;
        this.shorten = array.size() > LONG;
    }

    static String of(HostArray array) {
        TensorText t = new TensorText(array);
        t.measure();
        t.write(0, 0, 0);
        return t.text + "  " + array.type();
    }

    /** Chooses one format for all numbers that are shown. */
    private void measure() {
        List<Integer> shown = new ArrayList<>();
        collect(0, 0, shown);
        double largest = 0;
        double smallest = Double.MAX_VALUE;
        for (int i : shown) {
            double v = Math.abs(array.getDouble(i));
            if (!Double.isFinite(v)) {
                continue;
            }
            whole &= v == Math.rint(v);
            largest = Math.max(largest, v);
            if (v > 0) {
                smallest = Math.min(smallest, v);
            }
        }
        scientific = largest >= 1e6 || largest > 0 && (largest < 1e-3 || largest / smallest > 1e6);
        for (int i : shown) {
            width = Math.max(width, number(i).length());
        }
    }

    private void collect(int axis, int at, List<Integer> shown) {
        if (axis == array.shape().rank()) {
            shown.add(at);
            return;
        }
        int step = (int) array.shape().product(axis + 1, array.shape().rank());
        for (int i = 0; i < array.shape().dim(axis); i++) {
            i = skipped(i, array.shape().dim(axis));
            collect(axis + 1, at + i * step, shown);
        }
    }

    /** The place to go on with: the middle of a long axis is left out. */
    private int skipped(int i, int n) {
        return shorten && n > 2 * EDGE && i == EDGE ? n - EDGE : i;
    }

    private String number(int i) {
        switch (array.dtype()) {
            case BOOL:
                return array.getLong(i) != 0 ? "true" : "false";
            case U8, I32, I64:
                return Long.toString(array.getLong(i));
            default:
                double v = array.getDouble(i);
                if (!Double.isFinite(v)) {
                    return Double.toString(v);
                }
                return String.format(Locale.ROOT, scientific ? "%.4e" : whole ? "%.1f" : "%.4f", v);
        }
    }

    private void write(int axis, int at, int indent) {
        Shape s = array.shape();
        if (axis == s.rank()) {
            text.append(" ".repeat(s.rank() == 0 ? 0 : width - number(at).length()))
                    .append(number(at));
            return;
        }
        text.append('[');
        int n = s.dim(axis);
        int step = (int) s.product(axis + 1, s.rank());
        int below = s.rank() - 1 - axis;
        // numbers side by side, rows below each other, matrices with lines between
        String next = below == 0 ? ", " : "," + "\n".repeat(below) + " ".repeat(indent + 1);
        for (int i = 0; i < n; i++) {
            text.append(i > 0 ? next : "");
            if (skipped(i, n) != i) {
                text.append('…').append(next);
                i = skipped(i, n);
            }
            write(axis + 1, at + i * step, indent + 1);
        }
        text.append(']');
    }
}
