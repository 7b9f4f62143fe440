package kawi.autodiff;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import kawi.base.KawiException;
import kawi.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * Reverse-mode differentiation as a transformation of the graph: from the last operation back to the first, each
 * operation's rule turns the cotangent of its result into those of its inputs, and where a value is read several times
 * its cotangents add up ({@link Contributions}). What comes out are ordinary nodes, so derivatives of any order follow by doing it again.
 */
public final class Gradients {
    private Gradients() {}

    /**
     * ∂⟨seed, y⟩/∂x for each x, which is tracked, with the shape and type of x; null where y does not depend on x.
     *
     * @param y a floating-point value
     * @param seed the cotangent of y, of its shape
     */
    public static List<@Nullable Node> of(Node y, Node seed, List<Node> xs) {
        if (!y.type().dtype().isFloat()) {
            throw new KawiException("only floating-point values have derivatives, but " + y.type() + " was given");
        }
        Map<Node, Boolean> depends = new IdentityHashMap<>();
        for (Node x : xs) {
            depends.put(x, true);
        }
        List<Node> order = dependents(y, depends);
        Map<Node, Contributions> cotangents = new IdentityHashMap<>();
        cotangents.computeIfAbsent(y, _ -> new Contributions()).add(seed);
        for (int i = order.size() - 1; i >= 0; i--) {
            Node node = order.get(i);
            Contributions all = cotangents.get(node);
            if (all == null || !node.op().differentiable()) {
                continue;
            }
            Node g = all.sum();
            Node[] inputs = node.inputs();
            boolean[] wanted = new boolean[inputs.length];
            for (int k = 0; k < inputs.length; k++) {
                wanted[k] = depends.getOrDefault(inputs[k], false);
            }
            @Nullable Node[] contributions = node.op().vjp(node, g, wanted);
            for (int k = 0; k < inputs.length; k++) {
                Node c = contributions[k];
                if (c != null && wanted[k]) {
                    cotangents
                            .computeIfAbsent(inputs[k], _ -> new Contributions())
                            .add(c);
                }
            }
        }
        List<@Nullable Node> result = new ArrayList<>(xs.size());
        for (Node x : xs) {
            Contributions all = cotangents.get(x);
            result.add(all == null ? null : all.sum());
        }
        return result;
    }

    /**
     * The nodes between the given ones and {@code y}, inputs before their readers. On return {@code depends} says of
     * every ancestor whether it depends on one of the given.
     */
    private static List<Node> dependents(Node y, Map<Node, Boolean> depends) {
        List<Node> order = new ArrayList<>();
        record Frame(Node node, int[] next) {}
        Deque<Frame> stack = new ArrayDeque<>();
        Map<Node, Boolean> entered = new IdentityHashMap<>();
        stack.push(new Frame(y, new int[1]));
        entered.put(y, true);
        while (!stack.isEmpty()) {
            Frame top = stack.peek();
            Node[] inputs = top.node.inputs();
            if (top.next[0] < inputs.length) {
                Node in = inputs[top.next[0]++];
                // What is not tracked may have lost its history or not: the order, and so the bits, must not show it.
                if (in.tracked() && entered.putIfAbsent(in, true) == null) {
                    stack.push(new Frame(in, new int[1]));
                }
                continue;
            }
            stack.pop();
            boolean d = depends.getOrDefault(top.node, false);
            for (Node in : inputs) {
                d |= depends.getOrDefault(in, false);
            }
            depends.put(top.node, d);
            if (d && inputs.length > 0) {
                order.add(top.node);
            }
        }
        return order;
    }
}
