package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Operations that are linear in an operand (for the largest of a window: as long as it stays the largest) against the
 * sums that plain loops write down, with their first, second and third derivatives. {@code -Dkawi.fuzz.seed} starts elsewhere.
 */
class PlainLoopsTest {
    private static final long SEED = Long.getLong("kawi.fuzz.seed", 20_261_121L);
    private static final int CASES = Integer.getInteger("kawi.loops.cases", 60);

    /** {@code y[out] += factor·x[in]}. */
    private record Term(int out, int in, double factor) {}

    /** An operation on a tensor of a shape, and what it is to do. */
    private record Case(String name, Shape x, UnaryOperator<Tensor> operation, List<Term> terms) {}

    private enum Kind {
        CONV_OF_IMAGE,
        CONV_OF_WEIGHT,
        MATMUL_FIRST,
        MATMUL_SECOND,
        VIEWS,
        MAX_POOL,
        AVG_POOL,
        GATHER,
        TAKE,
        SCATTER_ADD
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithPlainLoops(Kind kind) {
        for (int i = 0; i < CASES; i++) {
            long seed = SEED + 1000L * kind.ordinal() + i;
            Random random = new Random(seed);
            DType type = random.nextInt(3) == 0 ? DType.F32 : DType.F64;
            Shape shape = shape(kind, random, seed);
            double[] x = random.doubles(shape.size(), -1, 1).toArray();
            if (type == DType.F32) {
                Arrays.setAll(x, k -> (float) x[k]);
            }
            Case c = make(kind, random, seed, type, shape, x);
            try {
                check(c, random, type, x);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dkawi.fuzz.seed=%d: %s %s of %s".formatted(seed, kind, c.name, shape), e);
            }
        }
    }

    private static void check(Case c, Random random, DType type, double[] values) {
        Tensor x = view(random, type, values, c.x).requiresGrad();
        Tensor y = c.operation.apply(x);
        int n = (int) y.size();
        double[] v = some(random, n);
        double[] u = some(random, values.length);
        double[] s = some(random, values.length);
        Tensor sum = y.pow(3).mul(view(random, type, v, y.shape())).sum();
        Tensor first = Kawi.grad(sum, x);
        Tensor second = Kawi.grad(first.mul(view(random, type, u, c.x)).sum(), x);
        Tensor third = Kawi.grad(second.mul(view(random, type, s, c.x)).sum(), x);

        double[] ax = times(c.terms, values, n);
        double[] au = times(c.terms, u, n);
        double[] as = times(c.terms, s, n);
        double[][] out = new double[3][n];
        for (int i = 0; i < n; i++) {
            out[0][i] = 3 * v[i] * ax[i] * ax[i];
            out[1][i] = 6 * v[i] * ax[i] * au[i];
            out[2][i] = 6 * v[i] * au[i] * as[i];
        }
        close("value", y, ax, type);
        close("first derivative", first, back(c.terms, out[0], values.length), type);
        close("second derivative", second, back(c.terms, out[1], values.length), type);
        close("third derivative", third, back(c.terms, out[2], values.length), type);
    }

    private static double[] times(List<Term> terms, double[] x, int n) {
        double[] y = new double[n];
        terms.forEach(t -> y[t.out] += t.factor * x[t.in]);
        return y;
    }

    private static double[] back(List<Term> terms, double[] y, int n) {
        double[] x = new double[n];
        terms.forEach(t -> x[t.in] += t.factor * y[t.out]);
        return x;
    }

    private static void close(String what, Tensor got, double[] wanted, DType type) {
        double[] g = got.toDoubleArray();
        assertThat(g).as(what).hasSize(wanted.length);
        double scale = Math.max(1, Arrays.stream(wanted).map(Math::abs).max().orElse(0));
        double bound = scale * (type == DType.F32 ? 2e-5 : 1e-12);
        for (int i = 0; i < g.length; i++) {
            assertThat(Math.abs(g[i] - wanted[i]))
                    .as("%s, element %d: %s, wanted %s", what, i, g[i], wanted[i])
                    .isLessThanOrEqualTo(bound);
        }
    }

