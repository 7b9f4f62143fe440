package kawi.classic;

import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.tensor.Tensor;

/**
 * A layer of units that fire, 1, where the weighted sum of their inputs reaches their threshold, and are silent, 0, elsewhere (McCulloch and Pitts 1943).
 *
 * @param weights {@code [units, inputs]}
 * @param thresholds {@code [units]}
 */
public record McCullochPitts(Tensor weights, Tensor thresholds) {
    /** What the units do, {@code [n, inputs]} → {@code [n, units]}. */
    public Tensor forward(Tensor x) {
        return Examples.sameWidth("McCullochPitts", x, weights.dim(1))
                .matmul(weights.t())
                .ge(thresholds)
                .to(DType.F32);
    }

    /** Two layers, the second reading the first. */
    public record TwoLayers(McCullochPitts hidden, McCullochPitts output) implements Model {
        @Override
        public Tensor predict(Tensor x) {
            return output.forward(hidden.forward(x)).squeeze(1);
        }

        /**
         * Units for any Boolean function of n inputs, its disjunctive normal form: one hidden unit for each row of inputs for which the function is true, which fires
         * for this row alone (weights 1 where the row has 1, −1 where it has 0, and as threshold the number of its ones), and one that fires where any of them does.
         *
         * @param inputs rows of 0 and 1 {@code [rows, n]}, each once
         * @param outputs 0 or 1 for each {@code [rows]}
         */
        public static TwoLayers of(Tensor inputs, Tensor outputs) {
            Tensor x = Examples.features("McCullochPitts", inputs, 1);
            Tensor y = Examples.targets("McCullochPitts", outputs, x.dim(0));
            double[] truth = y.toDoubleArray();
            Tensor rows = x.take(
                    0,
                    Tensor.of(IntStream.range(0, truth.length)
                            .filter(i -> truth[i] > 0.5)
                            .toArray()));
            McCullochPitts hidden = new McCullochPitts(
                    rows.mul(2).sub(1).realized(), rows.sum(1).realized());
            int units = rows.dim(0);
            return new TwoLayers(hidden, new McCullochPitts(Tensor.ones(1, units), Tensor.ones(1)));
        }
    }
}
