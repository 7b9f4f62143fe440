package kawi.cpu.codegen;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import kawi.cpu.Workers;
import kawi.device.Launch;

/** A loop nest with its code and its numbers. */
abstract class NestLaunch implements Launch {
    final Geometry geometry;
    final CompiledKernel kernel;
    final Supplier<Workers> workers;
    final boolean patient;
    /** The first point of the nest, and the whole of it. */
    final int[] origin;

    final Grid grid;

    /** @param patient whether to run plain loops until the vector form is warm */
    NestLaunch(Geometry geometry, CompiledKernel kernel, Supplier<Workers> workers, boolean patient) {
        this.geometry = geometry;
        this.kernel = kernel;
        this.workers = workers;
        this.patient = patient;
        this.origin = new int[geometry.nest.sizes().length];
        this.grid = geometry.grid(origin, geometry.nest.sizes());
    }

    /**
     * The code for a run over so many points.
     *
     * @param arguments of a kernel; only the scalars among them matter here
     */
    final Kernel code(long points, long[] arguments) {
        return patient ? kernel.forRun(points, arguments) : kernel.vector();
    }

    /**
     * Runs over a box of the nest on the calling thread; a reduced axis is taken whole.
     *
     * @param start a kernel's arguments with the addresses of the box's first point
     */
    abstract void box(Kernel code, Grid box, MemorySegment[] segments, long[] start);
}