    private static double[] some(Random random, int n) {
        double[] a = new double[n];
        Arrays.setAll(a, i -> (random.nextInt(17) - 8) / 8.0);
        return a;
    }

    /** The numbers in a shape, laid out in memory in one of many ways: turned, walked backwards, every second. */
    private static Tensor view(Random random, DType type, double[] values, Shape shape) {
        int rank = shape.rank();
        if (rank == 0) {
            return Tensor.of(values).reshape().to(type);
        }
        int axis = random.nextInt(rank);
        int other = random.nextInt(rank);
        Tensor plain = Tensor.of(values, shape.dims()).to(type);
        return switch (random.nextInt(4)) {
            case 0 -> plain.realized();
            case 1 -> plain.transpose(axis, other).realized().transpose(axis, other);
            case 2 -> plain.flip(axis).add(0).realized().flip(axis);
            default -> {
                Tensor twice = Tensor.stack(axis + 1, plain, plain.mul(Double.NaN))
                        .reshape(shape.with(axis, 2 * shape.dim(axis)).dims())
                        .realized();
                // from the last but one backwards, then forwards again
                yield shape.dim(axis) == 0
                        ? plain
                        : twice.slice(axis, -2, Integer.MIN_VALUE, -2).slice(axis, -1, Integer.MIN_VALUE, -1);
            }
        };
    }

    // The operations

    private static int upTo(Random random, int most) {
        return 1 + random.nextInt(most);
    }

    private static Shape shape(Kind kind, Random random, long seed) {
        return switch (kind) {
            case CONV_OF_IMAGE -> new Conv(new Random(seed)).image();
            case CONV_OF_WEIGHT -> new Conv(new Random(seed)).weight();
            case MATMUL_FIRST -> new Product(new Random(seed)).first;
            case MATMUL_SECOND -> new Product(new Random(seed)).second;
            case MAX_POOL, AVG_POOL ->
                Shape.of(upTo(random, 2), upTo(random, 3), 3 + random.nextInt(8), 3 + random.nextInt(8));
            default -> {
                int[] d = new int[1 + random.nextInt(3)];
                Arrays.setAll(d, i -> upTo(random, 6));
                yield Shape.of(d);
            }
        };
    }

    private static Case make(Kind kind, Random random, long seed, DType type, Shape shape, double[] x) {
        return switch (kind) {
            case CONV_OF_IMAGE, CONV_OF_WEIGHT ->
                new Conv(new Random(seed)).of(kind == Kind.CONV_OF_IMAGE, random, type);
            case MATMUL_FIRST, MATMUL_SECOND ->
                new Product(new Random(seed)).of(kind == Kind.MATMUL_FIRST, random, type);
            case MAX_POOL, AVG_POOL -> pool(kind == Kind.MAX_POOL, random, shape, x);
            case GATHER -> gather(random, shape);
            case TAKE -> take(random, shape);
            case SCATTER_ADD -> scatterAdd(random, shape);
            default -> views(random, shape);
        };
    }

    /** A convolution of any stride, padding, dilation and groups together. */
    private static final class Conv {
        final int images;
        final int groups;
        final int in;
        final int out;
        final int[] kernel;
        final int stride;
        final int padding;
        final int dilation;
        final int[] size;

        Conv(Random random) {
            images = upTo(random, 3);
            groups = upTo(random, 3);
            in = upTo(random, 3);
            out = upTo(random, 3);
            kernel = new int[] {upTo(random, 4), upTo(random, 4)};
            stride = upTo(random, 3);
            padding = random.nextInt(4);
            dilation = upTo(random, 3);
            size = new int[2];
            Arrays.setAll(size, i -> Math.max(1, dilation * (kernel[i] - 1) + 1 - 2 * padding) + random.nextInt(9));
        }

        Shape image() {
            return Shape.of(images, groups * in, size[0], size[1]);
        }

