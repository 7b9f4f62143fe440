package kawi.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kawi.base.Shape;
import kawi.device.Backend;
import kawi.graph.Cast;
import kawi.graph.Elementwise;
import kawi.graph.Movement;
import kawi.graph.Op;
import kawi.graph.Reduction;
import kawi.graph.Source;

/**
 * Divides a program into units, each of which runs as one loop or one kernel, and says which values must be stored.
 *
 * <p>From the last operation back to the first, an elementwise operation joins the unit of its readers if they are all
 * in one. If they are in several from which nothing else comes but results, these become one; else it joins one of them and
 * is stored there for the others, provided that no unit comes to wait for itself; else it starts a unit. What takes a step
 * or two from one array of its size, such as x − mean, is not stored: every unit that reads it computes it. Views cost nothing and
 * belong to no unit. An elementwise unit that reads a contraction's result, and is the only reader, runs as the
 * contraction's epilogue.
 */
final class Fusion {
    /** A loop or a kernel. */
    static final class Unit {
        final Shape space;
        /** The items computed by the loop. */
        final List<Integer> members = new ArrayList<>();
        /** The reduction at the end of the loop, or −1. */
        int reduce = -1;
        /** The operation that is a kernel, alone or with the loop as its epilogue, or −1. */
        int kernel = -1;

        int cost;

        Unit(Shape space) {
            this.space = space;
        }

        boolean isLoop() {
            return !members.isEmpty();
        }
    }

    enum Kind {
        LEAF,
        NUMBER,
        LOOP,
        VIEW,
        REDUCE,
        KERNEL
    }

    private final Program program;
    private final Backend backend;
    private final Set<Integer> forced;
    final Kind[] kinds;
    final Unit[] units;
    final boolean[] stored;
    /** Readers of each item, looking through views; {@code direct} tells those without a view between. */
    private final List<List<Integer>> readers = new ArrayList<>();

    private final List<List<Boolean>> direct = new ArrayList<>();
    private final boolean[] grows;
    /** Items computed at other coordinates than their unit's, because a view stands between. */
    private final boolean[] shifted;
    /** Cost of what several units compute of an item each for itself. */
    private final int[] repeated;

    /** Cost up to which several units may repeat a chain of operations rather than read its result from memory. */
    private static final int CHEAP = 3;

    Fusion(Program program, Backend backend, Set<Integer> forced) {
        this.program = program;
        this.backend = backend;
        this.forced = forced;
        int n = program.items.size();
        kinds = new Kind[n];
        units = new Unit[n];
        stored = new boolean[n];
        grows = new boolean[n];
        shifted = new boolean[n];
        repeated = new int[n];
        for (int i = 0; i < n; i++) {
            kinds[i] = kind(program.items.get(i));
            readers.add(new ArrayList<>());
            direct.add(new ArrayList<>());
        }
        for (int i = n - 1; i >= 0; i--) {
            collectReaders(i);
        }
        for (int output : program.outputs) {
            stored[base(output)] = true;
        }
        for (int i : forced) {
            stored[i] = true;
        }
        for (int i = n - 1; i >= 0; i--) {
            assign(i);
        }
        if (program.fused) {
            for (int i = 0; i < n; i++) {
                attachEpilogue(i);
            }
        }
    }

    private static Kind kind(Program.Item item) {
        if (item.isLeaf()) {
            return Kind.LEAF;
        }
        return switch (item.op()) {
            case Source.Constant c -> Kind.NUMBER;
            case Source.Iota i -> Kind.NUMBER;
            case Elementwise e -> Kind.LOOP;
            case Cast c -> Kind.LOOP;
            case Movement.Viewing v -> Kind.VIEW;
            case Reduction.Reduce r -> Kind.REDUCE;
            default -> Kind.KERNEL;
        };
    }

    /** The item whose memory a view shows: the nearest one below that is not a view, or is stored by force. */
    int base(int item) {
        int i = item;
        while (kinds[i] == Kind.VIEW && !forced.contains(i)) {
            i = program.items.get(i).inputs()[0];
        }
        return i;
    }

