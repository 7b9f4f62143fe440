package kawi.autodiff;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.base.KawiException;
import kawi.graph.Batch;
import kawi.graph.Identity;
import kawi.graph.Node;
import kawi.graph.Type;
import org.jspecify.annotations.Nullable;

/** A value with a reverse rule that is given in place of that of its operations. The inputs are the value and its arguments. */
public record CustomRule(Reverse reverse) implements Identity.Silent {
    /** From the cotangent of the value those of its arguments. */
    public interface Reverse {
        /** One cotangent for each argument, of its type. */
        List<Node> cotangents(List<Node> arguments, Node value, Node cotangent);
    }

    /** The value as a function of the arguments, which nobody else reads, with a rule of its own. */
    public static Node of(Node y, List<Node> arguments, Reverse reverse) {
        Paths between = new Paths(List.of(y), arguments, n -> !arguments.contains(n));
        Set<Node> lost = Checkpoint.captured(between, arguments);
        if (!lost.isEmpty()) {
            throw new KawiException(
                    ("customGradient: the function also reads a tensor %s that is differentiated and is not among its"
                                    + " arguments, so its derivative would be lost. Make it an argument, or read it with detach()")
                            .formatted(lost.iterator().next().type()));
        }
        if (!between.reach(y)) {
            return y;
        }
        List<Node> inputs = new ArrayList<>(List.of(y));
        inputs.addAll(arguments);
        return Node.of(new CustomRule(reverse), inputs.toArray(Node[]::new));
    }

    @Override
    public String label() {
        return "customGradient";
    }

    @Override
    public Jacobian jacobian() {
        return Jacobian.GENERAL;
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        List<Node> in = List.of(self.inputs());
        List<@Nullable Node> out = new ArrayList<>();
        out.add(null);
        out.addAll(reverse.cotangents(in.subList(1, in.size()), self, g));
        return out.toArray(Node[]::new);
    }

    @Override
    public Node batch(Batch b) {
        List<Type> types = new ArrayList<>();
        for (Node in : b.one().inputs()) {
            types.add(in.type());
        }
        return b.apply(new CustomRule((arguments, value, cotangent) -> {
            Map<Node, Node> examples = new IdentityHashMap<>();
            List<Node> one = new ArrayList<>();
            for (int k = 0; k < arguments.size(); k++) {
                one.add(Node.placeholder(types.get(k + 1)));
                examples.put(one.get(k), arguments.get(k));
            }
            Node y = Node.placeholder(types.getFirst());
            Node g = Node.placeholder(types.getFirst());
            examples.put(y, value);
            examples.put(g, cotangent);
            return Rewriting.batch(reverse.cotangents(one, y, g), examples, b.count());
        }));
    }
}
