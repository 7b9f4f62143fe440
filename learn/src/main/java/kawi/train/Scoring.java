package kawi.train;

import java.util.function.BinaryOperator;
import kawi.base.DType;
import kawi.data.Batch;
import kawi.data.Dataset;
import kawi.data.Loader;
import kawi.nn.Module;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/** How well a model does on a data set. */
final class Scoring {
    private static final int BATCH = 500;

    private Scoring() {}

    /** Of the model as it is, without training behaviour; afterwards it behaves as before. */
    static Trainer.Score of(Module model, BinaryOperator<Tensor> loss, Dataset dataset) {
        boolean training = model.training();
        model.eval();
        try {
            double lossSum = 0;
            long correct = 0;
            for (Batch b : new Loader(dataset, BATCH, Key.of(0), false)) {
                Tensor output = model.forward(b.x());
                Tensor l = loss.apply(output, b.y());
                Tensor hits = hits(output, b.y());
                Kawi.realize(l, hits);
                lossSum += l.item() * b.size();
                correct += (long) hits.item();
            }
            return new Trainer.Score(lossSum / dataset.size(), (double) correct / dataset.size());
        } finally {
            if (training) {
                model.train();
            }
        }
    }

    /** How many examples are predicted right; 0 where the targets are no classes. */
    static Tensor hits(Tensor output, Tensor target) {
        boolean classes = target.dtype() == DType.I64 && target.rank() == 1 && output.rank() == 2;
        return classes ? output.argmax(1).eq(target).sum() : Tensor.scalar(0);
    }
}
