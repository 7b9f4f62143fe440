package kawi.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.base.View;
import kawi.device.Backend;
import kawi.device.KernelCall;
import kawi.device.Launch;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.graph.Attention;
import kawi.graph.Contraction;
import kawi.graph.Identity;
import kawi.graph.Movement;
import kawi.graph.Op;

/** Turns a program into a plan: divides it into units, orders them, finds their memory, compiles them. */
final class Planner {
    private final Program program;
    private final Backend backend;
    private final Backend fallback;
    /** Items that must be stored in order although they are only views or numbers. */
    private final Set<Integer> forced = new HashSet<>();

    private final Set<Integer> noEpilogue = new HashSet<>();

    private Planner(Program program, Backend backend, Backend fallback) {
        this.program = program;
        this.backend = backend;
        this.fallback = fallback;
    }

    static Plan plan(Program program, Backend backend, Backend fallback) {
        Planner planner = new Planner(program, backend, fallback);
        // Each round may find another view that needs a copy; there are finitely many items.
        while (true) {
            try {
                return planner.attempt();
            } catch (Retry e) {
                continue;
            } catch (NestBuilder.NeedsCopy e) {
                if (!planner.forced.add(e.input)) {
                    throw new IllegalStateException("item " + e.input + " is stored and still cannot be reshaped");
                }
            }
        }
    }

    private Plan attempt() throws NestBuilder.NeedsCopy {
        Fusion fusion = new Fusion(program, backend, forced);
        for (int k : noEpilogue) {
            if (fusion.units[k].isLoop()) {
                fusion.detachEpilogue(fusion.units[k]);
            }
        }
        Map<Integer, View> outputViews = new HashMap<>();
        for (int output : program.outputs) {
            outputViews.put(output, resolve(fusion, output, false));
        }
        Map<Fusion.Unit, Draft> drafts = new LinkedHashMap<>();
        for (int i = 0; i < program.items.size(); i++) {
            Fusion.Unit unit = fusion.units[i];
            if (unit != null && !drafts.containsKey(unit)) {
                drafts.put(unit, draft(fusion, unit));
            }
        }
        InPlace.keepSafeDonors(program, fusion, drafts);
        if (program.fused) {
            for (Draft d : new Sweeps(program, fusion, drafts.values(), backend.sweepBytes()).merged()) {
                d.units.forEach(u -> drafts.put(u, d));
            }
        }
        List<Draft> order = order(fusion, drafts);
        Storage storage = Storage.of(program, fusion, order);
        List<Step> steps = new ArrayList<>();
        for (Draft d : order) {
            compile(d, steps);
        }
        return new Plan(program, steps, storage, outputViews, fusion, backend.name());
    }

    // Drafts

    private Draft draft(Fusion fusion, Fusion.Unit unit) throws NestBuilder.NeedsCopy {
        if (unit.kernel < 0) {
            NestBuilder builder = new NestBuilder(program, fusion, forced, unit, unit.space, List.of());
            LoopNest nest = builder.build();
            return Draft.loops(unit, List.of(nest), builder.buffers, builder.scalars);
        }
        Program.Item item = program.items.get(unit.kernel);
        if (item.op() instanceof Movement.Embed
                || item.op() instanceof Movement.Concat
                || item.op() instanceof Identity.After) {
            return copies(fusion, unit, item);
        }
        List<Integer> buffers = new ArrayList<>();
        List<KernelCall.Operand> operands = new ArrayList<>();
        for (int n = 0; n < item.inputs().length; n++) {
            operands.add(operand(fusion, item.inputs()[n], buffers, !takesStrides(item.op(), n)));
        }
        buffers.add(unit.kernel);
        KernelCall.Operand output = new KernelCall.Operand(
                buffers.size() - 1,
                item.type().dtype(),
                View.contiguous(item.type().shape()));
        if (!unit.isLoop()) {
            return Draft.call(unit, new KernelCall(item.op(), operands, output, null), buffers, List.of());
        }
        NestBuilder builder = new NestBuilder(program, fusion, forced, unit, epilogueSpace(item), buffers);
        LoopNest epilogue;
        try {
            epilogue = builder.build();
        } catch (NestBuilder.NeedsCopy e) {
            if (e.input >= 0) {
                throw e;
            }
            noEpilogue.add(unit.kernel);
            throw new Retry();
        }
        KernelCall call = new KernelCall(item.op(), operands, output, epilogue);
        return Draft.call(unit, call, builder.buffers, builder.scalars);
    }

    /** Whether the kernels of an operation read this operand wherever its elements lie. */
    private static boolean takesStrides(Op op, int input) {
        return op instanceof Contraction.MatMul
                || op instanceof Attention
                || op instanceof Attention.Backward && Attention.Backward.isMatrix(input);
    }

    /** Planning starts again without what has turned out impossible. */
    private static final class Retry extends RuntimeException {
        Retry() {
            super(null, null, false, false);
        }
    }

    /** [batch, rows, columns] of a matrix product, [image, channel, position] of a convolution. */
    private static Shape epilogueSpace(Program.Item item) {
        Shape s = item.type().shape();
        int r = s.rank();
        if (item.op() instanceof Contraction.MatMul) {
            return Shape.of((int) s.product(0, r - 2), s.dim(-2), s.dim(-1));
        }
        return Shape.of(s.dim(0), s.dim(1), (int) s.product(2, r));
    }

