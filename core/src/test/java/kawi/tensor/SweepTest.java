package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.graph.HostArray;
import kawi.graph.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compositions of reductions and elementwise operations, with their derivatives: run as sweeps they have the bits of one
 * operation at a time, with any threads, and nearly what the interpreter works out.
 */
class SweepTest {
    /** Rows long enough for the sums along them to go chunk by chunk. */
    private static final List<Shape> SHAPES = List.of(
            Shape.of(7, 5),
            Shape.of(33, 130),
            Shape.of(1030, 12),
            Shape.of(1, 40),
            Shape.of(40, 1),
            Shape.of(3, 4, 70),
            Shape.of(5, 1, 6, 9),
            Shape.of(2, 3, 4, 17),
            Shape.of(0, 5));

    private static final Map<String, Function<Tensor, Tensor>> FUNCTIONS = Map.ofEntries(
            Map.entry("softmax", x -> x.softmax(-1)),
            Map.entry("softmax of the first axis", x -> x.softmax(0)),
            Map.entry("log-softmax", x -> x.logSoftmax(-1)),
            Map.entry("log-softmax twice", x -> x.logSoftmax(-1).logSoftmax(0)),
            Map.entry("layer norm", x -> layerNorm(x, x.rank() - 1)),
            Map.entry("layer norm of two axes", x -> layerNorm(x, x.rank() - 2, x.rank() - 1)),
            Map.entry("batch norm", SweepTest::batchNorm),
            Map.entry("centred and turned", x -> {
                Tensor c = x.sub(x.meanKeepDims(-1));
                return c.add(c.flip(-1)).mul(c.flip(0));
            }),
            Map.entry(
                    "sums along and across",
                    x -> x.add(x.tanh().sumKeepDims(-1)).sub(x.sigmoid().sumKeepDims(0))));

    /** Sums of columns, read back along the rows: they are known only when the sweep over the rows has ended. */
    @Test
    void whatIsSummedAcrossIsReadAfterTheSweep() {
        int n = 1025;
        Tensor x = Tensor.ones(n, n).realized();
        Tensor bySum = x.sum(1);
        Tensor columns = x.sum(0);
        Tensor product = x.mul(columns.unsqueeze(1));
        Kawi.realize(bySum, columns, product);
        assertThat(product.toFloatArray()).containsOnly(n);

        Tensor p = Tensor.ones(1024, 1024).realized().softmax(1);
        assertThat(p.mul(p.sum(0).unsqueeze(1)).sum().item()).isCloseTo(1024, within(1e-2));

        Tensor wide = Tensor.ones(n, 2 * n).realized();
        Tensor some = wide.sum(0).slice(0, 0, n).unsqueeze(1);
        Tensor all = wide.sum(0).reshape(2, n).sum(0).unsqueeze(1);
        Tensor first = wide.mul(some);
        Tensor second = wide.mul(all);
        Kawi.realize(wide.sum(1), wide.sum(0), first, second);
        assertThat(first.toFloatArray()).containsOnly(n);
        assertThat(second.toFloatArray()).containsOnly(2 * n);
    }

    @Test
    void theGradientOfASumThatIsReadBackIsRight() {
        int n = 1030;
        Tensor start =
                Tensor.arange(n * n).to(DType.F32).mul(0.37).sin().reshape(n, n).realized();
        float[][] found = new float[2][];
        for (int eager = 0; eager < 2; eager++) {
            Kawi.eager(eager == 1);
            var x = new Parameter(start);
            Tensor r = x.softmax(1);
            Tensor loss = r.mul(r.sum(0).unsqueeze(1)).square().sum();
            found[eager] = Kawi.grad(loss, x).toFloatArray();
        }
        assertThat(found[0]).isEqualTo(found[1]);
    }

    @AfterEach
    void lazyAgain() {
        Kawi.eager(false);
        Kawi.threads(2);
    }

    private static Tensor layerNorm(Tensor x, int... axes) {
        Tensor weight = Tensor.arange(x.dim(-1)).to(x.dtype()).mul(0.1).add(0.5).realized();
        Tensor centred = x.sub(x.meanKeepDims(axes));
        Tensor scale = centred.square().meanKeepDims(axes).add(1e-2).rsqrt();
        return centred.mul(scale).mul(weight).add(weight);
    }

    private static Tensor batchNorm(Tensor x) {
        int[] axes = java.util.stream.IntStream.range(0, x.rank())
                .filter(a -> a != 1)
                .toArray();
        Tensor centred = x.sub(x.meanKeepDims(axes));
        return centred.mul(centred.square().meanKeepDims(axes).add(1e-2).rsqrt());
    }

    static List<String> functions() {
        return FUNCTIONS.keySet().stream().sorted().toList();
    }

