package kawi.graph;

import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Contraction.Window;
import org.jspecify.annotations.Nullable;

/**
 * Windows that slide over images {@code [N, C, H, W]}. Maximum pooling is in two steps, which makes every derivative
 * simple: find where each maximum is, then read there.
 */
public final class Pooling {
    private Pooling() {}

    /** A window of the given size and geometry; padding never exceeds half the window, so that no window is empty. */
    public record Pool(int kernelH, int kernelW, Window window) {
        /** Checks the padding. */
        public Pool {
            if (kernelH < 1
                    || kernelW < 1
                    || Math.max(window.padTop(), window.padBottom()) * 2 > kernelH
                    || Math.max(window.padLeft(), window.padRight()) * 2 > kernelW) {
                throw new KawiException("pooling: padding may be at most half the window of %d×%d, but %s was given"
                        .formatted(kernelH, kernelW, window));
            }
        }

        Shape out(String what, Shape x) {
            if (x.rank() != 4) {
                throw new KawiException(
                        "%s: an input [batch, channels, height, width] is needed, but shape %s was given"
                                .formatted(what, x));
            }
            if (x.dim(2) == 0 || x.dim(3) == 0) {
                throw new KawiException("%s: images of shape %s are empty".formatted(what, x));
            }
            return window.out(what, x.dim(0), x.dim(1), x.dim(2), x.dim(3), kernelH, kernelW);
        }

        interface Visit {
            void element(int plane, int inPlane, int out);
        }

        void visit(Shape x, Shape y, Visit visit) {
            int planes = x.dim(0) * x.dim(1);
            for (int p = 0; p < planes; p++) {
                for (int i = 0; i < y.dim(2); i++) {
                    for (int j = 0; j < y.dim(3); j++) {
                        for (int a = 0; a < kernelH; a++) {
                            for (int b = 0; b < kernelW; b++) {
                                int h = i * window.strideH() + a * window.dilationH() - window.padTop();
                                int w = j * window.strideW() + b * window.dilationW() - window.padLeft();
                                if (h >= 0 && h < x.dim(2) && w >= 0 && w < x.dim(3)) {
                                    visit.element(p, h * x.dim(3) + w, (p * y.dim(2) + i) * y.dim(3) + j);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /** Where each window's first largest element is: its row-major place in its image plane; NaN wins. */
    public record MaxPoolIndex(Pool pool) implements Op {
        @Override
        public String label() {
            return "maxPoolIndex";
        }

        @Override
        public Type infer(List<Type> in) {
            needFloat(label(), in.get(0));
            return new Type(DType.I32, pool.out("maxPool2d", in.get(0).shape()));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray x = in.get(0);
            HostArray out = new HostArray(result);
            double[] best = new double[out.size()];
            boolean[] seen = new boolean[out.size()];
            int plane = x.shape().dim(2) * x.shape().dim(3);
            pool.visit(x.shape(), result.shape(), (p, at, o) -> {
                double v = x.getDouble(p * plane + at);
                if (!seen[o] || v > best[o] || Double.isNaN(v) && !Double.isNaN(best[o])) {
                    seen[o] = true;
                    best[o] = v;
                    out.set(o, (long) at);
                }
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
            return b.folded(this);
        }
    }

    /** Reads {@code x [N, C, H, W]} in each plane at the places {@code index [N, C, H′, W′]}. */
    public record PlaneGather() implements Op {
        @Override
        public String label() {
            return "planeGather";
        }

        @Override
        public Type infer(List<Type> in) {
            return new Type(in.get(0).dtype(), in.get(1).shape());
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray x = in.get(0);
            HostArray out = new HostArray(result);
            int plane = x.shape().dim(2) * x.shape().dim(3);
            int per = result.shape().dim(2) * result.shape().dim(3);
            for (int i = 0; i < out.size(); i++) {
                out.copy(i, x, i / per * plane + (int) in.get(1).getLong(i));
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Shape x = self.inputs()[0].type().shape();
            return new @Nullable Node[] {Node.of(new PlaneScatter(x.dim(2), x.dim(3)), g, self.inputs()[1]), null};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.folded(this);
        }
    }

    /** The transpose of {@link PlaneGather}: adds each element of {@code g} at its place in a plane of zeros. */
    public record PlaneScatter(int height, int width) implements Op {
        @Override
        public String label() {
            return "planeScatter";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape g = in.get(0).shape();
            return new Type(in.get(0).dtype(), Shape.of(g.dim(0), g.dim(1), height, width));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray g = in.get(0);
            HostArray out = new HostArray(result);
            int per = g.shape().dim(2) * g.shape().dim(3);
            for (int i = 0; i < g.size(); i++) {
                int at = i / per * height * width + (int) in.get(1).getLong(i);
                out.set(at, out.getDouble(at) + g.getDouble(i));
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node u, boolean[] wanted) {
            return new @Nullable Node[] {Node.of(new PlaneGather(), u, self.inputs()[1]), null};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.folded(this);
        }
    }

    /** The sum of each window; padding counts as 0. */
    public record SumPool(Pool pool) implements Op {
        @Override
        public String label() {
            return "sumPool";
        }

        @Override
        public Type infer(List<Type> in) {
            needFloat(label(), in.get(0));
            return new Type(in.get(0).dtype(), pool.out("avgPool2d", in.get(0).shape()));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray x = in.get(0);
            HostArray out = new HostArray(result);
            double[] sums = new double[out.size()];
            int plane = x.shape().dim(2) * x.shape().dim(3);
            pool.visit(x.shape(), result.shape(), (p, at, o) -> sums[o] += x.getDouble(p * plane + at));
            for (int i = 0; i < sums.length; i++) {
                out.set(i, sums[i]);
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Shape x = self.inputs()[0].type().shape();
            return new Node[] {Node.of(new SumPoolTranspose(pool, x.dim(2), x.dim(3)), g)};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.folded(this);
        }
    }

    /** The transpose of {@link SumPool}: each element of {@code g} is added to every place of its window. */
    public record SumPoolTranspose(Pool pool, int height, int width) implements Op {
        @Override
        public String label() {
            return "sumPoolTranspose";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape g = in.get(0).shape();
            return new Type(in.get(0).dtype(), Shape.of(g.dim(0), g.dim(1), height, width));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray g = in.get(0);
            HostArray out = new HostArray(result);
            double[] sums = new double[out.size()];
            pool.visit(result.shape(), g.shape(), (p, at, o) -> sums[p * height * width + at] += g.getDouble(o));
            for (int i = 0; i < sums.length; i++) {
                out.set(i, sums[i]);
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node u, boolean[] wanted) {
            return new Node[] {Node.of(new SumPool(pool), u)};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.folded(this);
        }
    }

    private static void needFloat(String what, Type t) {
        if (!t.dtype().isFloat()) {
            throw new KawiException(
                    "%s needs a floating-point input, but %s was given; cast it first".formatted(what, t));
        }
    }
}
