package kawi.schedule;

import java.util.List;
import kawi.base.Value;

/** A plan kept by its user, who runs it with other values in place of the leaves that it was made with. */
public final class Replay {
    private final Engine engine;
    private final Plan plan;
    private final List<Long> constants;

    Replay(Engine engine, Plan plan, List<Long> constants) {
        this.engine = engine;
        this.plan = plan;
        this.constants = constants;
    }

    /**
     * Runs the plan.
     *
     * @param leaves one value for each of {@link Engine#leaves}, of the same type and strides
     * @return the values of the wanted nodes
     */
    public List<Value> run(List<Value> leaves) {
        return engine.run(plan, leaves, constants, List.of());
    }
}
