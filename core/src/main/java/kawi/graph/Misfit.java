package kawi.graph;

import java.util.Objects;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/** What is said of operands that do not fit: what each is, where it came from, and what would make them fit. */
public final class Misfit {
    private static final String[] ORDINALS = {"first", "second", "third"};
    /** How far back a reduction is looked for that may have been meant to keep its axis. */
    private static final int LOOK_BACK = 4;

    private Misfit() {}

    /** An error with a description of the operands. */
    static KawiException of(String problem, Node... operands) {
        return new KawiException(problem + operands(operands));
    }

    /** The error of an operation's own check, with a description of the operands. */
    static KawiException explained(KawiException e, Node... operands) {
        return operands.length == 0 || e.getClass() != KawiException.class ? e : e.with(operands(operands));
    }

    private static String operands(Node... operands) {
        StringBuilder s = new StringBuilder();
        boolean unknown = false;
        for (int i = 0; i < operands.length; i++) {
            Node node = operands[i];
            String name = operands.length == 1 ? "operand" : i < 3 ? ORDINALS[i] : "operand " + (i + 1);
            s.append("\n  ").append(name).append(": ").append(node.type()).append(", ");
            s.append(
                    node.op() instanceof Source.Leaf
                            ? "given values"
                            : "the result of " + node.op().label());
            Site site = node.site();
            unknown |= site == null;
            s.append(site == null ? "" : ", recorded at " + site.place());
        }
        return unknown
                ? s + "\n  (Kawi.debug(true), called first, shows the lines that made the operands)"
                : s.toString();
    }

    /** Shapes that do not broadcast. */
    static KawiException broadcast(String what, Node a, Node b) {
        Shape x = a.type().shape();
        Shape y = b.type().shape();
        return of(
                "%s: shapes %s and %s do not broadcast: aligned at the last axis, extents must be equal or 1. %s"
                        .formatted(what, x, y, remedy(a, b)),
                a,
                b);
    }

    private static String remedy(Node a, Node b) {
        boolean swap = a.type().shape().rank() > b.type().shape().rank();
        Shape small = (swap ? b : a).type().shape();
        Shape large = (swap ? a : b).type().shape();
        String name = swap ? "second" : "first";
        for (int axis = 0; small.rank() < large.rank() && axis <= small.rank(); axis++) {
            if (Objects.equals(large, Shape.broadcast(lifted(small, axis, large), large))) {
                Node reduced = reduction(swap ? b : a);
                String insert =
                        "the %s fits as .unsqueeze(%d), shape %s".formatted(name, axis, small.inserted(axis, 1));
                return reduced == null
                        ? "Did you mean to add an axis? " + insert
                        : "The %s comes from a %s over an axis: did you mean to keep that with extent 1, by %s? Or %s"
                                .formatted(name, reduced.op().label(), keeping(reduced), insert);
            }
        }
        for (int k = 0; k < 2; k++) {
            Shape turned = k == 0 ? small : large;
            Shape other = k == 0 ? large : small;
            if (turned.rank() >= 2 && Shape.broadcast(transposed(turned), other) != null) {
                return "Did you mean to transpose the %s? .transpose(-1, -2) has shape %s"
                        .formatted(k == 0 == swap ? "second" : "first", transposed(turned));
            }
        }
        if (small.size() == large.size()) {
            return "Both have %d elements: did you mean .reshape(%s)?".formatted(small.size(), list(large));
        }
        return "Bring them together with reshape, unsqueeze or transpose";
    }

    /** The small shape with an axis inserted where the rank is one less, else itself: only one missing axis is evident. */
    private static Shape lifted(Shape small, int axis, Shape large) {
        return small.rank() + 1 == large.rank() ? small.inserted(axis, 1) : large.inserted(0, 2);
    }

    private static Shape transposed(Shape s) {
        int r = s.rank();
        return s.with(r - 1, s.dim(-2)).with(r - 2, s.dim(-1));
    }

    private static String list(Shape s) {
        String text = s.toString();
        return text.substring(1, text.length() - 1);
    }

    private static String keeping(Node reduction) {
        String label = reduction.op().label();
        return label.equals("sum") ? "sumKeepDims or meanKeepDims" : label + "KeepDims";
    }

    /** The reduction that dropped an axis on the way to a node, or null. */
    private static @Nullable Node reduction(Node from) {
        Node node = from;
        for (int i = 0; i < LOOK_BACK && node.inputs().length > 0; i++) {
            Node in = node.inputs()[0];
            if (node.op() instanceof Movement.Reshape && in.op() instanceof Reduction.Reduce) {
                return in;
            }
            node = in;
        }
        return null;
    }

    /** Matrices or vectors whose inner extents differ. */
    public static KawiException matmul(Node a, Node b) {
        Shape x = a.type().shape();
        Shape y = b.type().shape();
        String hint = "";
        String of = y.rank() == 1 ? "the length" : "the second last";
        if (x.rank() == 0 || y.rank() == 0) {
            hint = "; by a number multiply with mul";
        } else if (x.rank() == 1 || y.rank() == 1) {
            if (y.rank() == 2 && y.dim(1) == x.dim(0)) {
                hint = "; did you mean to transpose the second? matmul(b.transpose(-1, -2))";
            } else if (x.rank() == 2 && x.dim(0) == y.dim(0)) {
                hint = "; did you mean to transpose the first? a.transpose(-1, -2).matmul(b)";
            }
        } else if (x.dim(-1) == y.dim(-1)) {
            hint = "; did you mean to transpose the second? matmul(b.transpose(-1, -2))";
        } else if (x.dim(-2) == y.dim(-2)) {
            hint = "; did you mean to transpose the first? a.transpose(-1, -2).matmul(b)";
        } else if (x.rank() > 2 && x.product(1, x.rank()) == y.dim(-2)) {
            hint = "; did you mean to flatten the first? a.flatten(1, -1) has shape [%d, %d]"
                    .formatted(x.dim(0), y.dim(-2));
        }
        return of(
                "matmul: shapes %s and %s do not fit: the last extent of the first must equal %s of the second%s"
                        .formatted(x, y, of, hint),
                a,
                b);
    }
}
