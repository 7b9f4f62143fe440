package kawi.nn;

import java.util.function.UnaryOperator;
import kawi.tensor.Tensor;

/** A function of each element as a layer, for {@link Sequential}. In a {@code forward} of one's own call the tensor's method. */
public final class Activation extends Module {
    private final String name;
    private final UnaryOperator<Tensor> function;

    /** A layer that applies a function; the name is shown in summaries. */
    public Activation(String name, UnaryOperator<Tensor> function) {
        this.name = name;
        this.function = function;
    }

    /** max(x, 0). */
    public static Activation relu() {
        return new Activation("ReLU", Tensor::relu);
    }

    /** x where positive, else slope·x. */
    public static Activation leakyRelu(double slope) {
        return new Activation("LeakyReLU(" + slope + ")", x -> x.leakyRelu(slope));
    }

    /** x·Φ(x). */
    public static Activation gelu() {
        return new Activation("GELU", Tensor::gelu);
    }

    /** x·sigmoid(x). */
    public static Activation silu() {
        return new Activation("SiLU", Tensor::silu);
    }

    /** Hyperbolic tangent. */
    public static Activation tanh() {
        return new Activation("Tanh", Tensor::tanh);
    }

    /** 1 / (1 + e⁻ˣ). */
    public static Activation sigmoid() {
        return new Activation("Sigmoid", Tensor::sigmoid);
    }

    @Override
    public Tensor forward(Tensor x) {
        return traced(x, function.apply(x));
    }

    @Override
    public String toString() {
        return name;
    }
}
