package kawi.cpu.codegen;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.cpu.Workers;
import kawi.cpu.codegen.Structure.Combine;
import kawi.cpu.codegen.Structure.Inner;
import kawi.cpu.codegen.Structure.Place;
import kawi.device.Launch;
import kawi.device.LoopNest;
import kawi.device.Sweep;
import kawi.graph.Elementwise;

/**
 * Turns loop nests into machine code. A nest is split into its {@link Structure}, for which one hidden class is written
 * and kept, and its {@link Geometry}, which that class takes as arguments. Results do not depend on the width of
 * vectors, on threads, on what is fused, or on whether the JIT has come by yet.
 */
public final class LoopCompiler {
    /**
     * Most basic steps, as {@link #cost} counts them, that one nest should have. C2 compiles 400 and refuses 600 (8000
     * bytes of bytecode); but from 100 on a chain of dependent steps runs slower a step, for the processor looks no
     * further ahead, and a pass through cached memory costs about 10 steps.
     */
    public static final int BUDGET = 200;

    private static final ConcurrentHashMap<Structure, CompiledKernel> COMPILED = new ConcurrentHashMap<>();

    private final int bits;
    private final boolean patient;

    /** For the machine's vectors; {@code -Dkawi.vector.cold=true} runs them without warming up, for tests. */
    public LoopCompiler() {
        this(Machine.vectorBits(), !Boolean.getBoolean("kawi.vector.cold"));
    }

    /**
     * For tests.
     *
     * @param bits width of vectors (512, 256 or 128), or 0 for plain loops
     * @param patient whether to run plain loops until a vector kernel is warm
     */
    LoopCompiler(int bits, boolean patient) {
        this.bits = bits;
        this.patient = patient;
    }

    /** Makes a nest ready to run with these workers. */
    public Launch compile(LoopNest nest, Workers workers) {
        return compile(nest, () -> workers);
    }

    /** Makes a nest ready to run with the workers of the moment. */
    public Launch compile(LoopNest nest, Supplier<Workers> workers) {
        return launch(nest, workers);
    }

    /** Makes a sweep ready to run with the workers of the moment. */
    public Launch compile(Sweep sweep, Supplier<Workers> workers) {
        return new SweepLaunch(sweep, nest -> launch(nest, workers), workers);
    }

    private NestLaunch launch(LoopNest nest, Supplier<Workers> workers) {
        Lowering lowering = new Lowering(nest);
        Geometry geometry = new Geometry(nest, lowering.scalarSlots());
        CompiledKernel kernel = compiled(structure(nest, lowering, geometry));
        long points = 1;
        for (int size : nest.sizes()) {
            points *= size;
        }
        if (patient && points >= CompiledKernel.WORTH_WARMING && lowering.scalarSlots().length == 0) {
            // begin while the rest of the plan is being made; with scalars, once they are known
            kernel.expect(points, new long[3 * nest.accesses().size()]);
        }
        return nest.reduction() == null
                ? new ElementwiseLaunch(geometry, kernel, workers, patient)
                : new ReductionLaunch(geometry, kernel, workers, patient, compiled(structureOf(rows(nest))));
    }

    /** Combines the rows of an array of a reduction's results. */
    private static LoopNest rows(LoopNest reduction) {
        DType type =
                reduction.accesses().get(reduction.stores().getFirst().access()).type();
        return new LoopNest(
                new int[] {2, 2},
                0,
                reduction.reduction(),
                List.of(
                        new LoopNest.Access(0, type, 0, new long[] {2, 1}),
                        new LoopNest.Access(1, type, 0, new long[] {0, 1})),
                List.of(new LoopNest.Instruction.Load(0, type)),
                List.of(new LoopNest.Store(1, 0)));
    }

    /** The code of a structure, written now if nobody asked for it before. */
    static CompiledKernel compiled(Structure structure) {
        CompiledKernel known = COMPILED.get(structure);
        // not computeIfAbsent: writing a class takes milliseconds, and the loser of a race is only garbage
        if (known == null) {
            CompiledKernel fresh = new CompiledKernel(structure, LoopCompiler::compiled);
            known = COMPILED.putIfAbsent(structure, fresh);
            known = known == null ? fresh : known;
        }
        return known;
    }

