package kawi.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kawi.base.Buffer;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.schedule.Engine;
import org.jspecify.annotations.Nullable;

/**
 * New values for several variables, computed from the old ones in one planned run, together with other tensors that are
 * wanted: the heart of a training step. All new values are computed before any variable changes.
 */
public final class Update {
    private final Map<Variable, Tensor> values = new LinkedHashMap<>();
    private final List<Tensor> wanted;
    private final List<Node> escaping;
    private List<Node> results = List.of();
    /** For each result whether its memory is its own. */
    private List<Boolean> owned = List.of();

    private List<Node> ran = List.of();
    private List<Variable.Pending> pending = List.of();
    private boolean inPlace;

    /**
     * An update that also computes {@code wanted}, for example the loss. To be made before its derivatives are recorded:
     * what the program recorded so far tells which intermediate results it will read afterwards.
     */
    public Update(Tensor... wanted) {
        this.wanted = List.of(wanted);
        List<Node> roots = this.wanted.stream().map(Tensor::node).toList();
        this.escaping = Engine.get().escaping(roots).stream()
                .filter(n -> !roots.contains(n))
                .toList();
    }

    /** The variable gets this value, which has its shape, when the update runs. */
    public Update set(Variable variable, Tensor value) {
        if (!variable.shape().equals(value.shape())) {
            throw new KawiException(
                    "update: the variable is %s, but a value %s was given".formatted(variable.type(), value.type()));
        }
        values.put(variable, value);
        return this;
    }

    /**
     * Lets the new values of parameters overwrite the old ones' memory, as those of other variables do. A tensor that was a
     * step of this update and has not been read before it can then not be read any more: that fails.
     */
    public Update inPlace(boolean on) {
        inPlace = on;
        return this;
    }

    /**
     * Runs. Results that recorded but unread tensors were computed from get their values too, so that these tensors can
     * be read afterwards without the old parameters.
     */
    public void run() {
        compute(null);
        commit(true);
    }

    /**
     * Runs; where one of the guards, one number each, is not finite, all variables keep their old values. Those that the
     * calling thread assigned while it recorded what is run here ({@link Variable#assign}: a layer's running statistics)
     * get back theirs, and so they do where the run fails.
     *
     * <p>The guards must be known before the first new value is written, because new values overwrite the old ones. So a
     * loss is a cheap guard, but the new values themselves, or all gradients, are none: a matrix product whose result is
     * a gradient has the update as its epilogue, and would have to be stored and read again for them.
     */
    public boolean runIfFinite(Tensor... guards) {
        Tensor all = null;
        for (Tensor guard : guards) {
            Tensor finite = Tensor.of(Graph.reshape(guard.node(), Shape.SCALAR)).isFinite();
            all = all == null ? finite : all.and(finite);
        }
        if (all == null) {
            run();
            return true;
        }
        compute(all);
        boolean finite = all.item() != 0;
        if (!finite) {
            undoPending();
        }
        commit(finite || inPlace);
        return finite;
    }

    private void undoPending() {
        pending.stream().filter(Variable.Pending::ownThread).forEach(Variable.Pending::undo);
    }

    private void compute(@Nullable Tensor finite) {
        Jit.refuseToChange("runs an update");
        Engine engine = Engine.get();
        List<Node> nodes = new ArrayList<>();
        List<@Nullable Node> donors = new ArrayList<>();
        for (Tensor t : wanted) {
            nodes.add(t.node());
            donors.add(null);
        }
        for (Map.Entry<Variable, Tensor> e : values.entrySet()) {
            Variable variable = e.getKey();
            Tensor value = e.getValue().to(variable.dtype());
            boolean mayOverwrite = inPlace || !(variable instanceof Parameter);
            if (finite != null && mayOverwrite) {
                value = Tensor.where(finite, value, variable);
            }
            nodes.add(value.node());
            donors.add(mayOverwrite ? variable.donor() : null);
        }
        for (Node node : escaping) {
            nodes.add(node);
            donors.add(null);
        }
        pending = Variable.takePending();
        for (Variable.Pending p : pending) {
            nodes.add(p.variable().node());
            donors.add(null);
        }
        if (finite != null) {
            nodes.add(finite.node());
            donors.add(null);
        }
        results = nodes.subList(wanted.size(), wanted.size() + values.size());
        Set<Node> shared = Collections.newSetFromMap(new IdentityHashMap<>());
        shared.addAll(engine.escaping(nodes));
        results.stream()
                .filter(n -> n.value() != null || n.op() instanceof Movement.Viewing)
                .forEach(shared::add);
        boolean complete = false;
        try {
            ran = engine.run(nodes, donors);
            complete = true;
        } finally {
            values.keySet().forEach(Variable::forgetOverwritten);
            if (!complete) {
                undoPending();
            }
        }
        Map<Buffer, Integer> holders = new IdentityHashMap<>();
        for (Node node : nodes) {
            holders.merge(Objects.requireNonNull(node.value()).buffer(), 1, Integer::sum);
        }
        owned = results.stream()
                .map(n -> !shared.contains(n)
                        && Objects.equals(
                                holders.get(Objects.requireNonNull(n.value()).buffer()), 1))
                .toList();
    }

    private void commit(boolean parametersToo) {
        int at = 0;
        for (Variable variable : values.keySet()) {
            Node result = results.get(at);
            boolean alone = owned.get(at++);
            if (parametersToo || !(variable instanceof Parameter)) {
                variable.take(result, alone);
            }
        }
        // What can be differentiated no more drops its history.
        ran.forEach(Node::tracked);
        wanted.forEach(t -> t.node().tracked());
        ran = List.of();
        pending = List.of();
    }
}