        Shape weight() {
            return Shape.of(groups * out, in, kernel[0], kernel[1]);
        }

        Case of(boolean image, Random random, DType type) {
            int h = (size[0] + 2 * padding - dilation * (kernel[0] - 1) - 1) / stride + 1;
            int w = (size[1] + 2 * padding - dilation * (kernel[1] - 1) - 1) / stride + 1;
            int[] result = {images, groups * out, h, w};
            int[] x = image().dims();
            int[] k = weight().dims();
            Shape fixed = image ? weight() : image();
            double[] values = some(random, (int) fixed.size());
            List<Term> terms = new ArrayList<>();
            for (int o = 0; o < Shape.of(result).size(); o++) {
                int[] at = at(o, result);
                for (int i = 0; i < in * kernel[0] * kernel[1]; i++) {
                    int[] inner = at(i, new int[] {in, kernel[0], kernel[1]});
                    int r = at[2] * stride - padding + inner[1] * dilation;
                    int c = at[3] * stride - padding + inner[2] * dilation;
                    if (r < 0 || r >= size[0] || c < 0 || c >= size[1]) {
                        continue;
                    }
                    int pixel = place(new int[] {at[0], at[1] / out * in + inner[0], r, c}, x);
                    int factor = place(new int[] {at[1], inner[0], inner[1], inner[2]}, k);
                    terms.add(new Term(o, image ? pixel : factor, values[image ? factor : pixel]));
                }
            }
            Tensor other = view(random, type, values, fixed);
            return new Case(
                    "weight %s on %s, stride %d, padding %d, dilation %d, groups %d"
                            .formatted(weight(), image(), stride, padding, dilation, groups),
                    image ? image() : weight(),
                    t -> (image ? t : other).conv2d(image ? other : t, stride, padding, dilation, groups),
                    terms);
        }
    }

    /** A product of matrices whose batch axes broadcast. */
    private static final class Product {
        final Shape first;
        final Shape second;
        final int[] result;

        Product(Random random) {
            int[] batch = new int[random.nextInt(4)];
            Arrays.setAll(batch, i -> upTo(random, 3));
            int m = upTo(random, 9);
            int k = upTo(random, 9);
            int n = upTo(random, 9);
            first = operand(random, batch, m, k);
            second = operand(random, batch, k, n);
            Shape joint = java.util.Objects.requireNonNull(
                    Shape.broadcast(first, second.with(second.rank() - 2, 1).with(second.rank() - 1, 1)));
            result = joint.with(joint.rank() - 1, n).dims();
        }

        /** Some of the leading batch axes are left out, some are 1. */
        private static Shape operand(Random random, int[] batch, int rows, int columns) {
            int skip = random.nextInt(batch.length + 1);
            int[] d = new int[batch.length - skip + 2];
            for (int i = skip; i < batch.length; i++) {
                d[i - skip] = random.nextInt(3) == 0 ? 1 : batch[i];
            }
            d[d.length - 2] = rows;
            d[d.length - 1] = columns;
            return Shape.of(d);
        }

        Case of(boolean left, Random random, DType type) {
            Shape fixed = left ? second : first;
            double[] values = some(random, (int) fixed.size());
            List<Term> terms = new ArrayList<>();
            for (int o = 0; o < Shape.of(result).size(); o++) {
                int[] at = at(o, result);
                for (int i = 0; i < first.dim(-1); i++) {
                    int a = element(first, at, at[result.length - 2], i);
                    int b = element(second, at, i, at[result.length - 1]);
                    terms.add(new Term(o, left ? a : b, values[left ? b : a]));
                }
            }
            Tensor other = view(random, type, values, fixed);
            return new Case(
                    first + " by " + second,
                    left ? first : second,
                    t -> (left ? t : other).matmul(left ? other : t),
                    terms);
        }

        private static int element(Shape operand, int[] at, int row, int column) {
            int r = operand.rank();
            int[] own = new int[r];
            for (int i = 0; i < r - 2; i++) {
                own[i] = operand.dim(i) == 1 ? 0 : at[at.length - r + i];
            }
            own[r - 2] = row;
            own[r - 1] = column;
            return place(own, operand.dims());
        }
    }

