package kawi.classic;

import java.util.ArrayList;
import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Bootstrap aggregating: models of samples of the training data, each of as many examples drawn with replacement (Breiman 1996, <em>Bagging predictors</em>), to be
 * joined by {@link Voting} or {@link Averaging}. What varies from sample to sample mostly cancels.
 */
public final class Bagging {
    private Bagging() {}

    /**
     * Learns from bootstrap samples. One in which all targets are equal although they are not in the data, as happens where a class is rare, is drawn again: there
     * is nothing to be learnt from it.
     *
     * @param learner learns from one sample, such as {@code (x, y) -> DecisionTree.fit(x, y, 8)}
     * @param x {@code [n, features]}
     * @param y labels or numbers {@code [n]}
     * @param count how many models
     */
    public static List<Model> fit(Learner learner, Tensor x, Tensor y, int count, Key key) {
        Tensor rows = Examples.features("Bagging", x, 1);
        Examples.targets("Bagging", y, rows.dim(0));
        if (count < 1) {
            throw new KawiException("Bagging: at least 1 model is needed, but " + count + " were asked for");
        }
        boolean differ = !same(y);
        List<Model> models = new ArrayList<>();
        for (int m = 0; m < count; m++) {
            Tensor drawn = sample(rows.dim(0), key.fold(m));
            for (int again = 1; differ && same(y.take(0, drawn)); again++) {
                drawn = sample(rows.dim(0), key.fold(m).fold(again));
            }
            models.add(
                    learner.fit(rows.take(0, drawn).realized(), y.take(0, drawn).realized()));
        }
        return models;
    }

    private static boolean same(Tensor y) {
        return y.eq(y.slice(0, 0, 1)).all().item() != 0;
    }

    /** n numbers from 0 to n − 1, drawn with replacement, {@code I64 [n]}. */
    public static Tensor sample(int n, Key key) {
        return key.uniform(DType.F64, n).mul(n).floor().to(DType.I64);
    }
}
