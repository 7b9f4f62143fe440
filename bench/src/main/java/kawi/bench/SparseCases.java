package kawi.bench;

import java.util.Arrays;
import java.util.List;
import kawi.bench.Case.Work;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/** Products of a sparse matrix of the size of a9a (32,561 examples, 123 features, 14 of them set), beside loops by hand. */
final class SparseCases {
    private static final int ROWS = 32_561;
    private static final int COLUMNS = 123;
    private static final int SET = 14;

    private SparseCases() {}

    static List<Case> all() {
        return List.of(product("sparse-by-vector", false), product("sparse-transposed-by-vector", true));
    }

    private static Case product(String name, boolean transposed) {
        double entryBytes = 4 + 4; // value and column; the vectors stay in cache
        return Case.beside(
                "sparse",
                name,
                Work.bytes(ROWS * (SET * entryBytes + 4 + 4)),
                1e-5,
                in -> {
                    SparseMatrix x = matrix(in);
                    SparseMatrix used = transposed ? x.t() : x;
                    Tensor v = in.floats(transposed ? ROWS : COLUMNS);
                    return _ -> List.of(used.matmul(v));
                },
                in -> {
                    SparseMatrix x = matrix(in);
                    float[] v = in.floats(transposed ? ROWS : COLUMNS).toFloatArray();
                    float[] values = x.values().toFloatArray();
                    int[] pointers = x.pointers();
                    int[] columns = x.indices();
                    return _ -> List.of(Tensor.of(
                            transposed
                                    ? transposedByHand(pointers, columns, values, v)
                                    : byHand(pointers, columns, values, v)));
                });
    }

    /** In each row columns at random distances, which add up to less than all columns. */
    private static SparseMatrix matrix(Inputs in) {
        int[] steps = in.integers(COLUMNS / SET, ROWS * SET).toIntArray();
        int[] columns = new int[steps.length];
        for (int e = 0; e < columns.length; e++) {
            columns[e] = e % SET == 0 ? steps[e] : columns[e - 1] + 1 + steps[e] % (COLUMNS / SET - 1);
        }
        int[] pointers = new int[ROWS + 1];
        Arrays.setAll(pointers, r -> r * SET);
        return SparseMatrix.csr(ROWS, COLUMNS, pointers, columns, in.floats(columns.length));
    }

    private static float[] byHand(int[] pointers, int[] columns, float[] values, float[] v) {
        float[] result = new float[pointers.length - 1];
        for (int r = 0; r < result.length; r++) {
            float sum = 0;
            for (int e = pointers[r]; e < pointers[r + 1]; e++) {
                sum += values[e] * v[columns[e]];
            }
            result[r] = sum;
        }
        return result;
    }

    private static float[] transposedByHand(int[] pointers, int[] columns, float[] values, float[] v) {
        float[] result = new float[COLUMNS];
        for (int r = 0; r < v.length; r++) {
            for (int e = pointers[r]; e < pointers[r + 1]; e++) {
                result[columns[e]] += values[e] * v[r];
            }
        }
        return result;
    }
}
