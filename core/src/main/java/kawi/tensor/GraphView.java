package kawi.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kawi.graph.Elementwise;
import kawi.graph.Node;
import kawi.graph.Site;
import kawi.graph.Source;
import kawi.schedule.Engine;
import kawi.schedule.LaunchWatch;
import kawi.schedule.PlannedLaunch;

/**
 * A picture of what is recorded for some tensors, and of the plan that would compute it: which operations run as one launch, which
 * arrays that reads and writes, and where these lie. As text ({@link #toString}), for Graphviz ({@link #dot}), or as a page for a browser
 * that needs nothing else ({@link #html}). Lines and layers are shown for what was recorded under {@link Kawi#debug}.
 *
 * @param operations inputs before their readers
 * @param launches in the order in which they would run; empty if everything is computed
 * @param intermediateBytes the memory of intermediate results, which share it where their lives do not meet
 */
public record GraphView(List<Operation> operations, List<Launch> launches, long intermediateBytes) {
    /**
     * One recorded operation.
     *
     * @param number its place in the list
     * @param name the operation
     * @param inputs numbers of the operations whose results it reads
     * @param place the line of the user's code, and the layer, if they were remembered
     * @param value its result
     */
    public record Operation(int number, String name, List<Integer> inputs, Optional<String> place, Tensor value) {
        /** Element type and shape, and the number if it is a constant. */
        public String type() {
            String type = value.type().toString();
            return value.node().op() instanceof Source.Constant c
                    ? type + " " + String.format(Locale.ROOT, "%.6g", c.value())
                    : type;
        }
    }

    /**
     * One launch of the plan.
     *
     * @param operations the numbers of the operations that it computes
     * @param arrays what it reads and writes, as text
     * @param bytes of all of these
     * @param nanos how long it took, or −1 if it was not run
     */
    public record Launch(String label, List<Integer> operations, List<String> arrays, long bytes, long nanos) {}

    /** What is recorded for the tensors, and its plan; nothing is computed. */
    public static GraphView of(Tensor... tensors) {
        List<Node> roots = Arrays.stream(tensors).map(Tensor::node).toList();
        return view(order(roots), roots, false);
    }

    /** As {@link #of}, with the time of each launch: the tensors are computed. */
    public static GraphView timed(Tensor... tensors) {
        List<Node> roots = Arrays.stream(tensors).map(Tensor::node).toList();
        return view(order(roots), roots, true);
    }

    private static GraphView view(List<Node> order, List<Node> roots, boolean run) {
        Map<Node, Integer> numbers = new IdentityHashMap<>();
        List<Operation> operations = new ArrayList<>();
        for (Node node : order) {
            Site site = node.site();
            numbers.put(node, operations.size());
            operations.add(new Operation(
                    operations.size(),
                    node.op().label(),
                    Arrays.stream(node.inputs()).map(numbers::get).toList(),
                    Optional.ofNullable(site).map(Site::place),
                    new Tensor(node)));
        }
        Engine engine = Engine.get();
        List<PlannedLaunch> planned = engine.describe(roots);
        long bytes = engine.intermediateBytes(roots);
        List<Long> nanos = run ? times(roots) : List.of();
        List<Launch> launches = new ArrayList<>();
        for (int i = 0; i < planned.size(); i++) {
            PlannedLaunch launch = planned.get(i);
            launches.add(new Launch(
                    launch.label(),
                    launch.operations().stream().map(numbers::get).toList(),
                    launch.arrays().stream()
                            .map(a -> "%s %d %s (%s, %,d bytes)"
                                    .formatted(
                                            a.written() ? "writes" : "reads",
                                            numbers.get(a.node()),
                                            a.node().type(),
                                            a.place(),
                                            a.bytes()))
                            .toList(),
                    launch.arrays().stream()
                            .mapToLong(PlannedLaunch.Array::bytes)
                            .sum(),
                    nanos.size() == planned.size() ? nanos.get(i) : -1));
        }
        return new GraphView(List.copyOf(operations), List.copyOf(launches), bytes);
    }

    private static List<Long> times(List<Node> roots) {
        List<Long> nanos = new ArrayList<>();
        Engine engine = Engine.get();
        LaunchWatch before = engine.watch((label, operations, bytes, time) -> nanos.add(time));
        try {
            engine.realize(roots);
        } finally {
            engine.watch(before);
        }
        return nanos;
    }