    /**
     * Embedding and concatenation: zeros where nothing is written, then one copy for each input. What is only waited for is
     * among the buffers and not copied.
     */
    private Draft copies(Fusion fusion, Fusion.Unit unit, Program.Item item) throws NestBuilder.NeedsCopy {
        DType type = item.type().dtype();
        Shape result = item.type().shape();
        List<Integer> buffers = new ArrayList<>(List.of(unit.kernel));
        List<LoopNest> nests = new ArrayList<>();
        List<Shape> shapes =
                Arrays.stream(item.inputs()).mapToObj(program::shape).toList();
        forceAll(fusion, item.inputs());
        if (item.op() instanceof Movement.Embed) {
            Access whole = new Access(0, type, 0, result.rowMajorStrides());
            nests.add(new LoopNest(
                    result.dims(),
                    -1,
                    null,
                    List.of(whole),
                    List.of(new LoopNest.Instruction.Scalar(0, type)),
                    List.of(new LoopNest.Store(0, 0))));
        }
        for (int k = 0; k < item.inputs().length; k++) {
            KernelCall.Operand from = operand(fusion, item.inputs()[k], buffers, false);
            if (k > 0 && item.op() instanceof Identity.After) {
                continue;
            }
            View to = switch (item.op()) {
                case Movement.Embed e -> e.places(shapes.get(k));
                case Movement.Concat c -> c.places(shapes, k, result);
                default -> View.contiguous(result);
            };
            Access read = new Access(
                    from.buffer(), type, from.view().offset(), from.view().strides());
            Access write = new Access(0, type, to.offset(), to.strides());
            nests.add(new LoopNest(
                    shapes.get(k).dims(),
                    -1,
                    null,
                    List.of(read, write),
                    List.of(new LoopNest.Instruction.Load(0, type)),
                    List.of(new LoopNest.Store(1, 0))));
        }
        return Draft.loops(unit, nests, buffers, List.of(-1));
    }

    /** What has no memory to be copied from gets some: all of it at once, as there may be thousands of parts. */
    private void forceAll(Fusion fusion, int... inputs) {
        boolean news = false;
        for (int input : inputs) {
            int base = fusion.base(input);
            news |= !fusion.stored[base] && forced.add(base);
        }
        if (news) {
            throw new Retry();
        }
    }

    private KernelCall.Operand operand(Fusion fusion, int item, List<Integer> buffers, boolean contiguous)
            throws NestBuilder.NeedsCopy {
        View view = resolve(fusion, item, contiguous);
        int base = fusion.base(item);
        int at = buffers.indexOf(base);
        if (at < 0) {
            buffers.add(base);
            at = buffers.size() - 1;
        }
        return new KernelCall.Operand(at, program.dtype(item), view);
    }

    /** The view of an item in the memory of its base. */
    private View resolve(Fusion fusion, int item, boolean contiguous) throws NestBuilder.NeedsCopy {
        int base = fusion.base(item);
        if (!fusion.stored[base]) {
            throw new NestBuilder.NeedsCopy(base);
        }
        List<Integer> chain = new ArrayList<>();
        for (int i = item; i != base; i = program.items.get(i).inputs()[0]) {
            chain.add(i);
        }
        Program.Item b = program.items.get(base);
        View view = b.view();
        for (int k = chain.size() - 1; k >= 0; k--) {
            Program.Item it = program.items.get(chain.get(k));
            View next = ((Movement.Viewing) it.op()).apply(view);
            if (next == null) {
                throw new NestBuilder.NeedsCopy(it.inputs()[0]);
            }
            view = next;
        }
        if (contiguous && !view.isContiguous()) {
            throw new NestBuilder.NeedsCopy(item);
        }
        return view;
    }

    // Order

    private List<Draft> order(Fusion fusion, Map<Fusion.Unit, Draft> drafts) {
        List<Draft> order = LaunchOrder.of(program, fusion, drafts);
        if (order != null) {
            return order;
        }
        if (Arrays.stream(program.donors).allMatch(d -> d < 0)) {
            throw new IllegalStateException("units of a program wait for each other in a circle");
        }
        Arrays.fill(program.donors, -1); // then the results get memory of their own
        throw new Retry();
    }

    // Compilation

    private void compile(Draft d, List<Step> steps) {
        String label = d.units.stream().map(this::label).collect(Collectors.joining("; "));
        List<Integer> computes =
                d.units.stream().flatMap(Planner::items).sorted().toList();
        if (d.sweep != null) {
            steps.add(new Step(label, backend.compile(d.sweep), computes, d.buffers, d.scalars));
            return;
        }
        if (d.call == null) {
            for (LoopNest nest : d.nests) {
                steps.add(new Step(label, backend.compile(nest), computes, d.buffers, d.scalars));
            }
            return;
        }
        Launch launch = backend.compile(d.call);
        if (launch == null && d.call.epilogue() != null) {
            throw new IllegalStateException(
                    backend.name() + " announced an epilogue for " + d.call.op().label() + " and does not take it");
        }
        if (launch == null) {
            launch = fallback.compile(d.call);
        }
        if (launch == null) {
            throw new KawiException("no backend runs " + d.call.op().label());
        }
        steps.add(new Step(label, launch, computes, d.buffers, d.scalars));
    }

    /** What a unit computes: its kernel, if it has one, and the members of its loop. */
    private static Stream<Integer> items(Fusion.Unit unit) {
        Stream<Integer> members = unit.members.stream();
        return unit.kernel < 0 ? members : Stream.concat(Stream.of(unit.kernel), members);
    }

    private String label(Fusion.Unit unit) {
        StringBuilder s = new StringBuilder();
        if (unit.kernel >= 0) {
            s.append(program.items.get(unit.kernel).op().label());
        }
        unit.members.stream().sorted().forEach(m -> {
            Op op = program.items.get(m).op();
            s.append(s.isEmpty() ? "" : "+").append(op.label());
        });
        return s.toString();
    }
}
