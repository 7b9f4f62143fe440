package kawi.classic;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.linalg.Linalg;
import kawi.tensor.Tensor;

/**
 * The point nearest to the origin in the convex hull of rows (Wolfe 1976, <em>Finding the nearest point in a polytope</em>). It holds a corral of rows such that the
 * point lies within their hull and is nearest in their affine hull, and takes in the row that lies furthest behind the plane at the point, until none does.
 *
 * @param multipliers of each row, from 0 on, together 1
 * @param point Σ multiplier·row, {@code F64}
 * @param isOrigin whether it is 0, to rounding
 */
record NearestInHull(double[] multipliers, Tensor point, boolean isOrigin) {
    /** Lengths below this part of the longest row's are rounding. */
    private static final double ROUNDING = 1e-10;

    static NearestInHull of(Tensor rows) {
        Tensor squares = rows.square().sum(1);
        double longest = squares.max().item();
        int[] corral = {(int) squares.argmin(0).item()};
        double[] weights = {1};
        for (int step = 0; step < 1000 + 10 * rows.dim(0); step++) {
            Tensor point =
                    Tensor.of(weights).matmul(rows.take(0, Tensor.of(corral))).realized();
            double square = point.square().sum().item();
            boolean isOrigin = square <= ROUNDING * ROUNDING * longest;
            Tensor along = rows.matmul(point);
            int next = (int) along.argmin(0).item();
            boolean best = along.select(0, next).item() >= square - ROUNDING * Math.sqrt(square * longest);
            if (isOrigin || best || IntStream.of(corral).anyMatch(c -> c == next)) {
                double[] multipliers = new double[rows.dim(0)];
                for (int k = 0; k < corral.length; k++) {
                    multipliers[corral[k]] = weights[k];
                }
                return new NearestInHull(multipliers, point, isOrigin);
            }
            corral = Arrays.copyOf(corral, corral.length + 1);
            corral[corral.length - 1] = next;
            weights = Arrays.copyOf(weights, corral.length);
            double[] affine = nearestInAffineHull(rows.take(0, Tensor.of(corral)));
            while (Arrays.stream(affine).anyMatch(a -> a <= 0)) {
                int[] left = walk(weights, affine);
                int[] before = corral;
                double[] old = weights;
                corral = IntStream.of(left).map(k -> before[k]).toArray();
                weights = IntStream.of(left).mapToDouble(k -> old[k]).toArray();
                affine = nearestInAffineHull(rows.take(0, Tensor.of(corral)));
            }
            weights = affine;
        }
        throw open();
    }

    private static KawiException open() {
        return new KawiException("Separability: rounding keeps the answer open; scale the features to one range");
    }

    /** Moves weights towards others as far as none falls below 0, and returns the places of those still above. */
    private static int[] walk(double[] weights, double[] to) {
        double part = 1;
        int first = -1;
        for (int k = 0; k < to.length; k++) {
            double reach = to[k] <= 0 ? weights[k] / (weights[k] - to[k]) : 1;
            if (to[k] <= 0 && (first < 0 || reach < part)) {
                part = reach;
                first = k;
            }
        }
        int zero = first;
        for (int k = 0; k < to.length; k++) {
            weights[k] += part * (to[k] - weights[k]);
        }
        return IntStream.range(0, to.length)
                .filter(k -> k != zero && weights[k] > 0)
                .toArray();
    }

    /** The multipliers, together 1, of the point of the rows' affine hull nearest to 0: (11ᵀ + ZZᵀ)v = 1 and v/Σv. */
    private static double[] nearestInAffineHull(Tensor rows) {
        try {
            Tensor v = Linalg.solve(rows.matmul(rows.t()).add(1), Tensor.ones(DType.F64, rows.dim(0)));
            return v.div(v.sum()).toDoubleArray();
        } catch (KawiException singular) {
            throw open();
        }
    }
}
