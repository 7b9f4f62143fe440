package kawi.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.device.Sweep;
import org.jspecify.annotations.Nullable;

/**
 * Finds loops that can run as one {@link Sweep}: from each reduction outwards, loops that share an array with those
 * already found, as long as all agree on an axis along which none reads what another has written elsewhere. Among the
 * axes that a reduction offers, the one that spares memory the most bytes wins.
 */
final class Sweeps {
    /** A sweep along a reduced axis is cut at the reduction's chunks; with fewer there is too little to share out. */
    private static final int LEAST_CHUNKS = 8;
    /** Adjacent elements in a block: below that, cache lines are read that are hardly used. */
    private static final long LEAST_ADJACENT = 64;

    private final Program program;
    private final Fusion fusion;
    private final long mostBytes;
    private final List<Draft> drafts;
    /** The draft that writes an item; those that read it. */
    private final Map<Integer, Draft> writer = new HashMap<>();

    private final Map<Integer, List<Draft>> readers = new HashMap<>();
    /** Drafts that must come after another. */
    private final Map<Draft, Set<Draft>> later = new HashMap<>();

    private final Set<Draft> fixed = new HashSet<>();
    /** Grows along every way from a draft to a later one. */
    private final Map<Draft, Integer> rank = new HashMap<>();

    Sweeps(Program program, Fusion fusion, Collection<Draft> drafts, long mostBytes) {
        this.program = program;
        this.fusion = fusion;
        this.mostBytes = mostBytes;
        this.drafts = new ArrayList<>(drafts);
        for (Draft d : drafts) {
            for (int item : d.buffers) {
                Fusion.Unit from = fusion.units[item];
                if (from != null && d.units.contains(from)) {
                    writer.put(item, d);
                } else {
                    readers.computeIfAbsent(item, i -> new ArrayList<>()).add(d);
                }
            }
        }
        Map<Integer, Draft> overwriting = new HashMap<>();
        for (int o = 0; o < program.outputs.length; o++) {
            Draft d = writer.get(program.outputs[o]);
            if (program.donors[o] >= 0 && d != null) {
                overwriting.put(program.donors[o], d);
                fixed.add(d);
            }
        }
        readers.forEach((item, all) -> {
            Draft from = writer.get(item);
            if (from != null) {
                later.computeIfAbsent(from, d -> new LinkedHashSet<>()).addAll(all);
            }
            Draft over = overwriting.get(item);
            if (over != null) {
                all.forEach(d ->
                        later.computeIfAbsent(d, x -> new LinkedHashSet<>()).add(over));
            }
        });
        later.forEach((d, after) -> after.remove(d));
        rankAll();
    }

    /** Each one less than the least of those that come after; without recursion, which long chains make too deep. */
    private void rankAll() {
        rank.clear();
        Set<Draft> entered = new HashSet<>();
        ArrayDeque<Draft> open = new ArrayDeque<>(drafts);
        while (!open.isEmpty()) {
            Draft d = open.peek();
            Set<Draft> after = later.getOrDefault(d, Set.of());
            if (entered.add(d)) {
                after.stream().filter(a -> !entered.contains(a)).forEach(open::push);
            } else {
                int least = after.stream()
                        .mapToInt(a -> rank.getOrDefault(a, 1))
                        .min()
                        .orElse(1);
                rank.putIfAbsent(open.pop(), Math.min(0, least - 1));
            }
        }
    }

    private int rankOf(Draft d) {
        return Objects.requireNonNull(rank.get(d));
    }

    /** The drafts, those that can run as a sweep brought together. */
    List<Draft> merged() {
        List<Draft> seeds = drafts.stream()
                .filter(d -> free(d) && nest(d).reduction() != null)
                .toList();
        for (Draft seed : seeds) {
            if (!drafts.contains(seed)) {
                continue;
            }
            Group best = null;
            for (Axes axes : offers(nest(seed))) {
                Group group = new Group(Math.toIntExact(axes.extent(nest(seed))));
                if (group.add(seed, axes)) {
                    group.grow();
                    if (group.spares() > (best == null ? 0 : best.spares())) {
                        best = group;
                    }
                }
            }
            if (best != null) {
                join(best);
            }
        }
        return drafts;
    }

