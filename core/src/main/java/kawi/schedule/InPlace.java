package kawi.schedule;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kawi.device.KernelCall;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;

/** Which results may be written over what they are computed from: a leaf that is given away, or an intermediate read for the last time. */
final class InPlace {
    private InPlace() {}

    /** A result takes over a leaf's memory only if it is written where nothing of the leaf is still to be read. */
    static void keepSafeDonors(Program program, Fusion fusion, Map<Fusion.Unit, Draft> drafts) {
        Set<Integer> shown = new HashSet<>();
        for (int output : program.outputs) {
            shown.add(fusion.base(output));
        }
        for (int o = 0; o < program.outputs.length; o++) {
            int output = program.outputs[o];
            int leaf = program.donors[o];
            if (leaf >= 0) {
                Fusion.Unit unit = fusion.units[output];
                boolean safe = !shown.contains(leaf)
                        && fusion.base(output) == output
                        && unit != null
                        && writesOnlyWhereItReads(Objects.requireNonNull(drafts.get(unit)), output, leaf);
                program.donors[o] = safe ? leaf : -1;
            }
        }
    }

    private static boolean writesOnlyWhereItReads(Draft draft, int output, int leaf) {
        int from = draft.buffers.indexOf(leaf);
        if (from < 0) {
            return true;
        }
        LoopNest nest = draft.loop();
        if (nest == null || nest.reduction() != null || draft.call != null && !notOperand(draft.call, from)) {
            return false;
        }
        int to = draft.buffers.indexOf(output);
        return nest.stores().stream()
                .map(s -> nest.accesses().get(s.access()))
                .anyMatch(a -> a.buffer() == to && onlyAt(nest, from, a));
    }

    /** A loop that reads an intermediate for the last time, element by element where it writes, may overwrite it. */
    static void share(Program program, Draft draft, int step, Storage storage, int[] last, boolean[] output) {
        LoopNest nest = draft.loop();
        if (nest == null || nest.reduction() != null) {
            return;
        }
        Set<Integer> taken = new HashSet<>();
        for (LoopNest.Store store : nest.stores()) {
            Access to = nest.accesses().get(store.access());
            int target = draft.buffers.get(to.buffer());
            if (storage.owner[target] != target) {
                continue;
            }
            for (int b = 0; b < draft.buffers.size(); b++) {
                int source = draft.buffers.get(b);
                boolean free = source != target
                        && !output[source]
                        && !program.items.get(source).isLeaf()
                        && last[source] == step
                        && storage.owner[source] == source
                        && !taken.contains(source)
                        && program.dtype(source).bytes() == to.type().bytes()
                        && program.shape(source).size() == program.shape(target).size();
                if (free && onlyAt(nest, b, to) && (draft.call == null || notOperand(draft.call, b))) {
                    storage.owner[source] = target;
                    taken.add(source);
                    break;
                }
            }
        }
    }

    private static boolean onlyAt(LoopNest nest, int buffer, Access place) {
        boolean found = false;
        for (Access a : nest.accesses()) {
            if (a.buffer() == buffer) {
                if (a.offset() != place.offset() || !Arrays.equals(a.strides(), place.strides())) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }

    private static boolean notOperand(KernelCall call, int buffer) {
        return call.inputs().stream().noneMatch(o -> o.buffer() == buffer);
    }
}
