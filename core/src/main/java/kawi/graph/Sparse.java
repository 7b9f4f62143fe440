package kawi.graph;

import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Products with a sparse matrix S {@code [m, n]}, whose entries are numbered row after row: those of row i are
 * {@code pointers[i]} to {@code pointers[i + 1] − 1}, entry e lies in column {@code indices[e]} and has the value {@code values[e]}.
 * Pointers {@code [m + 1]} and indices {@code [entries]} are {@code I32}; pointers do not decrease. Entries may share a place, then their
 * values add up; those before the first pointer or after the last belong to no row and do not count.
 *
 * <p>The three operations are linear in each of their floating-point operands and closed under differentiation. Axes before the last of
 * values and the last two of dense matrices number a batch, which has one S for all.
 */
public final class Sparse {
    private Sparse() {}

    /** One operation where the examples share a pattern, whatever their values are. */
    private static Node batched(Op op, Batch b) {
        return b.mapped(0) || b.mapped(1) ? b.each(op) : Node.of(op, b.given(0), b.given(1), b.in(2), b.in(3));
    }

    /** S·X: pointers, indices, values {@code [batch…, entries]}, X {@code [batch…, n, k]} → {@code [batch…, m, k]}. */
    public record MatMul() implements Op {
        @Override
        public String label() {
            return "sparseMatmul";
        }

        @Override
        public Type infer(List<Type> in) {
            return product(label(), in, rows(in));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            double[] sums = new double[(int) result.shape().size()];
            forEntries(this, in, result.shape().dim(-2), in.get(3).shape(), (entry, row, column, k) -> {
                for (int j = 0; j < k; j++) {
                    sums[row * k + j] += in.get(2).getDouble(entry) * in.get(3).getDouble(column * k + j);
                }
            });
            return array(result, sums);
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node[] in = self.inputs();
            int n = in[3].type().shape().dim(-2);
            return new @Nullable Node[] {
                null,
                null,
                wanted[2] ? Node.of(new Sampled(), in[0], in[1], g, in[3]) : null,
                wanted[3] ? Node.of(new TransposedMatMul(n), in[0], in[1], in[2], g) : null
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.MULTILINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return batched(this, b);
        }
    }

    /**
     * Sᵀ·Y: pointers, indices, values {@code [batch…, entries]}, Y {@code [batch…, m, k]} → {@code [batch…, n, k]}.
     *
     * @param columns n
     */
    public record TransposedMatMul(int columns) implements Op {
        @Override
        public String label() {
            return "sparseTransposedMatmul";
        }

        @Override
        public Type infer(List<Type> in) {
            Type result = product(label(), in, columns);
            if (in.get(3).shape().dim(-2) != rows(in)) {
                throw misfit(label(), in);
            }
            return result;
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            double[] sums = new double[(int) result.shape().size()];
            forEntries(this, in, rows(in.get(0)), result.shape(), (entry, row, column, k) -> {
                for (int j = 0; j < k; j++) {
                    sums[column * k + j] +=
                            in.get(2).getDouble(entry) * in.get(3).getDouble(row * k + j);
                }
            });
            return array(result, sums);
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node[] in = self.inputs();
            return new @Nullable Node[] {
                null,
                null,
                wanted[2] ? Node.of(new Sampled(), in[0], in[1], in[3], g) : null,
                wanted[3] ? Node.of(new MatMul(), in[0], in[1], in[2], g) : null
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.MULTILINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return batched(this, b);
        }
    }

    /**
     * A·Bᵀ at the places of the entries: pointers, indices, A {@code [batch…, m, k]}, B {@code [batch…, n, k]} →
     * {@code [batch…, entries]}, the number at entry e in row i and column j being ⟨aᵢ, bⱼ⟩; 0 for entries of no row.
     */
    public record Sampled() implements Op {
        @Override
        public String label() {
            return "sampledMatmul";
        }

