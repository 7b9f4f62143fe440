package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A row of zeros, from which sums start (with a row stride of 0). */
final class Zeros {
    static final MemorySegment SEGMENT = Arena.ofAuto().allocate(4096, 64);

    private Zeros() {}
}
