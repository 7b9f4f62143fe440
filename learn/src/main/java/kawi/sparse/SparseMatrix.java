package kawi.sparse;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Sparse;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A matrix {@code [rows, columns]} of which only some entries are stored; immutable. Its structure, where the entries lie, is fixed; their
 * values are a tensor ({@code F32} or {@code F64}), and everything is differentiable with respect to it, to any order.
 *
 * <p>Entries are numbered row after row ({@link Layout#CSR}) or column after column ({@link Layout#CSC}); a matrix means the same in either
 * layout. A product runs along rows where entries lie that way, and otherwise collects sums for all rows; its derivative with respect to the
 * dense side is the other of the two, so neither needs a second index. Rows are taken from a CSR matrix; a CSC matrix is first converted, once.
 */
public final class SparseMatrix {
    /** How the entries are numbered. */
    public enum Layout {
        /** Compressed sparse rows: row after row. */
        CSR,
        /** Compressed sparse columns: column after column. */
        CSC
    }

    private final Layout layout;
    /** Its lines are the rows in CSR, the columns in CSC. */
    private final Structure structure;

    private final Tensor values;
    private volatile @Nullable SparseMatrix converted;

    private SparseMatrix(Layout layout, Structure structure, Tensor values) {
        if (!values.dtype().isFloat() || !values.shape().equals(Shape.of(structure.entries()))) {
            throw new KawiException("sparse: %d entries have floating-point values [%d], but %s%s was given"
                    .formatted(structure.entries(), structure.entries(), values.dtype(), values.shape()));
        }
        this.layout = layout;
        this.structure = structure;
        this.values = values;
    }

    // Making

    /**
     * From coordinates in any order: the value {@code values[e]} at row {@code i[e]} and column {@code j[e]}. Values at the same place add up.
     */
    public static SparseMatrix coo(int rows, int columns, int[] i, int[] j, Tensor values) {
        if (i.length != j.length || !values.shape().equals(Shape.of(i.length))) {
            throw new KawiException("coo: rows, columns and values must be of one number, but are %d, %d and %s"
                    .formatted(i.length, j.length, values.shape()));
        }
        Shape shape = Shape.of(rows, columns);
        long[] places = new long[i.length];
        for (int e = 0; e < i.length; e++) {
            if (i[e] < 0 || i[e] >= rows || j[e] < 0 || j[e] >= columns) {
                throw new KawiException("coo: entry %d lies in row %d and column %d, but the matrix is %s"
                        .formatted(e, i[e], j[e], shape));
            }
            places[e] = (long) i[e] * columns + j[e];
        }
        long[] distinct = Arrays.stream(places).sorted().distinct().toArray();
        int[] slots = Arrays.stream(places)
                .mapToInt(p -> Arrays.binarySearch(distinct, p))
                .toArray();
        Tensor sums = values.size() == 0
                ? values
                : Tensor.zeros(values.dtype(), distinct.length).scatterAdd(0, Tensor.of(slots), values);
        return new SparseMatrix(Layout.CSR, atPlaces(rows, columns, distinct), sums.realized());
    }

    /** The structure of entries at ascending row-major places. */
    private static Structure atPlaces(int rows, int columns, long[] places) {
        int[] pointers = new int[rows + 1];
        int[] indices = new int[places.length];
        for (int e = 0; e < places.length; e++) {
            pointers[(int) (places[e] / columns) + 1]++;
            indices[e] = (int) (places[e] % columns);
        }
        Arrays.parallelPrefix(pointers, Integer::sum);
        return new Structure(columns, pointers, indices);
    }

    /**
     * From the arrays of compressed rows: row i has the entries {@code pointers[i]} to {@code pointers[i + 1] − 1}, whose columns
     * {@code indices[e]} ascend.
     */
    public static SparseMatrix csr(int rows, int columns, int[] pointers, int[] indices, Tensor values) {
        return new SparseMatrix(Layout.CSR, Structure.checked("row", rows, columns, pointers, indices), values);
    }

    /** From the arrays of compressed columns; rows ascend within a column. */
    public static SparseMatrix csc(int rows, int columns, int[] pointers, int[] indices, Tensor values) {
        return new SparseMatrix(Layout.CSC, Structure.checked("column", columns, rows, pointers, indices), values);
    }

    /** The elements of a matrix that are not 0 (and NaN). The matrix is read now; the values stay differentiable with respect to it. */
    public static SparseMatrix fromDense(Tensor a) {
        if (a.rank() != 2) {
            throw new KawiException("fromDense: a matrix [m, n] is needed, but the tensor has shape " + a.shape());
        }
        double[] all = a.toDoubleArray();
        int[] places = IntStream.range(0, all.length).filter(p -> all[p] != 0).toArray();
        Structure structure = atPlaces(
                a.dim(0), a.dim(1), Arrays.stream(places).asLongStream().toArray());
        return new SparseMatrix(
                Layout.CSR, structure, a.flatten().take(0, Tensor.of(places)).realized());
    }

    // What it is

    /** Number of rows. */
    public int rows() {
        return layout == Layout.CSR ? structure.lines() : structure.length;
    }

    /** Number of columns. */
    public int columns() {
        return layout == Layout.CSR ? structure.length : structure.lines();
    }

    /** {@code [rows, columns]}. */
    public Shape shape() {
        return Shape.of(rows(), columns());
    }

    /** Number of stored entries, zeros among them counted. */
    public int entries() {
        return structure.entries();
    }

    /** Type of the values. */
    public DType dtype() {
        return values.dtype();
    }

    /** How the entries are numbered. */
    public Layout layout() {
        return layout;
    }

    /** The values of the entries, {@code [entries]}. */
    public Tensor values() {
        return values;
    }

    /** Where each row (CSR) or column (CSC) begins, and after the last where it ends; a copy. */
    public int[] pointers() {
        return structure.pointers.clone();
    }

    /** The column (CSR) or row (CSC) of each entry; a copy. */
    public int[] indices() {
        return structure.indices.clone();
    }

    /** The same structure with other values {@code [entries]}. */
    public SparseMatrix withValues(Tensor others) {
        return new SparseMatrix(layout, structure, others);
    }

    // Layouts

    /** The transpose, which is this in the other layout: nothing is copied. */
    public SparseMatrix t() {
        return new SparseMatrix(layout == Layout.CSR ? Layout.CSC : Layout.CSR, structure, values);
    }

    /** This matrix with entries numbered row after row. */
    public SparseMatrix toCsr() {
        return in(Layout.CSR);
    }

    /** This matrix with entries numbered column after column. */
    public SparseMatrix toCsc() {
        return in(Layout.CSC);
    }

    private SparseMatrix in(Layout wanted) {
        if (layout == wanted) {
            return this;
        }
        SparseMatrix known = converted;
        if (known == null) {
            Structure.Selection crossed = structure.crossed();
            Tensor reordered = values.take(0, Tensor.of(crossed.order()));
            try {
                reordered = reordered.realized(); // once, not in each product
            } catch (KawiException e) {
                // in a function that is batched or recorded values cannot be read, and what cannot be computed fails
                // where it is
            }
            known = new SparseMatrix(wanted, crossed.structure(), reordered);
            converted = known;
        }
        return known;
    }

    /** All elements, {@code [rows, columns]}. */
    public Tensor toDense() {
        Tensor zeros = Tensor.zeros(dtype(), Math.multiplyExact(rows(), columns()));
        return zeros.scatterAdd(0, Tensor.of(places()), values).reshape(rows(), columns());
    }

    /** The row-major place of each entry. */
    private int[] places() {
        int[] line = structure.lineOfEntries();
        boolean byRow = layout == Layout.CSR;
        return IntStream.range(0, entries())
                .map(e ->
                        byRow ? line[e] * columns() + structure.indices[e] : structure.indices[e] * columns() + line[e])
                .toArray();
    }

    // Products

    /** The product with a vector {@code [columns]} → {@code [rows]} or a matrix {@code [columns, k]} → {@code [rows, k]}. */
    public Tensor matmul(Tensor x) {
        if (x.rank() < 1 || x.rank() > 2 || x.dim(0) != columns()) {
            throw new KawiException(
                    "matmul: a sparse matrix %s takes a vector [%d] or a matrix [%d, k], but the other has shape %s"
                            .formatted(shape(), columns(), columns(), x.shape()));
        }
        DType type = DType.promote(dtype(), x.dtype());
        Tensor matrix = (x.rank() == 1 ? x.unsqueeze(1) : x).to(type);
        Tensor product = Tensor.apply(
                layout == Layout.CSR ? new Sparse.MatMul() : new Sparse.TransposedMatMul(rows()),
                structure.pointerTensor,
                structure.indexTensor,
                values.to(type),
                matrix);
        return x.rank() == 1 ? product.squeeze(1) : product;
    }

    /** This matrix times a number. */
    public SparseMatrix mul(double factor) {
        return withValues(values.mul(factor));
    }

    /**
     * The elementwise product with a dense matrix that broadcasts to {@code [rows, columns]}, which has this matrix's structure, whatever lies elsewhere:
     * {@code [rows, 1]} scales rows, {@code [columns]} or {@code [1, columns]} scales columns.
     */
    public SparseMatrix mul(Tensor dense) {
        Shape s = dense.shape();
        if (!Objects.equals(Shape.broadcast(s, shape()), shape())) {
            throw new KawiException(
                    "mul: shape %s does not broadcast to that of the sparse matrix, %s; rows are scaled by [%d, 1],"
                                    .formatted(s, shape(), rows())
                            + " columns by [%d]".formatted(columns()));
        }
        boolean byRow = s.rank() == 2 && s.dim(0) == rows() && rows() != 1;
        boolean byColumn = s.rank() > 0 && s.dim(-1) == columns() && columns() != 1;
        boolean byLine = layout == Layout.CSR ? byRow : byColumn;
        Tensor factors = dense.flatten();
        if (byRow && byColumn) {
            factors = factors.take(0, Tensor.of(places()));
        } else if (byRow || byColumn) {
            factors = factors.take(0, byLine ? Tensor.of(structure.lineOfEntries()) : structure.indexTensor);
        }
        return withValues(values.mul(factors));
    }

    // Rows

    /** Rows {@code from} to {@code to − 1}. */
    public SparseMatrix slice(int from, int to) {
        if (from < 0 || to < from || to > rows()) {
            throw new KawiException(
                    "slice: rows %d to %d are asked of a matrix with %d rows".formatted(from, to, rows()));
        }
        if (layout == Layout.CSC) {
            return toCsr().slice(from, to);
        }
        int first = structure.pointers[from];
        int last = structure.pointers[to];
        int[] pointers = IntStream.rangeClosed(from, to)
                .map(i -> structure.pointers[i] - first)
                .toArray();
        int[] indices = Arrays.copyOfRange(structure.indices, first, last);
        return new SparseMatrix(Layout.CSR, new Structure(columns(), pointers, indices), values.slice(0, first, last));
    }

    /** The rows of the given numbers in that order, such as those of a mini-batch; a number may come more than once. */
    public SparseMatrix take(int... rows) {
        if (layout == Layout.CSC) {
            return toCsr().take(rows);
        }
        Structure.Selection taken = structure.take(rows);
        return new SparseMatrix(Layout.CSR, taken.structure(), values.take(0, Tensor.of(taken.order())));
    }

    /** Row p of the result is row {@code i[p]} minus row {@code j[p]}; entries that cancel stay, with the value 0. */
    public SparseMatrix rowDifferences(int[] i, int[] j) {
        SparseMatrix csr = toCsr();
        RowPairs pairs = RowPairs.either(csr.structure, i, j);
        Tensor withZero = Tensor.concat(0, csr.values, Tensor.zeros(dtype(), 1)); // for an entry that one row lacks
        Tensor difference = withZero.take(0, Tensor.of(pairs.first())).sub(withZero.take(0, Tensor.of(pairs.second())));
        return new SparseMatrix(Layout.CSR, pairs.structure(), difference);
    }

    /** ⟨row {@code i[p]}, row {@code j[p]}⟩ for each p. */
    public Tensor rowDots(int[] i, int[] j) {
        SparseMatrix csr = toCsr();
        RowPairs pairs = RowPairs.both(csr.structure, i, j);
        Tensor products =
                csr.values.take(0, Tensor.of(pairs.first())).mul(csr.values.take(0, Tensor.of(pairs.second())));
        return new SparseMatrix(Layout.CSR, pairs.structure(), products).rowSums();
    }

    /** Σ over each row. */
    public Tensor rowSums() {
        return matmul(Tensor.ones(dtype(), columns()));
    }

    /** √Σx² over each row; the derivative is taken as 0 where a row is 0. */
    public Tensor rowNorms() {
        Tensor squares = withValues(values.square()).rowSums();
        Tensor zero = squares.eq(0);
        return squares.maskedFill(zero, 1).sqrt().maskedFill(zero, 0);
    }

    /** Shape, number of entries, type and layout. */
    @Override
    public String toString() {
        return "SparseMatrix %s, %d entries %s, %s".formatted(shape(), entries(), dtype(), layout);
    }
}
