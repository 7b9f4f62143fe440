package kawi.cpu;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.base.View;
import kawi.cpu.codegen.LoopCompiler;
import kawi.cpu.kernels.Conv2d;
import kawi.cpu.kernels.ConvShape;
import kawi.cpu.kernels.Epilogue;
import kawi.cpu.kernels.Gemm;
import kawi.device.Backend;
import kawi.device.KernelCall;
import kawi.device.KernelCall.Operand;
import kawi.device.Launch;
import kawi.device.LoopNest;
import kawi.device.Sweep;
import kawi.graph.Attention;
import kawi.graph.Contraction;
import kawi.graph.Contraction.Window;
import kawi.graph.Elementwise;
import kawi.graph.HostArray;
import kawi.graph.Op;
import org.jspecify.annotations.Nullable;

/** Runs programs on this machine's processor: generated loops, and the kernels written by hand. */
public final class CpuBackend implements Backend {
    static {
        SegmentKinds.load();
    }

    private final LoopCompiler loops = new LoopCompiler();
    private volatile Workers workers = Workers.of(Machine.threads());

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Launch compile(LoopNest nest) {
        return loops.compile(nest, () -> workers);
    }

    @Override
    public Launch compile(Sweep sweep) {
        return loops.compile(sweep, () -> workers);
    }

    /** What the second-level cache of one core holds, roughly, or a fair part of the third-level cache. */
    @Override
    public long sweepBytes() {
        return 2 << 20;
    }

    @Override
    public boolean takesEpilogue(Op op) {
        return op instanceof Contraction.MatMul || op instanceof Contraction.Conv2d;
    }

    @Override
    public int cost(Op op, DType type) {
        return op instanceof Elementwise e ? LoopCompiler.cost(e, type) : 2;
    }

    @Override
    public int budget() {
        return LoopCompiler.BUDGET;
    }

    @Override
    public void threads(int count) {
        workers = Workers.of(count);
    }

    @Override
    public int threads() {
        return workers.threads();
    }

    @Override
    public String describe() {
        int bits = Machine.vectorBits();
        String width;
        if (bits > 0) {
            width = bits + "-bit vectors";
        } else if (Machine.vectorModulePresent()) {
            width = "plain loops, as kawi.vector.bits asks";
        } else {
            width =
                    "plain loops, because the vector module is absent; start Java with --add-modules jdk.incubator.vector";
        }
        return "CPU, " + width + ", " + threads() + (threads() == 1 ? " thread" : " threads");
    }

    @Override
    public @Nullable Launch compile(KernelCall call) {
        return switch (call.op()) {
            case Contraction.MatMul m -> matmul(call);
            case Contraction.Conv2d conv -> convolution(call, conv);
            case Contraction.Conv2dByData by -> byData(call, by);
            case Contraction.Conv2dByWeight by -> byWeight(call, by);
            case Attention attention -> AttentionCalls.forward(call, attention, () -> workers);
            case Attention.Backward backward -> AttentionCalls.backward(call, backward, () -> workers);
            default -> ArrayKernels.compile(call, () -> workers);
        };
    }

    // Matrix products

    private @Nullable Launch matmul(KernelCall call) {
        Operand a = call.inputs().get(0);
        Operand b = call.inputs().get(1);
        Operand c = call.output();
        int rank = c.view().shape().rank();
        int m = c.view().shape().dim(-2);
        int n = c.view().shape().dim(-1);
        int k = a.view().shape().dim(-1);
        DType type = c.dtype();
        if (type == DType.BOOL || type == DType.U8) {
            return null;
        }
        long[] as = batches(a.view());
        long[] bs = batches(b.view());
        long[] cs = batches(c.view());
        long[] ra = a.view().strides();
        long[] rb = b.view().strides();
        Launch epilogue = call.epilogue() == null ? null : compile(call.epilogue());
        return (buffers, offsets, scalars) -> Gemm.run(
                workers,
                type,
                m,
                n,
                k,
                buffers[a.buffer()],
                shifted(as, offsets[a.buffer()] / type.bytes()),
                ra[rank - 2],
                ra[rank - 1],
                buffers[b.buffer()],
                shifted(bs, offsets[b.buffer()] / type.bytes()),
                rb[rank - 2],
                rb[rank - 1],
                buffers[c.buffer()],
                shifted(cs, offsets[c.buffer()] / type.bytes()),
                n,
                after(epilogue, buffers, offsets, scalars));
    }

