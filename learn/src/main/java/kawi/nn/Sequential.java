package kawi.nn;

import java.util.List;
import kawi.tensor.Tensor;

/** Modules one after another. */
public final class Sequential extends Module {
    private final List<Module> layers;

    /** The output of each module is the input of the next. */
    public Sequential(Module... layers) {
        this.layers = List.of(layers);
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        for (Module layer : layers) {
            y = layer.forward(y);
        }
        return y;
    }
}
