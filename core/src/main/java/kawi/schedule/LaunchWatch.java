package kawi.schedule;

import java.util.List;
import kawi.graph.Node;

/** Is told of each launch when it has run. */
public interface LaunchWatch {
    /**
     * A launch has run.
     *
     * @param label its operations, fused ones joined by +
     * @param operations what it computed, as recorded; empty for the launches of a function kept by jit
     * @param bytes of the arrays that it read and wrote, each counted once
     * @param nanos how long it took
     */
    void ran(String label, List<Node> operations, long bytes, long nanos);
}
