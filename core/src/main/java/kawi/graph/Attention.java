package kawi.graph;

import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1), fused so that the matrix of scores is never stored:
 *
 * <pre>  O = softmax(scale · Q·Kᵀ + mask) · V        L = ln Σ exp(scale · Q·Kᵀ + mask)</pre>
 *
 * for queries {@code [batch…, Tq, d]}, keys {@code [batch…, Tk, d]} and values {@code [batch…, Tk, dv]}. Query i attends to
 * the keys j ≤ i + {@code diagonal}: 0 is causal attention, {@link #ALL} hides nothing. For a query that may attend to
 * nothing, O is 0 and L is −∞.
 *
 * <p>One operation has one result, so this one gives a flat array: all of O {@code [batch…, Tq, dv]} in row-major order, then
 * all of L {@code [batch…, Tq]}. L is all that the derivative needs besides O to find the weights again (Dao et al. 2022,
 * <em>FlashAttention</em>).
 */
public record Attention(double scale, int diagonal) implements Op {
    /** The diagonal of attention to all keys. */
    public static final int ALL = Integer.MAX_VALUE;

    /** Checks that the scale is a number. */
    public Attention {
        if (!Double.isFinite(scale)) {
            throw new KawiException("attention: the scale must be a finite number, but is " + scale);
        }
    }

    /** The extents of one call. */
    record Extents(Shape batch, int queries, int keys, int width, int valueWidth) {
        static Extents of(Shape q, Shape k, Shape v) {
            int r = q.rank();
            boolean fits = r >= 2 && k.rank() == r && v.rank() == r && q.dim(-1) == k.dim(-1) && k.dim(-2) == v.dim(-2);
            for (int i = 0; fits && i < r - 2; i++) {
                fits = q.dim(i) == k.dim(i) && q.dim(i) == v.dim(i);
            }
            if (!fits) {
                throw new KawiException(
                        ("attention: queries %s, keys %s and values %s do not fit; needed are [batch…, Tq, d],"
                                        + " [batch…, Tk, d] and [batch…, Tk, dv]")
                                .formatted(q, k, v));
            }
            return new Extents(q.without(r - 2, r), q.dim(-2), k.dim(-2), q.dim(-1), v.dim(-1));
        }

        static Extents of(Node q, Node k, Node v) {
            return of(q.type().shape(), k.type().shape(), v.type().shape());
        }

        Shape rows(int count, int width) {
            int r = batch.rank();
            return batch.inserted(r, count).inserted(r + 1, width);
        }

        Shape outputs() {
            return rows(queries, valueWidth);
        }

        Shape stats() {
            return batch.inserted(batch.rank(), queries);
        }
    }

    // Use

    /**
     * O as a node: by this operation in {@code F32}, else by primitives. Batch axes broadcast, element types are promoted.
     */
    public static Node of(Node q, Node k, Node v, double scale, int diagonal) {
        DType type = DType.promote(
                DType.promote(q.type().dtype(), k.type().dtype()), v.type().dtype());
        if (!type.isFloat()) {
            throw new KawiException("attention: floating-point operands are needed, but %s, %s and %s were given"
                    .formatted(q.type(), k.type(), v.type()));
        }
        Shape batch = Shape.broadcast(batch(q), batch(k));
        batch = batch == null ? null : Shape.broadcast(batch, batch(v));
        if (batch != null) {
            q = broadcast(Graph.cast(q, type), batch);
            k = broadcast(Graph.cast(k, type), batch);
            v = broadcast(Graph.cast(v, type), batch);
        }
        Extents e = Extents.of(q, k, v);
        if (type != DType.F32) {
            return composed(q, k, v, scale, diagonal);
        }
        Node packed = Node.of(new Attention(scale, diagonal), q, k, v);
        return part(packed, 0, e.outputs());
    }

    private static Shape batch(Node x) {
        Shape s = x.type().shape();
        if (s.rank() < 2) {
            throw new KawiException("attention: operands [batch…, T, d] are needed, but %s was given".formatted(s));
        }
        return s.without(s.rank() - 2, s.rank());
    }

    private static Node broadcast(Node x, Shape batch) {
        Shape s = x.type().shape();
        int r = batch.rank();
        return Graph.expand(x, batch.inserted(r, s.dim(-2)).inserted(r + 1, s.dim(-1)));
    }

    /** O in terms of primitives: what {@link #of} fuses. */
    static Node composed(Node q, Node k, Node v, double scale, int diagonal) {
        Extents e = Extents.of(q, k, v);
        int nothing = (int) Math.clamp(-(long) diagonal, 0, e.queries);
        if (nothing == e.queries || e.keys == 0) {
            return Graph.constant(0, q.type().dtype(), e.outputs());
        }
        if (nothing > 0) {
            int axis = e.batch.rank();
            Node rest = composed(Graph.slice(q, axis, nothing, e.queries), k, v, scale, diagonal + nothing);
            Node none = Graph.constant(0, q.type().dtype(), e.rows(nothing, e.valueWidth));
            return Node.of(new Movement.Concat(axis), none, rest);
        }
        Node scores = hide(scores(q, k, scale), diagonal);
        Node top = Node.of(new Movement.StopGradient(), Graph.reduce(Reduction.Kind.MAX, scores, e.batch.rank() + 1));
        Node weights = Graph.unary(Elementwise.EXP, Graph.sub(scores, top));
        return Graph.matmul(Graph.div(weights, Graph.sum(weights, e.batch.rank() + 1)), v);
    }

    private static Node scores(Node q, Node k, double scale) {
        Node scores = Graph.matmul(q, Graph.transpose(k));
        return times(scores, scale);
    }

    private static Node times(Node x, double factor) {
        return Graph.mul(x, Graph.scalar(factor, x));
    }

    /** −∞ in place of the scores of hidden keys. */
    private static Node hide(Node scores, int diagonal) {
        Shape s = scores.type().shape();
        if (s.dim(-1) == 0 || diagonal >= s.dim(-1) - 1) {
            return scores;
        }
        Shape matrix = Shape.of(s.dim(-2), s.dim(-1));
        Node query = Graph.iota(DType.I64, matrix, 0);
        Node last = Graph.add(query, Graph.scalar(diagonal, query));
        Node hidden = Graph.less(last, Graph.iota(DType.I64, matrix, 1));
        return Graph.where(hidden, Graph.scalar(Double.NEGATIVE_INFINITY, scores), scores);
    }

    /** One of the arrays of a flat result, from an element on. */
    private static Node part(Node packed, long from, Shape shape) {
        return Graph.reshape(
                Graph.slice(packed, 0, Math.toIntExact(from), Math.toIntExact(from + shape.size())), shape);
    }

    private static Node flat(Node... parts) {
        Node[] flat = new Node[parts.length];
        for (int i = 0; i < parts.length; i++) {
            flat[i] = Graph.reshape(
                    parts[i], Shape.of(Math.toIntExact(parts[i].type().shape().size())));
        }
        return Node.of(new Movement.Concat(0), flat);
    }

    private static Type flat(DType type, Shape... parts) {
        long size = 0;
        for (Shape part : parts) {
            size += part.size();
        }
        if (size > Integer.MAX_VALUE) {
            throw new KawiException(
                    "attention: %d numbers are too many for one result; compute in smaller batches".formatted(size));
        }
        return new Type(type, Shape.of((int) size));
    }

    private static void needOneFloatType(List<Type> in) {
        for (Type t : in) {
            if (!t.dtype().isFloat() || t.dtype() != in.get(0).dtype()) {
                throw new KawiException(
                        "attention needs operands of one floating-point type, but " + in + " was given");
            }
        }
    }

    // The operation

    @Override
    public String label() {
        return "attention";
    }

    @Override
    public Type infer(List<Type> in) {
        needOneFloatType(in);
        Extents e = Extents.of(in.get(0).shape(), in.get(1).shape(), in.get(2).shape());
        return flat(in.get(0).dtype(), e.outputs(), e.stats());
    }

    /** How many keys, from the first on, query i attends to. */
    private int visible(int i, int keys) {
        return (int) Math.clamp((long) i + diagonal + 1, 0, keys);
    }

    private double score(HostArray q, int query, HostArray k, int key, int width) {
        double sum = 0;
        for (int c = 0; c < width; c++) {
            sum += q.getDouble(query * width + c) * k.getDouble(key * width + c);
        }
        return sum * scale;
    }

    @Override
    public HostArray evaluate(List<HostArray> in, Type result) {
        HostArray q = in.get(0);
        HostArray k = in.get(1);
        HostArray v = in.get(2);
        Extents e = Extents.of(q.shape(), k.shape(), v.shape());
        HostArray out = new HostArray(result);
        int rows = (int) e.batch.size() * e.queries;
        for (int row = 0; row < rows; row++) {
            int key0 = row / e.queries * e.keys;
            double[] weights = new double[visible(row % e.queries, e.keys)];
            double top = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < weights.length; j++) {
                weights[j] = score(q, row, k, key0 + j, e.width);
                top = Math.max(top, weights[j]);
            }
            double sum = 0;
            for (int j = 0; j < weights.length; j++) {
                weights[j] = StrictMath.exp(weights[j] - top);
                sum += weights[j];
            }
            for (int c = 0; c < e.valueWidth; c++) {
                double o = 0;
                for (int j = 0; j < weights.length; j++) {
                    o += weights[j] / sum * v.getDouble((key0 + j) * e.valueWidth + c);
                }
                out.set(row * e.valueWidth + c, o);
            }
            out.set(rows * e.valueWidth + row, weights.length == 0 ? top : top + StrictMath.log(sum));
        }
        return out;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node q = self.inputs()[0];
        Node k = self.inputs()[1];
        Node v = self.inputs()[2];
        Extents e = Extents.of(q, k, v);
        Node byOutputs = part(g, 0, e.outputs());
        Node byStats = part(g, e.outputs().size(), e.stats());
        Node derivatives = Node.of(new Backward(this), q, k, v, self, byOutputs, byStats);
        return parts(derivatives, q, k, v);
    }

    @Override
    public Node batch(Batch b) {
        Extents e = Extents.of(b.shape(0), b.shape(1), b.shape(2));
        return byExample(b.apply(this), b.count(), e.outputs(), e.stats());
    }

    /** From all examples' first array, all their second, … to the arrays of each example {@code [examples, …]}. */
    private static Node byExample(Node packed, int count, Shape... parts) {
        Node[] rows = new Node[parts.length];
        long from = 0;
        for (int i = 0; i < rows.length; i++) {
            rows[i] = part(packed, from, Shape.of(count, Math.toIntExact(parts[i].size())));
            from += rows[i].type().shape().size();
        }
        return Node.of(new Movement.Concat(1), rows);
    }

    /** The inverse of {@link #byExample}. */
    private static Node byPart(Node rows, Shape... parts) {
        Node[] all = new Node[parts.length];
        int from = 0;
        for (int i = 0; i < all.length; i++) {
            int to = from + Math.toIntExact(parts[i].size());
            all[i] = Graph.slice(rows, 1, from, to);
            from = to;
        }
        return flat(all);
    }

    private static Node[] parts(Node packed, Node... like) {
        Node[] parts = new Node[like.length];
        long from = 0;
        for (int i = 0; i < like.length; i++) {
            parts[i] = part(packed, from, like[i].type().shape());
            from += like[i].type().shape().size();
        }
        return parts;
    }

    /**
     * The derivative of {@link Attention}: from Q, K, V, its flat result (O, L), and cotangents dO {@code [batch…, Tq, dv]} and
     * dL {@code [batch…, Tq]} to
     *
     * <pre>  P = exp(scale · Q·Kᵀ − L)    dP = dO·Vᵀ    δ = Σ dO·O − dL    dS = P·(dP − δ)
     *  dQ = scale · dS·K    dK = scale · dSᵀ·Q    dV = Pᵀ·dO</pre>
     *
     * (P is 0 at hidden keys), all in row-major order and one after the other in a flat array (Dao 2023, <em>FlashAttention-2</em>,
     * algorithm 2). It is a function of O and L as they are given; its own derivative is made of primitives.
     */
    public record Backward(Attention attention) implements Op {
        /** Whether operand number {@code input} is one of Q, K, V and dO. */
        public static boolean isMatrix(int input) {
            return input < 3 || input == 4;
        }

        @Override
        public String label() {
            return "attentionBackward";
        }

        @Override
        public Type infer(List<Type> in) {
            needOneFloatType(in);
            Shape q = in.get(0).shape();
            Shape k = in.get(1).shape();
            Shape v = in.get(2).shape();
            Extents e = Extents.of(q, k, v);
            boolean fits = in.get(3).equals(attention.infer(in.subList(0, 3)))
                    && in.get(4).shape().equals(e.outputs())
                    && in.get(5).shape().equals(e.stats());
            if (!fits) {
                throw new KawiException("attentionBackward: " + in + " do not fit");
            }
            return flat(in.get(0).dtype(), q, k, v);
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray q = in.get(0);
            HostArray k = in.get(1);
            HostArray v = in.get(2);
            HostArray packed = in.get(3);
            HostArray g = in.get(4);
            HostArray byStats = in.get(5);
            Extents e = Extents.of(q.shape(), k.shape(), v.shape());
            double[] dq = new double[q.size()];
            double[] dk = new double[k.size()];
            double[] dv = new double[v.size()];
            int rows = (int) e.batch.size() * e.queries;
            for (int row = 0; row < rows; row++) {
                int key0 = row / e.queries * e.keys;
                int visible = attention.visible(row % e.queries, e.keys);
                double delta = -byStats.getDouble(row);
                for (int c = 0; c < e.valueWidth; c++) {
                    delta += g.getDouble(row * e.valueWidth + c) * packed.getDouble(row * e.valueWidth + c);
                }
                for (int key = key0; key < key0 + visible; key++) {
                    double score = attention.score(q, row, k, key, e.width);
                    double p = StrictMath.exp(score - packed.getDouble(rows * e.valueWidth + row));
                    double dp = 0;
                    for (int c = 0; c < e.valueWidth; c++) {
                        dp += g.getDouble(row * e.valueWidth + c) * v.getDouble(key * e.valueWidth + c);
                        dv[key * e.valueWidth + c] += p * g.getDouble(row * e.valueWidth + c);
                    }
                    double ds = p * (dp - delta) * attention.scale;
                    for (int c = 0; c < e.width; c++) {
                        dq[row * e.width + c] += ds * k.getDouble(key * e.width + c);
                        dk[key * e.width + c] += ds * q.getDouble(row * e.width + c);
                    }
                }
            }
            HostArray out = new HostArray(result);
            int at = 0;
            for (double[] part : new double[][] {dq, dk, dv}) {
                for (double x : part) {
                    out.set(at++, x);
                }
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node cotangent, boolean[] wanted) {
            Node q = self.inputs()[0];
            Node k = self.inputs()[1];
            Node v = self.inputs()[2];
            Node packed = self.inputs()[3];
            Node g = self.inputs()[4];
            Node byStats = self.inputs()[5];
            Extents e = Extents.of(q, k, v);
            int last = e.batch.rank() + 1;
            Node o = part(packed, 0, e.outputs());
            Node l = column(part(packed, e.outputs().size(), e.stats()));
            // what the forward rule works out; the names are those of the formula
            Node s = hide(Graph.sub(scores(q, k, attention.scale), l), attention.diagonal);
            Node p = Graph.unary(Elementwise.EXP, s);
            Node dp = Graph.matmul(g, Graph.transpose(v));
            Node delta = Graph.sub(Graph.sum(Graph.mul(g, o), last), column(byStats));
            Node ds = Graph.mul(p, Graph.sub(dp, delta));
            // the same backwards; "by x" is the cotangent of x
            Node[] by = parts(cotangent, q, k, v);
            Node byDq = times(by[0], attention.scale);
            Node byDk = times(by[1], attention.scale);
            Node byDv = by[2];
            Node byDs = Graph.add(Graph.matmul(byDq, Graph.transpose(k)), Graph.matmul(q, Graph.transpose(byDk)));
            Node byDp = Graph.mul(byDs, p);
            Node byDelta = Graph.neg(Graph.sum(byDp, last));
            Node byP = Graph.add(Graph.matmul(g, Graph.transpose(byDv)), Graph.mul(byDs, Graph.sub(dp, delta)));
            Node byS = Graph.mul(p, byP);
            Node scaled = times(byS, attention.scale);
            Node byQ = Graph.add(Graph.matmul(ds, byDk), Graph.matmul(scaled, k));
            Node byK = Graph.add(Graph.matmul(Graph.transpose(ds), byDq), Graph.matmul(Graph.transpose(scaled), q));
            Node byV = Graph.matmul(Graph.transpose(byDp), g);
            Node byG = Graph.add(Graph.add(Graph.matmul(p, byDv), Graph.matmul(byDp, v)), Graph.mul(byDelta, o));
            Node byPacked = flat(Graph.mul(byDelta, g), Graph.neg(Graph.sum(byS, last)));
            return new Node[] {byQ, byK, byV, byPacked, byG, Graph.reshape(Graph.neg(byDelta), e.stats())};
        }

        @Override
        public Node batch(Batch b) {
            Extents e = Extents.of(b.shape(0), b.shape(1), b.shape(2));
            Node packed = byPart(b.in(3), e.outputs(), e.stats());
            Node all = Node.of(this, b.in(0), b.in(1), b.in(2), packed, b.in(4), b.in(5));
            return byExample(all, b.count(), b.shape(0), b.shape(1), b.shape(2));
        }

        private static Node column(Node x) {
            Shape s = x.type().shape();
            return Graph.reshape(x, s.inserted(s.rank(), 1));
        }
    }
}
