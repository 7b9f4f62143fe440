package kawi.recipes;

import java.nio.file.Path;
import kawi.data.DataFolder;
import kawi.data.Mnist;
import kawi.models.MnistCnn;
import kawi.nn.Module;
import kawi.optim.Adam;
import kawi.optim.Optimizer;
import kawi.optim.Schedule;
import org.jspecify.annotations.Nullable;

/** The network of PyTorch's MNIST example reaches 99.2 %. */
final class MnistRecipe implements Recipe {
    @Override
    public String name() {
        return "mnist";
    }

    @Override
    public String description() {
        return "the network of PyTorch's example on MNIST; at least 99.2 % (LeNet-5, LeCun et al. 1998: 99.05 %)";
    }

    @Override
    public int epochs() {
        return 4;
    }

    @Override
    public int batchSize() {
        return 64;
    }

    @Override
    public double learningRate() {
        return 1e-3;
    }

    @Override
    public Module model() {
        return new MnistCnn();
    }

    @Override
    public Optimizer optimizer(Module model, double learningRate, long steps) {
        return new Adam(model.parameters(), learningRate).schedule(Schedule.oneCycle(learningRate, steps, 0.3));
    }

    @Override
    public Data load(@Nullable Path folder) {
        Path found = DataFolder.find(Mnist.SOURCE, folder);
        return Data.of(Mnist.train(found), Mnist.test(found), this, 2, 8);
    }

    @Override
    public float mean() {
        return Mnist.MEAN;
    }

    @Override
    public float deviation() {
        return Mnist.DEVIATION;
    }
}
