package kawi.graph;

import java.util.List;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/** Operations that multiply and sum over shared axes. Each is linear in each of its two inputs. */
public final class Contraction {
    private Contraction() {}

    /** {@code [batch…, m, k] × [batch…, k, n] → [batch…, m, n]}; {@link Graph#matmul} broadcasts the batch axes. */
    public record MatMul() implements Op {
        @Override
        public String label() {
            return "matmul";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape a = in.get(0).shape();
            Shape b = in.get(1).shape();
            int r = a.rank();
            boolean fits = r >= 2
                    && b.rank() == r
                    && a.dim(-1) == b.dim(-2)
                    && in.get(0).dtype() == in.get(1).dtype();
            for (int i = 0; fits && i < r - 2; i++) {
                fits = a.dim(i) == b.dim(i);
            }
            if (!fits) {
                throw new KawiException("matmul: %s and %s do not fit".formatted(in.get(0), in.get(1)));
            }
            return new Type(in.get(0).dtype(), a.with(r - 1, b.dim(-1)));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray a = in.get(0);
            HostArray b = in.get(1);
            HostArray out = new HostArray(result);
            int m = result.shape().dim(-2);
            int n = result.shape().dim(-1);
            int k = a.shape().dim(-1);
            int batches = (int) result.shape().product(0, result.shape().rank() - 2);
            for (int s = 0; s < batches; s++) {
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        double sum = 0;
                        long whole = 0;
                        for (int p = 0; p < k; p++) {
                            int x = (s * m + i) * k + p;
                            int y = (s * k + p) * n + j;
                            if (a.dtype().isFloat()) {
                                sum += a.getDouble(x) * b.getDouble(y);
                            } else {
                                whole += a.getLong(x) * b.getLong(y);
                            }
                        }
                        if (a.dtype().isFloat()) {
                            out.set((s * m + i) * n + j, sum);
                        } else {
                            out.set((s * m + i) * n + j, whole);
                        }
                    }
                }
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node a = self.inputs()[0];
            Node b = self.inputs()[1];
            return new @Nullable Node[] {
                wanted[0] ? product(a, g, Graph.transpose(b)) : null,
                wanted[1] ? product(b, Graph.transpose(a), g) : null
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.MULTILINEAR;
        }

        @Override
        public Node batch(Batch b) {
            // the same second matrix for all examples: one product of all rows
            return !b.mapped(1) && b.shape(1).rank() == 2 ? Graph.matmul(b.in(0), b.given(1)) : b.apply(this);
        }

        /** The product, stored as its reader wants it: for a transposed operand the transpose of the transposed product. */
        private Node product(Node operand, Node a, Node b) {
            if (operand.op()
                    .equals(Movement.Permute.transpose(operand.type().shape().rank()))) {
                return Graph.transpose(Node.of(this, Graph.transpose(b), Graph.transpose(a)));
            }
            return Node.of(this, a, b);
        }
    }

    /** Geometry of a 2-D convolution or pooling window. */
    public record Window(
            int strideH,
            int strideW,
            int padTop,
            int padBottom,
            int padLeft,
            int padRight,
            int dilationH,
            int dilationW) {
        /** Checks that strides and dilations are positive and paddings are not negative. */
        public Window {
            if (strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
                throw new KawiException(
                        "strides and dilations start at 1, but stride %d×%d and dilation %d×%d were given"
                                .formatted(strideH, strideW, dilationH, dilationW));
            }
            if (padTop < 0 || padBottom < 0 || padLeft < 0 || padRight < 0) {
                throw new KawiException("padding cannot be negative, but %d, %d, %d, %d was given"
                        .formatted(padTop, padBottom, padLeft, padRight));
            }
        }

        /** The same stride, padding and dilation along both axes. */
        public static Window of(int stride, int padding, int dilation) {
            return new Window(stride, stride, padding, padding, padding, padding, dilation, dilation);
        }

        /** Height of the result: ⌊(height + padding − dilation·(kernel − 1) − 1) / stride⌋ + 1. */
        public int outH(int height, int kernel) {
            return positions((long) height + padTop + padBottom, kernel, dilationH, strideH);
        }

        /** Width of the result. */
        public int outW(int width, int kernel) {
            return positions((long) width + padLeft + padRight, kernel, dilationW, strideW);
        }

        /** Of a window in a padded extent; 0 where it does not fit. */
        private static int positions(long padded, int kernel, int dilation, int stride) {
            long room = padded - (long) dilation * (kernel - 1L) - 1;
            return room < 0 || kernel < 1 ? 0 : Math.toIntExact(room / stride + 1);
        }

        /** The shape of a result with {@code lead} before its height and width; an error if the window does not fit. */
        Shape out(String what, int first, int second, int height, int width, int kernelH, int kernelW) {
            long paddedH = (long) height + padTop + padBottom;
            long paddedW = (long) width + padLeft + padRight;
            if (Math.max(paddedH, paddedW) > Integer.MAX_VALUE) {
                throw new KawiException(
                        "%s: an input of height %d and width %d with padding %d, %d, %d, %d has extents %d and %d, but %d is the largest; use less padding"
                                .formatted(
                                        what,
                                        height,
                                        width,
                                        padTop,
                                        padBottom,
                                        padLeft,
                                        padRight,
                                        paddedH,
                                        paddedW,
                                        Integer.MAX_VALUE));
            }
            int h = outH(height, kernelH);
            int w = outW(width, kernelW);
            if (h < 1 || w < 1 || kernelH < 1 || kernelW < 1) {
                throw new KawiException(
                        ("%s: a %d×%d window (dilation %d×%d) does not fit an input of height %d and width %d"
                                        + " with padding %d, %d, %d, %d; add padding or use a smaller window")
                                .formatted(
                                        what, kernelH, kernelW, dilationH, dilationW, height, width, padTop, padBottom,
                                        padLeft, padRight));
            }
            return Shape.of(first, second, h, w);
        }
    }

