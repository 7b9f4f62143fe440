package kawi.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kawi.base.Buffer;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.base.Value;
import kawi.base.View;
import kawi.graph.Identity;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Op;
import kawi.graph.Source;
import kawi.graph.Traversal;
import kawi.graph.Type;
import org.jspecify.annotations.Nullable;

/**
 * What is to be run, free of the particular tensors: operations with the numbers of their inputs, the types and strides
 * of the leaves. Two steps of a training loop give equal programs, so the plan of the first serves the second. The
 * values of leaves and constants are not part of it; they are the arguments of a run.
 */
final class Program {
    private static final String READ_OF_PLACEHOLDER =
            "a value is read that depends on %s, which stands for one example of a batch inside of a function given to vmap,"
                    + " and has no numbers of its own. In place of an if on a value use Tensor.where; to look at values,"
                    + " call the function itself on one example; to use a value after the function, return it";

    /** One operation; a leaf has a view and no inputs. */
    record Item(Op op, Type type, int[] inputs, @Nullable View leafView) {
        boolean isLeaf() {
            return leafView != null;
        }

        /** How the item's own memory is read: a leaf's strides, or without gaps. */
        View view() {
            return leafView != null ? leafView : View.contiguous(type.shape());
        }
    }

    final List<Item> items = new ArrayList<>();
    /** Numbers of the wanted items. */
    final int[] outputs;
    /** For each output the leaf whose memory it may take over, or −1. */
    final int[] donors;

    final boolean fused;
    private final Object[] key;
    private final int hash;

    /** Arguments of this run: values of the leaves, bits of the constants, in order of their items. */
    final List<Value> leaves = new ArrayList<>();

    final List<Long> constants = new ArrayList<>();
    /** The nodes of this run, inputs before their readers; the item of each. */
    final List<Node> nodes;

    private int[] numberOf;

    Program(List<Node> wanted, List<? extends @Nullable Node> donated, boolean fused) {
        this.fused = fused;
        List<Node> order = Traversal.order(wanted);
        nodes = new ArrayList<>(order);
        List<Object> tokens = new ArrayList<>(order.size() * 3);
        numberOf = new int[order.size()];
        for (int k = 0; k < numberOf.length; k++) {
            numberOf[k] = add(order.get(k), tokens);
        }
        outputs = new int[wanted.size()];
        donors = new int[wanted.size()];
        Donors owners = donated.stream().anyMatch(Objects::nonNull) ? new Donors(order) : null;
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = numberOf[Traversal.index(wanted.get(i))];
            Node donor = i < donated.size() ? donated.get(i) : null;
            boolean free = owners != null && donor != null && owners.free(donor, wanted.get(i));
            donors[i] = free ? numberOf[Traversal.index(Objects.requireNonNull(donor))] : -1;
            tokens.add(outputs[i]);
            tokens.add(donors[i]);
        }
        tokens.add(fused);
        key = tokens.toArray();
        hash = Arrays.hashCode(key);
    }

    /** Appends the item of a node, and to the key what the plan depends on; the item's number. */
    private int add(Node node, List<Object> tokens) {
        if (node.lost()) {
            throw new KawiException("the result of " + node.op().label() + " " + node.type()
                    + " is gone: an update has overwritten the memory of the variable that it belonged to or was computed"
                    + " from. Read such tensors before the update");
        }
        Value value = node.value();
        if (value != null) {
            return addLeaf(node.type(), value, tokens);
        }
        if (node.op() instanceof Source.Placeholder) {
            throw new KawiException(READ_OF_PLACEHOLDER.formatted(node.type()));
        }
        return node.op() instanceof Identity.Silent
                ? numberOf[Traversal.index(node.inputs()[0])]
                : addOperation(node, tokens);
    }

    private int addLeaf(Type type, Value value, List<Object> tokens) {
        View v = value.view();
        items.add(new Item(new Source.Leaf(type), type, new int[0], new View(v.shape(), v.strides(), 0)));
        leaves.add(value);
        tokens.add(type);
        if (v.isContiguous()) {
            tokens.add("contiguous");
        } else {
            tokens.add(Arrays.stream(v.strides()).boxed().toList());
            // A view of it that can be stored in order where somebody needs that.
            items.add(new Item(new Movement.StopGradient(), type, new int[] {items.size() - 1}, null));
        }
        return items.size() - 1;
    }

    private int addOperation(Node node, List<Object> tokens) {
        Node[] in = node.inputs();
        int[] numbers = new int[in.length];
        for (int i = 0; i < in.length; i++) {
            numbers[i] = numberOf[Traversal.index(in[i])];
        }
        items.add(new Item(node.op(), node.type(), numbers, null));
        tokens.add(numbers.length);
        if (node.op() instanceof Source.Constant c) {
            constants.add(c.bits());
            tokens.add("constant");
            tokens.add(c.type());
        } else {
            tokens.add(node.op());
            for (int n : numbers) {
                tokens.add(n);
            }
        }
        return items.size() - 1;
    }

    /** Says which leaves may be overwritten: those whose memory nothing shows but they, and nobody reads afterwards. */
    private static final class Donors {
        private final List<Node> order;
        private final int[] reads;
        private final Map<Buffer, Integer> shown = new IdentityHashMap<>();
        private final Set<Node> given = Collections.newSetFromMap(new IdentityHashMap<>());

        Donors(List<Node> order) {
            this.order = order;
            this.reads = new int[order.size()];
            for (Node node : order) {
                Value value = node.value();
                if (value != null) {
                    shown.merge(value.buffer(), 1, Integer::sum);
                } else {
                    for (Node in : node.inputs()) {
                        reads[Traversal.index(in)]++;
                    }
                }
            }
        }

        boolean free(Node donor, Node result) {
            int i = Traversal.index(donor);
            Value value = donor.value();
            return i < order.size()
                    && order.get(i) == donor
                    && value != null
                    && value.view().isContiguous()
                    && value.view().offset() == 0
                    && donor.type().equals(result.type())
                    && Objects.equals(shown.get(value.buffer()), 1)
                    && donor.uses() == reads[i]
                    && given.add(donor);
        }
    }

    DType dtype(int item) {
        return items.get(item).type.dtype();
    }

    Shape shape(int item) {
        return items.get(item).type.shape();
    }

    /** Number of elements. */
    long size(int item) {
        return shape(item).size();
    }

    /** Forgets the arguments, so that a cached plan holds no tensors. */
    void forgetArguments() {
        leaves.clear();
        constants.clear();
        nodes.clear();
        numberOf = new int[0];
    }

    /** A node for each item, to tell of it. To be asked before the program is planned. */
    List<Node> nodeOfItems() {
        Node[] of = new Node[items.size()];
        for (int k = numberOf.length - 1; k >= 0; k--) {
            int item = numberOf[k]; // that of a leaf with gaps is the copy in order, which follows the leaf
            of[item] = nodes.get(k);
            if (item > 0 && of[item - 1] == null && items.get(item - 1).isLeaf()) {
                of[item - 1] = nodes.get(k);
            }
        }
        return Arrays.asList(of);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Program p && hash == p.hash && Arrays.equals(key, p.key);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
