package kawi.cpu.codegen;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A structure and its machine code, shared by all nests of that structure. */
final class CompiledKernel {
    /** Points that a kernel runs over before it is worth warming. */
    static final long WORTH_WARMING = 1 << 14;

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
    private @Nullable CompiledKernel plain;

    /** @param cache where the scalar form is found until the vector form is warm */
    CompiledKernel(Structure structure, Function<Structure, CompiledKernel> cache) {
        this.structure = structure;
        this.kernel = KernelClass.define(structure);
        this.cache = cache;
        this.state = structure.bits() == 0 ? State.WARM : State.COLD;
    }

    Structure structure() {
        return structure;
    }

    /** The code itself, warm or not. */
    Kernel vector() {
        return kernel;
    }

    /** What a run over so many points should use now: the vector form once it is warm, else the scalar form. */
    Kernel forRun(long points) {
        if (state == State.WARM) {
            return kernel;
        }
        expect(points);
        CompiledKernel p = plain;
        if (p == null) {
            p = cache.apply(structure.scalar());
            plain = p;
        }
        return p.kernel;
    }

    /** Says that runs over so many points will come; sooner or later that starts the warm-up. */
    void expect(long points) {
        seen += points; // threads may lose a count: no harm
        if (state == State.COLD && seen >= WORTH_WARMING) {
            state = State.WARMING;
            WarmUp.queue(this);
        }
    }

    void warmed(boolean fast) {
        state = fast ? State.WARM : State.REFUSED;
    }
}
