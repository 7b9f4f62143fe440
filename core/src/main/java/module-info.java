/** Tensors, differentiation, scheduling and the CPU backend. */
module kawi.core {
    requires jdk.incubator.vector;
    requires static org.jspecify;

    exports kawi.base;

    // kawi.tensor is exported with its first class: javac refuses to export an empty package.
}