    private static HostArray numbers(Shape shape, DType type, boolean special) {
        Random random = new Random(shape.size());
        HostArray a = new HostArray(new Type(type, shape));
        double[] rare = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0};
        for (int i = 0; i < a.size(); i++) {
            a.set(i, special && random.nextInt(40) == 0 ? rare[random.nextInt(4)] : random.nextGaussian());
        }
        return a;
    }

    /** The result, its derivative in some direction, and sums of both along the first axis. */
    private static List<Tensor> results(String name, HostArray values, Layout layout) {
        Tensor x = layout.view(layout.leaf(values), values.shape()).requiresGrad();
        Tensor v = Layout.tensor(numbers(values.shape(), values.dtype(), false));
        Tensor y = FUNCTIONS.get(name).apply(x);
        List<Tensor> all = new ArrayList<>(List.of(y));
        all.addAll(Kawi.vjp(y, v, List.of(x)));
        all.add(all.get(1).sum(0));
        all.add(y.mul(v).sum(0));
        return all;
    }

    private static List<HostArray> read(List<Tensor> tensors) {
        Kawi.realize(tensors.toArray(Tensor[]::new));
        return tensors.stream().map(OpSamples::read).toList();
    }

    @ParameterizedTest
    @MethodSource("functions")
    void haveTheBitsOfOneOperationAtATime(String name) {
        for (Shape shape : SHAPES) {
            for (DType type : List.of(DType.F32, DType.F64)) {
                for (Layout layout : List.of(Layout.CONTIGUOUS, Layout.TRANSPOSED, Layout.BACKWARDS)) {
                    for (boolean special : new boolean[] {false, true}) {
                        check(name, numbers(shape, type, special), layout, special);
                    }
                }
            }
        }
    }

    private static void check(String name, HostArray values, Layout layout, boolean special) {
        if (values.size() == 0 && name.contains("softmax")) {
            return; // nothing has no largest element
        }
        String what = name + " of " + values.dtype() + values.shape() + ", " + layout;
        Interpreter interpreter = new Interpreter();
        List<HostArray> oracle = results(name, values, layout).stream()
                .map(interpreter::evaluate)
                .toList();
        Kawi.eager(true);
        List<HostArray> eager = read(results(name, values, layout));
        Kawi.eager(false);
        for (int threads = 1; threads <= 3; threads++) {
            Kawi.threads(threads);
            List<HostArray> swept = read(results(name, values, layout));
            for (int o = 0; o < oracle.size(); o++) {
                HostArray got = swept.get(o);
                String where = what + ": output " + o + ", " + threads + " threads, element ";
                double bound = (values.dtype() == DType.F64 ? 1e-9 : 1e-3) * (1 + values.size());
                for (int i = 0; i < got.size(); i++) {
                    double g = got.getDouble(i);
                    double e = eager.get(o).getDouble(i);
                    double w = oracle.get(o).getDouble(i);
                    boolean close = Double.isNaN(w) ? Double.isNaN(g) : special || Math.abs(g - w) <= bound;
                    if (Double.compare(g, e) != 0 || !close) {
                        throw new AssertionError(where + i + " is " + g + ", eagerly " + e + ", interpreted " + w);
                    }
                }
            }
        }
    }

    @Test
    void integersAndComparisonsToo() {
        Tensor x =
                Tensor.arange(6000).mul(7919).remainder(1001).reshape(1200, 5).realized();
        List<Tensor> lazy = integers(x);
        assertThat(Kawi.explain(lazy.get(0))).hasSizeLessThan(3);
        List<HostArray> swept = read(lazy);
        Kawi.eager(true);
        List<HostArray> eager = read(integers(x));
        for (int o = 0; o < eager.size(); o++) {
            for (int i = 0; i < eager.get(o).size(); i++) {
                assertThat(swept.get(o).getLong(i)).isEqualTo(eager.get(o).getLong(i));
            }
        }
    }

    private static List<Tensor> integers(Tensor x) {
        Tensor largest = x.maxKeepDims(1);
        Tensor hit = x.eq(largest);
        Tensor count = hit.sumKeepDims(1);
        return List.of(x.sub(largest).mul(count), hit, count, x.sub(largest).sum(0));
    }

    @Test
    void normalisationsAreOneLaunch() {
        Tensor x = Layout.tensor(numbers(Shape.of(40, 30), DType.F32, false)).realized();
        assertThat(Kawi.explain(x.softmax(1))).hasSize(1);
        assertThat(Kawi.explain(layerNorm(x, 1))).hasSize(1);
        Tensor images =
                Layout.tensor(numbers(Shape.of(4, 5, 6, 7), DType.F32, false)).realized();
        assertThat(Kawi.explain(batchNorm(images))).hasSize(1);
    }
}
