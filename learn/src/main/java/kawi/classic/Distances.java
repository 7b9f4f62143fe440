package kawi.classic;

import kawi.tensor.Tensor;

/** Squared Euclidean distances by one matrix product. */
final class Distances {
    private Distances() {}

    /** ‖x − z‖² less what is the same for all z, of {@code x [m, features]} and {@code z [n, features]}, {@code [m, n]}: as good to find the nearest z of an x. */
    static Tensor lessOwn(Tensor x, Tensor z) {
        Tensor centre = z.mean(0);
        return lessOwnCentred(x.sub(centre), z.sub(centre));
    }

    private static Tensor lessOwnCentred(Tensor x, Tensor z) {
        return z.square().sum(1).unsqueeze(0).sub(x.matmul(z.t()).mul(2));
    }

    /** ‖x − z‖², not below 0. Both are moved first, which no distance tells: far from 0, ‖x‖² would have no digits left for them. */
    static Tensor squared(Tensor x, Tensor z) {
        Tensor centre = z.mean(0);
        Tensor near = x.sub(centre);
        return lessOwnCentred(near, z.sub(centre))
                .add(near.square().sumKeepDims(1))
                .clampMin(0);
    }
}
