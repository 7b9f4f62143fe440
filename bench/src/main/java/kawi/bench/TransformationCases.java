package kawi.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import kawi.bench.Case.Work;
import kawi.models.MnistCnn;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;

/**
 * What differentiation costs, beside Kawi without it. {@code reverse}: loss and all gradients beside the loss alone.
 * {@code checkpoint}: a deep network in √depth segments whose insides are computed again in the backward pass, beside one
 * that keeps everything; here it is the memory that counts.
 */
final class TransformationCases {
    private static final String SUITE = "transformations";
    private static final double TOLERANCE = 1e-5;
    private static final int BATCH = 2048;
    private static final int WIDTH = 256;

    private TransformationCases() {}

    static List<Case> all() {
        return List.of(
                reverse("reverse-mlp", Mlp::new, 64, 784),
                reverse("reverse-mnist-cnn", MnistCnn::new, 64, 1, 28, 28),
                checkpoint(16),
                checkpoint(64));
    }

    private static Case reverse(String name, Supplier<Module> network, int... shape) {
        return Case.beside(
                SUITE,
                name,
                new Work(0, 0),
                TOLERANCE,
                in -> {
                    Module model = network.get();
                    Supplier<Tensor> loss = loss(in, model, shape);
                    List<Parameter> parameters = model.parameters();
                    return random -> {
                        Tensor value = loss.get();
                        List<Tensor> all = new ArrayList<>(List.of(value));
                        all.addAll(random ? Kawi.grad(value, parameters) : List.of());
                        return all;
                    };
                },
                in -> {
                    Supplier<Tensor> loss = loss(in, network.get(), shape);
                    return _ -> List.of(loss.get());
                });
    }

    private static Supplier<Tensor> loss(Inputs in, Module model, int... shape) {
        Tensor x = in.floats(shape);
        Tensor y = in.integers(10, shape[0]);
        in.parameters(model).eval();
        return () -> Losses.crossEntropy(model.forward(x), y);
    }

    private static Case checkpoint(int depth) {
        int segment = (int) Math.round(Math.sqrt(depth));
        return Case.beside(
                SUITE,
                "checkpoint-" + depth,
                new Work(0, 0),
                TOLERANCE,
                in -> deep(in, depth, segment, Transform::checkpoint),
                in -> deep(in, depth, segment, layers -> layers));
    }

    /** Layers tanh(xW), W of {@link #WIDTH} × {@link #WIDTH}, in segments; the loss and the gradients by the weights. */
    private static Case.Program deep(Inputs in, int depth, int segment, UnaryOperator<UnaryOperator<Tensor>> kept) {
        Tensor x = in.floats(BATCH, WIDTH);
        List<Parameter> weights = IntStream.range(0, depth)
                .mapToObj(_ -> new Parameter(in.floats(0, 1 / Math.sqrt(WIDTH), WIDTH, WIDTH)))
                .toList();
        List<UnaryOperator<Tensor>> segments = new ArrayList<>();
        for (int from = 0; from < depth; from += segment) {
            List<Parameter> own = weights.subList(from, Math.min(depth, from + segment));
            segments.add(kept.apply(h -> {
                for (Parameter w : own) {
                    h = h.matmul(w).tanh();
                }
                return h;
            }));
        }
        return _ -> {
            Tensor h = x;
            for (UnaryOperator<Tensor> layers : segments) {
                h = layers.apply(h);
            }
            Tensor loss = h.square().mean();
            List<Tensor> all = new ArrayList<>(List.of(loss));
            all.addAll(Kawi.grad(loss, weights));
            return all;
        };
    }
}
