package kawi.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.HostArray;
import kawi.graph.Type;

/**
 * A random program, the same for the same seed. Exact programs work on small whole numbers with operations whose results
 * floating-point numbers hold exactly, so that every way to run them gives the same; the others use all operations.
 */
final class RandomGraph {
    private static final double LARGEST = 1 << 20;

    /** A tensor, and how large its elements may be. */
    private record Bounded(Tensor tensor, double bound) {}

    private final Random random;
    final boolean exact;
    private final DType type;
    private final List<Bounded> pool = new ArrayList<>();
    private final List<Tensor> tracked = new ArrayList<>();
    private final boolean interrupted;
    private final StringBuilder story = new StringBuilder();

    /** Wanted results of the program; the gradients among them last. */
    final List<Tensor> outputs = new ArrayList<>();

    final int gradients;

    /** @param interrupted whether some results are read while the program is still being written */
    RandomGraph(long seed, boolean interrupted) {
        this.random = new Random(seed);
        this.exact = random.nextInt(3) != 0;
        this.type = random.nextInt(3) == 0 ? DType.F64 : DType.F32;
        this.interrupted = interrupted;
        int leaves = 2 + random.nextInt(3);
        for (int i = 0; i < leaves; i++) {
            leaf(shape());
        }
        int steps = 3 + random.nextInt(14);
        Random readings = new Random(seed + 1);
        for (int i = 0; i < steps; i++) {
            int before = pool.size();
            step();
            if (interrupted && pool.size() > before && readings.nextInt(5) == 0) {
                pool.getLast().tensor.realized();
            }
        }
        int wanted = 1 + random.nextInt(4);
        for (int i = 0; i < wanted; i++) {
            outputs.add(i == 0 ? pool.getLast().tensor : any().tensor);
        }
        this.gradients = gradients();
    }

    @Override
    public String toString() {
        return (exact ? "exact " : "") + type + story;
    }

    private int gradients() {
        List<Bounded> floats = pool.stream()
                .filter(b -> b.tensor.dtype() == type && b.tensor.node().tracked())
                .toList();
        if (floats.isEmpty() || random.nextBoolean()) {
            return 0;
        }
        Bounded y = random.nextBoolean() ? floats.getLast() : floats.get(random.nextInt(floats.size()));
        Tensor weights = Layout.tensor(numbers(y.tensor.shape(), type, 2));
        List<Tensor> g = Kawi.grad(y.tensor.mul(weights).sum(), tracked);
        if (random.nextInt(3) == 0) {
            Tensor again = Tensor.scalar(0, type);
            for (Tensor t : g) {
                again = again.add(t.mul(0.5).square().sum());
            }
            if (again.node().tracked()) {
                g = Kawi.grad(again, tracked);
            }
        }
        outputs.addAll(g);
        return g.size();
    }

    // Material

    private int extent() {
        int[] small = {1, 1, 2, 3, 3, 4, 5, 7};
        int[] large = {8, 16, 17, 33, 64, 65, 130, 1030};
        int pick = random.nextInt(40);
        return pick == 0 ? 0 : pick < 5 ? large[random.nextInt(large.length)] : small[random.nextInt(small.length)];
    }

    private Shape shape() {
        while (true) {
            int[] d = new int[random.nextInt(4)];
            Arrays.setAll(d, i -> extent());
            Shape s = Shape.of(d);
            if (s.size() < 5000) {
                return s;
            }
        }
    }

    private HostArray numbers(Shape shape, DType dtype, int bound) {
        HostArray a = new HostArray(new Type(dtype, shape));
        for (int i = 0; i < a.size(); i++) {
            if (exact || !dtype.isFloat()) {
                a.set(i, (long) random.nextInt(2 * bound + 1) - bound);
            } else {
                a.set(i, random.nextDouble() * 2 * bound - bound);
            }
        }
        return a;
    }