    private boolean free(Draft d) {
        return d.call == null
                && d.sweep == null
                && d.nests.size() == 1
                && !fixed.contains(d)
                && Arrays.stream(nest(d).sizes()).noneMatch(n -> n == 0);
    }

    private static LoopNest nest(Draft d) {
        return d.nests.getFirst();
    }

    /** Neighbouring axes {@code from} to {@code to − 1} of a nest, which all accesses cross like one. */
    private record Axes(int from, int to) {
        long extent(LoopNest nest) {
            long n = 1;
            for (int d = from; d < to; d++) {
                n *= nest.sizes()[d];
            }
            return n;
        }

        /** The stride of the axes as one. */
        long stride(LoopNest nest, Access access) {
            for (int d = to - 1; d >= from; d--) {
                if (nest.sizes()[d] != 1) {
                    return access.strides()[d];
                }
            }
            return 0;
        }

        boolean areOne(LoopNest nest) {
            return nest.accesses().stream().allMatch(a -> areOne(nest, a));
        }

        private boolean areOne(LoopNest nest, Access access) {
            long next = stride(nest, access);
            for (int d = to - 1; d >= from; d--) {
                if (nest.sizes()[d] != 1) {
                    if (access.strides()[d] != next) {
                        return false;
                    }
                    next *= nest.sizes()[d];
                }
            }
            return true;
        }

        /** A nest in which they are one axis, which is axis {@link #from}. */
        LoopNest merged(LoopNest nest) {
            int axis = nest.reduceAxis();
            List<Access> accesses = nest.accesses().stream()
                    .map(a -> new Access(a.buffer(), a.type(), a.offset(), merged(a.strides(), stride(nest, a))))
                    .toList();
            int[] sizes = Arrays.stream(
                            merged(Arrays.stream(nest.sizes()).asLongStream().toArray(), extent(nest)))
                    .mapToInt(Math::toIntExact)
                    .toArray();
            int reduced = axis < from ? axis : axis < to ? from : axis - (to - from) + 1;
            return new LoopNest(sizes, reduced, nest.reduction(), accesses, nest.body(), nest.stores());
        }

        private long[] merged(long[] of, long one) {
            long[] result = new long[of.length - (to - from) + 1];
            System.arraycopy(of, 0, result, 0, from);
            result[from] = one;
            System.arraycopy(of, to, result, from + 1, of.length - to);
            return result;
        }
    }

    /** The axes that a reduction offers for a sweep: those that it does not reduce, alone and with their neighbours. */
    private static List<Axes> offers(LoopNest nest) {
        List<Axes> offers = new ArrayList<>();
        int rank = nest.sizes().length;
        for (int from = 0; from < rank; from++) {
            for (int to = from + 1; to <= rank; to++) {
                Axes axes = new Axes(from, to);
                boolean apart = nest.reduceAxis() < from || nest.reduceAxis() >= to;
                boolean shortest = nest.sizes()[from] != 1 && nest.sizes()[to - 1] != 1;
                if (apart && shortest && axes.extent(nest) <= Integer.MAX_VALUE && axes.areOne(nest)) {
                    offers.add(axes);
                }
            }
        }
        return offers;
    }

    /** Loops that agree on an axis. */
    private final class Group {
        final int extent;
        final Map<Draft, Axes> members = new LinkedHashMap<>();
        /** Elements inside the common axis, of items that some member reads or writes place by place. */
        final Map<Integer, Long> inner = new HashMap<>();

        private final Map<Integer, Integer> touches = new LinkedHashMap<>();

        Group(int extent) {
            this.extent = extent;
        }

