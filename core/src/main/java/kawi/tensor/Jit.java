package kawi.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import kawi.base.KawiException;
import kawi.base.Value;
import kawi.graph.Node;
import kawi.graph.Type;
import kawi.schedule.Engine;
import kawi.schedule.Replay;
import org.jspecify.annotations.Nullable;

/**
 * A function of tensors that is called once for each layout of its arguments, to be recorded; later calls run the record. See
 * {@link Kawi#jit(Function)}.
 */
final class Jit implements Function<List<Tensor>, List<Tensor>> {
    /** Layouts of arguments that are remembered; the oldest is forgotten first. */
    private static final int MOST_RECORDINGS = 64;

    private static final ScopedValue<Capture> CAPTURE = ScopedValue.newInstance();

    private final Function<List<Tensor>, List<Tensor>> function;
    private final List<Recording> recordings = new CopyOnWriteArrayList<>();

    Jit(Function<List<Tensor>, List<Tensor>> function) {
        this.function = function;
    }

    @Override
    public List<Tensor> apply(List<Tensor> arguments) {
        Engine engine = Engine.get();
        if (engine.eager()
                || engine.inspected()
                || CAPTURE.isBound()
                || arguments.stream()
                        .anyMatch(a -> a.node().tracked() || a.node().open())) {
            return results(arguments);
        }
        // Under the lock, so that no update writes over a variable's memory between its look-up and the run.
        List<Tensor> results = engine.locked(() -> {
            for (Recording recording : recordings) {
                if (recording.fits(arguments)) {
                    return recording.run(arguments);
                }
            }
            return null;
        });
        return results != null ? results : record(arguments);
    }

    private List<Tensor> results(List<Tensor> arguments) {
        List<Tensor> results = function.apply(arguments);
        if (results == null || results.stream().anyMatch(Objects::isNull)) {
            throw new KawiException("jit: the function returned null in place of a tensor; return what it computes");
        }
        return results;
    }

    private List<Tensor> record(List<Tensor> arguments) {
        List<Type> types = arguments.stream().map(Tensor::type).toList();
        List<Tensor> placeholders = arguments.stream()
                .map(a -> new Tensor(Node.leaf(a.type(), a.value())))
                .toList();
        Capture capture = new Capture(placeholders);
        List<Tensor> results = ScopedValue.where(CAPTURE, capture).call(() -> results(placeholders));
        if (capture.drew) {
            return results;
        }
        return Engine.get().locked(() -> {
            Recording recording = capture.end(types, results);
            if (recordings.size() == MOST_RECORDINGS) {
                recordings.removeFirst();
            }
            recordings.add(recording);
            return recording.run(arguments);
        });
    }

    // What happens while a function is recorded

    /** Whether this thread records a function, whose tensors must not be computed meanwhile. */
    static boolean recording() {
        return CAPTURE.isBound();
    }

    /** A variable is read by an operation. */
    static void reads(Variable variable, Node node) {
        if (CAPTURE.isBound()) {
            CAPTURE.get().variables.put(node, variable);
        }
    }

    /** An argument of the function that is recorded, as a leaf that is tracked; null for any other tensor. */
    static @Nullable Tensor trackedArgument(Tensor tensor) {
        Map<Node, Integer> arguments = CAPTURE.isBound() ? CAPTURE.get().arguments : Map.of();
        Integer argument = arguments.get(tensor.node());
        if (argument == null) {
            return null;
        }
        Node node = tensor.node();
        Node leaf = Node.trackedLeaf(node.type(), Objects.requireNonNull(node.value()));
        arguments.put(leaf, argument);
        return new Tensor(leaf);
    }

    /** A key is drawn from the stream of random numbers. */
    static void draws() {
        if (CAPTURE.isBound()) {
            CAPTURE.get().drew = true;
        }
    }

    /** The elements of a tensor are asked for, or what would change with every call. */
    static void refuseToRead(Tensor tensor) {
        if (CAPTURE.isBound()) {
            Capture capture = CAPTURE.get();
            Node node = tensor.node();
            if (node.value() == null || capture.arguments.containsKey(node) || tensor instanceof Variable) {
                throw new KawiException("jit: the function reads the elements of a tensor " + tensor.type()
                        + " while it is recorded, so later calls would see those of this call. Compute with the tensor"
                        + " instead (where, maximum, mul …), or read it outside of the function");
            }
        }
    }

    /** A variable is to change. */
    static void refuseToChange(String what) {
        if (CAPTURE.isBound()) {
            throw new KawiException("jit: the function " + what + " while it is recorded, which later calls would not"
                    + " repeat. Return the new value and assign it outside of the function");
        }
    }

    private static final class Capture {
        final Map<Node, Integer> arguments = new IdentityHashMap<>();
        final Map<Node, Variable> variables = new IdentityHashMap<>();
        boolean drew;

        Capture(List<Tensor> placeholders) {
            for (int i = 0; i < placeholders.size(); i++) {
                arguments.put(placeholders.get(i).node(), i);
            }
        }

        Recording end(List<Type> types, List<Tensor> results) {
            for (Tensor result : results) { // a variable that no operation reads is a result as it stands
                if (result instanceof Variable variable) {
                    variables.put(variable.node(), variable);
                }
            }
            List<Node> wanted = results.stream().map(Tensor::node).toList();
            List<Source> sources =
                    Engine.get().leaves(wanted).stream().map(this::source).toList();
            return new Recording(
                    types,
                    sources,
                    Engine.get().replay(wanted),
                    results.stream().map(Tensor::type).toList());
        }

        private Source source(Node leaf) {
            long[] strides = Objects.requireNonNull(leaf.value()).view().strides();
            Integer argument = arguments.get(leaf);
            if (argument != null) {
                return new Source(argument, null, strides);
            }
            Variable variable = variables.get(leaf);
            return new Source(-1, variable != null ? variable : Tensor.of(leaf), strides);
        }
    }

    /** Where the value of a leaf comes from: an argument, a variable or a tensor from outside of the function. */
    private record Source(int argument, @Nullable Tensor captured, long[] strides) {
        Tensor of(List<Tensor> arguments) {
            return captured != null ? captured : arguments.get(argument);
        }
    }

    private record Recording(List<Type> arguments, List<Source> sources, Replay replay, List<Type> results) {
        boolean fits(List<Tensor> given) {
            for (int i = 0; i < arguments.size(); i++) {
                if (i >= given.size() || !given.get(i).type().equals(arguments.get(i))) {
                    return false;
                }
            }
            for (Source source : sources) {
                if (!Arrays.equals(source.of(given).value().view().strides(), source.strides)) {
                    return false;
                }
            }
            return given.size() == arguments.size();
        }

        List<Tensor> run(List<Tensor> given) {
            List<Value> leaves = new ArrayList<>(sources.size());
            for (Source source : sources) {
                leaves.add(source.of(given).value());
            }
            List<Value> values = replay.run(leaves);
            List<Tensor> tensors = new ArrayList<>(values.size());
            for (int i = 0; i < values.size(); i++) {
                Value value = values.get(i);
                tensors.add(new Tensor(Node.leaf(results.get(i), value)));
                for (int k = 0; k < leaves.size(); k++) {
                    if (leaves.get(k).buffer() == value.buffer()) { // nobody may take the memory over
                        sources.get(k).of(given).node().used();
                    }
                }
            }
            return tensors;
        }
    }
}
