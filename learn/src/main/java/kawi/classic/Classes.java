package kawi.classic;

import java.util.Arrays;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * The labels of classes, which are whole numbers in any order, such as −1 and 1 or 3, 5 and 7, as numbers from 0.
 *
 * @param values the label of each class, ascending
 * @param of the class of each example
 * @param dtype what labels are given as
 */
record Classes(double[] values, int[] of, DType dtype) {
    /** The classes of labels {@code [n]}; there are at least two. */
    static Classes of(String what, Tensor y, int n) {
        double[] labels = Examples.targets(what, y, n).toDoubleArray();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != Math.rint(labels[i])) {
                throw new KawiException("%s: labels are whole numbers, but that of example %d is %s; number the classes"
                        .formatted(what, i, labels[i]));
            }
        }
        double[] values =
                Arrays.stream(labels).map(v -> v + 0.0).sorted().distinct().toArray(); // −0 becomes 0
        if (values.length < 2) {
            throw new KawiException("%s: there must be examples of two classes at least, but %s"
                    .formatted(
                            what,
                            n == 0 ? "there is none" : "all %d have the label %s".formatted(n, (long) values[0])));
        }
        return new Classes(
                values,
                Arrays.stream(labels)
                        .mapToInt(v -> Arrays.binarySearch(values, v + 0.0))
                        .toArray(),
                y.dtype());
    }

    int count() {
        return values.length;
    }

    /** The class of each example, {@code I64 [n]}. */
    Tensor numbers() {
        return Tensor.of(Arrays.stream(of).asLongStream().toArray());
    }

    /** The label of each class, of the type that labels were given as. */
    Tensor labels() {
        return Tensor.of(values).to(dtype);
    }
}
