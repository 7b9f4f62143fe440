package kawi.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Makes the JVM load every kind of memory segment before a kernel is compiled. C2 compiles code on segments for the kinds
 * that are loaded and throws it away when the first other one appears, in the middle of a training for example when a
 * picture is drawn: measured, all kernels at once fell back to the interpreter, which boxes each vector, for seconds.
 */
final class SegmentKinds {
    private SegmentKinds() {}

    static void load() {
        List<MemorySegment> heap = List.of(
                MemorySegment.ofArray(new byte[1]),
                MemorySegment.ofArray(new char[1]),
                MemorySegment.ofArray(new short[1]),
                MemorySegment.ofArray(new int[1]),
                MemorySegment.ofArray(new long[1]),
                MemorySegment.ofArray(new float[1]),
                MemorySegment.ofArray(new double[1]));
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared()) {
            for (Arena arena : List.of(confined, shared, Arena.ofAuto(), Arena.global())) {
                heap.forEach(h -> arena.allocate(8).copyFrom(h));
            }
        }
        try {
            Class.forName("jdk.internal.foreign.MappedMemorySegmentImpl");
        } catch (ClassNotFoundException e) {
            // Another JDK may map files with another class; then its first use costs what this class saves.
        }
    }
}
