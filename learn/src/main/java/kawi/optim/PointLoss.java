package kawi.optim;

import kawi.tensor.Tensor;

/** A loss ℓ(z, y) of one example as a function of a score z and a target y; convex in z. */
public enum PointLoss {
    /** ln(1 + e^(−yz)), y = ±1. */
    LOGISTIC(0.25) {
        @Override
        public Tensor values(Tensor z, Tensor y) {
            return z.mul(y).neg().softplus();
        }

        @Override
        double derivative(double z, double y) {
            return -y / (1 + Math.exp(y * z));
        }
    },
    /** ½(z − y)². */
    SQUARED(1) {
        @Override
        public Tensor values(Tensor z, Tensor y) {
            return z.sub(y).square().mul(0.5);
        }

        @Override
        double derivative(double z, double y) {
            return z - y;
        }
    };

    private final double curvature;

    PointLoss(double curvature) {
        this.curvature = curvature;
    }

    /** ℓ(z, y), element by element. */
    public abstract Tensor values(Tensor z, Tensor y);

    /** ∂ℓ/∂z. */
    abstract double derivative(double z, double y);

    /** The largest ∂²ℓ/∂z². */
    public double curvature() {
        return curvature;
    }
}
