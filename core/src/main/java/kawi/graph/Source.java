package kawi.graph;

import java.util.List;
import kawi.base.DType;
import kawi.base.Halves;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/** Operations without inputs. */
public final class Source {
    private Source() {}

    /** A value given from outside. */
    public record Leaf(Type type) implements Op {
        @Override
        public String label() {
            return "leaf";
        }

        @Override
        public Type infer(List<Type> in) {
            return type;
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            throw new KawiException("a leaf has no value of its own");
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return Op.none(self);
        }

        @Override
        public Node batch(Batch b) {
            return b.repeated(Node.of(this));
        }
    }

    /** A value that a transformation puts something in place of: an example of a batch, a cotangent. */
    public record Placeholder(Type type) implements Op {
        @Override
        public String label() {
            return "placeholder";
        }

        @Override
        public Type infer(List<Type> in) {
            return type;
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            throw new KawiException("a placeholder has no value");
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return Op.none(self);
        }

        @Override
        public Node batch(Batch b) {
            return b.repeated(Node.of(this));
        }
    }

    /**
     * The same number everywhere.
     *
     * @param bits {@code doubleToRawLongBits} for floating-point types, else the integer
     */
    public record Constant(Type type, long bits) implements Op {
        /** A constant holding {@code value}, brought to its type as {@link Cast} does. */
        public static Constant of(double value, Type type) {
            return switch (type.dtype()) {
                case F64 -> new Constant(type, Double.doubleToRawLongBits(value));
                case F32 -> new Constant(type, Double.doubleToRawLongBits((float) value));
                case F16, BF16 ->
                    new Constant(type, Double.doubleToRawLongBits(Halves.round(type.dtype(), (float) value)));
                default -> of(value, new Type(DType.F64, type.shape())).as(type.dtype());
            };
        }

        /** The number in another element type. */
        Constant as(DType to) {
            Type one = new Type(to, Shape.SCALAR);
            HostArray number = new HostArray(new Type(type.dtype(), Shape.SCALAR));
            if (type.dtype().isFloat()) {
                number.set(0, value());
            } else {
                number.set(0, bits);
            }
            HostArray cast = type.dtype() == to ? number : new Cast(to).evaluate(List.of(number), one);
            return new Constant(
                    new Type(to, type.shape()),
                    to.isFloat() ? Double.doubleToRawLongBits(cast.getDouble(0)) : cast.getLong(0));
        }

        /** The number as a double. */
        public double value() {
            return type.dtype().isFloat() ? Double.longBitsToDouble(bits) : bits;
        }

        @Override
        public String label() {
            return "constant";
        }

        @Override
        public Type infer(List<Type> in) {
            return type;
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray a = new HostArray(result);
            for (int i = 0; i < a.size(); i++) {
                if (type.dtype().isFloat()) {
                    a.set(i, value());
                } else {
                    a.set(i, bits);
                }
            }
            return a;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return Op.none(self);
        }

        @Override
        public Node batch(Batch b) {
            return b.repeated(Node.of(this));
        }
    }

    /** {@code Σ coordinate·stride}: the position along an axis, or the row-major number of each element. */
    public record Iota(DType dtype, Shape shape, List<Long> strides) implements Op {
        @Override
        public String label() {
            return "iota";
        }

        @Override
        public Type infer(List<Type> in) {
            return new Type(dtype, shape);
        }

        /** The strides as an array. */
        public long[] stridesArray() {
            return strides.stream().mapToLong(Long::longValue).toArray();
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray a = new HostArray(result);
            HostArray.forEach(new kawi.base.View(shape, stridesArray(), 0), (i, at) -> a.set(i, at));
            return a;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return Op.none(self);
        }

        @Override
        public Node batch(Batch b) {
            return b.repeated(Node.of(this));
        }
    }
}
