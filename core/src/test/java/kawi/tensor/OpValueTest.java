package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.graph.Attention;
import kawi.graph.Contraction;
import kawi.graph.Fourier;
import kawi.graph.HostArray;
import kawi.graph.Indexing;
import kawi.graph.Op;
import kawi.graph.Ops;
import kawi.graph.Ops.Sample;
import kawi.graph.Pooling;
import kawi.graph.Reduction;
import kawi.graph.Sparse;
import kawi.graph.Type;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation against its scalar meaning, whichever way its operands lie in memory. */
class OpValueTest {
    static Stream<Sample> samples() {
        return Ops.all().stream();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void agreesWithItsMeaning(Sample sample) {
        boolean trivial = sample.inputs().stream().allMatch(i -> i.shape().size() < 2);
        for (Layout layout : Layout.values()) {
            if (layout != Layout.CONTIGUOUS && trivial) {
                continue;
            }
            for (boolean realized : new boolean[] {false, true}) {
                if (layout == Layout.CONTIGUOUS && realized) {
                    continue;
                }
                Random random = new Random(sample.name().hashCode());
                List<Tensor> tensors = new ArrayList<>();
                for (HostArray a : OpSamples.values(sample, random)) {
                    Tensor view = layout.view(layout.leaf(a), a.shape());
                    tensors.add(realized ? view.realized() : view);
                }
                check(sample, tensors, layout + (realized ? " leaf" : " view"));
            }
        }
    }

    /** Specials among the elements of floating-point operands: no layout, but every place in a vector. */
    @ParameterizedTest
    @MethodSource("samples")
    void agreesOnSpecialNumbers(Sample sample) {
        boolean takesThem = (sample.op() instanceof kawi.graph.Elementwise
                        || sample.op() instanceof Reduction.Reduce
                        || sample.op() instanceof Reduction.ArgReduce
                        || sample.op() instanceof Reduction.CumSum
                        || sample.op() instanceof kawi.graph.Cast
                        || sample.op() instanceof Pooling.MaxPoolIndex)
                && sample.inputs().stream().anyMatch(i -> i.dtype().isFloat());
        if (!takesThem) {
            return;
        }
        double[] specials = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 0.0, 1, -1};
        Random random = new Random(sample.name().hashCode());
        for (int round = 0; round < 3; round++) {
            List<Tensor> tensors = new ArrayList<>();
            for (HostArray a : OpSamples.values(sample, random)) {
                if (a.dtype().isFloat()) {
                    for (int i = 0; i < a.size(); i++) {
                        if (random.nextInt(round == 0 ? 40 : 4) == 0) {
                            a.set(i, specials[random.nextInt(specials.length)]);
                        }
                    }
                }
                tensors.add(Layout.tensor(a));
            }
            check(sample, tensors, "specials");
        }
    }

    private static void check(Sample sample, List<Tensor> inputs, String what) {
        Interpreter oracle = new Interpreter();
        List<HostArray> in = inputs.stream().map(oracle::evaluate).toList();
        Type result = sample.result();
        HostArray wanted = sample.op().evaluate(in, result);
        double[] bound = bound(sample.op(), in, wanted);
        HostArray got = OpSamples.read(OpSamples.apply(sample.op(), inputs));
        assertThat(got.type()).isEqualTo(wanted.type());
        for (int i = 0; i < wanted.size(); i++) {
            if (!result.dtype().isFloat()) {
                assertThat(got.getLong(i)).as("%s, element %d", what, i).isEqualTo(wanted.getLong(i));
            } else if (Double.isFinite(wanted.getDouble(i))) {
                assertThat(Math.abs(got.getDouble(i) - wanted.getDouble(i)))
                        .as("%s, element %d: %s, wanted %s", what, i, got.getDouble(i), wanted.getDouble(i))
                        .isLessThanOrEqualTo(bound[i]);
            } else {
                assertThat((Double) got.getDouble(i))
                        .as("%s, element %d", what, i)
                        .isEqualTo((Double) wanted.getDouble(i));
            }
        }
    }