    private void collectReaders(int i) {
        boolean view = kinds[i] == Kind.VIEW && !forced.contains(i);
        for (int in : program.items.get(i).inputs()) {
            if (view) {
                for (int r : readers.get(i)) {
                    readers.get(in).add(r);
                    direct.get(in).add(false);
                }
                grows[in] |= program.items.get(i).op() instanceof Movement.Expand || grows[i];
            } else {
                readers.get(in).add(i);
                direct.get(in).add(kinds[i] != Kind.VIEW);
            }
        }
    }

    private void assign(int i) {
        switch (kinds[i]) {
            case LEAF -> stored[i] = true;
            case KERNEL -> {
                stored[i] = true;
                Unit unit = new Unit(program.shape(i));
                unit.kernel = i;
                units[i] = unit;
            }
            case REDUCE -> {
                stored[i] = true;
                Unit unit = new Unit(program.shape(program.items.get(i).inputs()[0]));
                unit.reduce = i;
                unit.members.add(i);
                units[i] = unit;
            }
            case VIEW, NUMBER -> {
                if (stored[i] && (kinds[i] == Kind.NUMBER || forced.contains(i))) {
                    start(i);
                }
            }
            case LOOP -> assignLoop(i);
        }
    }

    private void assignLoop(int i) {
        Op op = program.items.get(i).op();
        int cost = backend.cost(op, program.dtype(i));
        List<Integer> to = readers.get(i);
        Set<Unit> candidates = new java.util.LinkedHashSet<>();
        boolean outside = stored[i];
        boolean allDirect = true;
        for (int k = 0; k < to.size(); k++) {
            int reader = to.get(k);
            Unit unit = units[reader];
            boolean joinable = program.fused
                    && unit != null
                    && unit.isLoop()
                    && kinds[reader] != Kind.VIEW
                    && unit.cost + cost <= backend.budget();
            allDirect &= direct.get(i).get(k);
            if (joinable) {
                candidates.add(java.util.Objects.requireNonNull(unit));
            } else {
                outside = true;
            }
        }
        if (!outside && candidates.size() == 1 && (allDirect || to.size() == 1 && !grows[i])) {
            shifted[i] = !allDirect || to.stream().anyMatch(r -> shifted[r]);
            join(i, candidates.iterator().next(), cost);
            return;
        }
        if (!outside && !candidates.isEmpty() && cheap(i, cost)) {
            candidates.forEach(unit -> unit.cost += cost);
            repeat(i, cost);
            return;
        }
        if (!outside && canRunAsOne(i, candidates, cost)) {
            join(i, merged(candidates), cost);
            return;
        }
        stored[i] = true;
        for (Unit unit : candidates) {
            if (canCompute(unit, i) && !waits(i, unit)) {
                join(i, unit, cost);
                return;
            }
        }
        start(i);
    }

    /** Whether computing an item again takes no more than reading it: a short chain that starts from one array of its size. */
    private boolean cheap(int i, int cost) {
        if (grows[i] || repeated[i] + cost > CHEAP) {
            return false;
        }
        Set<Integer> arrays = new HashSet<>();
        for (int in : program.items.get(i).inputs()) {
            int from = base(in);
            if (kinds[from] != Kind.NUMBER && program.size(from) >= program.size(i)) {
                arrays.add(from);
                if (kinds[from] == Kind.KERNEL
                        && backend.takesEpilogue(program.items.get(from).op())) {
                    return false; // it would have several readers, and so no epilogue
                }
            }
        }
        return arrays.size() <= 1;
    }

    /** Leaves an item to its readers: what it reads, they read. */
    private void repeat(int i, int cost) {
        Set<Integer> done = new HashSet<>();
        for (int in : program.items.get(i).inputs()) {
            for (int at = in; done.add(at); at = program.items.get(at).inputs()[0]) {
                repeated[at] = Math.max(repeated[at], repeated[i] + cost);
                passOn(i, at);
                if (kinds[at] != Kind.VIEW || forced.contains(at)) {
                    break;
                }
            }
        }
    }

    /** Puts the readers of item i in its place among the readers of another. */
    private void passOn(int i, int of) {
        for (int k = readers.get(of).size() - 1; k >= 0; k--) {
            if (readers.get(of).get(k) == i) {
                readers.get(of).remove(k);
                boolean straight = direct.get(of).remove(k);
                for (int r = 0; r < readers.get(i).size(); r++) {
                    readers.get(of).add(readers.get(i).get(r));
                    direct.get(of).add(straight && direct.get(i).get(r));
                }
            }
        }
    }