    /**
     * Cross-correlation, as all of deep learning calls convolution: {@code x [N, C, H, W]}, {@code w [O, C/groups, kH, kW]}
     * → {@code y [N, O, H′, W′]}, y[n,o,i,j] = Σ x[n, c, i·stride + a·dilation − pad, …]·w[o, c, a, b].
     */
    public record Conv2d(Window window, int groups) implements Op {
        @Override
        public String label() {
            return "conv2d";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape x = in.get(0).shape();
            Shape w = in.get(1).shape();
            check(label(), in, x, w);
            return new Type(
                    in.get(0).dtype(), window.out(label(), x.dim(0), w.dim(0), x.dim(2), x.dim(3), w.dim(2), w.dim(3)));
        }

        void check(String what, List<Type> in, Shape x, Shape w) {
            boolean fits = x.rank() == 4
                    && w.rank() == 4
                    && groups >= 1
                    && x.dim(1) == w.dim(1) * groups
                    && w.dim(0) % groups == 0;
            if (!fits) {
                throw new KawiException(
                        ("%s: an input of shape %s (batch, channels, height, width) does not fit weights of shape %s"
                                        + " (out channels, channels / groups, height, width) with %d group%s")
                                .formatted(what, x, w, groups, groups == 1 ? "" : "s"));
            }
            if (!in.get(0).dtype().isFloat() || in.get(0).dtype() != in.get(1).dtype()) {
                throw new KawiException("%s needs two operands of one floating-point type, but %s and %s were given"
                        .formatted(what, in.get(0), in.get(1)));
            }
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray out = new HostArray(result);
            HostArray x = in.get(0);
            HostArray w = in.get(1);
            double[] y = new double[out.size()];
            visit(x.shape(), w.shape(), result.shape(), (xi, wi, yi) -> y[yi] += x.getDouble(xi) * w.getDouble(wi));
            return filled(out, y);
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node x = self.inputs()[0];
            Node w = self.inputs()[1];
            return new @Nullable Node[] {wanted[0] ? byData(x, g, w) : null, wanted[1] ? byWeight(x, g, w) : null};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.MULTILINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return !b.mapped(1)
                    ? b.unfolded(Node.of(this, Batch.folded(b.in(0)), b.given(1)))
                    : fromChannels(b, Node.of(grouped(b), toChannels(b.in(0)), Batch.folded(b.in(1))));
        }

        /** The cotangent of an input like {@code x}, from that of the result. */
        private Node byData(Node x, Node g, Node w) {
            Shape s = x.type().shape();
            return Node.of(new Conv2dByData(this, s.dim(2), s.dim(3)), g, w);
        }

        /** The cotangent of weights like {@code w}, from that of the result. */
        private Node byWeight(Node x, Node g, Node w) {
            Shape s = w.type().shape();
            return Node.of(new Conv2dByWeight(this, s.dim(2), s.dim(3)), x, g);
        }

        /** With weights for each example: the examples are groups, their channels lie side by side. */
        private Conv2d grouped(Batch b) {
            return new Conv2d(window, Math.multiplyExact(groups, b.count()));
        }

        interface Visit {
            void product(int x, int w, int y);
        }