    /**
     * Elementwise: 4 units in the last place. Sums of n products: (n + 4) roundings of the sum of magnitudes. What only
     * moves elements is exact.
     */
    private static double[] bound(Op op, List<HostArray> in, HostArray wanted) {
        double unit = wanted.dtype() == DType.F32 ? 0x1p-24 : 0x1p-53;
        HostArray magnitude = wanted;
        double roundings = 4;
        long length = sumLength(op, in);
        if (length > 0) {
            List<HostArray> absolute = in.stream()
                    .map(a -> a.dtype().isFloat() ? OpSamples.map(a, a.dtype(), Math::abs) : a)
                    .toList();
            magnitude = op.evaluate(absolute, wanted.type());
            roundings = length + 4;
        } else if (op instanceof Attention || op instanceof Attention.Backward) {
            return attention(in, wanted);
        } else if (op instanceof Fourier.Dft) {
            return transform(in.get(0), wanted);
        } else if (op instanceof kawi.graph.Elementwise) {
            roundings = 8;
        } else {
            roundings = 0;
        }
        double[] bound = new double[wanted.size()];
        for (int i = 0; i < bound.length; i++) {
            bound[i] = roundings * unit * Math.abs(magnitude.getDouble(i))
                    + (roundings == 0 ? 0 : wanted.dtype() == DType.F32 ? Float.MIN_VALUE : Double.MIN_VALUE);
        }
        return bound;
    }

    /**
     * The weights are exponentials, whose relative error is the absolute one of the scores (the sum of {@code width} products of
     * size 9); sums over keys, queries and values of numbers as large as the largest result add to that.
     */
    private static double[] attention(List<HostArray> in, HostArray wanted) {
        double unit = wanted.dtype() == DType.F32 ? 0x1p-24 : 0x1p-53;
        double largest = 1;
        for (int i = 0; i < wanted.size(); i++) {
            largest = Math.max(largest, Double.isFinite(wanted.getDouble(i)) ? Math.abs(wanted.getDouble(i)) : 0);
        }
        int width = in.get(0).shape().dim(-1);
        int lengths = in.get(0).shape().dim(-2)
                + in.get(1).shape().dim(-2)
                + in.get(2).shape().dim(-1);
        double[] bound = new double[wanted.size()];
        java.util.Arrays.fill(bound, unit * largest * (9 * width + lengths + 16));
        return bound;
    }

    /** The oracle sums n products of size 3·√2 one after another, with angles that are rounded too. */
    private static double[] transform(HostArray x, HostArray wanted) {
        double n = x.shape().dim(-2);
        double unit = wanted.dtype() == DType.F32 ? 0x1p-24 : 0x1p-53;
        double[] bound = new double[wanted.size()];
        java.util.Arrays.fill(bound, 4.3 * n * (unit + (n + 16) * 0x1p-53));
        return bound;
    }

    private static long sumLength(Op op, List<HostArray> in) {
        return switch (op) {
            case Reduction.Reduce r
            when r.kind() == Reduction.Kind.SUM -> in.get(0).shape().dim(r.axis());
            case Reduction.CumSum c -> in.get(0).shape().dim(c.axis());
            case Contraction.MatMul m -> in.get(0).shape().dim(-1);
            case Contraction.Conv2d c -> in.get(1).shape().size();
            case Contraction.Conv2dByData c -> in.get(1).shape().size();
            case Contraction.Conv2dByWeight c -> in.get(1).shape().size();
            case Pooling.SumPool p -> 9;
            case Pooling.SumPoolTranspose p -> 9;
            case Pooling.PlaneScatter p -> 60;
            case Indexing.TakeAdd t -> 6;
            case Indexing.ScatterAdd s -> 6;
            case Sparse.MatMul s -> in.get(1).size();
            case Sparse.TransposedMatMul s -> in.get(1).size();
            case Sparse.Sampled s -> in.get(3).shape().dim(-1);
            default -> 0;
        };
    }
}
