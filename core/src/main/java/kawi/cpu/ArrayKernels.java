package kawi.cpu;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.cpu.kernels.AxisScan;
import kawi.cpu.kernels.Gather;
import kawi.cpu.kernels.Pool;
import kawi.cpu.kernels.PoolShape;
import kawi.cpu.kernels.SparseMatrixProduct;
import kawi.cpu.kernels.SparseShape;
import kawi.device.KernelCall;
import kawi.device.KernelCall.Operand;
import kawi.device.Launch;
import kawi.graph.Contraction.Window;
import kawi.graph.Fourier;
import kawi.graph.IndexOutside;
import kawi.graph.Indexing;
import kawi.graph.Op;
import kawi.graph.Pooling;
import kawi.graph.Reduction;
import kawi.graph.Sparse;
import org.jspecify.annotations.Nullable;

/** Brings calls of pooling, indexing, scans and sparse products, whose operands are contiguous, to their kernels. */
final class ArrayKernels {
    /** A kernel on the call's operands in order, the result last. */
    private interface Body {
        void run(Workers workers, MemorySegment[] arrays);
    }

    private ArrayKernels() {}

    static @Nullable Launch compile(KernelCall call, Supplier<Workers> workers) {
        Body body = body(call.op(), call);
        if (body == null) {
            return null;
        }
        int n = call.inputs().size();
        return (buffers, offsets, scalars) -> {
            MemorySegment[] arrays = new MemorySegment[n + 1];
            for (int i = 0; i <= n; i++) {
                arrays[i] = array(i < n ? call.inputs().get(i) : call.output(), buffers, offsets);
            }
            try {
                body.run(workers.get(), arrays);
            } catch (IndexOutside e) {
                throw Indexing.explained(call.op(), e);
            }
        };
    }

    private static MemorySegment array(Operand o, MemorySegment[] buffers, long[] offsets) {
        long bytes = o.view().shape().size() * o.dtype().bytes();
        long start = offsets[o.buffer()] + o.view().offset() * o.dtype().bytes();
        return buffers[o.buffer()].asSlice(bytes == 0 ? 0 : start, bytes); // what is empty may begin anywhere
    }

