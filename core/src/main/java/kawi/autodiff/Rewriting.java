package kawi.autodiff;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import kawi.graph.Batch;
import kawi.graph.Graph;
import kawi.graph.Node;

/** A recorded program once more, with other nodes in the place of some: as it is, or for all examples of a batch. */
public final class Rewriting {
    private Rewriting() {}

    private interface Rule {
        Node again(Node node, Node[] inputs, boolean[] replaced);
    }

    /** The results with each placeholder replaced by a value of its type. */
    public static List<Node> substitute(List<Node> results, Map<Node, Node> values) {
        return rewrite(results, values, Node::open, (node, in, replaced) -> Node.of(node.op(), in));
    }

    /** All operations between some nodes and the results recorded again, from other nodes of the same types. */
    public static List<Node> again(List<Node> results, Map<Node, Node> others) {
        return rewrite(results, others, _ -> true, (node, in, replaced) -> Node.of(node.op(), in));
    }

    /**
     * The results for all examples of a batch, with a leading axis that counts them: each operation by its batching rule
     * ({@link kawi.graph.Op#batch}). What does not depend on the placeholders is computed once.
     *
     * @param examples for each placeholder the values it stands for, along a leading axis
     */
    public static List<Node> batch(List<Node> results, Map<Node, Node> examples, int count) {
        List<Node> all = rewrite(
                results,
                examples,
                Node::open,
                (node, in, mapped) -> count == 0
                        ? Graph.constant(
                                0, node.type().dtype(), node.type().shape().inserted(0, 0))
                        : node.op().batch(new Batch(node, in, mapped, count)));
        List<Node> batched = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Node y = results.get(i);
            boolean same = all.get(i) == y; // and so does not depend on the example
            batched.add(same ? Graph.expand(y, y.type().shape().inserted(0, count)) : all.get(i));
        }
        return batched;
    }

    private static List<Node> rewrite(
            List<Node> results, Map<Node, Node> replacements, Predicate<Node> through, Rule rule) {
        Map<Node, Node> replaced = new IdentityHashMap<>(replacements);
        // what is replaced need not be entered
        Paths paths = new Paths(results, replacements.keySet(), n -> through.test(n) && !replacements.containsKey(n));
        for (Node node : paths.order()) {
            if (!replaced.containsKey(node)) {
                Node[] in = node.inputs().clone();
                boolean[] changed = new boolean[in.length];
                for (int k = 0; k < in.length; k++) {
                    Node other = replaced.get(in[k]);
                    changed[k] = other != null;
                    in[k] = other != null ? other : in[k];
                }
                replaced.put(node, rule.again(node, in, changed));
            }
        }
        return results.stream().map(y -> replaced.getOrDefault(y, y)).toList();
    }
}
