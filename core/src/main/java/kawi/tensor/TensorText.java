package kawi.tensor;

import java.util.Locale;
import kawi.base.Shape;
import kawi.graph.HostArray;

/** The text of a tensor: aligned columns, long axes shortened to their ends. */
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

    private void measure() {
        double largest = 0;
        double smallest = Double.MAX_VALUE;
        for (int i = 0; i < array.size(); i++) {
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
        for (int i = 0; i < array.size(); i++) {
            width = Math.max(width, number(i).length());
        }
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
        boolean last = axis == s.rank() - 1;
        for (int i = 0; i < n; i++) {
            if (i > 0) {
                text.append(last ? ", " : ",\n" + " ".repeat(indent + 1));
            }
            if (shorten && n > 2 * EDGE && i == EDGE) {
                text.append(last ? "…" : "…,\n" + " ".repeat(indent + 1));
                if (last) {
                    text.append(", ");
                }
                i = n - EDGE;
            }
            write(axis + 1, at + i * step, indent + 1);
        }
        text.append(']');
    }
}
