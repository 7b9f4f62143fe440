package kawi.autodiff;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.graph.Cast;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Op;
import org.jspecify.annotations.Nullable;

/**
 * Forward-mode differentiation as a transformation of the graph: from the first operation to the last, the tangents of an
 * operation's inputs give that of its result. No operation has a forward rule of its own; it says what kind of map it is
 * ({@link Op.Jacobian}), and the rule follows. In the general case that is the transpose of the reverse rule v ↦ Jᵀv:
 * differentiating ⟨t, Jᵀv⟩ by v gives J·t (Townsend 2017, <em>A new trick for calculating Jacobian vector products</em>).
 */
public final class Tangents {
    private Tangents() {}

    /**
     * Σ ∂y/∂x · tangent of x, for each y; null where y does not depend on any x.
     *
     * @param tangents of each x, which is tracked, a value of its type
     */
    public static List<@Nullable Node> of(List<Node> ys, Map<Node, Node> tangents) {
        Map<Node, Node> known = new IdentityHashMap<>(tangents);
        Paths paths = new Paths(ys, tangents.keySet(), Node::tracked);
        for (Node node : paths.order()) {
            Node[] inputs = node.inputs();
            @Nullable Node[] moving = new Node[inputs.length];
            boolean any = false;
            for (int k = 0; k < inputs.length; k++) {
                moving[k] = known.get(inputs[k]);
                any |= moving[k] != null;
            }
            boolean passes = any
                    && !known.containsKey(node)
                    && node.op().differentiable()
                    && node.type().dtype().isFloat();
            Node tangent = passes ? push(node, moving) : null;
            if (tangent != null) {
                known.put(node, tangent);
            }
        }
        List<@Nullable Node> result = new ArrayList<>();
        for (Node y : ys) {
            result.add(known.get(y));
        }
        return result;
    }

    private static @Nullable Node push(Node node, @Nullable Node[] tangents) {
        return switch (node.op().jacobian()) {
            case IDENTITY -> tangents[0];
            case DIAGONAL -> diagonal(node, tangents);
            case LINEAR -> linear(node, tangents);
            case MULTILINEAR -> multilinear(node, tangents);
            case GENERAL -> transposed(node, tangents);
        };
    }

    /** The reverse rule for each input, with its tangent as the cotangent. */
    private static @Nullable Node diagonal(Node node, @Nullable Node[] tangents) {
        Contributions terms = new Contributions();
        for (int k = 0; k < tangents.length; k++) {
            Node t = tangents[k];
            boolean[] only = new boolean[tangents.length];
            only[k] = true;
            Node term = t == null ? null : node.op().vjp(node, t, only)[k];
            if (term != null) {
                terms.add(term);
            }
        }
        return terms.sumOrNull();
    }

    /**
     * The operation on the tangents, zeros where there are none; integers are not operands but attributes, and stay. Tangents
     * of what has 16 bits are in single precision, as cotangents are.
     */
    private static Node linear(Node node, @Nullable Node[] tangents) {
        Node[] in = node.inputs().clone();
        for (int k = 0; k < in.length; k++) {
            Node t = tangents[k];
            DType type = in[k].type().dtype();
            if (t != null) {
                in[k] = Graph.cast(t, type.computing());
            } else if (type.isFloat()) {
                in[k] = Graph.constant(0, type.computing(), in[k].type().shape());
            }
        }
        return Node.of(node.op() instanceof Cast c ? new Cast(c.to().computing()) : node.op(), in);
    }

    /** The product rule. */
    private static @Nullable Node multilinear(Node node, @Nullable Node[] tangents) {
        Contributions terms = new Contributions();
        for (int k = 0; k < tangents.length; k++) {
            Node t = tangents[k];
            if (t != null) {
                Node[] in = node.inputs().clone();
                in[k] = t;
                terms.add(Node.of(node.op(), in));
            }
        }
        return terms.sumOrNull();
    }

    /** The reverse rule of a cotangent that is not there, differentiated by it: v ↦ Jᵀv is linear, and its derivative J. */
    private static @Nullable Node transposed(Node node, @Nullable Node[] tangents) {
        boolean[] wanted = new boolean[tangents.length];
        List<Node> given = new ArrayList<>(List.of(node.inputs()));
        for (int k = 0; k < wanted.length; k++) {
            Node t = tangents[k];
            wanted[k] = t != null;
            if (t != null) {
                given.add(t);
            }
        }
        given.add(node);
        Node v = Node.placeholder(node.type());
        @Nullable Node[] cotangents = node.op().vjp(node, v, wanted);
        Contributions terms = new Contributions();
        for (int k = 0; k < wanted.length; k++) {
            Node t = tangents[k];
            Node c = cotangents[k];
            Node term = t == null || c == null
                    ? null
                    : Gradients.of(c, t, List.of(v)).getFirst();
            if (term != null) {
                terms.add(term);
            }
        }
        Node sum = terms.sumOrNull();
        if (sum != null && new Paths(List.of(sum), List.of(v), n -> n.open() && !given.contains(n)).reach(sum)) {
            throw new KawiException(
                    ("jvp: the backward rule of %s is not linear in the cotangent, so no forward rule follows"
                                    + " from it. Differentiate backwards (grad, vjp, jacrev), or give a rule that is linear")
                            .formatted(node));
        }
        return sum;
    }
}