        @Override
        public Type infer(List<Type> in) {
            needStructure(label(), in);
            Shape a = in.get(2).shape();
            Shape b = in.get(3).shape();
            int r = a.rank();
            boolean fits = in.get(2).dtype().isFloat()
                    && in.get(2).dtype() == in.get(3).dtype()
                    && r >= 2
                    && b.rank() == r
                    && a.dim(-2) == rows(in)
                    && a.with(r - 2, 0).equals(b.with(r - 2, 0));
            if (!fits) {
                throw misfit(label(), in);
            }
            Shape batch = a.without(r - 2, r);
            return new Type(
                    in.get(2).dtype(), batch.inserted(r - 2, in.get(1).shape().dim(0)));
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            double[] sums = new double[(int) result.shape().size()];
            forEntries(this, in, rows(in.get(0)), in.get(3).shape(), (entry, row, column, k) -> {
                for (int j = 0; j < k; j++) {
                    sums[entry] += in.get(2).getDouble(row * k + j) * in.get(3).getDouble(column * k + j);
                }
            });
            return array(result, sums);
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            Node[] in = self.inputs();
            int n = in[3].type().shape().dim(-2);
            return new @Nullable Node[] {
                null,
                null,
                wanted[2] ? Node.of(new MatMul(), in[0], in[1], g, in[3]) : null,
                wanted[3] ? Node.of(new TransposedMatMul(n), in[0], in[1], g, in[2]) : null
            };
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.MULTILINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return batched(this, b);
        }
    }

    // Types

    private static int rows(List<Type> in) {
        return in.get(0).shape().dim(0) - 1;
    }

    private static int rows(HostArray pointers) {
        return pointers.size() - 1;
    }

    /** The type of a product of values and a dense matrix that has {@code rows} rows. */
    private static Type product(String what, List<Type> in, int rows) {
        needStructure(what, in);
        Shape v = in.get(2).shape();
        Shape x = in.get(3).shape();
        int r = x.rank();
        boolean fits = in.get(2).dtype().isFloat()
                && in.get(2).dtype() == in.get(3).dtype()
                && r >= 2
                && v.equals(
                        x.without(r - 2, r).inserted(r - 2, in.get(1).shape().dim(0)));
        if (!fits) {
            throw misfit(what, in);
        }
        return new Type(in.get(3).dtype(), x.with(r - 2, rows));
    }

    private static void needStructure(String what, List<Type> in) {
        for (Type t : in.subList(0, 2)) {
            if (t.dtype() != DType.I32 || t.shape().rank() != 1) {
                throw new KawiException(
                        "%s: pointers and indices are i32 vectors, but %s was given".formatted(what, t));
            }
        }
        if (in.get(0).shape().dim(0) == 0) {
            throw new KawiException(
                    "%s: pointers have one element more than there are rows, but none is there".formatted(what));
        }
    }

    private static KawiException misfit(String what, List<Type> in) {
        return new KawiException("%s: pointers %s, indices %s and operands %s and %s do not fit"
                .formatted(what, in.get(0), in.get(1), in.get(2), in.get(3)));
    }

    // Meaning

    /** One entry of one matrix of the batch; the numbers count through the whole batch. */
    private interface Visit {
        void entry(int entry, int row, int column, int k);
    }

    private static void forEntries(Op op, List<HostArray> in, int rows, Shape byColumn, Visit visit) {
        HostArray pointers = in.get(0);
        HostArray indices = in.get(1);
        int r = byColumn.rank();
        int batches = (int) byColumn.product(0, r - 2);
        int columns = byColumn.dim(-2);
        for (int b = 0; b < batches; b++) {
            for (int i = 0; i < rows; i++) {
                long from = pointers.getLong(i);
                long to = pointers.getLong(i + 1);
                if (from < 0 || from > to || to > indices.size()) {
                    throw outside(op, "row %d has entries %d to %d of %d".formatted(i, from, to, indices.size()));
                }
                for (int e = (int) from; e < to; e++) {
                    long column = indices.getLong(e);
                    if (column < 0 || column >= columns) {
                        throw outside(op, "entry %d lies in column %d of %d".formatted(e, column, columns));
                    }
                    visit.entry(b * indices.size() + e, b * rows + i, b * columns + (int) column, byColumn.dim(-1));
                }
            }
        }
    }

    private static KawiException outside(Op op, String problem) {
        return Indexing.explained(op, new IndexOutside(problem));
    }

    private static HostArray array(Type type, double[] numbers) {
        HostArray a = new HostArray(type);
        for (int i = 0; i < numbers.length; i++) {
            a.set(i, numbers[i]);
        }
        return a;
    }
}
