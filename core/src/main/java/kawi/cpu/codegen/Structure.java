package kawi.cpu.codegen;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.base.DType;
import kawi.cpu.codegen.Program.Step;
import kawi.device.LoopNest;
import org.jspecify.annotations.Nullable;

/**
 * Everything of a loop nest that its machine code depends on, and nothing else: sizes, strides and offsets are arguments
 * of the code. Nests of equal structure share a compiled class, so a smaller last batch compiles nothing.
 */
final class Structure {
    /** How an access moves from one column to the next. */
    enum Inner {
        NONE,
        UNIT,
        OTHER
    }

    /** An access without its numbers; not buffered means an index. */
    record Place(DType type, Inner inner, boolean buffered) {}

    /** What becomes of the values. */
    enum Combine {
        /** Every point is stored. */
        STORE,
        /** The columns of a row are combined, in the nest's 64 partial results. */
        COLUMNS,
        /** The rows of a column are combined one after the other with what is already stored for it. */
        ROWS
    }

    /** The outermost loop in which a step has all it needs. */
    enum Level {
        UNUSED,
        KERNEL,
        ROW,
        COLUMN
    }

    private final Program program;
    private final List<Place> accesses;
    private final List<LoopNest.Store> stores;
    private final Combine combine;
    private final LoopNest.@Nullable Reduction reduction;
    private final int bits;
    private final Level[] levels;

    /** @param bits width of vectors, or 0 for the scalar form */
    Structure(
            Program program,
            List<Place> accesses,
            List<LoopNest.Store> stores,
            Combine combine,
            LoopNest.@Nullable Reduction reduction,
            int bits) {
        this.program = program;
        this.accesses = List.copyOf(accesses);
        this.stores = List.copyOf(stores);
        this.combine = combine;
        this.reduction = reduction;
        this.bits = bits;
        this.levels = levels();
    }

    private Level[] levels() {
        List<Integer> results = new ArrayList<>();
        stores.forEach(s -> results.add(s.value()));
        boolean[] needed = program.needed(results);
        Level[] level = new Level[program.size()];
        for (int i = 0; i < level.length; i++) {
            Step s = program.step(i);
            level[i] = switch (s.op()) {
                case CONST, SCALAR -> Level.KERNEL;
                case LOAD, INDEX -> accesses.get((int) s.literal()).inner() == Inner.NONE ? Level.ROW : Level.COLUMN;
                default -> {
                    Level highest = Level.KERNEL;
                    for (int arg : new int[] {s.a(), s.b(), s.c()}) {
                        if (arg >= 0 && level[arg].compareTo(highest) > 0) {
                            highest = level[arg];
                        }
                    }
                    yield highest;
                }
            };
        }
        for (int i = 0; i < level.length; i++) {
            level[i] = needed[i] ? level[i] : Level.UNUSED;
        }
        return level;
    }

    Program program() {
        return program;
    }

    List<Place> accesses() {
        return accesses;
    }

    List<LoopNest.Store> stores() {
        return stores;
    }

    Combine combine() {
        return combine;
    }

    LoopNest.Reduction reduction() {
        return Objects.requireNonNull(reduction);
    }

    int bits() {
        return bits;
    }

    Level level(int step) {
        return levels[step];
    }

    /** The lane in which a reduction combines. */
    Lane reducedLane() {
        return program.step(stores.getFirst().value()).lane();
    }

    /** The same without vectors. */
    Structure scalar() {
        return new Structure(program, accesses, stores, combine, reduction, 0);
    }

    /** Scalar arguments of the launch. */
    int scalars() {
        return (int)
                program.steps().stream().filter(s -> s.op() == Basic.SCALAR).count();
    }

    /** Steps of the innermost loop: the work of one point. */
    int work() {
        int n = 0;
        for (Level level : levels) {
            n += level == Level.COLUMN ? 1 : 0;
        }
        return n;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Structure s
                && bits == s.bits
                && combine == s.combine
                && reduction == s.reduction
                && accesses.equals(s.accesses)
                && stores.equals(s.stores)
                && program.steps().equals(s.program.steps());
    }

    @Override
    public int hashCode() {
        return Objects.hash(bits, combine, reduction, accesses, stores, program.steps());
    }
}
