package kawi.cpu.codegen;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import kawi.base.KawiException;
import kawi.cpu.Workers;
import kawi.device.Launch;

/** to come */
final class ReductionLaunch implements Launch {
    ReductionLaunch(Geometry geometry, CompiledKernel kernel, Supplier<Workers> workers) {
    }
    public void run(MemorySegment[] buffers, long[] offsets, long[] scalars) { throw new KawiException("to come"); }
    public void run(MemorySegment[] buffers, long[] offsets, long[] scalars, int[] from, int[] to) {throw new KawiException("to come"); }
}
