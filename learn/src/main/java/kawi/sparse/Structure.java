package kawi.sparse;

import java.util.Arrays;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Where the entries of a sparse matrix lie, without their values. It has {@link #lines()}, which are rows or columns, as the matrix says:
 * the entries of line i are {@code pointers[i]} to {@code pointers[i + 1] − 1}, and entry e lies at place {@code indices[e]} of its line, 0 to
 * {@code length − 1}. Places ascend within a line, each once. Nobody changes the arrays.
 */
final class Structure {
    final int length;
    final int[] pointers;
    final int[] indices;
    final Tensor pointerTensor;
    final Tensor indexTensor;
    private volatile @Nullable Selection crossed;

    /** Some entries under new numbers: {@code order[e]} is the old number of entry e. */
    record Selection(Structure structure, int[] order) {}

    Structure(int length, int[] pointers, int[] indices) {
        this.length = length;
        this.pointers = pointers;
        this.indices = indices;
        this.pointerTensor = Tensor.of(pointers);
        this.indexTensor = Tensor.of(indices);
    }

    /** With arrays of a user, which are checked and copied. */
    static Structure checked(String line, int lines, int length, int[] pointers, int[] indices) {
        Shape.of(lines, length);
        if (pointers.length != lines + 1 || pointers[0] != 0 || pointers[lines] != indices.length) {
            throw new KawiException(
                    "sparse: pointers of %d %ss and %d indices are %d numbers from 0 to %d, but there are %d%s"
                            .formatted(
                                    lines,
                                    line,
                                    indices.length,
                                    lines + 1,
                                    indices.length,
                                    pointers.length,
                                    pointers.length == 0
                                            ? ""
                                            : ", from %d to %d".formatted(pointers[0], pointers[pointers.length - 1])));
        }
        for (int i = 0; i < lines; i++) {
            if (pointers[i] > pointers[i + 1]) {
                throw new KawiException("sparse: pointers must not decrease, but those of %s %d are %d and %d"
                        .formatted(line, i, pointers[i], pointers[i + 1]));
            }
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                int before = e == pointers[i] ? -1 : indices[e - 1];
                if (indices[e] <= before || indices[e] >= length) {
                    throw new KawiException(
                            ("sparse: the indices of a %s ascend from 0 to %d at most, each once, but in %s %d there is %d%s;"
                                            + " coo sorts, and adds what is double")
                                    .formatted(
                                            line,
                                            length - 1,
                                            line,
                                            i,
                                            indices[e],
                                            before < 0 ? "" : " after " + before));
                }
            }
        }
        return new Structure(length, pointers.clone(), indices.clone());
    }

    int lines() {
        return pointers.length - 1;
    }

    int entries() {
        return indices.length;
    }

    /** The line of each entry. */
    int[] lineOfEntries() {
        int[] line = new int[entries()];
        for (int i = 0; i < lines(); i++) {
            Arrays.fill(line, pointers[i], pointers[i + 1], i);
        }
        return line;
    }

    /** The same entries numbered along the places; found once. */
    Selection crossed() {
        Selection known = crossed;
        if (known == null) {
            known = cross();
            crossed = known;
        }
        return known;
    }

    /** A counting sort, which is stable: so lines ascend within a place. */
    private Selection cross() {
        int[] to = new int[length + 1];
        for (int p : indices) {
            to[p + 1]++;
        }
        for (int p = 0; p < length; p++) {
            to[p + 1] += to[p];
        }
        int[] next = to.clone();
        int[] lines = new int[entries()];
        int[] order = new int[entries()];
        for (int i = 0; i < lines(); i++) {
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                int at = next[indices[e]]++;
                lines[at] = i;
                order[at] = e;
            }
        }
        return new Selection(new Structure(lines(), to, lines), order);
    }

    /** The lines of the given numbers, in that order. */
    Selection take(int... numbers) {
        int[] to = new int[numbers.length + 1];
        for (int k = 0; k < numbers.length; k++) {
            int i = numbers[k];
            if (i < 0 || i >= lines()) {
                throw new KawiException("take: row %d at position %d does not exist; rows run from 0 to %d"
                        .formatted(i, k, lines() - 1));
            }
            to[k + 1] = Math.addExact(to[k], pointers[i + 1] - pointers[i]);
        }
        int[] places = new int[to[numbers.length]];
        int[] order = new int[places.length];
        for (int k = 0; k < numbers.length; k++) {
            for (int e = pointers[numbers[k]], at = to[k]; at < to[k + 1]; e++, at++) {
                places[at] = indices[e];
                order[at] = e;
            }
        }
        return new Selection(new Structure(length, to, places), order);
    }
}
