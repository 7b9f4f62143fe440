package kawi.reference;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kawi.base.DType;
import kawi.device.Backend;
import kawi.device.KernelCall;
import kawi.device.Launch;
import kawi.device.LoopNest;
import kawi.device.Sweep;
import kawi.graph.HostArray;
import kawi.graph.Op;
import org.jspecify.annotations.Nullable;

/**
 * The slow way to run anything: every operation by its scalar meaning, one element after another. The oracle of the
 * tests, and what runs an operation for which a device has no kernel.
 */
public final class ReferenceBackend implements Backend {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public Launch compile(LoopNest nest) {
        return new NestInterpreter(nest);
    }

    @Override
    public Launch compile(Sweep sweep) {
        List<NestInterpreter> passes =
                sweep.passes().stream().map(p -> new NestInterpreter(p.nest())).toList();
        return (buffers, offsets, scalars) -> {
            MemorySegment[] all = buffers.clone();
            for (Sweep.Local local : sweep.locals()) {
                long bytes = local.outer() * sweep.extent() * local.inner() * local.bytes();
                all[local.buffer()] = Arena.ofAuto().allocate(bytes, 64);
            }
            passes.forEach(p -> p.run(all, offsets, scalars));
        };
    }

    @Override
    public long sweepBytes() {
        return 1 << 20;
    }

    @Override
    public @Nullable Launch compile(KernelCall call) {
        if (call.epilogue() != null) {
            return null;
        }
        return (buffers, offsets, scalars) -> {
            List<HostArray> in = call.inputs().stream()
                    .map(o -> HostArray.read(
                            buffers[o.buffer()],
                            o.dtype(),
                            NestInterpreter.placed(o.view(), offsets[o.buffer()], o.dtype())))
                    .toList();
            KernelCall.Operand out = call.output();
            HostArray result = call.op()
                    .evaluate(in, new kawi.graph.Type(out.dtype(), out.view().shape()));
            result.write(buffers[out.buffer()].asSlice(
                    offsets[out.buffer()] + out.view().offset() * out.dtype().bytes()));
        };
    }

    @Override
    public boolean takesEpilogue(Op op) {
        return false;
    }

    @Override
    public int cost(Op op, DType type) {
        return 1;
    }

    @Override
    public int budget() {
        return 1000;
    }

    @Override
    public void threads(int count) {}

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public String describe() {
        return "reference interpreter, one thread";
    }
}
