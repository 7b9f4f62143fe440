package kawi.cpu.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedDeque;
import kawi.base.DType;
import kawi.device.LoopNest.Reduction;

/** The results of a long reduction's chunks: kept one chunk after another, and combined in that order. */
final class Chunks {
    private final Reduction reduction;
    private final DType type;
    /** Combines rows of one array, column by column. */
    private final CompiledKernel rows;
    /** Memory of earlier runs for the next ones. */
    private final ConcurrentLinkedDeque<MemorySegment> spare = new ConcurrentLinkedDeque<>();

    /** @param rows the code that combines the rows of an array of this type into another */
    Chunks(Reduction reduction, DType type, CompiledKernel rows) {
        this.reduction = reduction;
        this.type = type;
        this.rows = rows;
    }

    long bytes() {
        return type.bytes();
    }

    /** Memory for so many results. */
    MemorySegment take(long results) {
        MemorySegment kept = spare.poll();
        return kept != null && kept.byteSize() >= results * bytes()
                ? kept
                : Arena.ofAuto().allocate(results * bytes(), 64);
    }

    void giveBack(MemorySegment memory) {
        spare.push(memory);
    }

    /** Combines the results of all chunks after the first, one after the other, into those of the first. */
    void combine(MemorySegment partial, long results, int chunks, boolean patient) {
        long row = results * bytes();
        long columns = Math.min(results, 1 << 20);
        MemorySegment[] both = {partial, partial};
        for (long from = 0; from < results; from += columns) {
            long at = from * bytes();
            long[] arguments = {at + row, at, row, 0, bytes(), bytes()};
            int count = (int) Math.min(columns, results - from);
            Kernel code = patient ? rows.forRun((chunks - 1L) * count, arguments) : rows.vector();
            code.run(both, arguments, chunks - 1, count);
        }
    }

    /** Moves one result to its place. */
    void copy(MemorySegment partial, long result, MemorySegment target, long address) {
        long from = result * bytes();
        switch (type.bytes()) {
            case 8 ->
                target.set(
                        ValueLayout.JAVA_LONG_UNALIGNED, address, partial.get(ValueLayout.JAVA_LONG_UNALIGNED, from));
            case 4 ->
                target.set(ValueLayout.JAVA_INT_UNALIGNED, address, partial.get(ValueLayout.JAVA_INT_UNALIGNED, from));
            default -> target.set(ValueLayout.JAVA_BYTE, address, partial.get(ValueLayout.JAVA_BYTE, from));
        }
    }

    /** Writes so many results of reducing nothing, which lie {@code stride} bytes apart. */
    void writeNeutral(MemorySegment target, long address, long count, long stride) {
        Partials.Neutral n = Partials.neutral(reduction, type);
        if (reduction == Reduction.SUM && stride == bytes()) {
            target.asSlice(address, count * bytes()).fill((byte) 0);
            return;
        }
        for (long i = 0; i < count; i++) {
            long at = address + i * stride;
            switch (type) {
                case F64 -> target.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, n.number());
                case F32 -> target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) n.number());
                case I64 -> target.set(ValueLayout.JAVA_LONG_UNALIGNED, at, n.integer());
                case I32 -> target.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) n.integer());
                case U8, BOOL -> target.set(ValueLayout.JAVA_BYTE, at, (byte) n.integer());
            }
        }
    }
}
