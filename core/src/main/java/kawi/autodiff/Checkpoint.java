package kawi.autodiff;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.graph.Batch;
import kawi.graph.Identity;
import kawi.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * A value whose derivative computes again what lies between it and its arguments, in place of keeping that from the forward
 * to the backward pass (Griewank and Walther 2000; Chen et al. 2016, <em>Training deep nets with sublinear memory cost</em>).
 * The inputs are the value, its arguments, and what else the operations between read and can be differentiated.
 *
 * <p>What is computed again are other nodes, so nothing takes them for the first ones, and they start from arguments that
 * wait for the cotangent ({@link Identity.After}): without that they might all run before the backward pass begins.
 */
public record Checkpoint(int arguments) implements Identity.Silent {
    /** The value as a function of the arguments, which nobody else reads. */
    public static Node of(Node y, List<Node> arguments) {
        Paths between = new Paths(List.of(y), arguments, n -> !arguments.contains(n));
        if (!between.reach(y)) {
            return y;
        }
        List<Node> inputs = new ArrayList<>(List.of(y));
        arguments.stream().filter(between::reach).forEach(inputs::add);
        int count = inputs.size() - 1;
        inputs.addAll(captured(between, arguments));
        return Node.of(new Checkpoint(count), inputs.toArray(Node[]::new));
    }

    /** What can be differentiated among the values that come in from aside. */
    static Set<Node> captured(Paths between, List<Node> arguments) {
        Set<Node> found = new LinkedHashSet<>();
        for (Node node : between.order()) {
            if (!arguments.contains(node)) {
                for (Node in : node.inputs()) {
                    if (in.tracked() && !between.reach(in)) {
                        found.add(in);
                    }
                }
            }
        }
        return found;
    }

    @Override
    public String label() {
        return "checkpoint";
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node[] in = self.inputs();
        Map<Node, Node> again = new IdentityHashMap<>();
        for (int k = 1; k < in.length; k++) {
            // A mark for each of what comes in from aside: one may be computed from another.
            again.put(
                    in[k],
                    k <= arguments ? Node.of(new Identity.After(), in[k], g) : Node.of(new Identity.Mark(), in[k]));
        }
        Node y = Rewriting.again(List.of(in[0]), again).getFirst();
        List<Node> by = new ArrayList<>();
        for (int k = 1; k < in.length; k++) {
            if (wanted[k]) {
                by.add(again.get(in[k]));
            }
        }
        List<@Nullable Node> found = Gradients.of(y, g, by);
        @Nullable Node[] out = new Node[in.length];
        for (int k = 1, i = 0; k < in.length; k++) {
            out[k] = wanted[k] ? found.get(i++) : null;
        }
        return out;
    }

    @Override
    public Node batch(Batch b) {
        // the operations between have become those of the batch, with the arguments among them
        Node[] in = new Node[b.one().inputs().length];
        for (int k = 0; k < in.length; k++) {
            in[k] = b.given(k);
        }
        return Node.of(this, in);
    }
}
