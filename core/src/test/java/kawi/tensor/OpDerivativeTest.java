package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.autodiff.Gradients;
import kawi.base.DType;
import kawi.graph.Attention;
import kawi.graph.Elementwise;
import kawi.graph.HostArray;
import kawi.graph.Node;
import kawi.graph.Ops;
import kawi.graph.Ops.Sample;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * First derivatives of every operation against central differences of its value, second derivatives against central
 * differences of the first, in f64. Differences are taken of what the interpreter works out, derivatives of what the
 * engine runs. Truncation and rounding of a difference over 2·10⁻⁵ come to about 10⁻⁹ of the values here.
 */
class OpDerivativeTest {
    private static final double STEP = 1e-5;
    private static final int PLACES = 24;

    static Stream<Sample> samples() {
        return Ops.all().stream()
                .filter(Sample::smooth)
                .filter(s -> s.result().dtype() == DType.F64)
                .filter(s -> !seesNothing(s))
                .filter(s ->
                        s.inputs().stream().mapToLong(i -> i.shape().size()).sum() < 400);
    }

    /** Where a query sees no key the logarithm of its sum is −∞, of which there are no differences. See AttentionTest. */
    private static boolean seesNothing(Sample s) {
        return s.op() instanceof Attention attention
                && (attention.diagonal() < 0 || s.inputs().get(1).shape().dim(-2) == 0);
    }

    /** A function of leaves: the weighted sum of an operation's result, where it reads the leaves in a layout. */
    private record Function(Sample sample, Layout layout, List<HostArray> leaves, HostArray weights) {
        Tensor value(List<Tensor> at, Tensor cotangent) {
            List<Tensor> operands = new ArrayList<>();
            for (int i = 0; i < at.size(); i++) {
                operands.add(layout.view(at.get(i), sample.inputs().get(i).shape()));
            }
            return OpSamples.apply(sample.op(), operands)
                    .to(DType.F64)
                    .mul(cotangent)
                    .sum();
        }

        List<Tensor> tracked() {
            return leaves.stream().map(OpDerivativeTest::tracked).toList();
        }
    }

    private static Tensor tracked(HostArray a) {
        Tensor t = Layout.tensor(a);
        return a.dtype().isFloat() ? t.requiresGrad() : t;
    }

    private static List<Integer> floats(List<? extends Tensor> tensors) {
        return IntStream.range(0, tensors.size())
                .filter(i -> tensors.get(i).dtype().isFloat())
                .boxed()
                .toList();
    }

    private static List<@Nullable Node> gradients(Tensor y, List<Tensor> xs) {
        return Gradients.of(
                y.node(),
                Tensor.ones(y.dtype(), y.shape().dims()).node(),
                xs.stream().map(Tensor::node).toList());
    }

    private static Function function(Sample sample, Layout layout, Random random) {
        List<HostArray> leaves = new ArrayList<>();
        for (HostArray a : OpSamples.values(sample, random)) {
            leaves.add(OpSamples.read(layout.leaf(a)));
        }
        return new Function(
                sample,
                layout,
                leaves,
                OpSamples.weights(new kawi.graph.Type(DType.F64, sample.result().shape()), random));
    }

    private static List<Layout> layouts(Sample sample) {
        // equal elements of one operand are a kink where the largest is sought
        boolean kinks = sample.op() instanceof kawi.graph.Reduction.Reduce
                || sample.op() == Elementwise.MAXIMUM
                || sample.op() == Elementwise.MINIMUM;
        boolean trivial = sample.inputs().stream().allMatch(i -> i.shape().size() < 2);
        return Stream.of(Layout.values())
                .filter(l -> l == Layout.CONTIGUOUS || !trivial && !(kinks && l == Layout.BROADCAST))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void firstAndSecond(Sample sample) {
        for (Layout layout : layouts(sample)) {
            Random random = new Random(sample.name().hashCode());
            Function f = function(sample, layout, random);
            List<Tensor> xs = f.tracked();
            Tensor w = tracked(f.weights);
            List<Integer> active = floats(xs);
            List<Tensor> by = active.stream().map(xs::get).toList();
            Tensor y = f.value(xs, w);
            List<@Nullable Node> first = gradients(y, by);
            List<HostArray> seeds = new ArrayList<>();
            Tensor z = Tensor.scalar(0, DType.F64);
            for (Node g : first) {
                HostArray v = g == null ? null : OpSamples.weights(g.type(), random);
                seeds.add(v);
                z = g == null ? z : z.add(Tensor.of(g).mul(Layout.tensor(v)).sum());
            }
            List<Tensor> all = new ArrayList<>(by);
            all.add(w);
            List<@Nullable Node> second =
                    z.node().tracked() ? gradients(z, all) : java.util.Collections.nCopies(all.size(), null);
            for (int k = 0; k < active.size(); k++) {
                int input = active.get(k);
                compare(
                        f,
                        input,
                        first.get(k),
                        layout + ", first derivative by input " + input,
                        random,
                        moved -> new Interpreter()
                                .evaluate(f.value(moved, Layout.tensor(f.weights)))
                                .getDouble(0));
                compare(
                        f,
                        input,
                        second.get(k),
                        layout + ", second derivative by input " + input,
                        random,
                        moved -> weighted(f, moved, active, seeds));
            }
        }
    }

    /** Σ seed·∂f/∂x, worked out by the interpreter. */
    private static double weighted(Function f, List<Tensor> at, List<Integer> active, List<HostArray> seeds) {
        List<Tensor> xs =
                at.stream().map(t -> t.dtype().isFloat() ? t.requiresGrad() : t).toList();
        List<@Nullable Node> g = gradients(
                f.value(xs, Layout.tensor(f.weights)),
                active.stream().map(xs::get).toList());
        Interpreter interpreter = new Interpreter();
        double sum = 0;
        for (int k = 0; k < g.size(); k++) {
            if (g.get(k) != null) {
                HostArray a = interpreter.evaluate(g.get(k));
                for (int i = 0; i < a.size(); i++) {
                    sum += a.getDouble(i) * seeds.get(k).getDouble(i);
                }
            }
        }
        return sum;
    }

    private static void compare(
            Function f,
            int input,
            @Nullable Node derivative,
            String what,
            Random random,
            java.util.function.ToDoubleFunction<List<Tensor>> value) {
        HostArray leaf = f.leaves.get(input);
        HostArray got =
                derivative == null ? OpSamples.zeros(DType.F64, leaf.shape()) : OpSamples.read(Tensor.of(derivative));
        assertThat(got.shape()).isEqualTo(leaf.shape());
        if (leaf.dtype() == DType.F32) {
            return; // differences need more digits
        }
        for (int i : IntStream.range(0, leaf.size())
                .boxed()
                .sorted(java.util.Comparator.comparingInt(i -> i * 7919 % 101))
                .limit(PLACES)
                .toList()) {
            double before = leaf.getDouble(i);
            double[] at = new double[2];
            for (int side = 0; side < 2; side++) {
                leaf.set(i, before + (side == 0 ? -STEP : STEP));
                at[side] = value.applyAsDouble(
                        f.leaves.stream().map(Layout::tensor).toList());
            }
            leaf.set(i, before);
            double wanted = (at[1] - at[0]) / (2 * STEP);
            double scale = Math.max(1, Math.max(Math.abs(at[0]), Math.abs(wanted)));
            assertThat(got.getDouble(i)).as("%s, element %d", what, i).isCloseTo(wanted, within(1e-7 * scale));
        }
    }
}
