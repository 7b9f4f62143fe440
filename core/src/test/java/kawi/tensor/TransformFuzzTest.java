package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import kawi.autodiff.Gradients;
import kawi.autodiff.Rewriting;
import kawi.autodiff.Tangents;
import kawi.graph.HostArray;
import kawi.graph.Node;
import kawi.graph.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random programs, their gradients among them: forward against reverse mode, and a batch of two against each by itself. */
class TransformFuzzTest {
    private static final long SEED = Long.getLong("kawi.fuzz.seed", 20_261_121L);
    private static final int PROGRAMS = 100;

    private final Random random = new Random(SEED);

    @Test
    void forwardModeIsTheTransposeOfReverseMode() {
        int compared = 0;
        for (long seed = SEED; seed < SEED + PROGRAMS; seed++) {
            RandomGraph graph = new RandomGraph(seed, false);
            Interpreter interpreter = new Interpreter();
            List<Node> outputs = graph.outputs.stream().map(Tensor::node).toList();
            List<Node> leaves = leaves(outputs).stream().filter(Node::tracked).toList();
            for (Node y : outputs) {
                if (!y.tracked()) {
                    continue;
                }
                Map<Node, Node> directions = new IdentityHashMap<>();
                leaves.forEach(x -> directions.put(x, number(x.type())));
                Node u = number(y.type());
                List<@Nullable Node> gradients = Gradients.of(y, u, leaves);
                double[] forwards =
                        dot(interpreter, u, Tangents.of(List.of(y), directions).getFirst());
                double[] backwards = {0, 1};
                for (int k = 0; k < leaves.size(); k++) {
                    double[] part = dot(interpreter, directions.get(leaves.get(k)), gradients.get(k));
                    backwards[0] += part[0];
                    backwards[1] += part[1];
                }
                if (Double.isFinite(forwards[1]) && Double.isFinite(backwards[1])) {
                    assertThat(Math.abs(forwards[0] - backwards[0]))
                            .as("seed %d: %s and %s in %s", seed, forwards[0], backwards[0], graph)
                            .isLessThanOrEqualTo(tolerance(graph) * (forwards[1] + backwards[1]));
                    compared++;
                }
            }
        }
        System.out.println("transform fuzz: " + compared + " derivatives forwards and backwards from seed " + SEED);
        assertThat(compared).isPositive();
    }

    @Test
    void batchesEqualALoop() {
        int compared = 0;
        for (long seed = SEED; seed < SEED + PROGRAMS; seed++) {
            RandomGraph graph = new RandomGraph(seed, false);
            List<Node> outputs = graph.outputs.stream().map(Tensor::node).toList();
            Map<Node, Node> placeholders = new IdentityHashMap<>();
            Map<Node, Node> both = new IdentityHashMap<>();
            List<Map<Node, Node>> each = List.of(new IdentityHashMap<>(), new IdentityHashMap<>());
            for (Node leaf : leaves(outputs)) {
                if (leaf.type().dtype().isFloat() && random.nextInt(3) != 0) {
                    Node placeholder = Node.placeholder(leaf.type());
                    placeholders.put(leaf, placeholder);
                    HostArray values = new Interpreter().evaluate(leaf);
                    both.put(placeholder, rotated(values, 2, 0));
                    each.get(0).put(placeholder, rotated(values, 1, 0));
                    each.get(1).put(placeholder, rotated(values, 1, 1));
                }
            }
            List<Node> recorded = Rewriting.again(outputs, placeholders);
            List<Node> batch = Rewriting.batch(recorded, both, 2);
            for (int o = 0; o < batch.size(); o++) {
                HostArray all = new Interpreter().evaluate(batch.get(o));
                int size = all.size() / 2;
                for (int e = 0; e < 2; e++) {
                    Node one = Rewriting.substitute(List.of(recorded.get(o)), each.get(e))
                            .getFirst();
                    HostArray wanted = new Interpreter().evaluate(one);
                    assertThat(wanted.size()).isEqualTo(size);
                    double largest = largest(wanted);
                    for (int i = 0; i < size; i++) {
                        double w = wanted.getDouble(i);
                        double g = all.getDouble(e * size + i);
                        assertThat(Double.compare(w, g) == 0 || Math.abs(w - g) <= tolerance(graph) * largest)
                                .as("seed %d, output %d of %d: %s, not %s, in %s", seed, o, batch.size(), g, w, graph)
                                .isTrue();
                    }
                    compared++;
                }
            }
        }
        System.out.println("transform fuzz: " + compared + " examples of batches from seed " + SEED);
    }

    /** Relative to the largest number that a result is a sum of; casts through f32 occur in programs of f64. */
    private static double tolerance(RandomGraph graph) {
        String text = graph.toString();
        return text.contains("f32") || text.contains("cast") ? 5e-3 : 1e-9;
    }

    private static double largest(HostArray a) {
        double largest = 1;
        for (int i = 0; i < a.size(); i++) {
            double v = Math.abs(a.getDouble(i));
            largest = Double.isFinite(v) ? Math.max(largest, v) : largest;
        }
        return largest;
    }

    private static List<Node> leaves(List<Node> outputs) {
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Node> open = new ArrayDeque<>(outputs);
        List<Node> leaves = new ArrayList<>();
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (seen.add(node)) {
                open.addAll(List.of(node.inputs()));
                if (node.inputs().length == 0 && node.value() != null) {
                    leaves.add(node);
                }
            }
        }
        return leaves;
    }

    private Node number(Type type) {
        return Layout.tensor(OpSamples.weights(type, random)).node();
    }

    /** Σ aᵢ·bᵢ and Σ |aᵢ·bᵢ|. */
    private static double[] dot(Interpreter interpreter, Node a, @Nullable Node b) {
        double[] sums = new double[2];
        if (b != null) {
            HostArray x = interpreter.evaluate(a);
            HostArray y = interpreter.evaluate(b);
            for (int i = 0; i < x.size(); i++) {
                sums[0] += x.getDouble(i) * y.getDouble(i);
                sums[1] += Math.abs(x.getDouble(i) * y.getDouble(i));
            }
        }
        return sums;
    }

    /** The elements moved round by {@code by} places; of two examples the second by one more, along a leading axis. */
    private static Node rotated(HostArray values, int examples, int by) {
        Type type = examples == 1
                ? values.type()
                : new Type(values.dtype(), values.shape().inserted(0, examples));
        HostArray out = new HostArray(type);
        int n = values.size();
        for (int i = 0; i < out.size(); i++) {
            out.copy(i, values, (i % n + i / n + by) % n);
        }
        return Layout.tensor(out).node();
    }
}