    /** What a nest's code depends on. */
    Structure structureOf(LoopNest nest) {
        Lowering lowering = new Lowering(nest);
        return structure(nest, lowering, new Geometry(nest, lowering.scalarSlots()));
    }

    private Structure structure(LoopNest nest, Lowering lowering, Geometry geometry) {
        List<Place> places = new ArrayList<>();
        for (int a = 0; a < nest.accesses().size(); a++) {
            places.add(new Place(nest.accesses().get(a).type(), geometry.inner(a), geometry.buffered(a)));
        }
        List<LoopNest.Store> stores = nest.stores().stream()
                .map(s -> new LoopNest.Store(s.access(), lowering.step(s.value())))
                .toList();
        Combine combine =
                nest.reduction() == null ? Combine.STORE : geometry.reducesInnermost ? Combine.COLUMNS : Combine.ROWS;
        Structure vectors = new Structure(lowering.program(), places, stores, combine, nest.reduction(), bits);
        return vectorises(vectors, lowering)
                ? vectors
                : new Structure(lowering.program(), places, stores, combine, nest.reduction(), 0);
    }

    /** Whether vectors of the wanted width can run a structure. */
    private boolean vectorises(Structure s, Lowering lowering) {
        if (bits == 0 || lowering.mixed()) {
            return false;
        }
        boolean wide = s.program().steps().stream().anyMatch(p -> p.lane().bytes == 8);
        int lanes = bits / (wide ? 64 : 32);
        for (Place p : s.accesses()) {
            boolean index = !p.buffered();
            if (p.inner() == Inner.OTHER && !index || p.type().bytes() == 1 && !index && lanes < 8) {
                return false; // strided; or bytes in fewer lanes than the narrowest byte vector has
            }
        }
        if (s.combine() == Combine.STORE
                && s.stores().stream()
                        .anyMatch(t -> s.accesses().get(t.access()).inner() != Inner.UNIT)) {
            return false;
        }
        if (s.combine() != Combine.STORE && s.reducedLane() == Lane.MASK) {
            return false;
        }
        return s.program().steps().stream().allMatch(this::vectorises);
    }

    private boolean vectorises(Program.Step p) {
        return switch (p.op()) {
            case CALL, REM -> false;
            case DIV -> p.lane().isFloat();
            // before AVX-512 there is no instruction between long and double
            case CONVERT -> p.lane().bytes == 4 || bits == 512;
            case MIN, MAX -> p.lane() != Lane.MASK;
            default -> true;
        };
    }

    /** Basic steps that an operation on a type takes: what it adds to the size of a nest. */
    public static int cost(Elementwise op, DType type) {
        return Cost.of(op, type);
    }

    /** Costs, each worked out once. */
    private static final class Cost {
        private static final int[][] KNOWN = new int[Elementwise.values().length][DType.values().length];

        static int of(Elementwise op, DType type) {
            int known = KNOWN[op.ordinal()][type.ordinal()];
            if (known == 0) {
                known = count(op, type);
                KNOWN[op.ordinal()][type.ordinal()] = known;
            }
            return known;
        }

        private static int count(Elementwise op, DType type) {
            Program program = new Program();
            Lane lane = switch (type) {
                case F32 -> Lane.F32;
                case F64 -> Lane.F64;
                case I64 -> Lane.I64;
                case I32, U8, F16, BF16 -> Lane.I32;
                case BOOL -> Lane.MASK;
            };
            List<Value> args = new ArrayList<>();
            for (int i = 0; i < op.arity(); i++) {
                args.add(program.add(Basic.SCALAR, op == Elementwise.WHERE && i == 0 ? Lane.MASK : lane, i));
            }
            Lowering.apply(op, type, Collections.unmodifiableList(args));
            return program.steps().stream().mapToInt(Cost::weight).sum();
        }

        /** A division or a root takes as long as some other steps. */
        private static int weight(Program.Step step) {
            return switch (step.op()) {
                case CONST, SCALAR -> 0;
                case DIV, REM, SQRT, CALL -> 4;
                default -> 1;
            };
        }
    }
}