    /** Where the matrix of each batch begins, relative to the buffer's element 0. */
    static long[] batches(View view) {
        Shape shape = view.shape();
        int rank = shape.rank();
        Shape batch = shape.without(rank - 2, rank);
        long[] starts = new long[Math.toIntExact(batch.size())];
        HostArray.forEach(new View(batch, view.strides(), view.offset()), (i, at) -> starts[i] = at);
        return starts;
    }

    static long[] shifted(long[] starts, long by) {
        if (by == 0) {
            return starts;
        }
        long[] moved = new long[starts.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = starts[i] + by;
        }
        return moved;
    }

    /** Runs a loop nest over each finished block. */
    private static @Nullable Epilogue after(
            @Nullable Launch nest, MemorySegment[] buffers, long[] offsets, long[] scalars) {
        return nest == null
                ? null
                : (batch, row0, row1, col0, col1) -> nest.run(
                        buffers, offsets, scalars, new int[] {batch, row0, col0}, new int[] {batch + 1, row1, col1});
    }

    // Convolutions

    private static ConvShape shape(Contraction.Conv2d conv, Shape x, Shape w) {
        Window v = conv.window();
        return new ConvShape(
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                w.dim(0),
                w.dim(2),
                w.dim(3),
                v.strideH(),
                v.strideW(),
                v.padTop(),
                v.padBottom(),
                v.padLeft(),
                v.padRight(),
                v.dilationH(),
                v.dilationW(),
                conv.groups());
    }

    /** An operand's first element in its buffer, in elements. */
    static long start(Operand o, long[] offsets) {
        return offsets[o.buffer()] / o.dtype().bytes() + o.view().offset();
    }

    private Launch convolution(KernelCall call, Contraction.Conv2d conv) {
        Operand x = call.inputs().get(0);
        Operand w = call.inputs().get(1);
        Operand y = call.output();
        ConvShape shape = shape(conv, x.view().shape(), w.view().shape());
        Launch epilogue = call.epilogue() == null ? null : compile(call.epilogue());
        return (buffers, offsets, scalars) -> Conv2d.forward(
                workers,
                y.dtype(),
                shape,
                buffers[x.buffer()],
                start(x, offsets),
                buffers[w.buffer()],
                start(w, offsets),
                buffers[y.buffer()],
                start(y, offsets),
                after(epilogue, buffers, offsets, scalars));
    }

    private Launch byData(KernelCall call, Contraction.Conv2dByData by) {
        Operand g = call.inputs().get(0);
        Operand w = call.inputs().get(1);
        Operand x = call.output();
        ConvShape shape = shape(by.conv(), x.view().shape(), w.view().shape());
        return (buffers, offsets, scalars) -> Conv2d.byData(
                workers,
                x.dtype(),
                shape,
                buffers[g.buffer()],
                start(g, offsets),
                buffers[w.buffer()],
                start(w, offsets),
                buffers[x.buffer()],
                start(x, offsets));
    }

    private Launch byWeight(KernelCall call, Contraction.Conv2dByWeight by) {
        Operand x = call.inputs().get(0);
        Operand g = call.inputs().get(1);
        Operand w = call.output();
        ConvShape shape = shape(by.conv(), x.view().shape(), w.view().shape());
        return (buffers, offsets, scalars) -> Conv2d.byWeight(
                workers,
                w.dtype(),
                shape,
                buffers[x.buffer()],
                start(x, offsets),
                buffers[g.buffer()],
                start(g, offsets),
                buffers[w.buffer()],
                start(w, offsets));
    }
}