    private static Case pool(boolean max, Random random, Shape shape, double[] x) {
        int h = shape.dim(2);
        int w = shape.dim(3);
        int kernel = upTo(random, 3);
        int stride = upTo(random, 3);
        int padding = random.nextInt(kernel / 2 + 1);
        int oh = (h + 2 * padding - kernel) / stride + 1;
        int ow = (w + 2 * padding - kernel) / stride + 1;
        List<Term> terms = new ArrayList<>();
        int planes = shape.dim(0) * shape.dim(1);
        for (int out = 0; out < planes * oh * ow; out++) {
            int plane = out / (oh * ow);
            int best = -1;
            for (int i = 0; i < kernel * kernel; i++) {
                int r = out / ow % oh * stride - padding + i / kernel;
                int c = out % ow * stride - padding + i % kernel;
                if (r < 0 || r >= h || c < 0 || c >= w) {
                    continue;
                }
                int in = (plane * h + r) * w + c;
                if (!max) {
                    terms.add(new Term(out, in, 1.0 / (kernel * kernel)));
                } else if (best < 0 || x[in] > x[best]) {
                    best = in;
                }
            }
            if (max) {
                terms.add(new Term(out, best, 1));
            }
        }
        return new Case(
                "kernel %d, stride %d, padding %d".formatted(kernel, stride, padding),
                shape,
                t -> max ? t.maxPool2d(kernel, stride, padding) : t.avgPool2d(kernel, stride, padding),
                terms);
    }

    /** The place of coordinates in row-major order. */
    private static int place(int[] at, int[] dims) {
        int p = 0;
        for (int i = 0; i < dims.length; i++) {
            p = p * dims[i] + at[i];
        }
        return p;
    }

    private static int[] at(int place, int[] dims) {
        int[] at = new int[dims.length];
        for (int i = dims.length - 1; i >= 0; i--) {
            at[i] = place % dims[i];
            place /= dims[i];
        }
        return at;
    }

    private static Case gather(Random random, Shape shape) {
        int axis = random.nextInt(shape.rank());
        int[] d = shape.with(axis, upTo(random, 7)).dims();
        int n = Arrays.stream(d).reduce(1, (a, b) -> a * b);
        int[] index = random.ints(n, 0, shape.dim(axis)).toArray();
        List<Term> terms = new ArrayList<>();
        for (int out = 0; out < n; out++) {
            int[] at = at(out, d);
            at[axis] = index[out];
            terms.add(new Term(out, place(at, shape.dims()), 1));
        }
        Tensor places = Tensor.of(index, d);
        return new Case(
                "axis %d, index %s".formatted(axis, Arrays.toString(d)), shape, t -> t.gather(axis, places), terms);
    }

    private static Case scatterAdd(Random random, Shape shape) {
        int axis = random.nextInt(shape.rank());
        int extent = upTo(random, 7);
        int[] d = shape.with(axis, extent).dims();
        int[] index = random.ints(shape.size(), 0, extent).toArray();
        List<Term> terms = new ArrayList<>();
        for (int in = 0; in < index.length; in++) {
            int[] at = at(in, shape.dims());
            at[axis] = index[in];
            terms.add(new Term(place(at, d), in, 1));
        }
        Tensor places = Tensor.of(index, shape.dims());
        return new Case(
                "axis %d to %d".formatted(axis, extent),
                shape,
                t -> Tensor.zeros(t.dtype(), d).scatterAdd(axis, places, t),
                terms);
    }

