package kawi.cpu.codegen;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A structure and its machine code, shared by all nests of that structure. */
final class CompiledKernel {
    /** Points that a kernel runs over before it is worth warming. */
    static final long WORTH_WARMING = 1 << 14;

    /** Points of one call while the JIT is still to notice a kernel of plain loops, and calls until it surely has. */
    private static final int PIECE = 512;

    private static final int MANY_CALLS = 300;

    private enum State {
        COLD,
        WARMING,
        WARM,
        /** Never got fast on this JVM. */
        REFUSED
    }

    private final Structure structure;
    private final Kernel kernel;
    private final Function<Structure, CompiledKernel> cache;
    private volatile State state;
    private long seen;
    private int calls;
    private final Kernel inPieces = this::runInPieces;
    private @Nullable CompiledKernel plain;

    /** @param cache where the scalar form is found until the vector form is warm */
    CompiledKernel(Structure structure, Function<Structure, CompiledKernel> cache) {
        this.structure = structure;
        this.kernel = KernelClass.define(structure);
        this.cache = cache;
        this.state = State.COLD;
    }

    Structure structure() {
        return structure;
    }

    /** The code itself, warm or not. */
    Kernel vector() {
        return kernel;
    }

    /**
     * What a run over so many points should use now: the vector form once it is warm, else the scalar form.
     *
     * @param arguments of the run; the warm-up takes its scalars over
     */
    Kernel forRun(long points, long[] arguments) {
        if (structure.bits() == 0) {
            return calls < MANY_CALLS ? inPieces : kernel;
        }
        if (state == State.WARM) {
            return kernel;
        }
        expect(points, arguments);
        CompiledKernel p = plain;
        if (p == null) {
            p = cache.apply(structure.scalar());
            plain = p;
        }
        return p.forRun(points, arguments);
    }

    /**
     * A run in many small calls. The JIT compiles a method that is called often; one that is called seldom and loops
     * for long goes on being interpreted for a thousand rounds of every call.
     */
    private void runInPieces(MemorySegment[] segments, long[] arguments, int rows, int columns) {
        boolean whole = structure.combine() == Structure.Combine.COLUMNS; // a row's result takes all its columns
        int width = whole ? columns : Math.clamp(PIECE, 1, columns);
        int height = Math.clamp(PIECE / width, 1, rows);
        int n = structure.accesses().size();
        long[] moved = arguments.clone();
        for (int r = 0; r < rows; r += height) {
            for (int c = 0; c < columns; c += width) {
                for (int a = 0; a < n; a++) {
                    moved[a] = arguments[a] + r * arguments[n + a] + c * arguments[2 * n + a];
                }
                kernel.run(segments, moved, Math.min(height, rows - r), Math.min(width, columns - c));
                calls++; // threads may lose a count: no harm
            }
        }
    }

    /** Says that runs over so many points with these arguments will come; sooner or later that starts the warm-up. */
    void expect(long points, long[] arguments) {
        seen += points; // threads may lose a count: no harm
        if (structure.bits() > 0 && state == State.COLD && seen >= WORTH_WARMING) {
            state = State.WARMING;
            int scalars = 3 * structure.accesses().size();
            WarmUp.queue(this, Arrays.copyOfRange(arguments, scalars, scalars + structure.scalars()));
        }
    }

    void warmed(boolean fast) {
        state = fast ? State.WARM : State.REFUSED;
    }
}
