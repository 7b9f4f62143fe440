package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.autodiff.Gradients;
import kawi.autodiff.Rewriting;
import kawi.autodiff.Tangents;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.graph.Attention;
import kawi.graph.Elementwise;
import kawi.graph.Graph;
import kawi.graph.HostArray;
import kawi.graph.Node;
import kawi.graph.Ops;
import kawi.graph.Ops.Sample;
import kawi.graph.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Forward mode and batching of every operation: against differences, against reverse mode, against a loop that the
 * interpreter runs. Runs over all of
 * {@link Ops#all}; the seed of a sample is the hash of its name.
 */
class OpTransformTest {
    private static final double STEP = 1e-5;
    private static int differentiated;
    private static int batched;

    @AfterAll
    static void count() {
        System.out.printf("OpTransformTest: %d samples differentiated forwards, %d batched%n", differentiated, batched);
    }

    static Stream<Sample> small() {
        return Ops.all().stream()
                .filter(s ->
                        s.inputs().stream().mapToLong(i -> i.shape().size()).sum() < 2000);
    }

    static Stream<Sample> smooth() {
        // where a query sees no key the logarithm of its sum is −∞, of which there are no differences
        return small().filter(Sample::smooth)
                .filter(s -> !(s.op() instanceof Attention a
                        && (a.diagonal() < 0 || s.inputs().get(1).shape().dim(-2) == 0)));
    }

    static Stream<Sample> batchable() {
        return small().filter(s -> !s.inputs().isEmpty());
    }

    /** Small samples do for every operation: none is left out because all of its samples are large. */
    @Test
    void everyOperationTakesPart() {
        assertThat(operations(batchable()))
                .isEqualTo(operations(Ops.all().stream().filter(s -> !s.inputs().isEmpty())));
        assertThat(operations(smooth())).isEqualTo(operations(Ops.all().stream().filter(Sample::smooth)));
    }

    private static Set<Object> operations(Stream<Sample> samples) {
        return samples.map(s -> s.op() instanceof Elementwise ? s.op() : s.op().getClass())
                .collect(Collectors.toSet());
    }

    /** Leaves with the sample's values, those of floating-point type tracked. */
    private static List<Node> leaves(List<HostArray> values) {
        return values.stream()
                .map(Layout::tensor)
                .map(t -> (t.dtype().isFloat() ? t.requiresGrad() : t).node())
                .toList();
    }

    private static Node apply(Sample sample, List<Node> in) {
        return Node.of(sample.op(), in.toArray(Node[]::new));
    }

    private static List<Integer> floats(Sample sample) {
        return IntStream.range(0, sample.inputs().size())
                .filter(k -> sample.inputs().get(k).dtype().isFloat())
                .boxed()
                .toList();
    }

    private static HostArray read(Node node) {
        return OpSamples.read(Tensor.of(node));
    }

    private static Node constant(HostArray a) {
        return Layout.tensor(a).node();
    }

    private static double dot(HostArray a, HostArray b) {
        double sum = 0;
        for (int i = 0; i < a.size(); i++) {
            sum += a.getDouble(i) * b.getDouble(i);
        }
        return sum;
    }

    /** Σ |aᵢ·bᵢ|: what the error of a dot product grows with. */
    private static double magnitude(HostArray a, HostArray b) {
        double sum = 0;
        for (int i = 0; i < a.size(); i++) {
            sum += Math.abs(a.getDouble(i) * b.getDouble(i));
        }
        return sum;
    }

    private static boolean inF64(Sample sample) {
        return sample.result().dtype() == DType.F64 && sample.inputs().stream().noneMatch(i -> i.dtype() == DType.F32);
    }

    @ParameterizedTest
    @MethodSource("smooth")
    void forwardMode(Sample sample) {
        differentiated++;
        Random random = new Random(sample.name().hashCode());
        List<HostArray> values = OpSamples.values(sample, random);
        List<Node> xs = leaves(values);
        Node y = apply(sample, xs);
        Map<Node, Node> tangents = new IdentityHashMap<>();
        List<HostArray> directions = new ArrayList<>();
        for (Node x : xs) {
            HostArray v = OpSamples.weights(x.type(), random);
            directions.add(v);
            if (x.type().dtype().isFloat()) {
                tangents.put(x, constant(v));
            }
        }
        Node tangent = Tangents.of(List.of(y), tangents).getFirst();
        assertThat(tangent).as("tangent").isNotNull();
        assertThat(tangent.type()).isEqualTo(y.type());
        HostArray jv = read(tangent);

        // ⟨u, Jv⟩ = ⟨Jᵀu, v⟩
        HostArray u = OpSamples.weights(y.type(), random);
        List<Node> by = floats(sample).stream().map(xs::get).toList();
        List<@Nullable Node> jtu = Gradients.of(y, constant(u), by);
        double backwards = 0;
        double size = magnitude(u, jv);
        for (int i = 0; i < by.size(); i++) {
            HostArray g = read(jtu.get(i));
            HostArray v = directions.get(floats(sample).get(i));
            backwards += dot(g, v);
            size += magnitude(g, v);
        }
        double unit = inF64(sample) ? 0x1p-53 : 0x1p-24;
        // a few hundred roundings lie between; attention takes exponentials of sums of up to 9 · width
        assertThat(dot(u, jv)).as("<u, Jv>").isCloseTo(backwards, within(1000 * unit * Math.max(1, size)));

        if (inF64(sample)) {
            differences(sample, values, directions, jv);
        }
        secondOrder(sample, xs, by, directions, u, unit);
    }

    /** Central differences along the direction, of what the interpreter works out. */
    private static void differences(Sample sample, List<HostArray> values, List<HostArray> directions, HostArray jv) {
        HostArray[] at = new HostArray[2];
        for (int side = 0; side < 2; side++) {
            List<HostArray> moved = new ArrayList<>();
            for (int k = 0; k < values.size(); k++) {
                HostArray x = values.get(k);
                HostArray m = new HostArray(x.type());
                for (int i = 0; i < x.size(); i++) {
                    if (x.dtype().isFloat()) {
                        double h = side == 0 ? -STEP : STEP;
                        m.set(i, x.getDouble(i) + h * directions.get(k).getDouble(i));
                    } else {
                        m.copy(i, x, i);
                    }
                }
                moved.add(m);
            }
            at[side] = sample.op().evaluate(moved, sample.result());
        }
        for (int i = 0; i < jv.size(); i++) {
            double wanted = (at[1].getDouble(i) - at[0].getDouble(i)) / (2 * STEP);
            double scale = Math.max(1, Math.max(Math.abs(wanted), Math.abs(at[0].getDouble(i))));
            assertThat(jv.getDouble(i)).as("Jv, element %d", i).isCloseTo(wanted, within(1e-7 * scale));
        }
    }

    /** H·v of ⟨u, f(x)⟩: forwards over backwards, and backwards over backwards. */
    private static void secondOrder(
            Sample sample, List<Node> xs, List<Node> by, List<HostArray> directions, HostArray u, double unit) {
        Node y = apply(sample, xs);
        List<Node> first =
                Gradients.of(y, constant(u), by).stream().map(g -> (Node) g).toList();
        Map<Node, Node> tangents = new IdentityHashMap<>();
        Tensor along = Tensor.scalar(0, DType.F64);
        for (int i = 0; i < by.size(); i++) {
            Node v = constant(directions.get(floats(sample).get(i)));
            tangents.put(by.get(i), v);
            along = along.add(Tensor.of(Graph.mul(first.get(i), v)).sum());
        }
        List<@Nullable Node> forwards = Tangents.of(first, tangents);
        List<@Nullable Node> backwards = along.node().tracked()
                ? Gradients.of(along.node(), Graph.scalar(1, along.node()), by)
                : new ArrayList<>(java.util.Collections.nCopies(by.size(), null));
        for (int i = 0; i < by.size(); i++) {
            Node f = forwards.get(i) != null ? forwards.get(i) : Graph.scalar(0, by.get(i));
            Node b = backwards.get(i) != null ? backwards.get(i) : Graph.scalar(0, by.get(i));
            close(read(f), read(b), 2000 * unit, "second derivative by " + i);
        }
    }

    /** Equal but for rounding, relative to the largest element. */
    private static void close(HostArray got, HostArray wanted, double tolerance, String what) {
        assertThat(got.type()).as(what).isEqualTo(wanted.type());
        double largest = 1;
        for (int i = 0; i < wanted.size(); i++) {
            double w = Math.abs(wanted.getDouble(i));
            largest = Double.isFinite(w) ? Math.max(largest, w) : largest;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!wanted.dtype().isFloat()) {
                assertThat(got.getLong(i)).as("%s, element %d", what, i).isEqualTo(wanted.getLong(i));
            } else if (Double.isFinite(wanted.getDouble(i))) {
                assertThat(got.getDouble(i))
                        .as("%s, element %d", what, i)
                        .isCloseTo(wanted.getDouble(i), within(tolerance * largest));
            } else {
                assertThat((Double) got.getDouble(i))
                        .as("%s, element %d", what, i)
                        .isEqualTo((Double) wanted.getDouble(i));
            }
        }
    }

    /** A program of one operation: the operation itself, or the gradients of its weighted sum. */
    private interface Program {
        List<Node> of(List<Node> inputs);
    }

    @ParameterizedTest
    @MethodSource("batchable")
    void batchesEqualALoop(Sample sample) {
        batched++;
        compareWithLoop(sample, in -> List.of(apply(sample, in)), "vmap");
    }

    @ParameterizedTest
    @MethodSource("smooth")
    void batchesOfDerivativesEqualALoop(Sample sample) {
        HostArray u = OpSamples.weights(sample.result(), new Random(7));
        compareWithLoop(
                sample,
                in -> {
                    List<Node> marks = in.stream().map(Node::mark).toList();
                    List<Node> by = floats(sample).stream().map(marks::get).toList();
                    return Gradients.of(apply(sample, marks), constant(u), by).stream()
                            .map(g -> (Node) g)
                            .toList();
                },
                "vmap of grad");
    }

    private static void compareWithLoop(Sample sample, Program program, String what) {
        int inputs = sample.inputs().size();
        double tolerance = 1000 * (inF64(sample) ? 0x1p-53 : 0x1p-24);
        List<boolean[]> choices = choices(inputs);
        for (boolean[] mapped : choices) {
            for (int count : mapped == choices.getFirst() ? new int[] {3, 1, 0} : new int[] {3}) {
                Random random = new Random(sample.name().hashCode());
                List<HostArray> shared = OpSamples.values(sample, random);
                List<List<HostArray>> examples = new ArrayList<>();
                for (int e = 0; e < count; e++) {
                    List<HostArray> own = OpSamples.values(sample, random);
                    examples.add(IntStream.range(0, inputs)
                            .mapToObj(k -> mapped[k] ? own.get(k) : shared.get(k))
                            .toList());
                }
                Map<Node, Node> values = new IdentityHashMap<>();
                List<Node> one = new ArrayList<>();
                for (int k = 0; k < inputs; k++) {
                    int input = k;
                    Type type = shared.get(k).type();
                    if (mapped[k]) {
                        one.add(Node.placeholder(type));
                        values.put(
                                one.get(k),
                                stacked(examples.stream().map(e -> e.get(input)).toList(), type));
                    } else {
                        one.add(constant(shared.get(k)));
                    }
                }
                List<Node> all = Rewriting.batch(program.of(one), values, count);
                for (int r = 0; r < all.size(); r++) {
                    int result = r;
                    List<HostArray> loop = examples.stream()
                            .map(e -> new Interpreter()
                                    .evaluate(program.of(e.stream()
                                                    .map(OpTransformTest::constant)
                                                    .toList())
                                            .get(result)))
                            .toList();
                    Type type = program.of(shared.stream()
                                    .map(OpTransformTest::constant)
                                    .toList())
                            .get(r)
                            .type();
                    // the engine runs one of the programs, the interpreter the others
                    boolean run = mapped == choices.getFirst() && count == 3;
                    close(
                            run ? read(all.get(r)) : new Interpreter().evaluate(all.get(r)),
                            read(stacked(loop, type)),
                            tolerance,
                            "%s of %d, mapped %s, result %d".formatted(what, count, Arrays.toString(mapped), r));
                }
            }
        }
    }

    /** All inputs differ between the examples, or one alone does. */
    private static List<boolean[]> choices(int inputs) {
        List<boolean[]> choices = new ArrayList<>();
        boolean[] all = new boolean[inputs];
        Arrays.fill(all, true);
        choices.add(all);
        for (int k = 0; k < inputs && inputs > 1; k++) {
            boolean[] one = new boolean[inputs];
            one[k] = true;
            choices.add(one);
        }
        return choices;
    }

    private static Node stacked(List<HostArray> parts, Type type) {
        Shape shape = type.shape().inserted(0, parts.size());
        HostArray all = new HostArray(new Type(type.dtype(), shape));
        int at = 0;
        for (HostArray part : parts) {
            for (int i = 0; i < part.size(); i++) {
                all.copy(at++, part, i);
            }
        }
        return constant(all);
    }
}
