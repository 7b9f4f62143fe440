/** Tensors, differentiation, scheduling and the CPU backend. */
module kawi.core {
    requires jdk.incubator.vector;
    requires static jdk.jfr;
    requires static org.jspecify;

    exports kawi.base;
    exports kawi.graph to
            kawi.learn,
            kawi.zoo;
    exports kawi.tensor;

    uses kawi.device.Backend;

    provides kawi.device.Backend with
            kawi.cpu.CpuBackend,
            kawi.reference.ReferenceBackend;
}