        /** Takes in whatever fits. */
        void grow() {
            boolean more = true;
            while (more) {
                more = false;
                for (Draft d : neighbours()) {
                    Axes axes = axesOf(d);
                    if (axes != null && add(d, axes)) {
                        more = true;
                    }
                }
            }
        }

        private Set<Draft> neighbours() {
            Set<Draft> found = new LinkedHashSet<>();
            for (int item : inner.keySet()) {
                Draft from = writer.get(item);
                if (from != null) {
                    found.add(from);
                }
                found.addAll(readers.getOrDefault(item, List.of()));
            }
            found.removeIf(d -> members.containsKey(d) || !free(d));
            return found;
        }

        /** The axes of a loop that cross a known item like the common axis. */
        private @Nullable Axes axesOf(Draft d) {
            LoopNest nest = nest(d);
            for (Access a : nest.accesses()) {
                Long known = a.buffer() < 0 ? null : inner.get(d.buffers.get(a.buffer()));
                if (known != null) {
                    for (int to = nest.sizes().length; to > 0; to--) {
                        if (nest.sizes()[to - 1] != 1 && a.strides()[to - 1] == known) {
                            int from = to - 1;
                            while (from > 0 && new Axes(from, to).extent(nest) < extent) {
                                from--;
                            }
                            Axes axes = new Axes(from, to);
                            if (axes.extent(nest) == extent && axes.areOne(nest)) {
                                return axes;
                            }
                        }
                    }
                }
            }
            return null;
        }

        boolean add(Draft d, Axes axes) {
            LoopNest nest = nest(d);
            boolean across = across(d, axes);
            if (across && !chunked(nest, axes)) {
                return false;
            }
            Map<Integer, Long> found = new HashMap<>();
            for (Access a : nest.accesses()) {
                if (a.buffer() < 0) {
                    continue;
                }
                int item = d.buffers.get(a.buffer());
                boolean written = writer.get(item) == d;
                if (across && written) {
                    continue;
                }
                Draft from = writer.get(item);
                Axes itsAxes = from == null || written ? null : members.get(from);
                if (from != null && itsAxes != null && across(from, itsAxes)) {
                    return false; // known only when the sweep is at its end
                }
                long stride = axes.stride(nest, a);
                boolean apart = stride > 0
                        && keepsPlace(nest, a, axes, stride, program.shape(item).size());
                Long known = inner.getOrDefault(item, found.get(item));
                boolean mine = written || members.containsKey(writer.get(item));
                if (mine && (!apart || known != null && known != stride)) {
                    return false;
                }
                if (apart) {
                    found.putIfAbsent(item, stride);
                }
            }
            // what members read of it already must be read place by place as well
            for (int item : d.buffers) {
                if (writer.get(item) == d && readBy(item, members.keySet()) && !fits(item, found.get(item))) {
                    return false;
                }
            }
            members.put(d, axes);
            if (!convex() || bytesEach() > mostBytes) {
                members.remove(d);
                return false;
            }
            found.forEach(inner::putIfAbsent);
            d.buffers.forEach(item -> touches.merge(item, 1, Integer::sum));
            return true;
        }

        /** Whether a loop reduces along the common axis. */
        private boolean across(Draft d, Axes axes) {
            int reduced = nest(d).reduceAxis();
            return reduced >= axes.from && reduced < axes.to;
        }

        private boolean readBy(int item, Set<Draft> some) {
            return readers.getOrDefault(item, List.of()).stream().anyMatch(some::contains);
        }

        /** Whether all members read an item place by place, {@code stride} elements apart. */
        private boolean fits(int item, @Nullable Long stride) {
            if (stride == null) {
                return false;
            }
            for (Map.Entry<Draft, Axes> e : members.entrySet()) {
                Draft m = e.getKey();
                LoopNest nest = nest(m);
                Axes axes = e.getValue();
                int buffer = m.buffers.indexOf(item);
                for (Access a : nest.accesses()) {
                    if (a.buffer() == buffer
                            && buffer >= 0
                            && (axes.stride(nest, a) != stride
                                    || !keepsPlace(
                                            nest,
                                            a,
                                            axes,
                                            stride,
                                            program.shape(item).size()))) {
                        return false;
                    }
                }
            }
            return true;
        }

