package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.HostArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** NumPy's brackets, to read and to write, against a loop over the elements of the result. */
class IndexTest {
    private static final int EXPRESSIONS = 10_000;
    private static final long SEED = 20261121;

    /** The shape of an indexed tensor, and for each element its number in the tensor. */
    private record Places(int[] shape, int[] numbers) {}

    /** An axis of the result, or a place that moves with the broadcast places: from a coordinate to a place of its axis. */
    private record Part(int axis, int extent, IntUnaryOperator place) {}

    // The oracle: what the user's guide of NumPy says, "Indexing on ndarrays", coordinate by coordinate

    private static @Nullable Places naive(Shape shape, Index[] at) {
        int named = 0;
        boolean advanced = false;
        for (Index e : at) {
            if (e instanceof Tensor t) {
                advanced = true;
                named += t.dtype() == DType.BOOL ? t.rank() : 1;
            } else if (!(e instanceof Index.Marker)) {
                named++;
            }
        }
        List<Index> entries = new ArrayList<>(List.of(at));
        int dots = entries.indexOf(Index.ELLIPSIS);
        if (dots < 0) {
            dots = entries.size();
        } else {
            entries.remove(dots);
        }
        entries.addAll(dots, java.util.Collections.nCopies(shape.rank() - named, Index.ALL));

        List<Part> result = new ArrayList<>(); // axes of the result; the broadcast ones to be put in
        List<Integer> movingAxes = new ArrayList<>();
        List<int[]> movingPlaces = new ArrayList<>();
        List<int[]> movingShapes = new ArrayList<>();
        List<Integer> before = new ArrayList<>(); // how many result axes precede each moving entry
        int axis = 0;
        for (Index e : entries) {
            switch (e) {
                case Index.Marker m -> result.add(new Part(-1, 1, i -> 0));
                case Index.Range r -> {
                    List<Integer> places = range(r, shape.dim(axis));
                    result.add(new Part(axis++, places.size(), places::get));
                }
                case Index.At p -> {
                    movingAxes.add(axis);
                    movingPlaces.add(new int[] {Math.floorMod(p.place(), shape.dim(axis++))});
                    movingShapes.add(new int[0]);
                    before.add(result.size());
                }
                case Tensor t
                when t.dtype() != DType.BOOL -> {
                    int n = shape.dim(axis);
                    movingAxes.add(axis++);
                    movingPlaces.add(IntStream.of(t.toIntArray())
                            .map(i -> Math.floorMod(i, n))
                            .toArray());
                    movingShapes.add(t.shape().dims());
                    before.add(result.size());
                }
                case Tensor mask -> {
                    int[] values = mask.toIntArray();
                    int[] hits = IntStream.range(0, values.length)
                            .filter(i -> values[i] != 0)
                            .toArray();
                    long[] strides = mask.shape().rowMajorStrides();
                    for (int k = 0; k < mask.rank(); k++) {
                        int stride = (int) strides[k];
                        int n = mask.dim(k);
                        movingAxes.add(axis++);
                        movingPlaces.add(
                                IntStream.of(hits).map(i -> i / stride % n).toArray());
                        movingShapes.add(new int[] {hits.length});
                        before.add(result.size());
                    }
                }
            }
        }
        Shape broadcast = Shape.SCALAR;
        for (int[] s : movingShapes) {
            broadcast = Shape.broadcast(broadcast, Shape.of(s));
            if (broadcast == null) {
                return null;
            }
        }
        boolean together = before.stream().distinct().count() <= 1;
        int where = advanced && together ? before.getFirst() : 0;
        int r = broadcast.rank();
        int[] dims = new int[result.size() + r];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i < where
                    ? result.get(i).extent
                    : i < where + r ? broadcast.dim(i - where) : result.get(i - r).extent;
        }
        Shape out = Shape.of(dims);
        int[] numbers = new int[(int) out.size()];
        long[] strides = shape.rowMajorStrides();
        int[] c = new int[dims.length];
        for (int n = 0; n < numbers.length; n++) {
            int rest = n;
            for (int i = dims.length - 1; i >= 0; i--) {
                c[i] = rest % dims[i];
                rest /= dims[i];
            }
            long number = 0;
            for (int i = 0; i < result.size(); i++) {
                Part part = result.get(i);
                int coordinate = c[i < where ? i : i + r];
                number += part.axis < 0 ? 0 : strides[part.axis] * part.place.applyAsInt(coordinate);
            }
            for (int k = 0; k < movingAxes.size(); k++) {
                int[] s = movingShapes.get(k);
                int place = 0;
                for (int i = 0; i < s.length; i++) {
                    place = place * s[i] + (s[i] == 1 ? 0 : c[where + r - s.length + i]);
                }
                number += strides[movingAxes.get(k)] * movingPlaces.get(k)[place];
            }
            numbers[n] = (int) number;
        }
        return new Places(dims, numbers);
    }

    /** As Python's {@code range(*slice(from, to, step).indices(n))}. */
    private static List<Integer> range(Index.Range r, int n) {
        int step = r.step();
        int from = r.from() == null ? step > 0 ? 0 : n - 1 : bound(r.from(), n, step);
        int to = r.to() == null ? step > 0 ? n : -1 : bound(r.to(), n, step);
        List<Integer> places = new ArrayList<>();
        for (int i = from; step > 0 ? i < to : i > to; i += step) {
            places.add(i);
        }
        return places;
    }

    private static int bound(int b, int n, int step) {
        int i = b < 0 ? b + n : b;
        return step > 0 ? Math.max(0, Math.min(i, n)) : Math.max(-1, Math.min(i, n - 1));
    }

    // Random expressions

    private static @Nullable Integer maybe(Random random, int n) {
        return random.nextInt(3) == 0 ? null : random.nextInt(2 * n + 3) - n - 1;
    }

    private static Index[] expression(Random random, Shape shape) {
        List<Index> at = new ArrayList<>();
        int[] base = random.ints(random.nextInt(3), 0, 4)
                .map(i -> i == 0 ? random.nextInt(3) : i)
                .toArray();
        int axis = 0;
        int last = random.nextInt(shape.rank() + 1);
        boolean dots = false;
        boolean plain = random.nextInt(3) == 0;
        while (axis < last) {
            int n = shape.dim(axis);
            int kind = random.nextInt(plain ? 5 : 9);
            if (kind == 0 && !dots) {
                dots = true;
                at.add(Index.ELLIPSIS);
                // what it skips may be nothing
                int skip = random.nextInt(last - axis + 1);
                axis += skip;
                if (skip > 0 || random.nextBoolean()) {
                    last = shape.rank();
                }
            } else if (kind == 1) {
                at.add(Index.NEW_AXIS);
            } else if (kind == 2 && n > 0) {
                at.add(Index.at(random.nextInt(2 * n) - n));
                axis++;
            } else if (kind == 5 && random.nextBoolean()) {
                int rank = 1 + random.nextInt(Math.min(2, shape.rank() - axis));
                if (axis + rank > last) {
                    continue;
                }
                int[] dims = Arrays.copyOfRange(shape.dims(), axis, axis + rank);
                boolean[] mask = new boolean[(int) Shape.of(dims).size()];
                for (int i = 0; i < mask.length; i++) {
                    mask[i] = random.nextBoolean();
                }
                at.add(Tensor.of(mask, dims));
                axis += rank;
            } else if (kind > 5 && n > 0) {
                int[] dims = Arrays.copyOfRange(base, random.nextInt(base.length + 1), base.length);
                for (int i = 0; i < dims.length; i++) {
                    dims[i] = random.nextInt(4) == 0 ? 1 : dims[i];
                }
                int[] places = random.ints(Shape.of(dims).size(), -n, n).toArray();
                at.add(Tensor.of(places)
                        .reshape(dims)
                        .to(random.nextBoolean() ? DType.I32 : DType.I64)
                        .realized());
                axis++;
            } else {
                int step = random.nextInt(3) == 0 ? random.nextInt(5) - 2 : 1;
                at.add(new Index.Range(maybe(random, n), maybe(random, n), step == 0 ? 3 : step));
                axis++;
            }
        }
        return at.toArray(Index[]::new);
    }

    private static boolean fits(Shape shape, Index[] at) {
        // after an ellipsis the entries fall on other axes than they were made for
        int named = 0;
        for (Index e : at) {
            named += e instanceof Tensor t && t.dtype() == DType.BOOL ? t.rank() : e instanceof Index.Marker ? 0 : 1;
        }
        int axis = 0;
        for (Index e : at) {
            if (e == Index.ELLIPSIS) {
                axis += shape.rank() - named;
            } else if (e instanceof Tensor mask && mask.dtype() == DType.BOOL) {
                for (int i = 0; i < mask.rank(); i++) {
                    if (mask.dim(i) != shape.dim(axis++)) {
                        return false;
                    }
                }
            } else if (e instanceof Tensor t) {
                int n = shape.dim(axis++);
                if (n == 0 || IntStream.of(t.toIntArray()).anyMatch(i -> i < -n || i >= n)) {
                    return false;
                }
            } else if (e instanceof Index.At p) {
                int n = shape.dim(axis++);
                if (p.place() < -n || p.place() >= n) {
                    return false;
                }
            } else if (e instanceof Index.Range) {
                axis++;
            }
        }
        return true;
    }

    private static String text(Shape shape, Index[] at) {
        return shape + " at "
                + Arrays.stream(at)
                        .map(e -> e instanceof Tensor t ? t.type() + Arrays.toString(t.toIntArray()) : e.toString())
                        .toList();
    }

    @Test
    void randomExpressions() {
        System.out.printf("index: %d expressions from seed %d%n", EXPRESSIONS, SEED);
        Random random = new Random(SEED);
        int apart = 0;
        for (int done = 0; done < EXPRESSIONS; ) {
            int[] dims = random.ints(random.nextInt(5), 0, 9)
                    .map(i -> i == 0 ? 0 : 1 + i / 2)
                    .toArray();
            Shape shape = Shape.of(dims);
            Index[] at = expression(random, shape);
            if (!fits(shape, at)) {
                continue;
            }
            done++;
            String what = text(shape, at);
            Places wanted = naive(shape, at);
            Tensor x = Tensor.of(random.doubles(shape.size()).toArray()).reshape(dims);
            if (wanted == null) {
                apart++;
                assertThatThrownBy(() -> x.index(at)).as(what).hasMessageContaining("do not broadcast");
                continue;
            }
            boolean engine = done % 25 == 0;
            double[] before = x.toDoubleArray();
            double[] read =
                    IntStream.of(wanted.numbers).mapToDouble(i -> before[i]).toArray();
            compare(x.index(at), Shape.of(wanted.shape), read, engine, what);

            double[] values = random.doubles(read.length).toArray();
            double[] put = before.clone();
            double[] added = before.clone();
            for (int i = 0; i < read.length; i++) {
                put[wanted.numbers[i]] = values[i];
                added[wanted.numbers[i]] += values[i];
            }
            Tensor v = Tensor.of(values).reshape(wanted.shape);
            compare(x.indexPut(v, at), shape, put, engine, "put " + what);
            if (done % 5 == 0) {
                compare(x.indexAdd(v, at), shape, added, engine, "add " + what);
            }
        }
        assertThat(apart).as("of which places did not broadcast").isBetween(1, EXPRESSIONS / 5);
    }

    private static void compare(Tensor got, Shape shape, double[] wanted, boolean engine, String what) {
        HostArray a = engine ? OpSamples.read(got) : new Interpreter().evaluate(got);
        assertThat(a.shape()).as(what).isEqualTo(shape);
        for (int i = 0; i < wanted.length; i++) {
            // sums of a few numbers below 1, in another order
            assertThat(Math.abs(a.getDouble(i) - wanted[i]))
                    .as("%s, element %d", what, i)
                    .isLessThan(1e-13);
        }
    }

    @Test
    void writesBroadcastAndKeepTypes() {
        Tensor x = Tensor.zeros(DType.I32, 3, 4);
        assertThat(x.indexPut(Tensor.scalar(7), Index.ALL, Index.range(1, 3)).toString())
                .isEqualTo("[[0, 7, 7, 0],\n [0, 7, 7, 0],\n [0, 7, 7, 0]]  i32[3, 4]");
        Tensor mask = Tensor.arange(12).reshape(3, 4).remainder(5).eq(0);
        assertThat(x.indexPut(Tensor.of(new int[] {1, 2, 3}), mask).toIntArray())
                .containsExactly(1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0);
        assertThat(Tensor.zeros(DType.BOOL, 3)
                        .indexPut(Tensor.ones(DType.BOOL), Index.places(-1))
                        .toIntArray())
                .containsExactly(0, 0, 1);
        // −0 and NaN arrive as they are
        double[] put = Tensor.of(new double[] {1, 2, 3})
                .indexPut(Tensor.of(new double[] {-0.0, Double.NaN}), Index.from(1))
                .toDoubleArray();
        assertThat(put).containsExactly(new double[] {1, -0.0, Double.NaN});
        assertThat(x.scatter(1, Tensor.of(new int[] {1, 1, 3}, 3, 1), Tensor.of(new int[] {4, 5, 6}, 3, 1))
                        .toIntArray())
                .containsExactly(0, 4, 0, 0, 0, 5, 0, 0, 0, 0, 0, 6);
    }

    @Test
    void derivativesGoWhereElementsCameFrom() {
        Parameter x = new Parameter(Tensor.of(new double[] {1, 2, 3, 4}));
        Parameter v = new Parameter(Tensor.of(new double[] {5, 6, 7}));
        Tensor w = Tensor.of(new double[] {10, 20, 30, 40});
        Tensor y = x.indexPut(v, Index.places(2, 0, 2)).mul(w).sum();
        assertThat(Kawi.grad(y, x).toDoubleArray()).containsExactly(0, 20, 0, 40);
        assertThat(Kawi.grad(y, v).toDoubleArray()).containsExactly(0, 10, 30);
        Tensor z = x.index(Index.places(1, 1, 3)).square().sum();
        assertThat(Kawi.grad(z, x).toDoubleArray()).containsExactly(0, 8, 0, 8);
        Tensor s = x.maskedSelect(x.gt(1.5)).square().sum();
        assertThat(Kawi.grad(s, x).toDoubleArray()).containsExactly(0, 4, 6, 8);
    }

    @Test
    void scalarMasks() { // np.arange(3)[True], np.arange(3)[False]
        assertThat(Tensor.arange(3)
                        .index(Tensor.of(new boolean[] {true}).squeeze())
                        .shape())
                .isEqualTo(Shape.of(1, 3));
        assertThat(Tensor.arange(3)
                        .index(Tensor.of(new boolean[] {false}).squeeze())
                        .shape())
                .isEqualTo(Shape.of(0, 3));
    }

    @Test
    void mistakes() {
        Tensor x = Tensor.zeros(3, 4);
        assertThatThrownBy(() -> x.index(Index.at(0), Index.at(1), Index.at(2)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("3 axes are indexed, but shape [3, 4] has 2");
        assertThatThrownBy(() -> x.index(Index.ELLIPSIS, Index.ELLIPSIS)).hasMessageContaining("ellipsis stands twice");
        assertThatThrownBy(() -> x.index(Index.places(0, 3)))
                .hasMessageContaining("place 3 lies outside axis 0 of shape [3, 4], whose places run from -3 to 2");
        assertThatThrownBy(() -> x.index(Index.mask(true, false)))
                .hasMessageContaining("mask of shape [2] does not fit axes 0 to 0 of shape [3, 4]");
        assertThatThrownBy(() -> x.index(Tensor.zeros(2))).hasMessageContaining("cast it with .to(DType.I64)");
        assertThatThrownBy(() -> x.indexPut(Tensor.zeros(5), Index.at(0)))
                .hasMessageContaining("values of shape [5] do not broadcast to the [4] places chosen of shape [3, 4]");
        Tensor computed = Tensor.arange(2).add(2);
        assertThatThrownBy(() -> x.index(computed).toFloatArray()).hasMessageContaining("3");
        assertThatThrownBy(() -> x.index(computed, computed).toFloatArray()).hasMessageContaining("-1");
    }
}
