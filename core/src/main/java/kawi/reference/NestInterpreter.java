package kawi.reference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import kawi.base.DType;
import kawi.base.Halves;
import kawi.base.Shape;
import kawi.base.View;
import kawi.device.Launch;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.graph.Cast;
import kawi.graph.HostArray;
import kawi.graph.Reduction.Kind;
import kawi.graph.Reduction.Reduce;
import kawi.graph.Type;

/** Runs a loop nest instruction by instruction over whole arrays of its iteration space. */
final class NestInterpreter implements Launch {
    private final LoopNest nest;

    NestInterpreter(LoopNest nest) {
        this.nest = nest;
    }

    @Override
    public void run(MemorySegment[] buffers, long[] offsets, long[] scalars) {
        Shape space = Shape.of(nest.sizes());
        List<HostArray> values = new ArrayList<>();
        for (Instruction instruction : nest.body()) {
            values.add(value(instruction, space, values, buffers, offsets, scalars));
        }
        // All values are computed before any store, so a nest that works in place reads what was there before.
        for (LoopNest.Store store : nest.stores()) {
            HostArray v = values.get(store.value());
            Shape target = space;
            if (nest.reduction() != null) {
                target = space.with(nest.reduceAxis(), 1);
                v = new Reduce(Kind.valueOf(nest.reduction().name()), nest.reduceAxis())
                        .evaluate(List.of(v), new Type(v.dtype(), target));
            }
            Access access = nest.accesses().get(store.access());
            MemorySegment memory = buffers[access.buffer()];
            long base = offsets[access.buffer()];
            HostArray result = v;
            HostArray.forEach(
                    new View(target, access.strides(), access.offset()),
                    (i, at) -> put(memory, base, access.type(), at, result, i));
        }
    }

    /** The view in a memory where its element 0 lies {@code bytes} from the start; steps may lead to before that element. */
    static View placed(View view, long bytes, DType type) {
        return new View(view.shape(), view.strides(), view.offset() + bytes / type.bytes());
    }

    private HostArray value(
            Instruction instruction,
            Shape space,
            List<HostArray> values,
            MemorySegment[] buffers,
            long[] offsets,
            long[] scalars) {
        Type type = new Type(instruction.type(), space);
        return switch (instruction) {
            case Instruction.Load load -> {
                Access a = nest.accesses().get(load.access());
                View view = new View(space, a.strides(), a.offset());
                yield HostArray.read(buffers[a.buffer()], a.type(), placed(view, offsets[a.buffer()], a.type()));
            }
            case Instruction.Scalar scalar -> {
                HostArray a = new HostArray(type);
                for (int i = 0; i < a.size(); i++) {
                    if (type.dtype().isFloat()) {
                        a.set(i, Double.longBitsToDouble(scalars[scalar.slot()]));
                    } else {
                        a.set(i, scalars[scalar.slot()]);
                    }
                }
                yield a;
            }
            case Instruction.Index index -> {
                HostArray a = new HostArray(type);
                Access access = nest.accesses().get(index.access());
                HostArray.forEach(new View(space, access.strides(), access.offset()), (i, at) -> a.set(i, at));
                yield a;
            }
            case Instruction.Apply apply ->
                apply.op().evaluate(apply.args().stream().map(values::get).toList(), type);
            case Instruction.Convert convert ->
                new Cast(convert.type()).evaluate(List.of(values.get(convert.arg())), type);
        };
    }

    private static void put(MemorySegment memory, long base, DType type, long at, HostArray from, int i) {
        long place = base + at * type.bytes();
        switch (type) {
            case F64 -> memory.set(ValueLayout.JAVA_DOUBLE, place, from.getDouble(i));
            case F32 -> memory.set(ValueLayout.JAVA_FLOAT, place, (float) from.getDouble(i));
            case F16, BF16 -> memory.set(ValueLayout.JAVA_SHORT, place, Halves.bits(type, (float) from.getDouble(i)));
            case I64 -> memory.set(ValueLayout.JAVA_LONG, place, from.getLong(i));
            case I32 -> memory.set(ValueLayout.JAVA_INT, place, (int) from.getLong(i));
            case U8, BOOL -> memory.set(ValueLayout.JAVA_BYTE, place, (byte) from.getLong(i));
        }
    }
}