    private Bounded leaf(Shape shape) {
        HostArray a = numbers(shape, type, 2);
        Layout layout = Layout.values()[random.nextInt(Layout.values().length)];
        Tensor base = layout.leaf(a);
        if (random.nextBoolean()) {
            base = base.requiresGrad();
            tracked.add(base);
        }
        Tensor view = layout.view(base, shape);
        if (random.nextInt(3) == 0) {
            view.realized();
        }
        story.append("\n  ").append(layout).append(' ').append(view.type());
        Bounded b = new Bounded(view, 2);
        pool.add(b);
        return b;
    }

    private Bounded any() {
        // the latest more often: that makes long chains
        int back = (int) (Math.abs(random.nextGaussian()) * pool.size() / 2);
        return pool.get(Math.max(0, pool.size() - 1 - back));
    }

    private Bounded anyFloat() {
        for (int i = 0; i < 5; i++) {
            Bounded b = any();
            if (b.tensor.dtype() == type) {
                return b;
            }
        }
        return leaf(shape());
    }

    /** Something that broadcasts with x. */
    private Bounded partner(Bounded x) {
        for (int i = 0; i < 4; i++) {
            Bounded b = any();
            Shape s = Shape.broadcast(x.tensor.shape(), b.tensor.shape());
            if (b.tensor.dtype() == x.tensor.dtype() && s != null && s.size() < 20000) {
                return b;
            }
        }
        int[] d = x.tensor.shape().dims();
        int from = random.nextInt(d.length + 1);
        d = Arrays.copyOfRange(d, from, d.length);
        for (int i = 0; i < d.length; i++) {
            d[i] = random.nextInt(4) == 0 ? 1 : d[i];
        }
        Bounded l = leaf(Shape.of(d));
        return new Bounded(l.tensor.to(x.tensor.dtype()), 2);
    }

    private void put(String what, double bound, Supplier<Tensor> make) {
        if (bound > LARGEST) {
            return;
        }
        Tensor t;
        try {
            t = make.get();
        } catch (KawiException e) {
            throw new AssertionError(what + " in" + this, e);
        }
        if (t.size() < 20000) {
            story.append("\n  ").append(what).append(" -> ").append(t.type());
            pool.add(new Bounded(t, bound));
        }
    }

    private int axis(Tensor t) {
        return random.nextInt(t.rank());
    }

    // Operations

    private void step() {
        switch (random.nextInt(exact ? 17 : 20)) {
            case 0, 1, 2 -> arithmetic();
            case 3, 4 -> unary();
            case 5, 6, 7 -> view();
            case 8, 9 -> reduction();
            case 10 -> product();
            case 11 -> join();
            case 12 -> choose();
            case 13 -> integers();
            case 14 -> indexed();
            case 15 -> image();
            case 16 -> layer();
            default -> smooth();
        }
    }

    private void arithmetic() {
        Bounded x = any();
        if (x.tensor.dtype() == DType.BOOL) {
            return;
        }
        Bounded y = partner(x);
        switch (random.nextInt(6)) {
            case 0, 1 -> put("add", x.bound + y.bound, () -> x.tensor.add(y.tensor));
            case 2 -> put("sub", x.bound + y.bound, () -> y.tensor.sub(x.tensor));
            case 3 -> put("mul", x.bound * y.bound, () -> x.tensor.mul(y.tensor));
            case 4 -> put("maximum", Math.max(x.bound, y.bound), () -> x.tensor.maximum(y.tensor));
            default -> put("minimum", Math.max(x.bound, y.bound), () -> y.tensor.minimum(x.tensor));
        }
    }

