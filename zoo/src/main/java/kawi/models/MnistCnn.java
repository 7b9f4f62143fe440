package kawi.models;

import kawi.nn.Conv2d;
import kawi.nn.Dropout;
import kawi.nn.Linear;
import kawi.nn.Module;
import kawi.tensor.Tensor;

/** The convolutional network of PyTorch's MNIST example: two convolutions, pooling, two dense layers; 1,199,882 parameters. */
public final class MnistCnn extends Module {
    final Conv2d conv1 = new Conv2d(1, 32, 3);
    final Conv2d conv2 = new Conv2d(32, 64, 3);
    final Dropout dropout1 = new Dropout(0.25);
    final Linear fc1 = new Linear(9216, 128);
    final Dropout dropout2 = new Dropout(0.5);
    final Linear fc2 = new Linear(128, 10);

    @Override
    public Tensor forward(Tensor x) { // (N, 1, 28, 28)
        x = conv1.forward(x).relu(); // (N, 32, 26, 26)
        x = conv2.forward(x).relu().maxPool2d(2, 2, 0); // (N, 64, 12, 12)
        x = dropout1.forward(x).flatten(1, -1); // (N, 9216)
        x = dropout2.forward(fc1.forward(x).relu()); // (N, 128)
        return fc2.forward(x); // (N, 10)
    }
}
