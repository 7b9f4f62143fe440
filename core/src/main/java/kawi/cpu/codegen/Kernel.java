package kawi.cpu.codegen;

import java.lang.foreign.MemorySegment;

/**
 * A compiled structure: runs over {@code rows × columns} points. Of A accesses, {@code arguments} holds the first
 * point's byte address of each, then the strides between rows, then those between columns (for an index: numbers
 * rather than bytes), then the launch's scalars.
 */
interface Kernel {
    void run(MemorySegment[] segments, long[] arguments, int rows, int columns);
}
