package kawi.cpu.codegen;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.cpu.codegen.Structure.Inner;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;

/** The numbers of a loop nest, as its kernel wants them: which axis is innermost, and strides in bytes. */
final class Geometry {
    final LoopNest nest;
    final int accesses;
    /** Axes but those with one point, the innermost last; without the reduced axis. */
    final int[] order;
    /** Whether the nest reduces along its innermost axis. */
    final boolean reducesInnermost;
    /** Stride of access a along axis d at {@code d·accesses + a}; bytes, or numbers for an index. */
    final long[] strides;

    private final boolean[] buffered;
    private final int[] scalarSlots;

    Geometry(LoopNest nest, int[] scalarSlots) {
        this.nest = nest;
        this.scalarSlots = scalarSlots;
        this.accesses = nest.accesses().size();
        this.buffered = new boolean[accesses];
        for (LoopNest.Instruction i : nest.body()) {
            if (i instanceof LoopNest.Instruction.Load l) {
                buffered[l.access()] = true;
            }
        }
        nest.stores().forEach(s -> buffered[s.access()] = true);
        int rank = nest.sizes().length;
        this.strides = new long[rank * accesses];
        for (int a = 0; a < accesses; a++) {
            for (int d = 0; d < rank; d++) {
                strides[d * accesses + a] = nest.accesses().get(a).strides()[d] * unit(a);
            }
        }
        this.order = order();
        this.reducesInnermost = nest.reduction() != null
                && Arrays.stream(nest.sizes()).skip(nest.reduceAxis() + 1L).allMatch(n -> n == 1);
    }

    /** Bytes of an element; 1 for an index. */
    private long unit(int access) {
        return buffered[access] ? nest.accesses().get(access).type().bytes() : 1;
    }

    boolean buffered(int access) {
        return buffered[access];
    }

    /** Keeps the nest's order, but for the innermost axis: there most accesses, stores first of all, should be contiguous. */
    private int[] order() {
        int rank = nest.sizes().length;
        int best = -1;
        int bestScore = -1;
        for (int d = rank - 1; d >= 0; d--) {
            if (kept(d)) {
                int score = 0;
                for (int a = 0; a < accesses; a++) {
                    long stride = strides[d * accesses + a];
                    score += !buffered[a] || stride == 0 ? 1 : stride == unit(a) ? 2 : 0;
                }
                for (LoopNest.Store s : nest.stores()) {
                    score += strides[d * accesses + s.access()] == unit(s.access()) ? 100 : 0;
                }
                if (score > bestScore) {
                    best = d;
                    bestScore = score;
                }
            }
        }
        int[] order = new int[rank];
        int n = 0;
        for (int d = 0; d < rank; d++) {
            if (kept(d) && d != best) {
                order[n++] = d;
            }
        }
        if (best >= 0) {
            order[n++] = best;
        }
        return Arrays.copyOf(order, n);
    }

    private boolean kept(int d) {
        return nest.sizes()[d] != 1 && !(nest.reduction() != null && d == nest.reduceAxis());
    }

    /** The axis that kernels run along as columns, or −1 for a single point. */
    int columnAxis() {
        return reducesInnermost ? nest.reduceAxis() : order.length == 0 ? -1 : order[order.length - 1];
    }

    Inner inner(int access) {
        int d = columnAxis();
        long stride = d < 0 ? 0 : strides[d * accesses + access];
        if (stride == 0) {
            return Inner.NONE;
        }
        return buffered[access] && stride == unit(access) ? Inner.UNIT : Inner.OTHER;
    }

    Grid grid(int[] from, int[] to) {
        return new Grid(order, from, to, strides, accesses);
    }

    /** The memory of each access. */
    MemorySegment[] segments(MemorySegment[] buffers) {
        MemorySegment[] segments = new MemorySegment[accesses];
        for (int a = 0; a < accesses; a++) {
            // an index has no memory, and its kernel never looks
            segments[a] = buffered[a] ? buffers[nest.accesses().get(a).buffer()] : MemorySegment.NULL;
        }
        return segments;
    }

    /** A kernel's arguments with the addresses of a point; strides are still 0. */
    long[] arguments(long[] offsets, long[] scalars, int[] point) {
        long[] arguments = new long[3 * accesses + scalarSlots.length];
        for (int a = 0; a < accesses; a++) {
            Access access = nest.accesses().get(a);
            long address = access.offset() * unit(a) + (buffered[a] ? offsets[access.buffer()] : 0);
            for (int d = 0; d < point.length; d++) {
                if (point[d] != 0) {
                    address += point[d] * strides[d * accesses + a];
                }
            }
            arguments[a] = address;
        }
        for (int i = 0; i < scalarSlots.length; i++) {
            arguments[3 * accesses + i] = scalars[scalarSlots[i]];
        }
        return arguments;
    }

    /** Sets the strides between rows and between columns. */
    void setStrides(long[] arguments, long[] rows, int rowsAt, long[] columns, int columnsAt) {
        System.arraycopy(rows, rowsAt, arguments, accesses, accesses);
        System.arraycopy(columns, columnsAt, arguments, 2 * accesses, accesses);
    }
}
