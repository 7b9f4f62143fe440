package kawi.linalg;

import kawi.base.KawiException;
import kawi.tensor.Tensor;

/** A product of several matrices, whose cheapest order of multiplication is found by dynamic programming. */
final class ProductChain {
    private final Tensor[] factors;
    private final boolean firstIsVector;
    private final boolean lastIsVector;
    /** Where to split the product of factors i to j. */
    private final int[][] split;

    ProductChain(Tensor... given) {
        int n = given.length;
        if (n == 0) {
            throw new KawiException("multiDot: at least one factor is needed");
        }
        factors = given.clone();
        firstIsVector = n > 1 && factors[0].rank() == 1;
        lastIsVector = n > 1 && factors[n - 1].rank() == 1;
        factors[0] = firstIsVector ? factors[0].unsqueeze(0) : factors[0];
        factors[n - 1] = lastIsVector ? factors[n - 1].unsqueeze(1) : factors[n - 1];
        for (int i = 0; i < n; i++) {
            if (n > 1 && factors[i].rank() != 2) {
                throw new KawiException(
                        "multiDot: factor %d must be a matrix, but has shape %s; batches go through matmul"
                                .formatted(i, factors[i].shape()));
            }
        }
        split = new int[n][n];
        double[][] cost = new double[n][n];
        for (int length = 2; length <= n; length++) {
            for (int i = 0; i + length <= n; i++) {
                int j = i + length - 1;
                cost[i][j] = Double.POSITIVE_INFINITY;
                for (int k = i; k < j; k++) {
                    double c = cost[i][k]
                            + cost[k + 1][j]
                            + (double) factors[i].dim(0) * factors[k].dim(1) * factors[j].dim(1);
                    if (c < cost[i][j]) {
                        cost[i][j] = c;
                        split[i][j] = k;
                    }
                }
            }
        }
    }

    Tensor product() {
        Tensor p = product(0, factors.length - 1);
        p = lastIsVector ? p.squeeze(-1) : p;
        return firstIsVector ? p.squeeze(0) : p;
    }

    private Tensor product(int from, int to) {
        return from == to ? factors[from] : product(from, split[from][to]).matmul(product(split[from][to] + 1, to));
    }
}
