package kawi.schedule;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kawi.device.Launch;

/**
 * One launch of a plan, with room for its arguments.
 *
 * @param label what runs, for messages and profiles
 * @param computes the program's items that the launch computes, be they stored or not
 * @param items the program's items whose memory the launch uses, in order of its buffer numbers, or {@link Draft#LOCAL}
 * @param constants the program's constants in order of the launch's scalar slots
 */
record Step(
        String label,
        Launch launch,
        List<Integer> computes,
        int[] items,
        int[] constants,
        MemorySegment[] buffers,
        long[] offsets,
        long[] scalars) {
    Step(String label, Launch launch, List<Integer> computes, List<Integer> items, List<Integer> constants) {
        this(
                label,
                launch,
                computes,
                items.stream().mapToInt(Integer::intValue).toArray(),
                constants.stream().mapToInt(Integer::intValue).toArray(),
                new MemorySegment[items.size()],
                new long[items.size()],
                new long[constants.size()]);
    }
}