    private void unary() {
        Bounded b = anyFloat();
        Tensor x = b.tensor;
        switch (random.nextInt(exact ? 6 : 12)) {
            case 0 -> put("neg", b.bound, x::neg);
            case 1 -> put("abs", b.bound, x::abs);
            case 2 -> put("relu", b.bound, x::relu);
            case 3 -> put("square", b.bound * b.bound, x::square);
            case 4 -> put("add 3", b.bound + 3, () -> x.add(3));
            case 5 -> put("mul -2", 2 * b.bound, () -> x.mul(-2));
            case 6 -> put("tanh", 1, x::tanh);
            case 7 -> put("sigmoid", 1, x::sigmoid);
            case 8 -> put("sin", 1, x::sin);
            case 9 -> put("exp", Math.E, () -> x.sin().exp());
            case 10 -> put("log", 30, () -> x.abs().add(0.5).log());
            default -> put("gelu", b.bound, x::gelu);
        }
    }

    private void view() {
        Bounded b = any();
        Tensor x = b.tensor;
        if (x.rank() == 0) {
            put("expand", b.bound, () -> x.expand(2, 3));
            return;
        }
        int a = axis(x);
        int n = x.dim(a);
        switch (random.nextInt(8)) {
            case 0 ->
                put("permute", b.bound, () -> {
                    List<Integer> order =
                            new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
                    java.util.Collections.shuffle(order, random);
                    return x.permute(order.stream().mapToInt(i -> i).toArray());
                });
            case 1 -> put("flatten", b.bound, () -> x.reshape((int) x.size()));
            case 2 -> put("reshape", b.bound, () -> x.transpose(0, -1).reshape((int) x.size(), 1));
            case 3 -> put("flip", b.bound, () -> x.flip(a));
            case 4 -> {
                int from = random.nextInt(n + 1);
                int to = from + random.nextInt(n - from + 1);
                int step = 1 + random.nextInt(3);
                put("slice", b.bound, () -> x.slice(a, from, to, step));
            }
            case 5 ->
                put(
                        "slice back",
                        b.bound,
                        () -> x.slice(a, n - 1 - random.nextInt(2), Integer.MIN_VALUE, -1 - random.nextInt(2)));
            case 6 -> {
                if (x.size() < 1000 && x.rank() < 4) {
                    put("expand", b.bound, () -> {
                        int at = random.nextInt(x.rank() + 1);
                        int[] d = x.shape().inserted(at, 1 + random.nextInt(4)).dims();
                        return x.unsqueeze(at).expand(d);
                    });
                }
            }
            default -> put("detach", b.bound, x::detach);
        }
    }

    private void reduction() {
        Bounded b = anyFloat();
        Tensor x = b.tensor;
        if (x.rank() == 0) {
            return;
        }
        int a = axis(x);
        int n = x.dim(a);
        switch (random.nextInt(8)) {
            case 0, 1 -> put("sum", b.bound * n, () -> x.sum(a));
            case 2 -> put("sum keep", b.bound * n, () -> x.sumKeepDims(a));
            case 3 -> put("sum all", b.bound * x.size(), x::sum);
            case 4 -> {
                if (n > 0) {
                    put("max", b.bound, () -> x.max(a));
                }
            }
            case 5 -> {
                if (n > 0) {
                    put("min keep", b.bound, () -> x.neg().maxKeepDims(a).neg());
                }
            }
            case 6 -> put("cumsum", b.bound * n, () -> x.cumsum(a));
            default -> put("centred", b.bound * (n + 1), () -> x.mul(n).sub(x.sumKeepDims(a)));
        }
    }