    /**
     * Whether these units, which all read item i, can compute it and all that is theirs in one loop. Only what nothing else
     * reads is put together: then nothing comes to wait for more than before, and whatever must be read or checked before a variable
     * is overwritten still can be.
     */
    private boolean canRunAsOne(int i, Set<Unit> several, int cost) {
        int all = cost + several.stream().mapToInt(u -> u.cost).sum();
        return !several.isEmpty()
                && all <= backend.budget()
                && several.stream().allMatch(u -> canCompute(u, i) && isLast(u));
    }

    /** Whether a unit's loop passes each place of item i when it reads that. */
    private boolean canCompute(Unit unit, int i) {
        return unit.reduce < 0 && readsDirectly(i, unit) && unit.space.equals(program.shape(i));
    }

    /** Whether only a unit itself reads what it computes. */
    private boolean isLast(Unit unit) {
        return unit.members.stream().allMatch(m -> readers.get(m).stream().allMatch(r -> units[r] == unit));
    }

    /** The first of some units, with the members of all. */
    private Unit merged(Set<Unit> several) {
        Unit first = several.iterator().next();
        several.stream()
                .skip(1)
                .forEach(u -> u.members.forEach(m -> {
                    first.members.add(m);
                    units[m] = first;
                }));
        first.cost = several.stream().mapToInt(u -> u.cost).sum();
        return first;
    }

    private boolean readsDirectly(int i, Unit unit) {
        boolean any = false;
        for (int k = 0; k < readers.get(i).size(); k++) {
            if (units[readers.get(i).get(k)] == unit) {
                if (!direct.get(i).get(k) || shifted[readers.get(i).get(k)]) {
                    return false;
                }
                any = true;
            }
        }
        return any;
    }

    private void join(int i, Unit unit, int cost) {
        unit.members.add(i);
        unit.cost += cost;
        units[i] = unit;
    }

    private void start(int i) {
        Unit unit = new Unit(program.shape(i));
        unit.members.add(i);
        unit.cost = backend.cost(program.items.get(i).op(), program.dtype(i));
        units[i] = unit;
    }

    /** Whether {@code unit} needs, by way of other units, what a reader of item i outside of it produces. */
    private boolean waits(int i, Unit unit) {
        Deque<Integer> open = new ArrayDeque<>();
        Set<Object> seen = new HashSet<>();
        for (int r : readers.get(i)) {
            if (units[r] != unit) {
                open.push(r);
            }
        }
        while (!open.isEmpty()) {
            int r = open.pop();
            Unit u = units[r];
            if (u == unit) {
                return true;
            }
            if (!seen.add(u == null ? (Object) r : u)) {
                continue;
            }
            if (u == null || u.members.isEmpty()) {
                readers.get(r).forEach(open::push);
            } else {
                for (int m : u.members) {
                    readers.get(m).forEach(open::push);
                }
            }
        }
        return false;
    }

    /** Makes the elementwise unit that alone reads contraction i its epilogue. */
    private void attachEpilogue(int i) {
        if (kinds[i] != Kind.KERNEL
                || !backend.takesEpilogue(program.items.get(i).op())
                || isOutput(i)) {
            return;
        }
        Unit only = null;
        for (int k = 0; k < readers.get(i).size(); k++) {
            Unit unit = units[readers.get(i).get(k)];
            // A reader at other places than its unit's would see blocks that are not finished yet.
            boolean inPlace = direct.get(i).get(k) && !shifted[readers.get(i).get(k)];
            if (unit == null || !inPlace || only != null && unit != only) {
                return;
            }
            only = unit;
        }
        if (only != null
                && only.isLoop()
                && only.reduce < 0
                && only.kernel < 0
                && only.space.equals(program.shape(i))
                && program.dtype(i).isFloat()) {
            only.kernel = i;
            units[i] = only;
        }
    }

    /** Lets a contraction and the loop after it run one after the other. */
    void detachEpilogue(Unit unit) {
        Unit alone = new Unit(program.shape(unit.kernel));
        alone.kernel = unit.kernel;
        units[unit.kernel] = alone;
        unit.kernel = -1;
    }

    boolean isOutput(int i) {
        for (int output : program.outputs) {
            if (base(output) == i) {
                return true;
            }
        }
        return false;
    }
}
