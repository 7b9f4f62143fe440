package kawi.cpu.codegen;

/** A structure and its machine code, shared by all nests of that structure. */
final class CompiledKernel {
    private final Structure structure;
    private final Kernel kernel;

    CompiledKernel(Structure structure) {
        this.structure = structure;
        this.kernel = KernelClass.define(structure);
    }

    Structure structure() {
        return structure;
    }

    Kernel get() {
        return kernel;
    }

    /** Called before a run over so many points. */
    void warmFor(long points) {}
}
