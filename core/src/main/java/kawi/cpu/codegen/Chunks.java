package kawi.cpu.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReference;
import kawi.base.DType;
import kawi.device.LoopNest.Reduction;
import org.jspecify.annotations.Nullable;

/** The results of a long reduction's chunks: kept one chunk after another, and combined in that order. */
final class Chunks {
    private final Reduction reduction;
    private final DType type;
    /** Memory of the last run for the next one; a run that meets another takes its own. */
    private final AtomicReference<@Nullable MemorySegment> spare = new AtomicReference<>();

    Chunks(Reduction reduction, DType type) {
        this.reduction = reduction;
        this.type = type;
    }

    long bytes() {
        return type.bytes();
    }

    /** Memory for so many results. */
    MemorySegment take(long results) {
        MemorySegment kept = spare.getAndSet(null);
        return kept != null && kept.byteSize() >= results * bytes()
                ? kept
                : Arena.ofAuto().allocate(results * bytes(), 64);
    }

    void giveBack(MemorySegment memory) {
        spare.set(memory);
    }

    /** Combines the chunks of one result, which lie {@code stride} elements apart, and writes it. */
    void combine(MemorySegment partial, long result, long stride, int chunks, MemorySegment target, long address) {
        if (type.isFloat()) {
            double sum = real(partial, result * bytes());
            for (int c = 1; c < chunks; c++) {
                double x = real(partial, (c * stride + result) * bytes());
                sum = switch (reduction) {
                    case SUM -> sum + x;
                    case MAX -> Math.max(sum, x);
                    case MIN -> Math.min(sum, x);
                };
                sum = type == DType.F32 ? (float) sum : sum; // a sum of two floats rounded twice is rounded once
            }
            write(target, address, sum, 0);
        } else {
            long sum = integer(partial, result * bytes());
            for (int c = 1; c < chunks; c++) {
                long x = integer(partial, (c * stride + result) * bytes());
                sum = switch (reduction) {
                    case SUM -> sum + x;
                    case MAX -> Math.max(sum, x);
                    case MIN -> Math.min(sum, x);
                };
            }
            write(target, address, 0, sum);
        }
    }

    /** The result of reducing nothing. */
    void writeNeutral(MemorySegment target, long address) {
        Partials.Neutral n = Partials.neutral(reduction, type);
        write(target, address, n.number(), n.integer());
    }

    private double real(MemorySegment memory, long address) {
        return type == DType.F32
                ? memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address)
                : memory.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, address);
    }

    private long integer(MemorySegment memory, long address) {
        return switch (type) {
            case I64 -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
            case I32 -> memory.get(ValueLayout.JAVA_INT_UNALIGNED, address);
            default -> memory.get(ValueLayout.JAVA_BYTE, address) & 0xff;
        };
    }

    private void write(MemorySegment memory, long address, double number, long integer) {
        switch (type) {
            case F64 -> memory.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address, number);
            case F32 -> memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, (float) number);
            case I64 -> memory.set(ValueLayout.JAVA_LONG_UNALIGNED, address, integer);
            case I32 -> memory.set(ValueLayout.JAVA_INT_UNALIGNED, address, (int) integer);
            case U8, BOOL -> memory.set(ValueLayout.JAVA_BYTE, address, (byte) integer);
        }
    }
}
