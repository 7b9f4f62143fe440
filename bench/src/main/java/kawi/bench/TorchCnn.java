package kawi.bench;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The network of PyTorch's MNIST example in libtorch, with its own Adam. */
final class TorchCnn {
    private final Tensor[] p;
    private final Adam adam;

    /** Weights and biases of conv1, conv2, fc1, fc2 in this order, and their shapes. */
    TorchCnn(List<float[]> weights, List<long[]> shapes, double learningRate) {
        p = new Tensor[weights.size()];
        TensorVector all = new TensorVector();
        for (int i = 0; i < p.length; i++) {
            p[i] = Tensor.create(weights.get(i), shapes.get(i)).requires_grad_(true);
            all.push_back(p[i]);
        }
        adam = new Adam(all, new AdamOptions(learningRate));
    }

    private Tensor forward(Tensor x, boolean dropout) {
        long[] one = {1, 1};
        long[] none = {0, 0};
        Tensor h = torch.relu(torch.conv2d(x, p[0], new TensorOptional(p[1]), one, none, one, 1));
        h = torch.relu(torch.conv2d(h, p[2], new TensorOptional(p[3]), one, none, one, 1));
        h = torch.max_pool2d(h, 2, 2);
        h = torch.flatten(dropout ? torch.dropout(h, 0.25, true) : h, 1, -1);
        h = torch.relu(torch.linear(h, p[4], new TensorOptional(p[5])));
        h = dropout ? torch.dropout(h, 0.5, true) : h;
        return torch.linear(h, p[6], new TensorOptional(p[7]));
    }

    /** One step of Adam on a batch of 28 × 28 images; the loss before it. */
    float step(float[] x, long[] y, boolean dropout) {
        try (PointerScope scope = new PointerScope()) {
            Tensor images = Tensor.create(x, y.length, 1, 28, 28);
            Tensor labels = Tensor.create(y, y.length);
            adam.zero_grad();
            Tensor loss = torch.cross_entropy_loss(forward(images, dropout), labels);
            loss.backward();
            adam.step();
            return loss.item_float();
        }
    }
}
