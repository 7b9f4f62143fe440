package kawi.autodiff;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.base.Shape;
import kawi.graph.Contraction;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * What the readers of a value contribute to its cotangent, which is their sum. Two kinds of sums are written down as what they
 * are, because a value that is read at each step of a sequence would otherwise cost a pass over all of it for each step:
 *
 * <ul>
 *   <li>products of matrices, Σ aᵢ · bᵢ, are one product of the aᵢ side by side and the bᵢ below each other: the weights of a
 *       recurrent layer;
 *   <li>values that were embedded in zeros, each in a place of its own, are one concatenation: the slices of a sequence.
 * </ul>
 */
final class Contributions {
    /** Fewer embedded values are cheaper to add in one fused loop. */
    private static final int LEAST_EMBEDDED = 8;

    private final List<Node> parts = new ArrayList<>();

    void add(Node part) {
        parts.add(part);
    }

    /** The sum, or null if there is nothing to add. */
    @Nullable
    Node sumOrNull() {
        return parts.isEmpty() ? null : sum();
    }

    Node sum() {
        if (parts.size() > 1) {
            List<Node> terms = withJoinedProducts();
            Node row = concatenation(terms);
            Node sum = row != null ? row : terms.stream().reduce(Graph::add).orElseThrow();
            parts.clear();
            parts.add(sum);
        }
        return parts.getFirst();
    }

    // Products

    /** Products that can be joined: of one result shape, all transposed or none. */
    private record Kind(boolean transposed, Shape result) {}

    private List<Node> withJoinedProducts() {
        Map<Kind, List<Node>> kinds = new LinkedHashMap<>();
        for (Node part : parts) {
            Node product = product(part);
            if (product != null) {
                kinds.computeIfAbsent(new Kind(product != part, product.type().shape()), _ -> new ArrayList<>())
                        .add(product);
            }
        }
        kinds.values().removeIf(products -> !pays(products));
        if (kinds.isEmpty()) {
            return parts;
        }
        List<Node> terms = new ArrayList<>();
        for (Node part : parts) {
            Node product = product(part);
            if (product == null
                    || !kinds.containsKey(
                            new Kind(product != part, product.type().shape()))) {
                terms.add(part);
            }
        }
        kinds.forEach((kind, products) -> {
            Node joined = Graph.matmul(
                    sideBySide(products.stream().map(p -> p.inputs()[0]).toList()),
                    below(products.stream().map(p -> p.inputs()[1]).toList()));
            terms.add(kind.transposed ? Graph.transpose(joined) : joined);
        });
        return terms;
    }

    /** The product of two matrices that a node is, or is the transpose of; null if it is none. */
    private static @Nullable Node product(Node node) {
        Node inner = isTransposed(node) ? node.inputs()[0] : node;
        boolean product = inner.op() instanceof Contraction.MatMul && inner.inputs().length == 2;
        return product && inner.type().shape().rank() == 2 ? inner : null;
    }

    private static boolean isTransposed(Node node) {
        return node.inputs().length == 1 && node.op().equals(Movement.Permute.transpose(2));
    }

    /** Whether it takes less to move the operands together than to add the results. */
    private static boolean pays(List<Node> products) {
        long rows = products.getFirst().type().shape().dim(0);
        long columns = products.getFirst().type().shape().dim(1);
        long depth = 0;
        for (Node product : products) {
            depth += product.inputs()[0].type().shape().dim(1);
        }
        return products.size() > 1 && (rows + columns) * depth < rows * columns * products.size();
    }

    private static Node sideBySide(List<Node> matrices) {
        if (matrices.stream().allMatch(Contributions::isTransposed)) {
            return Graph.transpose(
                    below(matrices.stream().map(m -> m.inputs()[0]).toList()));
        }
        return Node.of(new Movement.Concat(1), matrices.toArray(Node[]::new));
    }

    private static Node below(List<Node> matrices) {
        return Node.of(new Movement.Concat(0), matrices.toArray(Node[]::new));
    }

    // Places

    /** The terms as one concatenation, if they were embedded one after another along one axis and fill it; else null. */
    private static @Nullable Node concatenation(List<Node> terms) {
        if (terms.size() < LEAST_EMBEDDED || !terms.stream().allMatch(Contributions::isEmbedded)) {
            return null;
        }
        Shape whole = terms.getFirst().type().shape();
        for (int axis = 0; axis < whole.rank(); axis++) {
            int a = axis;
            List<Node> sorted = terms.stream()
                    .sorted(Comparator.comparing(
                            t -> ((Movement.Embed) t.op()).start().get(a)))
                    .toList();
            if (fills(sorted, whole, axis)) {
                return Node.of(
                        new Movement.Concat(axis),
                        sorted.stream().map(t -> t.inputs()[0]).toArray(Node[]::new));
            }
        }
        return null;
    }

    private static boolean isEmbedded(Node node) {
        return node.op() instanceof Movement.Embed embed
                && embed.step().stream().allMatch(step -> step == 1);
    }

    private static boolean fills(List<Node> sorted, Shape whole, int axis) {
        int next = 0;
        for (Node term : sorted) {
            Shape part = term.inputs()[0].type().shape();
            List<Integer> start = ((Movement.Embed) term.op()).start();
            if (!part.with(axis, whole.dim(axis)).equals(whole) || start.get(axis) != next) {
                return false;
            }
            next += part.dim(axis);
        }
        return next == whole.dim(axis);
    }
}
