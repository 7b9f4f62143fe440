package kawi.schedule;

import java.util.List;
import kawi.device.KernelCall;
import kawi.device.LoopNest;
import kawi.device.Sweep;
import org.jspecify.annotations.Nullable;

/** Units with their launch not yet compiled: loop nests one after the other, a kernel, or a sweep. */
final class Draft {
    /** Stands in {@link #buffers} for a buffer that only the passes of a sweep see. */
    static final int LOCAL = -1;

    /** One, or those whose loops are the passes of the sweep. */
    final List<Fusion.Unit> units;

    final List<LoopNest> nests;
    final @Nullable KernelCall call;
    final @Nullable Sweep sweep;
    /** Items in order of the launch's buffer numbers. */
    final List<Integer> buffers;
    /** Constants in order of the launch's scalar slots. */
    final List<Integer> scalars;

    private Draft(
            List<Fusion.Unit> units,
            List<LoopNest> nests,
            @Nullable KernelCall call,
            @Nullable Sweep sweep,
            List<Integer> buffers,
            List<Integer> scalars) {
        this.units = units;
        this.nests = nests;
        this.call = call;
        this.sweep = sweep;
        this.buffers = buffers;
        this.scalars = scalars;
    }

    static Draft loops(Fusion.Unit unit, List<LoopNest> nests, List<Integer> buffers, List<Integer> scalars) {
        return new Draft(List.of(unit), nests, null, null, buffers, scalars);
    }

    static Draft call(Fusion.Unit unit, KernelCall call, List<Integer> buffers, List<Integer> scalars) {
        return new Draft(List.of(unit), List.of(), call, null, buffers, scalars);
    }

    static Draft sweep(List<Fusion.Unit> units, Sweep sweep, List<Integer> buffers, List<Integer> scalars) {
        return new Draft(units, List.of(), null, sweep, buffers, scalars);
    }

    /** The loop of a unit that is one, or the epilogue of one that is a kernel. */
    @Nullable
    LoopNest loop() {
        return call != null ? call.epilogue() : nests.size() == 1 ? nests.get(0) : null;
    }
}