        /** Visits every product of an input element and a weight with the place of the sum it belongs to. */
        void visit(Shape x, Shape w, Shape y, Visit visit) {
            int perGroup = w.dim(1);
            int outPerGroup = w.dim(0) / groups;
            for (int n = 0; n < y.dim(0); n++) {
                for (int o = 0; o < y.dim(1); o++) {
                    for (int i = 0; i < y.dim(2); i++) {
                        for (int j = 0; j < y.dim(3); j++) {
                            int yi = ((n * y.dim(1) + o) * y.dim(2) + i) * y.dim(3) + j;
                            for (int c = 0; c < perGroup; c++) {
                                int channel = o / outPerGroup * perGroup + c;
                                for (int a = 0; a < w.dim(2); a++) {
                                    int h = i * window.strideH() + a * window.dilationH() - window.padTop();
                                    if (h < 0 || h >= x.dim(2)) {
                                        continue;
                                    }
                                    for (int b = 0; b < w.dim(3); b++) {
                                        int v = j * window.strideW() + b * window.dilationW() - window.padLeft();
                                        if (v >= 0 && v < x.dim(3)) {
                                            visit.product(
                                                    ((n * x.dim(1) + channel) * x.dim(2) + h) * x.dim(3) + v,
                                                    ((o * perGroup + c) * w.dim(2) + a) * w.dim(3) + b,
                                                    yi);
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /** The derivative of {@link Conv2d} by its input: {@code g [N, O, H′, W′]}, weights → {@code [N, C, height, width]}. */
    public record Conv2dByData(Conv2d conv, int height, int width) implements Op {
        @Override
        public String label() {
            return "conv2dByData";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape g = in.get(0).shape();
            Shape w = in.get(1).shape();
            return new Type(in.get(0).dtype(), Shape.of(g.dim(0), w.dim(1) * conv.groups(), height, width));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray out = new HostArray(result);
            HostArray g = in.get(0);
            HostArray w = in.get(1);
            double[] x = new double[out.size()];
            conv.visit(
                    result.shape(), w.shape(), g.shape(), (xi, wi, yi) -> x[xi] += g.getDouble(yi) * w.getDouble(wi));
            return filled(out, x);
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node u, boolean[] wanted) {
            Node g = self.inputs()[0];
            Node w = self.inputs()[1];
            return new @Nullable Node[] {
                wanted[0] ? Node.of(conv, u, w) : null, wanted[1] ? conv.byWeight(u, g, w) : null
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.MULTILINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return !b.mapped(1)
                    ? b.unfolded(Node.of(this, Batch.folded(b.in(0)), b.given(1)))
                    : fromChannels(
                            b,
                            Node.of(
                                    new Conv2dByData(conv.grouped(b), height, width),
                                    toChannels(b.in(0)),
                                    Batch.folded(b.in(1))));
        }
    }

    /** The derivative of {@link Conv2d} by its weights: input, {@code g [N, O, H′, W′]} → {@code [O, C/groups, kernelH, kernelW]}. */
    public record Conv2dByWeight(Conv2d conv, int kernelH, int kernelW) implements Op {
        @Override
        public String label() {
            return "conv2dByWeight";
        }

        @Override
        public Type infer(List<Type> in) {
            Shape x = in.get(0).shape();
            Shape g = in.get(1).shape();
            return new Type(in.get(0).dtype(), Shape.of(g.dim(1), x.dim(1) / conv.groups(), kernelH, kernelW));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray out = new HostArray(result);
            HostArray x = in.get(0);
            HostArray g = in.get(1);
            double[] w = new double[out.size()];
            conv.visit(
                    x.shape(), result.shape(), g.shape(), (xi, wi, yi) -> w[wi] += x.getDouble(xi) * g.getDouble(yi));
            return filled(out, w);
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node u, boolean[] wanted) {
            Node x = self.inputs()[0];
            Node g = self.inputs()[1];
            return new @Nullable Node[] {wanted[0] ? conv.byData(x, g, u) : null, wanted[1] ? Node.of(conv, x, u) : null
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.MULTILINEAR;
        }

        @Override
        public Node batch(Batch b) {
            Conv2dByWeight all = new Conv2dByWeight(conv.grouped(b), kernelH, kernelW);
            return b.unfolded(Node.of(all, toChannels(b.in(0)), toChannels(b.in(1))));
        }
    }

    /** {@code [examples, N, C, H, W] → [N, examples · C, H, W]}. */
    private static Node toChannels(Node x) {
        Node y = Graph.permute(x, 1, 0, 2, 3, 4);
        Shape s = y.type().shape();
        return Graph.reshape(y, s.without(1, 3).inserted(1, Math.multiplyExact(s.dim(1), s.dim(2))));
    }

    /** {@code [N, examples · C, H, W] → [examples, N, C, H, W]}. */
    private static Node fromChannels(Batch b, Node x) {
        Shape s = x.type().shape();
        Node y = Graph.reshape(x, s.with(1, s.dim(1) / b.count()).inserted(1, b.count()));
        return Graph.permute(y, 1, 0, 2, 3, 4);
    }

    private static HostArray filled(HostArray out, double[] values) {
        for (int i = 0; i < values.length; i++) {
            out.set(i, values[i]);
        }
        return out;
    }
}
