package kawi.bench;

import java.util.List;
import java.util.function.Supplier;
import kawi.bench.Case.Work;
import kawi.models.MnistCnn;
import kawi.nn.Module;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/** One example through a trained network: the time until its answer is there. */
final class InferenceCases {
    private static final double TOLERANCE = 1e-5;

    private InferenceCases() {}

    static List<Case> all() {
        return List.of(
                latency("mlp-latency", 2.0 * (784 * 256 + 256 * 128 + 128 * 10), Mlp::new, """
                        def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                            h = torch.relu(torch.linear(x[0], x[1], x[2]))
                            h = torch.relu(torch.linear(h, x[3], x[4]))
                            return [torch.linear(h, x[5], x[6])]
                        """, 1, 784),
                latency(
                        "mnist-cnn-latency",
                        2.0 * (26 * 26 * 32 * 9 + 24 * 24 * 64 * 32 * 9 + 9216 * 128 + 128 * 10),
                        MnistCnn::new,
                        """
                        def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                            h = torch.relu(torch.conv2d(x[0], x[1], x[2]))
                            h = torch.relu(torch.conv2d(h, x[3], x[4]))
                            h = torch.max_pool2d(h, [2, 2]).flatten(1)
                            h = torch.relu(torch.linear(h, x[5], x[6]))
                            return [torch.linear(h, x[7], x[8])]
                        """,
                        1,
                        1,
                        28,
                        28));
    }

    private static Case latency(String name, double flops, Supplier<Module> network, String script, int... shape) {
        return Case.kernel(
                "inference",
                name,
                Work.flops(flops),
                TOLERANCE,
                in -> {
                    Tensor x = in.floats(shape);
                    Module model = in.parameters(network.get()).eval();
                    var forward = Kawi.jit(model::forward);
                    return _ -> List.of(forward.apply(x));
                },
                script);
    }
}
