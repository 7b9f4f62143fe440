package kawi.bench;

import kawi.nn.Linear;
import kawi.nn.Module;
import kawi.tensor.Tensor;

/** A multilayer perceptron of the size that small problems start with: 784-256-128-10. */
final class Mlp extends Module {
    final Linear hidden1 = new Linear(784, 256);
    final Linear hidden2 = new Linear(256, 128);
    final Linear output = new Linear(128, 10);

    @Override
    public Tensor forward(Tensor x) { // (N, 784)
        x = hidden1.forward(x).relu(); // (N, 256)
        x = hidden2.forward(x).relu(); // (N, 128)
        return output.forward(x); // (N, 10)
    }
}
