package kawi.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.graph.Indexing;
import org.jspecify.annotations.Nullable;

/**
 * The launches of a program one after the other: each after those whose results it reads, in the order in which the program
 * asks for them. What nobody reads goes as soon as it can, so that its operands need not wait for it: the derivative by a
 * layer's weights follows the cotangent that it is made of, and not the whole backward pass.
 */
final class LaunchOrder {
    private final Map<Draft, Set<Draft>> needs = new LinkedHashMap<>();
    private final Map<Draft, List<Draft>> neededBy = new HashMap<>();
    /** Launches whose results others read. */
    private final Set<Draft> read = new HashSet<>();

    private final Set<Draft> entered = new HashSet<>();
    private final Set<Draft> done = new LinkedHashSet<>();

    private LaunchOrder(Program program, Fusion fusion, Map<Fusion.Unit, Draft> drafts) {
        for (Draft d : drafts.values()) {
            Set<Draft> before = needs.computeIfAbsent(d, _ -> new LinkedHashSet<>());
            for (int item : d.buffers) {
                Fusion.Unit from = item == Draft.LOCAL ? null : fusion.units[item];
                if (from != null && !d.units.contains(from)) {
                    before.add(drafts.get(from));
                }
            }
            read.addAll(before);
        }
        // What overwrites a leaf waits for all other readers of that leaf.
        for (int o = 0; o < program.outputs.length; o++) {
            int leaf = program.donors[o];
            Draft writer = drafts.get(fusion.units[program.outputs[o]]);
            if (leaf >= 0 && writer != null) {
                for (Draft other : needs.keySet()) {
                    if (other != writer && other.buffers.contains(leaf)) {
                        needs.computeIfAbsent(writer, _ -> new LinkedHashSet<>())
                                .add(other);
                    }
                }
            }
        }
        needs.forEach((d, before) -> before.forEach(
                b -> neededBy.computeIfAbsent(b, _ -> new ArrayList<>()).add(d)));
    }

    /** The order, or null if launches wait for each other in a circle: overwriting a leaf too early is the only way into one. */
    static @Nullable List<Draft> of(Program program, Fusion fusion, Map<Fusion.Unit, Draft> drafts) {
        LaunchOrder order = new LaunchOrder(program, fusion, drafts);
        Collection<Draft> all = order.needs.keySet();
        // First what may find an index out of range: then nothing has been overwritten yet.
        for (Draft d : all) {
            if (d.call != null && (d.call.op() instanceof Indexing.Take || d.call.op() instanceof Indexing.Gather)) {
                if (!order.visit(d, false)) {
                    return null;
                }
            }
        }
        for (Draft d : all) {
            if (!order.visit(d, true)) {
                return null;
            }
        }
        return List.copyOf(order.done);
    }

    /** A launch that waits for the rest of those it needs. */
    private record Waiting(Draft draft, Iterator<Draft> needs) {}

    /** Puts a launch after those that it needs; false if there is a circle. Without recursion: chains may be long. */
    private boolean visit(Draft draft, boolean early) {
        ArrayDeque<Waiting> open = new ArrayDeque<>();
        @Nullable Draft next = draft;
        while (next != null || !open.isEmpty()) {
            if (next != null && !done.contains(next)) {
                if (!entered.add(next)) {
                    return false;
                }
                open.push(new Waiting(next, needs.getOrDefault(next, Set.of()).iterator()));
            }
            Waiting last = open.peek();
            next = last != null && last.needs.hasNext() ? last.needs.next() : null;
            if (last != null && next == null) {
                open.pop();
                launch(last.draft, early);
            }
        }
        return true;
    }

    private void launch(Draft draft, boolean early) {
        done.add(draft);
        if (early) {
            for (Draft next : neededBy.getOrDefault(draft, List.of())) {
                if (!read.contains(next) && done.containsAll(needs.getOrDefault(next, Set.of()))) {
                    done.add(next);
                }
            }
        }
    }
}
