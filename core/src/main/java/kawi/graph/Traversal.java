package kawi.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The part of the graph that remains to be run for some results, inputs before their readers. Numbers are left in the
 * nodes themselves, so only one traversal may be in use at a time: the engine's lock sees to that.
 */
public final class Traversal {
    private static int epoch;

    private Traversal() {}

    /** All nodes that the roots need, each before its readers; a node that has its value counts as a source. */
    public static List<Node> order(List<Node> roots) {
        int now = ++epoch;
        List<Node> order = new ArrayList<>();
        Node[] stack = new Node[64];
        int[] next = new int[64];
        for (Node root : roots) {
            if (root.visit == now) {
                continue;
            }
            int top = 0;
            stack[0] = root;
            next[0] = 0;
            root.visit = now;
            while (top >= 0) {
                Node node = stack[top];
                Node[] inputs = node.value() != null ? NONE : node.inputs();
                if (next[top] < inputs.length) {
                    Node in = inputs[next[top]++];
                    if (in.visit != now) {
                        in.visit = now;
                        if (++top == stack.length) {
                            stack = Arrays.copyOf(stack, 2 * top);
                            next = Arrays.copyOf(next, 2 * top);
                        }
                        stack[top] = in;
                        next[top] = 0;
                    }
                } else {
                    node.index = order.size();
                    order.add(node);
                    top--;
                }
            }
        }
        return order;
    }

    private static final Node[] NONE = {};

    /** The place of a node in the latest order that holds it. */
    public static int index(Node node) {
        return node.index;
    }
}
