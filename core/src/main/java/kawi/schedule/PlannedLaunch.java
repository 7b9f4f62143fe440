package kawi.schedule;

import java.util.List;
import kawi.graph.Node;

/**
 * A launch of a plan that has not run yet.
 *
 * @param label its operations, fused ones joined by +
 * @param operations what it computes, as recorded
 * @param arrays what it reads and writes
 */
public record PlannedLaunch(String label, List<Node> operations, List<Array> arrays) {
    /** An array that a launch uses: whose values it holds, where it lies, and whether the launch writes it. */
    public record Array(Node node, String place, long bytes, boolean written) {}
}
