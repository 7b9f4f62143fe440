package kawi.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kawi.base.Value;
import kawi.graph.HostArray;
import kawi.graph.Node;

/** Works out nodes by {@code Op.evaluate} alone: the oracle. To be asked before the engine runs the nodes. */
final class Interpreter {
    private final Map<Node, HostArray> known = new IdentityHashMap<>();

    HostArray evaluate(Node wanted) {
        Deque<Node> open = new ArrayDeque<>();
        open.push(wanted);
        while (!open.isEmpty()) {
            Node node = open.peek();
            if (known.containsKey(node)) {
                open.pop();
                continue;
            }
            Value value = node.value();
            if (value != null) {
                known.put(
                        node,
                        HostArray.read(value.buffer().segment(), node.type().dtype(), value.view()));
                continue;
            }
            List<Node> missing =
                    Stream.of(node.inputs()).filter(n -> !known.containsKey(n)).toList();
            if (missing.isEmpty()) {
                List<HostArray> in = Stream.of(node.inputs()).map(known::get).toList();
                known.put(node, node.op().evaluate(in, node.type()));
            }
            missing.forEach(open::push);
        }
        return known.get(wanted);
    }

    HostArray evaluate(Tensor t) {
        return evaluate(t.node());
    }
}
