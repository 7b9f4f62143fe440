package kawi.recipes;

import java.util.Arrays;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/** How far tensors are apart. */
final class Closeness {
    private Closeness() {}

    /** max|gotᵢ − wantedᵢ| / max|wantedᵢ|, or the difference itself where all wanted are 0; NaN where one is NaN. */
    static double relativeError(Tensor got, Tensor wanted) {
        if (!got.shape().equals(wanted.shape())) {
            throw new KawiException("found shape %s where %s was wanted".formatted(got.shape(), wanted.shape()));
        }
        double[] g = got.toDoubleArray();
        double[] w = wanted.toDoubleArray();
        double difference = 0;
        double size = 0;
        for (int i = 0; i < w.length; i++) {
            difference = Math.max(difference, Math.abs(g[i] - w[i]));
            size = Math.max(size, Math.abs(w[i]));
        }
        return size > 0 ? difference / size : difference;
    }

    /** The exponent b of the power law y = a·xᵇ that fits best: least squares on the logarithms. */
    static double slope(double[] x, double[] y) {
        double[] lx = Arrays.stream(x).map(Math::log).toArray();
        double[] ly = Arrays.stream(y).map(Math::log).toArray();
        double mx = Arrays.stream(lx).average().orElseThrow();
        double my = Arrays.stream(ly).average().orElseThrow();
        double xy = 0;
        double xx = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (lx[i] - mx) * (ly[i] - my);
            xx += (lx[i] - mx) * (lx[i] - mx);
        }
        return xy / xx;
    }
}