    private static @Nullable Body body(Op op, KernelCall call) {
        DType type = call.inputs().get(0).dtype();
        Shape in = call.inputs().get(0).view().shape();
        Shape out = call.output().view().shape();
        boolean indexed = call.inputs().size() > 1;
        DType indexType = indexed ? call.inputs().get(1).dtype() : type;
        Shape index = indexed ? call.inputs().get(1).view().shape() : in;
        DType real = call.output().dtype();
        return switch (op) {
            case Pooling.MaxPoolIndex p -> {
                PoolShape s = shape(p.pool(), in, out);
                yield (w, a) -> Pool.argMax(w, type, s, a[0], a[1]);
            }
            case Pooling.SumPool p -> {
                PoolShape s = shape(p.pool(), in, out);
                yield (w, a) -> Pool.sum(w, type, s, a[0], a[1]);
            }
            case Pooling.SumPoolTranspose p -> {
                PoolShape s = shape(p.pool(), out, in);
                yield (w, a) -> Pool.sumTranspose(w, type, s, a[0], a[1]);
            }
            case Pooling.PlaneGather p
            when type.isFloat() -> {
                PoolShape s = planes(in, index);
                yield (w, a) -> Pool.gather(w, type, s, a[0], a[1], a[2]);
            }
            case Pooling.PlaneScatter p
            when type.isFloat() -> {
                PoolShape s = planes(out, index);
                yield (w, a) -> Pool.scatterAdd(w, type, s, a[0], a[1], a[2]);
            }
            case Indexing.Take t -> {
                int[] d = around(in, t.axis());
                int count = index.dim(0);
                yield (w, a) -> Gather.take(w, type, d[0], d[1], d[2], a[0], indexType, a[1], count, a[2]);
            }
            case Indexing.TakeAdd t
            when adds(type) -> {
                int[] d = around(out, t.axis());
                int count = index.dim(0);
                yield (w, a) -> Gather.takeAdd(w, type, d[0], d[1], d[2], a[0], indexType, a[1], count, a[2]);
            }
            case Indexing.Gather g -> {
                int[] d = around(in, g.axis());
                int axisOut = index.dim(g.axis());
                yield (w, a) -> Gather.gather(w, type, d[0], d[1], axisOut, d[2], a[0], indexType, a[1], a[2]);
            }
            case Indexing.ScatterAdd s
            when adds(type) -> {
                int[] d = around(out, s.axis());
                int axisOut = index.dim(s.axis());
                yield (w, a) -> Gather.scatterAdd(w, type, d[0], d[1], axisOut, d[2], a[0], indexType, a[1], a[2]);
            }
            case Reduction.ArgReduce r
            when adds(type) -> {
                int[] d = around(in, r.axis());
                yield (w, a) -> AxisScan.argReduce(w, type, r.max(), d[0], d[1], d[2], a[0], a[1]);
            }
            case Reduction.CumSum c
            when adds(type) -> {
                int[] d = around(in, c.axis());
                yield (w, a) -> AxisScan.cumsum(w, type, c.reverse(), d[0], d[1], d[2], a[0], a[1]);
            }
            case Sparse.MatMul _ -> {
                SparseShape s = sparse(call);
                yield (w, a) -> SparseMatrixProduct.matmul(w, real, s, a[0], a[1], a[2], a[3], a[4]);
            }
            case Sparse.TransposedMatMul _ -> {
                SparseShape s = sparse(call);
                yield (w, a) -> SparseMatrixProduct.transposed(w, real, s, a[0], a[1], a[2], a[3], a[4]);
            }
            case Sparse.Sampled _ -> {
                SparseShape s = sparse(call);
                yield (w, a) -> SparseMatrixProduct.sampled(w, real, s, a[0], a[1], a[2], a[3], a[4]);
            }
            case Fourier.Dft f -> {
                int n = in.dim(-2);
                int lines = Math.toIntExact(in.product(0, in.rank() - 2));
                kawi.cpu.kernels.Fourier plan = new kawi.cpu.kernels.Fourier(n);
                yield (w, a) -> plan.run(w, type == DType.F32, f.inverse(), lines, a[0], a[1]);
            }
            default -> null;
        };
    }

    /** Extents of a product with a sparse matrix: its columns are rows of X, or of the result, or of B. */
    private static SparseShape sparse(KernelCall call) {
        Shape last = call.inputs().get(3).view().shape();
        int r = last.rank();
        int columns = call.op() instanceof Sparse.TransposedMatMul t ? t.columns() : last.dim(-2);
        int rows = call.inputs().get(0).view().shape().dim(0) - 1;
        int entries = call.inputs().get(1).view().shape().dim(0);
        return new SparseShape(Math.toIntExact(last.product(0, r - 2)), rows, columns, last.dim(-1), entries);
    }

    /** Types that the adding kernels know; the reference runs the others. */
    private static boolean adds(DType type) {
        return type != DType.BOOL && type != DType.U8;
    }

    /** [outer, axis, inner]: the extents before, at and after an axis. */
    private static int[] around(Shape s, int axis) {
        return new int[] {
            Math.toIntExact(s.product(0, axis)), s.dim(axis), Math.toIntExact(s.product(axis + 1, s.rank()))
        };
    }

    private static PoolShape shape(Pooling.Pool pool, Shape x, Shape y) {
        Window v = pool.window();
        return new PoolShape(
                x.dim(0) * x.dim(1),
                x.dim(2),
                x.dim(3),
                pool.kernelH(),
                pool.kernelW(),
                v.strideH(),
                v.strideW(),
                v.padTop(),
                v.padLeft(),
                y.dim(2),
                y.dim(3),
                v.dilationH(),
                v.dilationW());
    }

    /** Planes of x and of the index; the windows themselves do not matter any more. */
    private static PoolShape planes(Shape x, Shape index) {
        return new PoolShape(
                x.dim(0) * x.dim(1), x.dim(2), x.dim(3), 1, 1, 1, 1, 0, 0, index.dim(2), index.dim(3), 1, 1);
    }
}
