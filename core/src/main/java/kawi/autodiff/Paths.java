package kawi.autodiff;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import kawi.graph.Node;

/** The operations that lie between some nodes and what was computed from them: those that a transformation has to visit. */
final class Paths {
    private final List<Node> order = new ArrayList<>();
    private final Set<Node> reached = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * @param results where the paths end
     * @param sources where they begin
     * @param through which nodes a search from the results enters
     */
    Paths(List<Node> results, Collection<Node> sources, Predicate<Node> through) {
        reached.addAll(sources);
        record Frame(Node node, int[] next) {}
        Deque<Frame> stack = new ArrayDeque<>();
        Set<Node> entered = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node result : results) {
            if (entered.add(result)) {
                stack.push(new Frame(result, new int[1]));
            }
            while (!stack.isEmpty()) {
                Frame top = stack.peek();
                Node[] inputs = top.node.inputs();
                if (top.next[0] < inputs.length) {
                    Node in = inputs[top.next[0]++];
                    if (through.test(in) && entered.add(in)) {
                        stack.push(new Frame(in, new int[1]));
                    }
                    continue;
                }
                stack.pop();
                boolean reaches = reached.contains(top.node);
                for (Node in : inputs) {
                    reaches |= reached.contains(in);
                }
                if (reaches) {
                    reached.add(top.node);
                    if (inputs.length > 0) {
                        order.add(top.node);
                    }
                }
            }
        }
    }

    /** The operations that depend on a source, or are one, inputs before their readers. */
    List<Node> order() {
        return order;
    }

    /** Whether a node is a source or was computed from one. */
    boolean reach(Node node) {
        return reached.contains(node);
    }
}
