package kawi.models;

import kawi.nn.Conv2d;
import kawi.nn.Linear;
import kawi.nn.Module;
import kawi.tensor.Tensor;

/**
 * A small network of the kind of LeNet-5 (LeCun et al. 1998, section II.B), with ReLU and maximum pooling in the place of
 * sigmoids and averages: two convolutions 5×5, two dense layers; 80,202 parameters.
 */
public final class LeNet extends Module {
    final Conv2d conv1 = new Conv2d(1, 16, 5);
    final Conv2d conv2 = new Conv2d(16, 32, 5);
    final Linear fc1 = new Linear(512, 128);
    final Linear fc2 = new Linear(128, 10);

    @Override
    public Tensor forward(Tensor x) { // (N, 1, 28, 28)
        x = conv1.forward(x).maxPool2d(2, 2, 0).relu(); // (N, 16, 12, 12)
        x = conv2.forward(x).maxPool2d(2, 2, 0).relu(); // (N, 32, 4, 4)
        x = fc1.forward(x.flatten(1, -1)).relu(); // (N, 128)
        return fc2.forward(x); // (N, 10)
    }
}
