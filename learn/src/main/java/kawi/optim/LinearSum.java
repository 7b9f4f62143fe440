package kawi.optim;

import java.util.Arrays;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/**
 * A finite sum of the losses of examples under a linear model,
 *
 * <pre>
 *   f(w) = 1/n Σᵢ ℓ(xᵢᵀw, yᵢ) + λ/2·‖w‖²
 * </pre>
 *
 * in double precision. {@link #loss} is f as a function of tensors, for {@link Minimizer}; {@link FiniteSumMethod} takes the examples one by one.
 */
public final class LinearSum {
    private final SparseMatrix x;
    private final Tensor y;
    private final PointLoss loss;
    private final double lambda;

    final int[] pointers;
    final int[] columns;
    final double[] values;
    private final double[] targets;

    /**
     * A sum over rows.
     *
     * @param x one example a row, {@code [n, d]}
     * @param y targets {@code [n]}; ±1 for {@link PointLoss#LOGISTIC}
     * @param lambda λ ≥ 0
     */
    public LinearSum(SparseMatrix x, Tensor y, PointLoss loss, double lambda) {
        if (!y.shape().equals(Shape.of(x.rows())) || x.rows() == 0 || !(lambda >= 0) || Double.isInfinite(lambda)) {
            throw new KawiException(
                    "LinearSum: rows [n, d], targets [n], n from 1 on, and λ from 0 on are needed, but %s, %s and %s were given"
                            .formatted(x.shape(), y.shape(), lambda));
        }
        SparseMatrix rows = x.toCsr();
        this.x = rows.withValues(rows.values().to(DType.F64).realized());
        this.y = y.to(DType.F64).realized();
        this.loss = loss;
        this.lambda = lambda;
        this.pointers = rows.pointers();
        this.columns = rows.indices();
        this.values = this.x.values().toDoubleArray();
        this.targets = this.y.toDoubleArray();
        boolean signs = Arrays.stream(targets).allMatch(t -> Math.abs(t) == 1);
        if (loss == PointLoss.LOGISTIC && !signs) {
            throw new KawiException(
                    "LinearSum: the logistic loss needs targets −1 and 1; for classes 0 and 1 give y.mul(2).sub(1)");
        }
    }

    /** f(w) for {@code w [d]}. */
    public Tensor loss(Tensor w) {
        Tensor data = loss.values(x.matmul(w), y).mean();
        return data.add(w.square().sum().mul(0.5 * lambda));
    }

    /** n. */
    public int size() {
        return x.rows();
    }

    /** d. */
    public int dimensions() {
        return x.columns();
    }

    /** λ, which makes f strongly convex. */
    public double lambda() {
        return lambda;
    }

    /** L = max ℓ″·max ‖xᵢ‖² + λ: every example's loss has an L-Lipschitz gradient. */
    public double smoothness() {
        double largest = 0;
        for (int i = 0; i < size(); i++) {
            double square = 0;
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                square += values[e] * values[e];
            }
            largest = Math.max(largest, square);
        }
        return loss.curvature() * largest + lambda;
    }

    /** ∂ℓ/∂z of example i at score z. */
    double derivative(int i, double z) {
        return loss.derivative(z, targets[i]);
    }

    /** xᵢᵀw. */
    double score(int i, double[] w) {
        double z = 0;
        for (int e = pointers[i]; e < pointers[i + 1]; e++) {
            z += values[e] * w[columns[e]];
        }
        return z;
    }

    /** Adds a·xᵢ to a vector. */
    void add(int i, double a, double[] to) {
        for (int e = pointers[i]; e < pointers[i + 1]; e++) {
            to[columns[e]] += a * values[e];
        }
    }
}