        /** Whether a reduction along the common axis can be taken chunk by chunk. */
        private boolean chunked(LoopNest nest, Axes axes) {
            boolean innermost = true;
            boolean only = true;
            for (int d = 0; d < nest.sizes().length; d++) {
                innermost &= d <= nest.reduceAxis() || nest.sizes()[d] == 1;
                only &= d == nest.reduceAxis() || d < axes.from || d >= axes.to || nest.sizes()[d] == 1;
            }
            return only && !innermost && extent >= LEAST_CHUNKS * LoopNest.CHUNK_ROWS;
        }

        /** Whether an access stays at its place of the common axis: what is left of it moves inside or in whole outer steps. */
        private boolean keepsPlace(LoopNest nest, Access a, Axes axes, long stride, long size) {
            long step = extent * stride;
            if (size % step != 0) {
                return false;
            }
            long low = Math.floorMod(a.offset(), step);
            long high = low;
            for (int d = 0; d < nest.sizes().length; d++) {
                if ((d < axes.from || d >= axes.to) && a.strides()[d] % step != 0) {
                    long reach = a.strides()[d] * (nest.sizes()[d] - 1);
                    low += Math.min(0, reach);
                    high += Math.max(0, reach);
                }
            }
            return low >= 0 && high < stride;
        }

        /** Whether no way from a member leads through others back to a member. */
        private boolean convex() {
            int last = members.keySet().stream()
                    .mapToInt(Sweeps.this::rankOf)
                    .max()
                    .orElse(0);
            Deque<Draft> open = new ArrayDeque<>(members.keySet());
            Set<Draft> seen = new HashSet<>();
            while (!open.isEmpty()) {
                Draft from = open.pop();
                for (Draft d : later.getOrDefault(from, Set.of())) {
                    boolean member = members.containsKey(d);
                    if (member && !members.containsKey(from)) {
                        return false;
                    }
                    if (!member && rankOf(d) < last && seen.add(d)) {
                        open.push(d);
                    }
                }
            }
            return true;
        }

        private long bytes(int item) {
            return program.shape(item).size() * program.dtype(item).bytes();
        }

        /** Bytes touched at one place of the axis; of what is not cut by it, the whole. */
        private long bytesEach() {
            Set<Integer> items = new HashSet<>();
            long bytes = 0;
            for (Draft d : members.keySet()) {
                for (int item : d.buffers) {
                    if (items.add(item)) {
                        bytes += inner.containsKey(item) || writer.get(item) == d ? bytes(item) / extent : 0;
                    }
                }
            }
            return bytes;
        }

        /** Bytes that memory neither gives nor takes, because they are in cache when they are wanted again. */
        long spares() {
            if (members.size() < 2 || !adjacent()) {
                return 0;
            }
            long bytes = 0;
            for (Map.Entry<Integer, Integer> e : touches.entrySet()) {
                if (inner.containsKey(e.getKey())) {
                    int spared = e.getValue() - (local(e.getKey()) ? 0 : 1);
                    bytes += spared * bytes(e.getKey());
                }
            }
            return bytes;
        }

        /** Whether a block of the largest items has enough adjacent elements. */
        private boolean adjacent() {
            long places = Math.clamp(mostBytes / 4 / Math.max(1, bytesEach()), 1, extent);
            long largest =
                    inner.keySet().stream().mapToLong(program::size).max().orElse(0);
            for (Map.Entry<Integer, Long> e : inner.entrySet()) {
                long adjacent = e.getValue() * Math.min(places, extent);
                if (program.size(e.getKey()) == largest && adjacent < Math.min(LEAST_ADJACENT, e.getValue() * extent)) {
                    return false;
                }
            }
            return true;
        }

