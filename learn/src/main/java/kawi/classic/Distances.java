package kawi.classic;

import kawi.tensor.Tensor;

/** Squared Euclidean distances by one matrix product. */
final class Distances {
    private Distances() {}

    /** ‖x − z‖² − ‖x‖² of {@code x [m, features]} and {@code z [n, features]}, {@code [m, n]}: as good to find the nearest z of an x. */
    static Tensor lessOwn(Tensor x, Tensor z) {
        return z.square().sum(1).unsqueeze(0).sub(x.matmul(z.t()).mul(2));
    }

    /** ‖x − z‖², not below 0. */
    static Tensor squared(Tensor x, Tensor z) {
        return lessOwn(x, z).add(x.square().sumKeepDims(1)).clampMin(0);
    }
}
