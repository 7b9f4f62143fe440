package kawi.autodiff;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.base.KawiException;
import kawi.graph.Node;
import kawi.graph.Site;
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
        // What is not tracked may have lost its history or not: the order, and so the bits, must not show it.
        Paths paths = new Paths(List.of(y), xs, Node::tracked);
        Map<Node, Contributions> cotangents = new IdentityHashMap<>();
        cotangents.computeIfAbsent(y, _ -> new Contributions()).add(seed);
        for (Node node : paths.order().reversed()) {
            Contributions all = cotangents.get(node);
            if (all == null || !node.op().differentiable()) {
                continue;
            }
            Node[] inputs = node.inputs();
            boolean[] wanted = new boolean[inputs.length];
            for (int k = 0; k < inputs.length; k++) {
                wanted[k] = paths.reach(inputs[k]);
            }
            @Nullable
            Node[] contributions = Site.derivative(node, () -> node.op().vjp(node, all.sum(), wanted));
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

    /** Whether y is one of the tracked xs or depends on one through operations with derivatives. */
    public static boolean any(Node y, List<Node> xs) {
        Set<Node> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
        wanted.addAll(xs);
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Node> open = new ArrayDeque<>(List.of(y));
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (wanted.contains(node)) {
                return true;
            }
            for (Node in : node.inputs()) {
                if (in.tracked() && seen.add(in)) {
                    open.push(in);
                }
            }
        }
        return false;
    }
}