    private void product() {
        Bounded b = anyFloat();
        Tensor x = b.tensor;
        if (x.rank() == 0) {
            return;
        }
        int k = x.dim(-1);
        int n = 1 + random.nextInt(random.nextInt(4) == 0 ? 70 : 6);
        Bounded w = leaf(random.nextBoolean() ? Shape.of(n, k) : Shape.of(k, n));
        Tensor right = w.tensor.dim(0) == k && w.tensor.dim(1) == n ? w.tensor : w.tensor.t();
        Tensor left = x.rank() == 1 ? x.unsqueeze(0) : x;
        double bound = b.bound * w.bound * k;
        if (left.size() / Math.max(1, k) * n > 20000) {
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> put("matmul", bound, () -> left.matmul(right));
            case 1 -> put("matmul other way", bound, () -> right.t().matmul(left.t()));
            case 2 -> {
                Bounded bias = leaf(Shape.of(n));
                put(
                        "linear relu",
                        bound + 2,
                        () -> left.matmul(right).add(bias.tensor).relu());
            }
            default ->
                put("matmul twice read", 2 * bound, () -> {
                    Tensor y = left.matmul(right);
                    return y.add(1).flip(0).add(y.mul(0.5));
                });
        }
    }

    private void join() {
        Bounded b = any();
        Tensor x = b.tensor;
        if (x.rank() == 0) {
            return;
        }
        int a = axis(x);
        switch (random.nextInt(5)) {
            case 0 -> put("concat", b.bound, () -> Tensor.concat(a, x, x.flip(a)));
            case 1 -> {
                Bounded other = leaf(x.shape().with(a, extent() % 9));
                put("concat leaf", b.bound + 2, () -> Tensor.concat(a, other.tensor.to(x.dtype()), x));
            }
            case 2 -> put("stack", b.bound, () -> Tensor.stack(0, x, x));
            case 3 -> put("pad", b.bound, () -> x.pad(a, random.nextInt(3), random.nextInt(3), 0));
            default -> {
                if (x.dtype() != DType.BOOL) {
                    put("pad 2", b.bound + 2, () -> x.pad(a, random.nextInt(3), 1, 2));
                }
            }
        }
    }

    private void choose() {
        Bounded x = anyFloat();
        Bounded y = partner(x);
        double bound = Math.max(x.bound, y.bound);
        if (!exact) {
            // no comparison of rounded numbers: another rounding would choose otherwise
            Tensor mask = Tensor.arange((int) x.tensor.size())
                    .remainder(3)
                    .eq(0)
                    .reshape(x.tensor.shape().dims());
            put("where place", bound, () -> Tensor.where(mask, x.tensor, y.tensor));
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> put("where lt", bound, () -> Tensor.where(x.tensor.lt(y.tensor), x.tensor, y.tensor.mul(1)));
            case 1 -> put("masked", bound + 1, () -> x.tensor.maskedFill(x.tensor.eq(0), 1));
            default -> put("gt", 1, () -> x.tensor.gt(y.tensor));
        }
    }

    private void integers() {
        if (!exact) {
            Bounded b = anyFloat();
            DType other = type == DType.F32 ? DType.F64 : DType.F32;
            put("cast", b.bound, () -> b.tensor.to(other).add(1).to(type));
            return;
        }
        Bounded b = any();
        Tensor x = b.tensor;
        switch (random.nextInt(6)) {
            case 0 -> put("to i32", b.bound, () -> x.to(DType.I32));
            case 1 -> put("to i64", b.bound, () -> x.to(DType.I64));
            case 2 -> put("to float", b.bound, () -> x.to(type));
            case 3 -> put("floorDiv", b.bound, () -> x.to(DType.I32).floorDiv(Tensor.scalar(3, DType.I32)));
            case 4 -> put("remainder", 5, () -> x.to(DType.I64).remainder(5));
            default -> put("xor", 2 * b.bound + 8, () -> x.to(DType.I32).xor(Tensor.scalar(7, DType.I32)));
        }
    }

