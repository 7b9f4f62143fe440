package kawi.recipes;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.models.LeNet;
import kawi.models.MnistCnn;
import kawi.models.ResNet;
import kawi.nn.AvgPool2d;
import kawi.nn.Conv2d;
import kawi.nn.Module;
import kawi.nn.Sequential;
import kawi.nn.Summary;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/**
 * What a network costs, against counts by hand. A layer with n inputs to each unit, one bias, and c different units that are used at p
 * places has
 *
 * <pre>
 *   parameters     c·(n + 1)
 *   units          c·p           what must be kept for the backward pass, 4 bytes each
 *   multiply-adds  c·p·n
 * </pre>
 *
 * where a convolution k × k over d channels has n = k²d and as many places as its output has pixels, and a dense layer has one place.
 */
final class A11Summary implements Demonstration {
    /** A layer by hand. */
    private record Layer(String name, long inputs, long kinds, long places) {
        long parameters() {
            return kinds * (inputs + 1);
        }

        long units() {
            return kinds * places;
        }

        long multiplyAdds() {
            return units() * inputs;
        }
    }

    /** LeNet as of {@link LeNet}: 28 × 28 → 24 × 24 → pooled 12 × 12 → 8 × 8 → pooled 4 × 4 → 128 → 10. */
    private static final List<Layer> BY_HAND = List.of(
            new Layer("conv1", 5 * 5 * 1, 16, 24 * 24),
            new Layer("conv2", 5 * 5 * 16, 32, 8 * 8),
            new Layer("fc1", 32 * 4 * 4, 128, 1),
            new Layer("fc2", 128, 10, 1));

    @Override
    public String id() {
        return "A11";
    }

    @Override
    public String sentence() {
        return "parameters, units, multiply-adds and receptive field of networks equal counts by hand";
    }

    @Override
    public void run(Report report) {
        Summary lenet = Summary.of(new LeNet(), 1, 1, 28, 28);
        report.say("%s", lenet.toString().stripTrailing());
        report.say("");
        report.say("%-6s %25s %25s %25s", "layer", "parameters, by hand", "units, by hand", "multiply-adds, by hand");
        int agree = 0;
        for (int i = 0; i < BY_HAND.size(); i++) {
            Layer hand = BY_HAND.get(i);
            Summary.Row row = lenet.rows().get(i);
            long units = row.output().size();
            report.say(
                    "%-6s %,12d %,12d %,12d %,12d %,12d %,12d",
                    row.name(),
                    row.parameters(),
                    hand.parameters(),
                    units,
                    hand.units(),
                    row.multiplyAdds(),
                    hand.multiplyAdds());
            agree += row.name().equals(hand.name)
                            && row.parameters() == hand.parameters()
                            && units == hand.units()
                            && row.multiplyAdds() == hand.multiplyAdds()
                    ? 1
                    : 0;
        }
        report.figure(
                "layers",
                "layers of LeNet that agree with the count by hand",
                agree,
                Reference.exactly(lenet.rows().size()));
        report.figure(
                "activation_bytes",
                "bytes of LeNet's activations, an image",
                4 * lenet.rows().stream().mapToLong(r -> r.output().size()).sum(),
                Reference.exactly(4 * BY_HAND.stream().mapToLong(Layer::units).sum()));

        // Published counts: PyTorch's MNIST example and torchvision's models; multiply-adds of He et al. 2016, table 1.
        report.figure(
                "mnist_cnn",
                "parameters of PyTorch's MNIST example",
                new MnistCnn().parameterCount(),
                Reference.exactly(1_199_882));
        Summary resNet18 = Summary.of(ResNet.resNet18(1000), 1, 3, 224, 224);
        report.figure("resnet18", "parameters of ResNet-18", resNet18.parameters(), Reference.exactly(11_689_512));
        report.figure(
                "resnet18_giga_multiply_adds",
                "multiply-adds of ResNet-18, 10⁹",
                resNet18.multiplyAdds() / 1e9,
                Reference.near(1.8, 0.05));
        receptiveField(report);
    }

    /**
     * The pixels that a unit sees, by hand and by its gradient. A layer of kernel k and stride s widens the field r by (k − 1)·j and
     * multiplies the distance j of neighbouring units by s (Dumoulin and Visin 2016, <em>A guide to convolution arithmetic</em>).
     */
    private static void receptiveField(Report report) {
        int[] kernels = {5, 2, 5, 2};
        int[] strides = {1, 2, 1, 2};
        int field = 1;
        int distance = 1;
        for (int i = 0; i < kernels.length; i++) {
            field += (kernels[i] - 1) * distance;
            distance *= strides[i];
        }
        Module layers = Kawi.withStream(
                0,
                0,
                () -> new Sequential(new Conv2d(1, 4, 5), new AvgPool2d(2), new Conv2d(4, 4, 5), new AvgPool2d(2)));
        Tensor x = Tensor.zeros(1, 1, 28, 28).requiresGrad();
        Tensor unit =
                layers.forward(x).slice(1, 0, 1).slice(2, 1, 2).slice(3, 1, 2).sum();
        float[] seen = Kawi.grad(unit, x).toFloatArray();
        int[] rows = IntStream.range(0, seen.length)
                .filter(i -> seen[i] != 0)
                .map(i -> i / 28)
                .toArray();
        int width =
                Arrays.stream(rows).max().orElse(0) - Arrays.stream(rows).min().orElse(0) + 1;
        report.figure(
                "receptive_field", "rows that a unit of the second pooling sees", width, Reference.exactly(field));
    }
}
