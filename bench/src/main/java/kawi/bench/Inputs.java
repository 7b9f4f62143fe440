package kawi.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kawi.base.DType;
import kawi.nn.Module;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Draws the inputs of a case for Kawi's side and takes down what was drawn: from these {@link #specs} the peer's process
 * makes the same numbers, in the same order.
 */
final class Inputs {
    private final List<Spec> specs = new ArrayList<>();

    List<Spec> specs() {
        return List.copyOf(specs);
    }

    /** Floats with mean 0 and standard deviation 1. */
    Tensor floats(int... shape) {
        return draw(Spec.floats(0, 1, shape));
    }

    /** Floats of a mean and a standard deviation. */
    Tensor floats(double mean, double deviation, int... shape) {
        return draw(Spec.floats(mean, deviation, shape));
    }

    /** Integers from 0 to below {@code bound}, {@code I64}. */
    Tensor integers(long bound, int... shape) {
        return draw(Spec.integers(bound, shape));
    }

    /**
     * Gives every parameter of a model, in the order of its fields, numbers of a trainable size: matrices and filters a
     * variance of 1 / fan-in, factors of normalisations a mean of 1, biases a mean of 0. Returns the model.
     */
    <M extends Module> M parameters(M model) {
        model.namedParameters().forEach((name, p) -> assign(name, p));
        return model;
    }

    private void assign(String name, Parameter p) {
        int[] shape = p.shape().dims();
        if (shape.length > 1) {
            double fanIn = (double) p.size() / shape[0];
            p.assign(floats(0, 1 / Math.sqrt(fanIn), shape));
        } else {
            p.assign(floats(name.endsWith("weight") ? 1 : 0, 0.02, shape));
        }
        p.realized();
    }

    private Tensor draw(Spec spec) {
        int[] shape = new int[spec.shape().length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = Math.toIntExact(spec.shape()[i]);
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment values = arena.allocate(Math.max(1, spec.bytes()), 64).asSlice(0, spec.bytes());
            spec.fill(values, specs.size());
            specs.add(spec);
            return Tensor.of(values, spec.integers() ? DType.I64 : DType.F32, shape);
        }
    }
}
