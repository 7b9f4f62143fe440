package kawi.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.base.View;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.graph.Cast;
import kawi.graph.Elementwise;
import kawi.graph.Movement;
import kawi.graph.Reduction;
import kawi.graph.Source;
import org.jspecify.annotations.Nullable;

/**
 * Writes the loop nest of one unit: walks from the stored results down to memory, constants and positions, and turns
 * the views on the way into strides.
 */
final class NestBuilder {
    /** Views between a value and the iteration space, thousands perhaps; the head is the one nearest to the value. */
    private static final class Path {
        final Movement.Viewing view;
        final int input;
        final @Nullable Path rest;
        private final int hash;

        Path(Movement.Viewing view, int input, @Nullable Path rest) {
            this.view = view;
            this.input = input;
            this.rest = rest;
            this.hash = 31 * (31 * view.hashCode() + input) + (rest == null ? 0 : rest.hash);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            Path a = this;
            Path b = other instanceof Path path ? path : null;
            while (a != b) {
                if (a == null || b == null || a.hash != b.hash || a.input != b.input || !a.view.equals(b.view)) {
                    return false;
                }
                a = a.rest;
                b = b.rest;
            }
            return true;
        }
    }

    private record Place(int item, @Nullable Path path) {}

    /** A reshape that strides cannot express: item {@code input} must be stored in order. */
    static final class NeedsCopy extends Exception {
        final int input;

        NeedsCopy(int input) {
            super(null, null, false, false);
            this.input = input;
        }
    }

    private final Program program;
    private final Fusion fusion;
    private final Set<Integer> forced;
    private final Fusion.Unit unit;
    private final Shape space;
    private final @Nullable Path start;
    private final List<Access> accesses = new ArrayList<>();
    private final List<Instruction> body = new ArrayList<>();
    private final Map<Place, Integer> values = new HashMap<>();
    /** Items whose memory the nest uses, in order of its buffer numbers. */
    final List<Integer> buffers;
    /** Constants in order of the nest's scalar slots. */
    final List<Integer> scalars = new ArrayList<>();

    /**
     * @param space the iteration space, a reshape of the unit's
     * @param buffers items that already have a buffer number
     */
    NestBuilder(
            Program program, Fusion fusion, Set<Integer> forced, Fusion.Unit unit, Shape space, List<Integer> buffers) {
        this.program = program;
        this.fusion = fusion;
        this.forced = forced;
        this.unit = unit;
        this.space = space;
        this.buffers = new ArrayList<>(buffers);
        this.start = space.equals(unit.space) ? null : new Path(new Movement.Reshape(space), -1, null);
    }

    /** The nest; throws where a view has to be copied first. */
    LoopNest build() throws NeedsCopy {
        List<LoopNest.Store> stores = new ArrayList<>();
        LoopNest.Reduction reduction = null;
        int axis = -1;
        if (unit.reduce >= 0) {
            Program.Item item = program.items.get(unit.reduce);
            Reduction.Reduce reduce = (Reduction.Reduce) item.op();
            axis = reduce.axis();
            reduction = LoopNest.Reduction.valueOf(reduce.kind().name());
            int value = value(item.inputs()[0], start);
            View view = View.contiguous(item.type().shape()).expand(space);
            view.strides()[axis] = 0;
            stores.add(
                    new LoopNest.Store(access(buffer(unit.reduce), item.type().dtype(), view), value));
        } else {
            // In order of the program, so that equal units give equal nests.
            List<Integer> results =
                    unit.members.stream().filter(m -> fusion.stored[m]).sorted().toList();
            for (int m : results) {
                int value = compute(m, start);
                View view = View.contiguous(program.shape(m)).reshape(space);
                if (view == null) {
                    throw new IllegalStateException("a contiguous array always has a reshaped view");
                }
                stores.add(new LoopNest.Store(access(buffer(m), program.dtype(m), view), value));
            }
        }
        return new LoopNest(space.dims(), axis, reduction, List.copyOf(accesses), List.copyOf(body), stores);
    }

    /** The instruction that yields an item as seen through a path. */
    private int value(int item, @Nullable Path path) throws NeedsCopy {
        int at = item;
        Path through = path;
        while (true) {
            boolean own = fusion.units[at] == unit && at != unit.kernel && fusion.kinds[at] != Fusion.Kind.REDUCE;
            if (!own && fusion.stored[at]) {
                return load(at, through);
            }
            if (!(program.items.get(at).op() instanceof Movement.Viewing view)) {
                return compute(at, through);
            }
            at = program.items.get(at).inputs()[0];
            through = new Path(view, at, through);
        }
    }

    private int compute(int item, @Nullable Path path) throws NeedsCopy {
        Place place = new Place(item, path);
        Integer known = values.get(place);
        if (known != null) {
            return known;
        }
        Program.Item it = program.items.get(item);
        DType type = it.type().dtype();
        int result;
        switch (it.op()) {
            case Source.Constant c -> {
                scalars.add(item);
                result = emit(new Instruction.Scalar(scalars.size() - 1, type));
            }
            case Source.Iota iota -> {
                View view = through(new View(iota.shape(), iota.stridesArray(), 0), path);
                result = emit(new Instruction.Index(access(-1, type, view), type));
            }
            case Movement.Viewing v -> result = value(it.inputs()[0], new Path(v, it.inputs()[0], path));
            case Cast cast -> result = emit(new Instruction.Convert(type, value(it.inputs()[0], path)));
            case Elementwise op -> {
                List<Integer> args = new ArrayList<>();
                for (int in : it.inputs()) {
                    args.add(value(in, path));
                }
                result = emit(new Instruction.Apply(op, type, List.copyOf(args)));
            }
            default ->
                throw new IllegalStateException(
                        "not an elementwise operation: " + it.op().label());
        }
        values.put(place, result);
        return result;
    }

    private int load(int item, @Nullable Path path) throws NeedsCopy {
        Place place = new Place(item, path);
        Integer known = values.get(place);
        if (known != null) {
            return known;
        }
        Program.Item it = program.items.get(item);
        View view = through(it.view(), path);
        DType type = it.type().dtype();
        int result = emit(new Instruction.Load(access(buffer(item), type, view), type));
        values.put(place, result);
        return result;
    }

    private View through(View view, @Nullable Path path) throws NeedsCopy {
        View v = view;
        for (Path p = path; p != null; p = p.rest) {
            View next = p.view.apply(v);
            if (next == null) {
                throw new NeedsCopy(p.input);
            }
            v = next;
        }
        return v;
    }

    private int emit(Instruction instruction) {
        body.add(instruction);
        return body.size() - 1;
    }

    private int buffer(int item) {
        int at = buffers.indexOf(item);
        if (at < 0) {
            buffers.add(item);
            at = buffers.size() - 1;
        }
        return at;
    }

    private int access(int buffer, DType type, View view) {
        Access a = new Access(buffer, type, view.offset(), view.strides());
        int at = accesses.indexOf(a);
        if (at < 0) {
            accesses.add(a);
            at = accesses.size() - 1;
        }
        return at;
    }
}
