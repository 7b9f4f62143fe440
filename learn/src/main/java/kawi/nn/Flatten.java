package kawi.nn;

import kawi.tensor.Tensor;

/** All axes but the first as one: {@code [N, …] → [N, features]}. */
public final class Flatten extends Module {
    @Override
    public Tensor forward(Tensor x) {
        return traced(x, x.rank() == 1 ? x.unsqueeze(1) : x.flatten(1, -1));
    }
}
