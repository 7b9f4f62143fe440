package kawi.recipes;

import java.util.ArrayList;
import java.util.List;
import kawi.base.DType;
import kawi.nn.Activation;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.nn.Sequential;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * What a gradient costs. A dense layer Y = XW has one matrix product forwards, and two of the same size backwards:
 *
 * <pre>
 *   ∂L/∂X = ∂L/∂Y · Wᵀ      ∂L/∂W = Xᵀ · ∂L/∂Y
 * </pre>
 *
 * so the backward pass takes about two forward passes, whatever the number of parameters (Griewank and Walther 2008, <em>Evaluating
 * Derivatives</em>, section 4.6, bounds reverse mode as a whole by a small multiple of the function).
 */
final class A2BackwardCost implements Demonstration {
    private static final int BATCH = 256;
    private final int rounds;

    A2BackwardCost() {
        this(25);
    }

    /** With fewer rounds, for tests, the figures are of no use but the same program runs. */
    A2BackwardCost(int rounds) {
        this.rounds = rounds;
    }

    @Override
    public String id() {
        return "A2";
    }

    @Override
    public String sentence() {
        return "a backward pass takes about two forward passes";
    }

    @Override
    public void run(Report report) {
        Module mlp = Kawi.withStream(
                0,
                0,
                () -> new Sequential(
                        new Linear(784, 1024),
                        Activation.relu(),
                        new Linear(1024, 1024),
                        Activation.relu(),
                        new Linear(1024, 10)));
        List<Parameter> parameters = mlp.parameters();
        Tensor x = Key.of(1).normal(BATCH, 784).realized();
        Tensor labels = Key.of(2).uniform(BATCH).mul(10).to(DType.I64).realized();

        Runnable forward = () -> Losses.crossEntropy(mlp.forward(x), labels).item();
        Runnable both = () -> {
            Tensor loss = Losses.crossEntropy(mlp.forward(x), labels);
            List<Tensor> wanted = new ArrayList<>(Kawi.grad(loss, parameters));
            wanted.add(loss);
            Kawi.realize(wanted.toArray(Tensor[]::new));
        };
        double[] seconds = Timing.interleaved(rounds, rounds, forward, both);
        double backward = seconds[1] - seconds[0];

        report.say(
                "A dense network 784-1024-1024-10 of %,d parameters, %d examples; medians of %d rounds that take turns.",
                mlp.parameterCount(), BATCH, rounds);
        report.say("forward              %7.2f ms", 1e3 * seconds[0]);
        report.say("forward and backward %7.2f ms", 1e3 * seconds[1]);
        report.figure("forward_ms", "forward pass, ms", 1e3 * seconds[0], Reference.NONE);
        report.figure("backward_ms", "backward pass, ms", 1e3 * backward, Reference.NONE);
        report.figure("ratio", "backward / forward", backward / seconds[0], Reference.atMost(2.5));
    }
}