    private static Case take(Random random, Shape shape) {
        int axis = random.nextInt(shape.rank());
        int rows = upTo(random, 3);
        int columns = upTo(random, 4);
        int[] index = random.ints((long) rows * columns, 0, shape.dim(axis)).toArray();
        int[] flat = shape.with(axis, index.length).dims();
        List<Term> terms = new ArrayList<>();
        for (int out = 0; out < Shape.of(flat).size(); out++) {
            int[] at = at(out, flat);
            at[axis] = index[at[axis]];
            terms.add(new Term(out, place(at, shape.dims()), 1));
        }
        Tensor places = Tensor.of(index, rows, columns);
        return new Case("axis %d, %d places".formatted(axis, index.length), shape, t -> t.take(axis, places), terms);
    }

    /** Views on views: a list of which element stands where goes along. */
    private static Case views(Random random, Shape shape) {
        int[] dims = shape.dims();
        int[] from = IntStream.range(0, (int) shape.size()).toArray();
        List<UnaryOperator<Tensor>> chain = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        for (int k = 0; k < 5; k++) {
            int axis = random.nextInt(dims.length);
            int[] d = dims.clone();
            int[] old = from;
            int[] oldDims = dims;
            switch (random.nextInt(5)) {
                case 0 -> {
                    int n = dims[axis];
                    int step = upTo(random, 3) * (random.nextBoolean() ? -1 : 1);
                    int start = random.nextInt(n);
                    d[axis] = step > 0 ? (n - start + step - 1) / step : start / -step + 1;
                    chain.add(t -> t.slice(axis, start, step > 0 ? n : Integer.MIN_VALUE, step));
                    from = moved(d, at -> {
                        at[axis] = start + step * at[axis];
                        return old[place(at, oldDims)];
                    });
                    name.append(" slice ")
                            .append(axis)
                            .append(':')
                            .append(start)
                            .append("::")
                            .append(step);
                }
                case 1 -> {
                    int other = random.nextInt(dims.length);
                    d[axis] = dims[other];
                    d[other] = dims[axis];
                    chain.add(t -> t.transpose(axis, other));
                    from = moved(d, at -> {
                        int a = at[axis];
                        at[axis] = at[other];
                        at[other] = a;
                        return old[place(at, oldDims)];
                    });
                    name.append(" transpose ").append(axis).append(' ').append(other);
                }
                case 2 -> {
                    int before = random.nextInt(3);
                    int after = random.nextInt(3);
                    d[axis] += before + after;
                    chain.add(t -> t.pad(axis, before, after, 0));
                    from = moved(d, at -> {
                        at[axis] -= before;
                        return at[axis] < 0 || at[axis] >= oldDims[axis] ? -1 : old[place(at, oldDims)];
                    });
                    name.append(" pad ").append(axis);
                }
                case 3 -> {
                    if (dims.length > 1) {
                        d = new int[] {from.length};
                    } else {
                        int half = from.length % 2 == 0 ? 2 : from.length % 3 == 0 ? 3 : 1;
                        d = new int[] {half, from.length / half};
                    }
                    int[] to = d;
                    chain.add(t -> t.reshape(to));
                    name.append(" reshape ").append(Arrays.toString(d));
                }
                default -> {
                    int times = upTo(random, 3);
                    d = new int[dims.length + 1];
                    d[0] = times;
                    System.arraycopy(dims, 0, d, 1, dims.length);
                    int[] to = d;
                    chain.add(t -> t.expand(to));
                    from = moved(d, at -> old[place(Arrays.copyOfRange(at, 1, at.length), oldDims)]);
                    name.append(" expand ").append(Arrays.toString(d));
                }
            }
            dims = d;
        }
        List<Term> terms = new ArrayList<>();
        for (int out = 0; out < from.length; out++) {
            if (from[out] >= 0) {
                terms.add(new Term(out, from[out], 1));
            }
        }
        return new Case(
                name.toString(),
                shape,
                t -> {
                    Tensor y = t;
                    for (UnaryOperator<Tensor> step : chain) {
                        y = step.apply(y);
                    }
                    return y;
                },
                terms);
    }

    private static int[] moved(int[] dims, java.util.function.ToIntFunction<int[]> source) {
        return IntStream.range(0, (int) Shape.of(dims).size())
                .map(i -> source.applyAsInt(at(i, dims)))
                .toArray();
    }
}
