package kawi.recipes;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import kawi.data.Batch;
import kawi.data.GreyImages;
import kawi.data.ImageDataset;
import kawi.data.Mnist;
import kawi.nn.Activation;
import kawi.nn.Flatten;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.nn.Sequential;
import kawi.optim.Optimizer;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/** The first images of MNIST, all test images, and a small network on them that starts the same for every optimiser. */
record SmallMnist(Batch train, Batch test) {
    static SmallMnist of(Report report, int images) {
        Path folder = report.data(Mnist.SOURCE);
        GreyImages train = Mnist.train(folder);
        return new SmallMnist(all(train.range(0, Math.min(images, train.count()))), all(Mnist.test(folder)));
    }

    private static Batch all(GreyImages images) {
        return new ImageDataset(images, Mnist.MEAN, Mnist.DEVIATION, null)
                .batch(IntStream.range(0, images.count()).toArray(), Key.of(0));
    }

    /** The losses of the steps of a training, and the share of the test images that are then named right. */
    record Outcome(double[] losses, double accuracy) {}

    /** Trains from the same weights on the same batches, whatever the method. */
    Outcome fit(int epochs, int batch, Function<List<Parameter>, Optimizer> method) {
        Module model = Kawi.withStream(
                1, 0, () -> new Sequential(new Flatten(), new Linear(784, 32), Activation.relu(), new Linear(32, 10)));
        Optimizer optimizer = method.apply(model.parameters());
        int batches = train.size() / batch;
        double[] losses = new double[epochs * batches];
        for (int k = 0; k < losses.length; k++) {
            Tensor order = Key.of(2).fold(k / batches).permutation(train.size());
            Tensor places = order.narrow(0, k % batches * batch, batch);
            Tensor output = model.forward(train.x().take(0, places));
            Tensor loss = Losses.crossEntropy(output, train.y().take(0, places));
            if (!optimizer.step(loss, new Tensor[0])) {
                return new Outcome(Arrays.copyOf(losses, k), 0);
            }
            losses[k] = loss.item();
        }
        Tensor right = model.forward(test.x()).argmax(1).eq(test.y());
        return new Outcome(losses, right.to(train.x().dtype()).mean().item());
    }

    /** The means of the last so many losses. */
    static double[] smooth(double[] losses, int window) {
        double[] mean = new double[losses.length];
        for (int k = 0; k < mean.length; k++) {
            mean[k] = Arrays.stream(losses, Math.max(0, k + 1 - window), k + 1)
                    .average()
                    .orElse(Double.NaN);
        }
        return mean;
    }
}
