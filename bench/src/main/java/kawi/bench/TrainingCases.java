package kawi.bench;

import java.util.List;
import kawi.bench.Case.Work;
import kawi.models.MnistCnn;
import kawi.nn.Losses;
import kawi.optim.Adam;
import kawi.optim.Optimizer;
import kawi.optim.Sgd;
import kawi.tensor.Tensor;

/** Training steps of whole networks: forward, backward and update; the output is the loss. */
final class TrainingCases {
    /** Of losses in the first steps; the updates before them magnify rounding. */
    private static final double TOLERANCE = 1e-4;

    private TrainingCases() {}

    static List<Case> all() {
        return List.of(mlp(), mnistCnn());
    }

    private static List<Tensor> step(Optimizer optimizer, Tensor loss) {
        optimizer.step(loss);
        return List.of(loss);
    }

    private static Case mlp() {
        double products = 64.0 * (784 * 256 * 2 + (256 * 128 + 128 * 10) * 3);
        return Case.network("training", "mlp-sgd", Work.flops(2 * products), TOLERANCE, 4, in -> {
            Tensor x = in.floats(64, 784);
            Tensor y = in.integers(10, 64);
            Mlp model = in.parameters(new Mlp());
            Sgd sgd = new Sgd(model.parameters(), 0.1);
            return _ -> step(sgd, Losses.crossEntropy(model.forward(x), y));
        }, """
                def prepare(self, x: List[Tensor]) -> List[Tensor]:
                    self.trained(x[2:])
                    return x

                def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                    h = torch.relu(torch.linear(x[0], x[2], x[3]))
                    h = torch.relu(torch.linear(h, x[4], x[5]))
                    loss = torch.cross_entropy_loss(torch.linear(h, x[6], x[7]), x[1])
                    self.sgd(x[2:], loss, 0.1)
                    return [loss]
                """);
    }

    /** The network of PyTorch's MNIST example. */
    private static Case mnistCnn() {
        double products = 64.0 * (26 * 26 * 32 * 9 * 2 + (24 * 24 * 64 * 32 * 9 + 9216 * 128 + 128 * 10) * 3.0);
        return Case.network("training", "mnist-cnn-adam", Work.flops(2 * products), TOLERANCE, 12, in -> {
            Tensor x = in.floats(64, 1, 28, 28);
            Tensor y = in.integers(10, 64);
            MnistCnn model = in.parameters(new MnistCnn());
            Adam adam = new Adam(model.parameters(), 1e-3);
            return random -> {
                if (random) {
                    model.train();
                } else {
                    model.eval();
                }
                return step(adam, Losses.crossEntropy(model.forward(x), y));
            };
        }, """
                def prepare(self, x: List[Tensor]) -> List[Tensor]:
                    self.trained(x[2:])
                    return x + self.zeros(x[2:]) + self.zeros(x[2:]) + [torch.zeros([1])]

                def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                    h = torch.relu(torch.conv2d(x[0], x[2], x[3]))
                    h = torch.relu(torch.conv2d(h, x[4], x[5]))
                    h = torch.dropout(torch.max_pool2d(h, [2, 2]), 0.25, random).flatten(1)
                    h = torch.dropout(torch.relu(torch.linear(h, x[6], x[7])), 0.5, random)
                    loss = torch.cross_entropy_loss(torch.linear(h, x[8], x[9]), x[1])
                    self.adam(x[2:10], x[10:18], x[18:26], x[26], loss, 1e-3, 0.0)
                    return [loss]
                """);
    }
}
