package kawi.classic;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Whether a plane separates two classes, with a proof either way. With zᵢ = yᵢ·(xᵢ, 1), y as −1 and 1, exactly one of two things is possible (Gordan 1873): a plane
 * w with ⟨w, zᵢ⟩ &gt; 0 for all i, or multipliers λ ≥ 0, Σλ = 1, with Σλᵢzᵢ = 0, which say that the hulls of the classes meet. The point of the hull of the zᵢ nearest
 * to 0 decides: it is such a w, or it is 0 itself.
 */
public sealed interface Separability {
    /**
     * A plane between the classes: ⟨weights, x⟩ + bias is above 0 for the larger label and below for the other.
     *
     * @param weights {@code [features]}, {@code F64}
     * @param margin the least |⟨weights, x⟩ + bias| over the examples, with (weights, bias) of length 1
     */
    record Plane(Tensor weights, double bias, double margin) implements Separability {}

    /**
     * A point of both hulls, which no plane can have on both sides.
     *
     * @param multipliers of each example, from 0 on; those of each class add up to 1 {@code [n]}, {@code F64}
     * @param point Σ multiplier·x over the one class, and over the other {@code [features]}, {@code F64}
     */
    record Meeting(Tensor multipliers, Tensor point) implements Separability {}

    /**
     * Decides.
     *
     * @param x {@code [n, features]}
     * @param y labels of two classes {@code [n]}
     */
    static Separability of(Tensor x, Tensor y) {
        Tensor rows = Examples.features("Separability", x, 2).to(DType.F64);
        Classes classes = Classes.of("Separability", y, rows.dim(0));
        if (classes.count() != 2) {
            throw new KawiException(
                    "Separability: a plane has two sides, but there are %d classes; compare two at a time"
                            .formatted(classes.count()));
        }
        Tensor larger = classes.numbers().to(DType.F64);
        Tensor signs = larger.mul(2).sub(1).unsqueeze(1);
        // The answer is the same wherever the examples lie and however large they are, but the arithmetic is not.
        Tensor middle = rows.max(0).mul(0.5).add(rows.min(0).mul(0.5)).realized();
        double reach = rows.sub(middle).abs().max().item();
        double size = reach > 0 ? reach : 1;
        Tensor ones = Tensor.ones(DType.F64, rows.dim(0), 1);
        Tensor z = Tensor.concat(1, rows.sub(middle).div(size), ones).mul(signs).realized();
        NearestInHull nearest = NearestInHull.of(z);
        if (nearest.isOrigin()) {
            Tensor twice =
                    Tensor.of(nearest.multipliers()).mul(2).realized(); // the last column of z: each class has half
            return new Meeting(twice, twice.mul(larger).matmul(rows).realized());
        }
        int features = rows.dim(1);
        Tensor w = nearest.point().slice(0, 0, features).div(size);
        Tensor bias = nearest.point().select(0, features).sub(w.mul(middle).sum());
        Tensor length = w.square().sum().add(bias.square()).sqrt();
        return new Plane(
                w.div(length).realized(),
                bias.div(length).item(),
                z.matmul(nearest.point()).min().div(length).item());
    }
}
