package kawi.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.base.View;
import kawi.cpu.kernels.AttentionBackward;
import kawi.cpu.kernels.AttentionForward;
import kawi.cpu.kernels.AttentionShape;
import kawi.cpu.kernels.HeadRows;
import kawi.device.KernelCall;
import kawi.device.KernelCall.Operand;
import kawi.device.Launch;
import kawi.graph.Attention;
import org.jspecify.annotations.Nullable;

/** Brings calls of attention, whose operands may have any strides, to their kernels. */
final class AttentionCalls {
    private AttentionCalls() {}

    static @Nullable Launch forward(KernelCall call, Attention attention, Supplier<Workers> workers) {
        if (call.output().dtype() != DType.F32) {
            return null;
        }
        AttentionShape shape = shape(call, attention);
        Operand q = call.inputs().get(0);
        Operand k = call.inputs().get(1);
        Operand v = call.inputs().get(2);
        Operand out = call.output();
        long[][] starts = {CpuBackend.batches(q.view()), CpuBackend.batches(k.view()), CpuBackend.batches(v.view())};
        return (buffers, offsets, scalars) -> AttentionForward.run(
                workers.get(),
                shape,
                rows(q, starts[0], buffers, offsets),
                rows(k, starts[1], buffers, offsets),
                rows(v, starts[2], buffers, offsets),
                buffers[out.buffer()],
                CpuBackend.start(out, offsets));
    }

    static @Nullable Launch backward(KernelCall call, Attention.Backward backward, Supplier<Workers> workers) {
        if (call.output().dtype() != DType.F32) {
            return null;
        }
        AttentionShape shape = shape(call, backward.attention());
        List<Operand> in = call.inputs();
        long[][] starts = in.stream()
                .map(o -> o.view().shape().rank() < 2 ? new long[0] : CpuBackend.batches(o.view()))
                .toArray(long[][]::new);
        Operand packed = in.get(3);
        Operand byLogs = in.get(5);
        Operand out = call.output();
        return (buffers, offsets, scalars) -> AttentionBackward.run(
                workers.get(),
                shape,
                new AttentionBackward.Inputs(
                        rows(in.get(0), starts[0], buffers, offsets),
                        rows(in.get(1), starts[1], buffers, offsets),
                        rows(in.get(2), starts[2], buffers, offsets),
                        buffers[packed.buffer()],
                        CpuBackend.start(packed, offsets),
                        rows(in.get(4), starts[4], buffers, offsets),
                        buffers[byLogs.buffer()],
                        CpuBackend.start(byLogs, offsets)),
                buffers[out.buffer()],
                CpuBackend.start(out, offsets));
    }

    private static AttentionShape shape(KernelCall call, Attention attention) {
        Shape q = call.inputs().get(0).view().shape();
        Shape k = call.inputs().get(1).view().shape();
        Shape v = call.inputs().get(2).view().shape();
        return new AttentionShape(
                Math.toIntExact(q.product(0, q.rank() - 2)),
                q.dim(-2),
                k.dim(-2),
                q.dim(-1),
                v.dim(-1),
                (float) attention.scale(),
                attention.diagonal());
    }

    private static HeadRows rows(Operand o, long[] starts, MemorySegment[] buffers, long[] offsets) {
        View view = o.view();
        int r = view.shape().rank();
        return new HeadRows(
                buffers[o.buffer()],
                CpuBackend.shifted(starts, offsets[o.buffer()] / o.dtype().bytes()),
                view.strides()[r - 2],
                view.strides()[r - 1]);
    }
}
