package kawi.bench;

import java.util.List;
import kawi.bench.Case.Work;
import kawi.models.Gpt2;
import kawi.models.LstmLanguageModel;
import kawi.models.MnistCnn;
import kawi.models.ResNet;
import kawi.nn.Losses;
import kawi.optim.Adam;
import kawi.optim.AdamW;
import kawi.optim.Optimizer;
import kawi.optim.Sgd;
import kawi.tensor.Tensor;

/** Training steps of whole networks: forward, backward and update; the output is the loss. */
final class TrainingCases {
    /** Of losses in the first steps; the updates before them magnify rounding. */
    private static final double TOLERANCE = 1e-4;

    private TrainingCases() {}

    static List<Case> all() {
        return List.of(mlp(), mnistCnn(), resNet18(), lstmLanguageModel(), gpt2());
    }

    private static List<Tensor> step(Optimizer optimizer, Tensor loss) {
        optimizer.inPlace(true).step(loss); // as the peer's optimiser does
        return List.of(loss);
    }

    private static Case mlp() {
        double products = 64.0 * (784 * 256 * 2 + (256 * 128 + 128 * 10) * 3);
        return Case.network(
                "training",
                "mlp-sgd",
                Work.flops(2 * products),
                TOLERANCE,
                4,
                in -> {
                    Tensor x = in.floats(64, 784);
                    Tensor y = in.integers(10, 64);
                    Mlp model = in.parameters(new Mlp());
                    Sgd sgd = new Sgd(model.parameters(), 0.1);
                    return _ -> step(sgd, Losses.crossEntropy(model.forward(x), y));
                },
                """
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
    static Case mnistCnn() {
        double products = 64.0 * (26 * 26 * 32 * 9 * 2 + (24 * 24 * 64 * 32 * 9 + 9216 * 128 + 128 * 10) * 3.0);
        return Case.network(
                "training",
                "mnist-cnn-adam",
                Work.flops(2 * products),
                TOLERANCE,
                6,
                in -> {
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
                },
                """
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

    /** ResNet-18 for 32×32 images, batch 32. */
    private static Case resNet18() {
        // Multiply-adds for an image: the first convolution, then four stages of four 3×3 ones and three projections.
        double first = 1024.0 * 64 * 27;
        double stages =
                (4 + 3 * 3.5) * 1024 * 64 * 64 * 9; // the first 3×3 of a later stage has half its channels to read
        double projections = 256.0 * 64 * 128 + 64.0 * 128 * 256 + 16.0 * 256 * 512;
        double products = 32 * (2 * first + 3 * (stages + projections + 512 * 10));
        return Case.network(
                "training",
                "resnet18-sgd",
                Work.flops(2 * products),
                1e-3,
                8,
                in -> {
                    Tensor x = in.floats(32, 3, 32, 32);
                    Tensor y = in.integers(10, 32);
                    ResNet model = in.parameters(ResNet.resNet18ForSmallImages(10));
                    Sgd sgd = new Sgd(model.parameters(), 0.01, 0.9);
                    return _ -> step(sgd, Losses.crossEntropy(model.forward(x), y));
                },
                """
                def prepare(self, x: List[Tensor]) -> List[Tensor]:
                    self.trained(x[2:])
                    state = x + self.zeros(x[2:])
                    for width in [64, 64, 64, 64, 64, 128, 128, 128, 128, 128, 256, 256, 256, 256, 256, 512, 512, 512, 512, 512]:
                        state = state + [torch.zeros([width]), torch.ones([width])]
                    return state

                def norm(self, h: Tensor, x: List[Tensor], p: int, s: int) -> Tensor:
                    return torch.batch_norm(h, x[p], x[p + 1], x[s], x[s + 1], True, 0.1, 1e-5, False)

                def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                    s = 126
                    h = torch.relu(self.norm(torch.conv2d(x[0], x[2], None, [1, 1], [1, 1]), x, 3, s))
                    p = 5
                    s += 2
                    for block in range(8):
                        stride = 2 if block > 0 and block % 2 == 0 else 1
                        r = torch.conv2d(h, x[p], None, [stride, stride], [1, 1])
                        r = torch.relu(self.norm(r, x, p + 1, s))
                        r = self.norm(torch.conv2d(r, x[p + 3], None, [1, 1], [1, 1]), x, p + 4, s + 2)
                        p += 6
                        s += 4
                        if stride == 2:
                            h = self.norm(torch.conv2d(h, x[p], None, [2, 2]), x, p + 1, s)
                            p += 3
                            s += 2
                        h = torch.relu(r + h)
                    loss = torch.cross_entropy_loss(torch.linear(torch.mean(h, [2, 3]), x[p], x[p + 1]), x[1])
                    self.momentum(x[2:64], x[64:126], loss, 0.01, 0.9)
                    return [loss]
                """);
    }

    /** Two LSTM layers of 200 units, 35 steps, batch 20, vocabulary 10,000: the small network of Zaremba et al. 2014. */
    private static Case lstmLanguageModel() {
        double products = 3 * 700.0 * (2 * 4 * 200 * (200 + 200) + 200 * 10_000);
        return Case.network(
                "training",
                "lstm-lm-sgd",
                Work.flops(2 * products),
                TOLERANCE,
                8,
                in -> {
                    Tensor tokens = in.integers(10_000, 35, 20);
                    Tensor next = in.integers(10_000, 700);
                    LstmLanguageModel model = in.parameters(new LstmLanguageModel(10_000, 200, 2));
                    Sgd sgd = new Sgd(model.parameters(), 1);
                    return _ ->
                            step(sgd, Losses.crossEntropy(model.forward(tokens).flatten(0, 1), next));
                },
                """
                def prepare(self, x: List[Tensor]) -> List[Tensor]:
                    self.trained(x[2:])
                    return x

                def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                    h = torch.embedding(x[2], x[0])
                    zeros = torch.zeros([2, 20, 200])
                    y, hn, cn = torch.lstm(h, [zeros, zeros], x[3:11], True, 2, 0.0, True, False, False)
                    loss = torch.cross_entropy_loss(torch.linear(y, x[11], x[12]).flatten(0, 1), x[1])
                    self.sgd(x[2:], loss, 1.0)
                    return [loss]
                """);
    }

    /** GPT-2 of 124 million parameters on 4 sequences of 64 tokens. */
    private static Case gpt2() {
        double tokens = 4.0 * 64;
        double weights = 12 * 12 * 768.0 * 768 + 768.0 * 50257;
        double attention = 12 * 2 * 768.0 * 65 / 2;
        double products = 3 * tokens * (weights + attention);
        return Case.network(
                "training",
                "gpt2-124m-adamw",
                Work.flops(2 * products),
                TOLERANCE,
                12,
                in -> {
                    Tensor x = in.integers(50257, 4, 64);
                    Tensor y = in.integers(50257, 256);
                    Gpt2 model = in.parameters(Gpt2.small());
                    AdamW adamW = new AdamW(model.parameters(), 1e-4);
                    return _ -> step(adamW, Losses.crossEntropy(model.forward(x).flatten(0, 1), y));
                },
                """
                def prepare(self, x: List[Tensor]) -> List[Tensor]:
                    self.trained(x[2:])
                    return x + self.zeros(x[2:]) + self.zeros(x[2:]) + [torch.zeros([1])]

                def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                    h = torch.embedding(x[2], x[0]) + x[3][:64]
                    for block in range(12):
                        p = 4 + 12 * block
                        n = torch.layer_norm(h, [768], x[p], x[p + 1], 1e-5)
                        q, k, v = torch.linear(n, x[p + 2], x[p + 3]).split(768, 2)
                        a = torch.scaled_dot_product_attention(
                            q.view([4, 64, 12, 64]).transpose(1, 2),
                            k.view([4, 64, 12, 64]).transpose(1, 2),
                            v.view([4, 64, 12, 64]).transpose(1, 2), None, 0.0, True)
                        a = a.transpose(1, 2).reshape([4, 64, 768])
                        h = h + torch.linear(a, x[p + 4], x[p + 5])
                        n = torch.layer_norm(h, [768], x[p + 6], x[p + 7], 1e-5)
                        n = torch.gelu(torch.linear(n, x[p + 8], x[p + 9]), approximate="tanh")
                        h = h + torch.linear(n, x[p + 10], x[p + 11])
                    h = torch.layer_norm(h, [768], x[148], x[149], 1e-5)
                    loss = torch.cross_entropy_loss(torch.linear(h, x[2]).flatten(0, 1), x[1])
                    self.adam(x[2:150], x[150:298], x[298:446], x[446], loss, 1e-4, 0.01)
                    return [loss]
                """);
    }
}
