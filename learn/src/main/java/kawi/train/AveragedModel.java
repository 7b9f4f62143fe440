package kawi.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import kawi.data.Batch;
import kawi.data.Dataset;
import kawi.data.Loader;
import kawi.nn.BatchNorm;
import kawi.nn.Module;
import kawi.optim.Optimizer;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;

/** A model with the average of its weights that an optimiser keeps, and the batch statistics that go with it. */
record AveragedModel(Module model, Optimizer optimizer, int batchSize) {
    /** Does some work with the average in place; weights and statistics of the training are back afterwards. */
    <T> T with(Dataset train, Supplier<T> work) {
        Map<Variable, Tensor> statistics = new LinkedHashMap<>();
        model.state().values().stream()
                .filter(v -> !(v instanceof Parameter))
                .forEach(v -> statistics.put(
                        v, Tensor.of(v.segment(), v.dtype(), v.shape().dims())));
        return optimizer.averaged(() -> {
            try {
                recompute(train);
                return work.get();
            } finally {
                statistics.forEach(Variable::assign);
            }
        });
    }

    /** Leaves the model with the average. */
    void take(Dataset train) {
        optimizer.takeAverage();
        recompute(train);
    }

    /** From all training examples, with random numbers of its own: those of the training stay the same. */
    private void recompute(Dataset train) {
        if (model.modules().values().stream().anyMatch(BatchNorm.class::isInstance)) {
            Loader loader = new Loader(train, batchSize, Key.of(0), false);
            Iterable<Tensor> inputs = () -> StreamSupport.stream(loader.spliterator(), false)
                    .map(Batch::x)
                    .iterator();
            Kawi.withStream(0, 0, () -> {
                BatchNorm.recompute(model, inputs);
                return inputs;
            });
        }
    }
}
