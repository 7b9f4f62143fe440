package kawi.nn;

import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/**
 * First values of a parameter. Fan-in is the number of inputs to one unit, fan-out the number of units that read one
 * input: for weights {@code [out, in, k…]} they are in·Πk and out·Πk.
 */
@FunctionalInterface
public interface Initializer {
    /** Values of a shape, drawn from the global stream. */
    Tensor of(int... shape);

    /** Zeros. */
    static Initializer zeros() {
        return Tensor::zeros;
    }

    /** Ones. */
    static Initializer ones() {
        return Tensor::ones;
    }

    /** Normal with mean 0 and the given standard deviation. */
    static Initializer normal(double deviation) {
        return shape -> Kawi.nextKey().normal(shape).mul(deviation);
    }

    /** Uniform in [−bound, bound]. */
    static Initializer uniform(double bound) {
        return shape -> Kawi.nextKey().uniform(shape).mul(2 * bound).sub(bound);
    }

    /** Normal with variance 2 / fan-in, which keeps the scale through ReLU (He et al. 2015, "Delving deep into rectifiers"). */
    static Initializer he() {
        return shape -> normal(Math.sqrt(2.0 / fanIn(shape))).of(shape);
    }

    /** Uniform with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010, section 4.2.1). */
    static Initializer xavier() {
        return shape -> uniform(Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape)))).of(shape);
    }

    /** Uniform in ±1/√fan-in: what PyTorch's dense and convolution layers start from. */
    static Initializer fanInUniform() {
        return shape -> uniform(1 / Math.sqrt(fanIn(shape))).of(shape);
    }

    /**
     * Orthonormal rows or columns, whichever are fewer, of the matrix {@code [shape₀, rest]} (Saxe et al. 2014): normal
     * numbers made orthonormal by Gram and Schmidt's method, done twice for accuracy.
     */
    static Initializer orthogonal() {
        return shape -> {
            if (shape.length < 2) {
                throw new KawiException("orthogonal: a matrix is needed, but shape " + Shape.of(shape) + " was given");
            }
            int rows = shape[0];
            int columns = Math.toIntExact(Shape.of(shape).size() / Math.max(1, rows));
            boolean wide = columns >= rows;
            int n = Math.min(rows, columns);
            int length = Math.max(rows, columns);
            double[] q = Kawi.nextKey().normal(kawi.base.DType.F64, n, length).toDoubleArray();
            for (int i = 0; i < n; i++) {
                for (int pass = 0; pass < 2; pass++) {
                    for (int j = 0; j < i; j++) {
                        double dot = 0;
                        for (int k = 0; k < length; k++) {
                            dot += q[i * length + k] * q[j * length + k];
                        }
                        for (int k = 0; k < length; k++) {
                            q[i * length + k] -= dot * q[j * length + k];
                        }
                    }
                }
                double norm = 0;
                for (int k = 0; k < length; k++) {
                    norm += q[i * length + k] * q[i * length + k];
                }
                for (int k = 0; k < length; k++) {
                    q[i * length + k] /= Math.sqrt(norm);
                }
            }
            Tensor m = Tensor.of(q, n, length).to(kawi.base.DType.F32);
            return (wide ? m : m.t()).reshape(shape);
        };
    }

    private static double fanIn(int[] shape) {
        double n = 1;
        for (int i = 1; i < shape.length; i++) {
            n *= shape[i];
        }
        return Math.max(1, n);
    }

    private static double fanOut(int[] shape) {
        double n = shape.length == 0 ? 1 : shape[0];
        for (int i = 2; i < shape.length; i++) {
            n *= shape[i];
        }
        return Math.max(1, n);
    }
}
