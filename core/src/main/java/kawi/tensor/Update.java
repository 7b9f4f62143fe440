package kawi.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private boolean inPlace;

    /**
     * An update that also computes {@code wanted}, for example the loss. To be made before its derivatives are recorded:
     * what the program recorded so far tells which intermediate results it will read afterwards.
     */
    public Update(Tensor... wanted) {
        this.wanted = List.of(wanted);
        this.escaping =
                Engine.get().escaping(this.wanted.stream().map(Tensor::node).toList());
    }

    /** The variable gets this value when the update runs. */
    public Update set(Variable variable, Tensor value) {
        values.put(variable, value);
        return this;
    }

    /**
     * Lets the new values of parameters overwrite the old ones' memory. Only for callers who know that nobody reads a
     * tensor that was computed from the old values and has not been read yet.
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
        compute();
        commit(true);
    }

    /** Runs; where {@code guard}, one number among the wanted, is not finite, the parameters keep their old values. */
    public boolean runIfFinite(Tensor guard) {
        compute();
        boolean finite = Double.isFinite(guard.item());
        commit(finite || inPlace);
        return finite;
    }

    private void compute() {
        Engine engine = Engine.get();
        List<Node> nodes = new ArrayList<>();
        List<@Nullable Node> donors = new ArrayList<>();
        for (Tensor t : wanted) {
            nodes.add(t.node());
            donors.add(null);
        }
        for (Map.Entry<Variable, Tensor> e : values.entrySet()) {
            Variable variable = e.getKey();
            nodes.add(e.getValue().to(variable.dtype()).node());
            donors.add(variable instanceof Parameter && !inPlace ? null : variable.node());
        }
        for (Node node : escaping) {
            nodes.add(node);
            donors.add(null);
        }
        for (Variable v : Variable.takePending()) {
            nodes.add(v.node());
            donors.add(null);
        }
        engine.run(nodes, donors);
        results = nodes.subList(wanted.size(), wanted.size() + values.size());
    }

    private void commit(boolean parametersToo) {
        int at = 0;
        for (Variable variable : values.keySet()) {
            Node result = results.get(at++);
            if (parametersToo || !(variable instanceof Parameter)) {
                variable.become(result);
            }
        }
    }
}
