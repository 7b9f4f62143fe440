package kawi.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Value;
import kawi.graph.HostArray;
import kawi.graph.Node;
import kawi.schedule.Engine;

/** Values out of tensors: what makes the engine run. */
final class Reading {
    private Reading() {}

    static Value value(Node n) {
        Value v = n.value();
        if (v == null) {
            Engine.get().realize(List.of(n));
            v = n.value();
        }
        if (v == null) {
            throw new IllegalStateException("a run gives every wanted node its value");
        }
        return v;
    }

    static HostArray host(Tensor x) {
        Value v = x.value();
        HostArray a = HostArray.read(v.buffer().segment(), x.dtype(), v.view());
        Reference.reachabilityFence(v.buffer()); // it goes back to the pool when nobody refers to it
        return a;
    }

    static MemorySegment segment(Tensor x) {
        DType dtype = x.dtype();
        long bytes = x.size() * dtype.bytes();
        MemorySegment copy = Arena.ofAuto().allocate(Math.max(bytes, 1), 64).asSlice(0, bytes);
        copy(x, copy);
        return copy.asReadOnly();
    }

    /** The elements in row-major order into memory of their size. */
    static void copy(Tensor x, MemorySegment to) {
        Value v = x.value();
        if (v.view().isContiguous()) {
            to.copyFrom(v.buffer()
                    .segment()
                    .asSlice(v.offsetBytes(x.dtype()), x.size() * x.dtype().bytes()));
            Reference.reachabilityFence(v.buffer());
        } else {
            host(x).write(to);
        }
    }

    static double item(Tensor x) {
        if (x.size() != 1 && !x.node().open()) { // what has no value says so below
            throw new KawiException("item: the tensor must have one element, but " + x.type() + " has " + x.size());
        }
        return host(x).getDouble(0);
    }

    static float[] floats(Tensor x) {
        float[] a = new float[Math.toIntExact(x.size())];
        Value v = x.value();
        if (x.dtype() == DType.F32 && v.view().isContiguous()) {
            MemorySegment.copy(v.buffer().segment(), ValueLayout.JAVA_FLOAT, v.offsetBytes(DType.F32), a, 0, a.length);
            Reference.reachabilityFence(v.buffer());
            return a;
        }
        HostArray h = host(x);
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) h.getDouble(i);
        }
        return a;
    }

    static double[] doubles(Tensor x) {
        HostArray h = host(x);
        return IntStream.range(0, h.size()).mapToDouble(h::getDouble).toArray();
    }

    static long[] longs(Tensor x) {
        HostArray h = host(x);
        return IntStream.range(0, h.size()).mapToLong(h::getLong).toArray();
    }

    static int[] ints(Tensor x) {
        HostArray h = host(x);
        boolean floats = x.dtype().isFloat();
        return IntStream.range(0, h.size())
                .map(i -> floats ? (int) h.getDouble(i) : (int) h.getLong(i))
                .toArray();
    }
}
