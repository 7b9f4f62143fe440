package kawi.graph;

import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/** Operations that combine or scan the elements along one axis. */
public final class Reduction {
    private Reduction() {}

    /** How elements combine. */
    public enum Kind {
        SUM,
        MAX,
        MIN
    }

    /** Combines the elements along {@code axis}, which stays with extent 1. NaN wins in MAX and MIN. */
    public record Reduce(Kind kind, int axis) implements Op {
        @Override
        public String label() {
            return kind.name().toLowerCase(java.util.Locale.ROOT);
        }

        @Override
        public Type infer(List<Type> in) {
            Type t = in.get(0);
            if (t.dtype() == DType.BOOL || t.dtype() == DType.U8) {
                throw new KawiException(
                        label() + " is not defined for element type " + t.dtype() + "; cast the operand first");
            }
            if (kind != Kind.SUM && t.shape().dim(axis) == 0) {
                throw new KawiException(
                        "%s: axis %d of shape %s is empty and has no %s".formatted(label(), axis, t.shape(), label()));
            }
            return new Type(t.dtype(), t.shape().with(axis, 1));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray a = in.get(0);
            HostArray out = new HostArray(result);
            boolean real = a.dtype().isFloat();
            lines(a.shape(), axis, (from, step, line) -> {
                int n = a.shape().dim(axis);
                double d = kind == Kind.SUM ? 0 : a.getDouble(from);
                long l = kind == Kind.SUM ? 0 : a.getLong(from);
                for (int i = 0; i < n; i++) {
                    double x = a.getDouble(from + i * step);
                    long y = real ? 0 : a.getLong(from + i * step);
                    d = switch (kind) {
                        case SUM -> d + x;
                        case MAX -> Math.max(d, x);
                        case MIN -> Math.min(d, x);
                    };
                    l = switch (kind) {
                        case SUM -> l + y;
                        case MAX -> Math.max(l, y);
                        case MIN -> Math.min(l, y);
                    };
                }
                if (real) {
                    out.set(line, d);
                } else {
                    out.set(line, l);
                }
            });
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node x = self.inputs()[0];
            if (!x.type().dtype().isFloat()) {
                return Op.none(self);
            }
            Shape s = x.type().shape();
            if (kind == Kind.SUM) {
                return new Node[] {Graph.expand(g, s)};
            }
            // Equal extremes share the cotangent.
            Node hit = Graph.equal(x, Graph.expand(self, s));
            Node count =
                    Node.of(new Reduce(Kind.SUM, axis), Graph.cast(hit, g.type().dtype()));
            return new Node[] {Graph.where(hit, Graph.expand(Graph.div(g, count), s), Graph.scalar(0, x))};
        }

        @Override
        public Jacobian jacobian() {
            return kind == Kind.SUM ? Jacobian.LINEAR : Jacobian.GENERAL;
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(new Reduce(kind, axis + 1));
        }
    }

    /** Position of the first largest (or smallest) element along an axis, which stays with extent 1; NaN wins. */
    public record ArgReduce(boolean max, int axis) implements Op {
        @Override
        public String label() {
            return max ? "argmax" : "argmin";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape s = in.get(0).shape();
            if (s.dim(axis) == 0) {
                throw new KawiException("%s: axis %d of shape %s is empty".formatted(label(), axis, s));
            }
            return new Type(DType.I64, s.with(axis, 1));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray a = in.get(0);
            HostArray out = new HostArray(result);
            lines(a.shape(), axis, (from, step, line) -> {
                int best = 0;
                for (int i = 1; i < a.shape().dim(axis); i++) {
                    if (a.dtype().isFloat()) {
                        double x = a.getDouble(from + i * step);
                        double b = a.getDouble(from + best * step);
                        if ((max ? x > b : x < b) || Double.isNaN(x) && !Double.isNaN(b)) {
                            best = i;
                        }
                    } else {
                        long x = a.getLong(from + i * step);
                        long b = a.getLong(from + best * step);
                        best = (max ? x > b : x < b) ? i : best;
                    }
                }
                out.set(line, (long) best);
            });
            return out;
        }

        @Override
        public boolean differentiable() {
            return false;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return Op.none(self);
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(new ArgReduce(max, axis + 1));
        }
    }

    /** Sums of the elements up to and including each one along an axis, from the front or from the back. */
    public record CumSum(int axis, boolean reverse) implements Op {
        @Override
        public String label() {
            return "cumsum";
        }

        @Override
        public Type infer(List<Type> in) {
            if (in.get(0).dtype() == DType.BOOL || in.get(0).dtype() == DType.U8) {
                throw new KawiException(
                        "cumsum is not defined for element type " + in.get(0).dtype() + "; cast the operand first");
            }
            return in.get(0);
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray a = in.get(0);
            HostArray out = new HostArray(result);
            lines(a.shape(), axis, (from, step, line) -> {
                int n = a.shape().dim(axis);
                double d = 0;
                long l = 0;
                for (int i = 0; i < n; i++) {
                    int at = from + (reverse ? n - 1 - i : i) * step;
                    if (a.dtype().isFloat()) {
                        out.set(at, d += a.getDouble(at));
                    } else {
                        out.set(at, l += a.getLong(at));
                    }
                }
            });
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return new Node[] {Node.of(new CumSum(axis, !reverse), g)};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(new CumSum(axis + 1, reverse));
        }
    }

    private interface Line {
        void at(int from, int step, int line);
    }

    /** Visits the lines along an axis in row-major order of the other axes. */
    private static void lines(Shape s, int axis, Line visit) {
        int inner = (int) s.product(axis + 1, s.rank());
        int outer = (int) s.product(0, axis);
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < inner; i++) {
                visit.at(o * s.dim(axis) * inner + i, inner, o * inner + i);
            }
        }
    }
}