    /** All that is remembered below the roots, be it computed or not, inputs first. */
    private static List<Node> order(List<Node> roots) {
        record Frame(Node node, Node[] inputs, int[] next) {}
        Map<Node, Boolean> seen = new IdentityHashMap<>();
        List<Node> order = new ArrayList<>();
        Deque<Frame> stack = new ArrayDeque<>();
        for (Node root : roots) {
            if (seen.put(root, true) == null) {
                stack.push(new Frame(root, root.inputs(), new int[1]));
            }
            while (!stack.isEmpty()) {
                Frame top = stack.peek();
                if (top.next[0] == top.inputs.length) {
                    order.add(stack.pop().node);
                } else {
                    Node in = top.inputs[top.next[0]++];
                    if (seen.put(in, true) == null) {
                        stack.push(new Frame(in, in.inputs(), new int[1]));
                    }
                }
            }
        }
        return order;
    }

    /** The results of relu among the operations: 0 where a number is not above 0, else the number. */
    public List<Operation> relus() {
        return operations.stream().filter(o -> isRelu(o.value.node())).toList();
    }

    /** Whether a tensor is among the operations, whether a derivative by it gets to the last one, and if not what stops it. */
    public record Link(boolean used, boolean differentiable, Optional<Operation> stop) {}

    /** How the last operation depends on a tensor. */
    public Link link(Tensor x) {
        Node from = x.node();
        boolean[] reached = new boolean[operations.size()];
        boolean used = false;
        Optional<Operation> stop = Optional.empty();
        for (Operation o : operations) {
            Node node = o.value.node();
            boolean reads = o.inputs.stream().anyMatch(i -> reached[i]);
            boolean passes = node.type().dtype().isFloat() && node.op().differentiable();
            used |= node == from;
            reached[o.number] = node == from || reads && passes;
            if (reads && !passes) { // the last one: those before were passed on other ways
                stop = Optional.of(o);
            }
        }
        boolean all = reached.length > 0 && reached[reached.length - 1];
        return new Link(used, all, all ? Optional.empty() : stop);
    }

    /** How many operations are not computed yet: until then all that they read stays in memory. */
    public int pending() {
        return (int) operations.stream()
                .filter(o -> o.value.node().value() == null)
                .filter(o -> !(o.value.node().op() instanceof Source.Constant))
                .count();
    }

    private static boolean isRelu(Node node) {
        Node[] in = node.inputs();
        return node.op() == Elementwise.WHERE
                && in[0].op() == Elementwise.LE
                && in[0].inputs().length == 2
                && in[0].inputs()[0] == in[2]
                && isZero(in[0].inputs()[1])
                && isZero(in[1]);
    }

    private static boolean isZero(Node node) {
        return node.op() instanceof Source.Constant c && c.value() == 0;
    }

    /** The launch that computes an operation, or −1: views and constants need none. */
    int launchOf(int operation) {
        for (int i = 0; i < launches.size(); i++) {
            if (launches.get(i).operations.contains(operation)) {
                return i;
            }
        }
        return -1;
    }

    /** The operations, one line each, then the launches. */
    @Override
    public String toString() {
        StringBuilder s = new StringBuilder();
        for (Operation o : operations) {
            int launch = launchOf(o.number);
            s.append(String.format(Locale.ROOT, "%4d  %-12s %-20s %-16s", o.number, o.name, o.type(), list(o.inputs)));
            s.append(launch < 0 ? "" : "  launch " + launch);
            o.place.ifPresent(p -> s.append("  at ").append(p));
            s.append('\n');
        }
        for (int i = 0; i < launches.size(); i++) {
            Launch l = launches.get(i);
            s.append("launch ").append(i).append(": ").append(l.label);
            s.append(l.nanos < 0 ? "" : String.format(Locale.ROOT, "  %.3f ms", l.nanos / 1e6));
            s.append('\n');
            l.arrays.forEach(a -> s.append("    ").append(a).append('\n'));
        }
        return s.append(String.format(
                        Locale.ROOT,
                        "%d of %d operations are not computed yet, which keeps what they read in memory; intermediate results of their run: %,d bytes%n",
                        pending(),
                        operations.size(),
                        intermediateBytes))
                .toString();
    }

    private static String list(List<Integer> numbers) {
        String text = numbers.toString();
        return text.substring(1, text.length() - 1);
    }

    /** The graph in Graphviz's language: {@code dot -Tsvg} draws it, with a box around what is one launch. */
    public String dot() {
        return GraphDrawing.dot(this);
    }

    /** The graph and the plan as a page of HTML, with a drawing; it needs no other file. */
    public String html() {
        return GraphDrawing.html(this);
    }
}
