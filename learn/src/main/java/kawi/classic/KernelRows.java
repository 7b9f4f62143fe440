package kawi.classic;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Tensor;

/**
 * Rows of the kernel matrix of some examples, the active ones, computed when asked for and kept while there is room. Products with one example
 * are collected column by column: only what the example has is looked at, and the kernel then is one pass over them.
 */
final class KernelRows {
    private final Kernel kernel;
    private final long capacity;
    private final int examples;
    private final int columns;
    private final int[] pointers;
    private final int[] indices;
    private final float[] values;
    private final float[] norms;
    private final float[] diagonal;
    /** By the number of the example, the least recently used first. */
    private final Map<Integer, float[]> cache = new LinkedHashMap<>(16, 0.75f, true);

    private int[] active = {};
    /** The entries of the active examples column after column; an example is its place among the active. */
    private int[] starts = {};

    private int[] places = {};
    private float[] entries = {};
    private boolean allOnes;
    private Tensor right = Tensor.zeros(1, 0);

    /**
     * All rows of x active.
     *
     * @param capacity how many elements of rows are kept, though never less than two rows
     */
    KernelRows(Kernel kernel, SparseMatrix x, long capacity) {
        SparseMatrix rows = x.toCsr();
        this.kernel = kernel;
        this.capacity = capacity;
        this.examples = rows.rows();
        this.columns = rows.columns();
        this.pointers = rows.pointers();
        this.indices = rows.indices();
        this.values = rows.values().toFloatArray();
        this.norms = new float[examples];
        for (int i = 0; i < examples; i++) {
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                norms[i] += values[e] * values[e];
            }
        }
        // k(x, x) of each example, as [n, 1] with [n, 1]: the columns broadcast to themselves.
        Tensor own = Tensor.of(norms, examples, 1);
        this.diagonal = kernel.of(own, own, own).to(DType.F32).toFloatArray();
        activate(IntStream.range(0, examples).toArray());
    }

    /** k(x, x) of an example. */
    double diagonal(int example) {
        return diagonal[example];
    }

    /** From now on rows run over these examples; what is kept of rows of theirs is kept. */
    void activate(int[] now) {
        int[] placeBefore = new int[examples];
        Arrays.fill(placeBefore, -1);
        for (int a = 0; a < active.length; a++) {
            placeBefore[active[a]] = a;
        }
        boolean fewer = Arrays.stream(now).allMatch(i -> placeBefore[i] >= 0);
        Map<Integer, float[]> kept = new LinkedHashMap<>();
        if (fewer) {
            for (Map.Entry<Integer, float[]> row : cache.entrySet()) {
                float[] shorter = new float[now.length];
                for (int a = 0; a < now.length; a++) {
                    shorter[a] = row.getValue()[placeBefore[now[a]]];
                }
                kept.put(row.getKey(), shorter);
            }
        }
        cache.clear();
        cache.putAll(kept);
        active = now;
        gatherColumns();
    }

    private void gatherColumns() {
        starts = new int[columns + 1];
        for (int i : active) {
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                starts[indices[e] + 1]++;
            }
        }
        Arrays.parallelPrefix(starts, Integer::sum);
        places = new int[starts[columns]];
        entries = new float[starts[columns]];
        allOnes = true;
        float[] squares = new float[active.length];
        int[] next = starts.clone();
        for (int a = 0; a < active.length; a++) {
            int i = active[a];
            squares[a] = norms[i];
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                int at = next[indices[e]]++;
                places[at] = a;
                entries[at] = values[e];
                allOnes &= values[e] == 1;
            }
        }
        right = Tensor.of(squares, 1, active.length);
    }

    /** k of an example with each active one. */
    float[] row(int example) {
        float[] known = cache.get(example);
        if (known != null) {
            return known;
        }
        float[] row = compute(example);
        Iterator<float[]> oldest = cache.values().iterator();
        while (cache.size() >= 2 && (cache.size() + 1L) * active.length > capacity) {
            oldest.next();
            oldest.remove();
        }
        cache.put(example, row);
        return row;
    }

    private float[] compute(int example) {
        float[] dots = new float[active.length];
        for (int e = pointers[example]; e < pointers[example + 1]; e++) {
            int from = starts[indices[e]];
            int to = starts[indices[e] + 1];
            if (allOnes) {
                addOnes(dots, values[e], from, to);
            } else {
                addColumn(dots, values[e], from, to);
            }
        }
        Tensor left = Tensor.of(new float[] {norms[example]}, 1, 1);
        return kernel.of(Tensor.of(dots, 1, dots.length), left, right)
                .to(DType.F32)
                .toFloatArray();
    }

    private void addOnes(float[] dots, float value, int from, int to) {
        for (int e = from; e < to; e++) {
            dots[places[e]] += value;
        }
    }

    private void addColumn(float[] dots, float value, int from, int to) {
        for (int e = from; e < to; e++) {
            dots[places[e]] += value * entries[e];
        }
    }
}