    private void indexed() {
        Bounded b = anyFloat();
        Tensor x = b.tensor;
        if (x.rank() == 0 || x.size() == 0) {
            return;
        }
        int a = axis(x);
        int m = 1 + random.nextInt(6);
        long[] places = random.longs(m, 0, x.dim(a)).toArray();
        switch (random.nextInt(3)) {
            case 0 -> put("take", b.bound, () -> x.take(a, Tensor.of(places)));
            case 1 ->
                put("gather", b.bound, () -> {
                    Shape s = x.shape().with(a, m);
                    return x.gather(
                            a, Tensor.of(random.longs(s.size(), 0, x.dim(a)).toArray(), s.dims()));
                });
            default ->
                put(
                        "scatterAdd",
                        b.bound * (x.dim(a) + 1),
                        () -> x.scatterAdd(
                                a,
                                Tensor.of(
                                        random.longs(x.size(), 0, x.dim(a)).toArray(),
                                        x.shape().dims()),
                                x));
        }
    }

    private void image() {
        int c = 1 + random.nextInt(3);
        int h = 2 + random.nextInt(6);
        int w = 2 + random.nextInt(6);
        Bounded x = leaf(Shape.of(1 + random.nextInt(2), c, h, w));
        switch (random.nextInt(3)) {
            case 0 -> {
                int k = 1 + random.nextInt(2);
                Bounded f = leaf(Shape.of(1 + random.nextInt(5), c, k, k));
                put(
                        "conv2d relu",
                        4 * k * k * c,
                        () -> x.tensor
                                .conv2d(f.tensor, 1 + random.nextInt(2), random.nextInt(2), 1, 1)
                                .add(1)
                                .relu());
            }
            case 1 -> put("maxPool2d", 2, () -> x.tensor.mul(1).maxPool2d(2, 1 + random.nextInt(2), random.nextInt(2)));
            default ->
                put("avgPool2d", 2, () -> x.tensor.mul(1).avgPool2d(2, 1 + random.nextInt(2), random.nextInt(2)));
        }
    }

    private void layer() {
        Bounded b = anyFloat();
        Tensor x = b.tensor;
        if (x.rank() == 0 || x.size() == 0) {
            return;
        }
        if (exact) {
            int a = axis(x);
            int n = x.dim(a);
            switch (random.nextInt(3)) {
                case 0 ->
                    put("normed", 3 * b.bound, () -> x.sub(x.maxKeepDims(-1)).add(x));
                case 1 ->
                    put("rows and columns", 4 * b.bound * (n + 1), () -> {
                        Tensor low = x.sub(x.maxKeepDims(a));
                        return low.sub(low.sumKeepDims(a)).add(x.sumKeepDims(0).mul(0));
                    });
                default ->
                    put(
                            "sums of the centred",
                            2 * b.bound * x.dim(0),
                            () -> x.sub(x.maxKeepDims(-1)).sum(0));
            }
        } else {
            switch (random.nextInt(5)) {
                case 4 ->
                    put("batchNorm", 100, () -> {
                        int[] axes =
                                IntStream.range(0, x.rank()).filter(i -> i != 1).toArray();
                        Tensor centred = x.sub(x.meanKeepDims(axes));
                        return centred.mul(
                                centred.square().meanKeepDims(axes).add(0.1).rsqrt());
                    });
                case 0 -> put("softmax", 1, () -> x.softmax(-1));
                case 1 -> put("logSoftmax", b.bound + 10, () -> x.logSoftmax(0));
                case 2 -> put("logSumExp", b.bound + 10, () -> x.logSumExp(-1));
                default ->
                    put("layerNorm", 100, () -> {
                        Tensor centred = x.sub(x.meanKeepDims(-1));
                        return centred.div(
                                centred.square().meanKeepDims(-1).add(0.1).sqrt());
                    });
            }
        }
    }

    private void smooth() {
        Bounded x = anyFloat();
        switch (random.nextInt(4)) {
            case 0 -> put("div", x.bound * 2, () -> x.tensor.div(x.tensor.abs().add(1)));
            case 1 -> put("rsqrt", 1, () -> x.tensor.square().add(1).rsqrt());
            case 2 -> put("mean", x.bound, () -> x.tensor.size() == 0 ? x.tensor : x.tensor.mean());
            default -> put("silu", x.bound, () -> x.tensor.silu());
        }
    }
}