        /** Whether only members see an item. */
        boolean local(int item) {
            return inner.containsKey(item)
                    && members.containsKey(writer.get(item))
                    && !fusion.isOutput(item)
                    && members.keySet().containsAll(readers.getOrDefault(item, List.of()));
        }

        /** The members, each after those whose results it reads. */
        List<Draft> order() {
            Set<Draft> done = new LinkedHashSet<>();
            List<Draft> open = new ArrayList<>(drafts);
            open.retainAll(members.keySet());
            open.forEach(d -> visit(d, done));
            return new ArrayList<>(done);
        }

        private void visit(Draft d, Set<Draft> done) {
            if (done.contains(d)) {
                return;
            }
            for (int item : d.buffers) {
                Draft from = writer.get(item);
                if (from != null && from != d && members.containsKey(from)) {
                    visit(from, done);
                }
            }
            done.add(d);
        }
    }

    /** Puts one draft in the place of a group's. */
    private void join(Group group) {
        List<Integer> buffers = new ArrayList<>();
        List<Integer> scalars = new ArrayList<>();
        List<Fusion.Unit> units = new ArrayList<>();
        List<Sweep.Pass> passes = new ArrayList<>();
        for (Draft d : group.order()) {
            Axes axes = Objects.requireNonNull(group.members.get(d));
            passes.add(new Sweep.Pass(renumbered(axes.merged(nest(d)), d, buffers, scalars.size()), axes.from));
            scalars.addAll(d.scalars);
            units.addAll(d.units);
        }
        List<Sweep.Local> locals = new ArrayList<>();
        List<Integer> held = new ArrayList<>(buffers);
        for (int b = 0; b < buffers.size(); b++) {
            int item = buffers.get(b);
            if (group.local(item)) {
                long inner = Objects.requireNonNull(group.inner.get(item));
                long outer = program.size(item) / (group.extent * inner);
                locals.add(new Sweep.Local(b, program.dtype(item).bytes(), outer, inner));
                held.set(b, Draft.LOCAL);
            }
        }
        Draft joined = Draft.sweep(units, new Sweep(passes, group.extent, locals), held, scalars);
        replace(group.members.keySet(), joined);
    }

    private static LoopNest renumbered(LoopNest nest, Draft d, List<Integer> buffers, int slots) {
        List<Access> accesses = new ArrayList<>();
        for (Access a : nest.accesses()) {
            int number = a.buffer();
            if (number >= 0) {
                int item = d.buffers.get(number);
                number = buffers.indexOf(item);
                if (number < 0) {
                    number = buffers.size();
                    buffers.add(item);
                }
            }
            accesses.add(new Access(number, a.type(), a.offset(), a.strides()));
        }
        List<Instruction> body = nest.body().stream()
                .map(i -> i instanceof Instruction.Scalar s ? new Instruction.Scalar(s.slot() + slots, s.type()) : i)
                .toList();
        return new LoopNest(nest.sizes(), nest.reduceAxis(), nest.reduction(), accesses, body, nest.stores());
    }

    private void replace(Set<Draft> members, Draft joined) {
        int at = drafts.indexOf(members.iterator().next());
        drafts.set(at, joined);
        drafts.removeAll(members);
        writer.replaceAll((item, d) -> members.contains(d) ? joined : d);
        readers.values().forEach(list -> list.replaceAll(d -> members.contains(d) ? joined : d));
        Set<Draft> after = new LinkedHashSet<>();
        for (Draft m : members) {
            after.addAll(later.getOrDefault(m, Set.of()));
            later.remove(m);
        }
        after.removeAll(members);
        later.put(joined, after);
        later.values().forEach(set -> {
            if (set.removeAll(members)) {
                set.add(joined);
            }
        });
        rankAll();
    }
}
