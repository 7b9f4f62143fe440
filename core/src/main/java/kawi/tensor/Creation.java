package kawi.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Consumer;
import kawi.base.Buffer;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Memory;
import kawi.base.Shape;
import kawi.base.Value;
import kawi.base.View;
import kawi.graph.Graph;
import kawi.graph.Indexing;
import kawi.graph.Node;
import kawi.graph.Type;

/** Tensors from nothing: of given values, of one number, of ranges. */
final class Creation {
    private Creation() {}

    private static Tensor filled(DType dtype, Shape shape, Consumer<MemorySegment> fill) {
        Type type = new Type(dtype, shape);
        Buffer buffer = Memory.allocate(shape.size() * dtype.bytes(), "tensor " + type);
        fill.accept(buffer.segment());
        return new Tensor(Node.leaf(type, new Value(buffer, View.contiguous(shape))));
    }

    private static Shape shapeFor(int length, int... shape) {
        Shape s = shape.length == 0 ? Shape.of(length) : Shape.of(shape);
        if (s.size() != length) {
            throw new KawiException(
                    "of: shape %s has %d elements, but %d values were given".formatted(s, s.size(), length));
        }
        return s;
    }

    /** From a Java array of primitives whose layout is that of the element type. */
    static Tensor of(DType dtype, ValueLayout layout, Object array, int length, int... shape) {
        return filled(dtype, shapeFor(length, shape), m -> MemorySegment.copy(array, 0, m, layout, 0, length));
    }

    static Tensor of(boolean[] values, int... shape) {
        return filled(DType.BOOL, shapeFor(values.length, shape), m -> {
            for (int i = 0; i < values.length; i++) {
                m.set(ValueLayout.JAVA_BYTE, i, (byte) (values[i] ? 1 : 0));
            }
        });
    }

    static Tensor of(MemorySegment bytes, DType dtype, int... shape) {
        Shape s = Shape.of(shape);
        if (bytes.byteSize() != s.size() * dtype.bytes()) {
            throw new KawiException("of: %s%s takes %d bytes, but %d were given"
                    .formatted(dtype, s, s.size() * dtype.bytes(), bytes.byteSize()));
        }
        return filled(dtype, s, m -> m.copyFrom(bytes));
    }

    /** The same values in memory of their own. */
    static Tensor copy(Tensor x) {
        long bytes = x.size() * x.dtype().bytes();
        return filled(x.dtype(), x.shape(), m -> Reading.copy(x, m.asSlice(0, bytes)));
    }

    static Tensor of(float[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        float[] all = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != columns) {
                throw new KawiException(
                        "of: row 0 has %d values, but row %d has %d".formatted(columns, i, rows[i].length));
            }
            System.arraycopy(rows[i], 0, all, i * columns, columns);
        }
        return Tensor.of(all, rows.length, columns);
    }

    static Tensor of(double[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        for (double[] row : rows) {
            if (row.length != columns) {
                throw new KawiException("of: row 0 has %d values, but another has %d".formatted(columns, row.length));
            }
        }
        return Tensor.of(Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray(), rows.length, columns);
    }

    static Tensor full(double value, DType dtype, Shape shape) {
        return Tensor.of(Graph.constant(value, dtype, shape));
    }

    static Tensor arange(int n) {
        return Tensor.of(Graph.iota(DType.I64, Shape.of(n), 0));
    }

    static Tensor arange(long from, long to) {
        if (to < from) {
            throw new KawiException("arange: the end " + to + " lies before the start " + from);
        }
        if (to - from < 0 || to - from > Integer.MAX_VALUE) {
            throw new KawiException("arange: an axis has at most %d elements, but from %d to %d there are %s"
                    .formatted(Integer.MAX_VALUE, from, to, Long.toUnsignedString(to - from)));
        }
        return arange((int) (to - from)).add(full(from, DType.I64, Shape.SCALAR));
    }

    static Tensor linspace(double from, double to, int n) {
        return arange(n).to(DType.F32).mul(n > 1 ? (to - from) / (n - 1) : 0).add(from);
    }

    static Tensor arange(double from, double to, double step) {
        double count = Math.ceil((to - from) / step);
        if (!(count <= Integer.MAX_VALUE) || step == 0) {
            throw new KawiException(
                    "arange: from %s to %s there is no number of steps of %s".formatted(from, to, step));
        }
        return arange((int) Math.max(0, count))
                .to(DType.F64)
                .mul(step)
                .add(from)
                .to(DType.F32);
    }

    static Tensor logspace(double from, double to, int n, double base) {
        Tensor exponents =
                arange(n).to(DType.F64).mul(n > 1 ? (to - from) / (n - 1) : 0).add(from);
        return Tensor.scalar(base, DType.F64).pow(exponents).to(DType.F32);
    }

    static Tensor eye(int rows, int columns) {
        return arange(rows).unsqueeze(1).eq(arange(columns)).to(DType.F32);
    }

    static Tensor randint(long low, long high, int... shape) {
        if (low >= high || high - low < 0 || high - low > 1L << 53) {
            throw new KawiException(
                    "randint: low < high at most 2⁵³ apart are needed, but %d and %d were given".formatted(low, high));
        }
        // in steps of 2⁻⁵³: no two numbers differ in probability by more than that
        Tensor unit = Kawi.nextKey().uniform(DType.F64, shape);
        return unit.mul((double) (high - low)).to(DType.I64).add(Tensor.full(low, DType.I64));
    }

    static Tensor oneHot(Tensor x, int classes) {
        if (classes < 0) {
            throw new KawiException("oneHot: a number of classes is needed, but " + classes + " was given");
        }
        if (x.dtype().isFloat()) {
            throw new KawiException(
                    "oneHot: classes are integers, but %s was given; cast it with .to(DType.I64)".formatted(x.type()));
        }
        Tensor labels = x.dtype() == DType.I32 ? x : x.to(DType.I64);
        Tensor places = labels.unsqueeze(-1);
        Tensor ones = full(1, DType.F32, places.shape());
        return Tensor.apply(new Indexing.ScatterAdd(x.rank(), classes, Indexing.Meaning.LABELS), ones, places);
    }
}
