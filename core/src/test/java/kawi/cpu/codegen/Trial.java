package kawi.cpu.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kawi.base.DType;
import kawi.base.Halves;
import kawi.cpu.Workers;
import kawi.device.Launch;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.reference.ReferenceBackend;

/** A loop nest with memory: its buffers hold random numbers, and what a run leaves in them can be compared. */
final class Trial {
    static final int[] WIDTHS = {512, 256, 128, 0};
    /** Bytes before element 0 and after the last one: a write there shows. */
    private static final int MARGIN = 24;

    final LoopNest nest;
    final long[] scalars;
    private final List<byte[]> initial = new ArrayList<>();
    private final List<DType> types = new ArrayList<>();

    Trial(LoopNest nest, Random random, long... scalars) {
        this.nest = nest;
        this.scalars = scalars;
        int buffers =
                nest.accesses().stream().mapToInt(a -> a.buffer() + 1).max().orElse(0);
        for (int b = 0; b < buffers; b++) {
            long elements = 1;
            DType type = DType.F32;
            for (Access a : nest.accesses()) {
                if (a.buffer() == b) {
                    type = a.type();
                    long last = a.offset();
                    for (int d = 0; d < nest.sizes().length; d++) {
                        last += Math.max(0, a.strides()[d] * Math.max(0, nest.sizes()[d] - 1));
                    }
                    elements = Math.max(elements, last + 1);
                }
            }
            byte[] bytes = new byte[Math.toIntExact(elements * type.bytes()) + 2 * MARGIN];
            MemorySegment segment = MemorySegment.ofArray(bytes);
            for (long i = 0; i < elements; i++) {
                put(segment, type, MARGIN + i * type.bytes(), random);
            }
            initial.add(bytes);
            types.add(type);
        }
    }

    private static void put(MemorySegment s, DType type, long at, Random random) {
        switch (type) {
            case F32 -> s.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) number(random));
            case F64 -> s.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, number(random));
            case I32 -> s.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) integer(random));
            case I64 -> s.set(ValueLayout.JAVA_LONG_UNALIGNED, at, integer(random));
            case F16, BF16 -> s.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, Halves.bits(type, (float) number(random)));
            case U8 -> s.set(ValueLayout.JAVA_BYTE, at, (byte) integer(random));
            case BOOL -> s.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt(2));
        }
    }

    private static double number(Random random) {
        return switch (random.nextInt(24)) {
            case 0 -> Double.NaN;
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> -Double.POSITIVE_INFINITY;
            case 3 -> -0.0;
            case 4 -> 0;
            case 5 -> 1e-40 * random.nextGaussian();
            case 6 -> 1e30 * random.nextGaussian();
            case 7, 8, 9 -> random.nextInt(9) - 4;
            default -> random.nextGaussian() * 3;
        };
    }

    private static long integer(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> Integer.MIN_VALUE;
            case 1 -> Integer.MAX_VALUE;
            case 2 -> random.nextLong();
            case 3 -> 0;
            default -> random.nextInt(9) - 4;
        };
    }

    /** Gives element i of a buffer a value. */
    void set(int buffer, long i, double value) {
        DType type = types.get(buffer);
        MemorySegment s = MemorySegment.ofArray(initial.get(buffer));
        long at = MARGIN + i * type.bytes();
        switch (type) {
            case F32 -> s.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) value);
            case F64 -> s.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, value);
            case F16, BF16 -> s.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, Halves.bits(type, (float) value));
            case I32 -> s.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) value);
            case I64 -> s.set(ValueLayout.JAVA_LONG_UNALIGNED, at, (long) value);
            case U8, BOOL -> s.set(ValueLayout.JAVA_BYTE, at, (byte) value);
        }
    }

    /** Element i of a buffer after a run; an {@code I64} of more than 53 bits loses some. */
    double get(List<byte[]> after, int buffer, long i) {
        DType type = types.get(buffer);
        MemorySegment s = MemorySegment.ofArray(after.get(buffer));
        long at = MARGIN + i * type.bytes();
        return switch (type) {
            case F32 -> s.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
            case F64 -> s.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
            case F16, BF16 -> Halves.number(type, s.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
            case I32 -> s.get(ValueLayout.JAVA_INT_UNALIGNED, at);
            case I64 -> s.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            case U8, BOOL -> s.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        };
    }

    double before(int buffer, long i) {
        return get(initial, buffer, i);
    }

    /** What is in the buffers after a run with vectors of so many bits. */
    List<byte[]> run(int bits, int threads) {
        return run(new LoopCompiler(bits, false).compile(nest, Workers.of(threads)), null);
    }

    /** With plain loops until the vector kernel is warm, as users have it. */
    List<byte[]> runPatiently() {
        return run(new LoopCompiler().compile(nest, Workers.of(2)), null);
    }

    List<byte[]> reference() {
        return run(new ReferenceBackend().compile(nest), null);
    }

    /** The same, point sets cut into random boxes. */
    List<byte[]> runBoxes(int bits, Random random) {
        return run(new LoopCompiler(bits, false).compile(nest, Workers.of(1)), random);
    }

    private List<byte[]> run(Launch launch, @org.jspecify.annotations.Nullable Random boxes) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment[] memory = new MemorySegment[initial.size()];
            long[] offsets = new long[initial.size()];
            for (int b = 0; b < memory.length; b++) {
                memory[b] = arena.allocate(initial.get(b).length, 64);
                memory[b].copyFrom(MemorySegment.ofArray(initial.get(b)));
                offsets[b] = MARGIN;
            }
            if (boxes == null) {
                launch.run(memory, offsets, scalars);
            } else {
                int[] from = new int[nest.sizes().length];
                boxes(launch, memory, offsets, from, nest.sizes().clone(), boxes, 4);
            }
            List<byte[]> after = new ArrayList<>();
            for (MemorySegment m : memory) {
                after.add(m.toArray(ValueLayout.JAVA_BYTE));
            }
            return after;
        }
    }

    private void boxes(
            Launch launch, MemorySegment[] memory, long[] offsets, int[] from, int[] to, Random random, int depth) {
        if (depth == 0 || from.length == 0) {
            launch.run(memory, offsets, scalars, from, to);
            return;
        }
        int d = random.nextInt(from.length);
        int cut = from[d] + random.nextInt(Math.max(1, to[d] - from[d] + 1));
        int[] end = to.clone();
        end[d] = cut;
        int[] start = from.clone();
        start[d] = cut;
        boxes(launch, memory, offsets, from, end, random, depth - 1);
        boxes(launch, memory, offsets, start, to, random, depth - 1);
    }

    /** The same bits, but for what a NaN carries. */
    void assertSame(List<byte[]> expected, List<byte[]> actual, String what) {
        for (int b = 0; b < expected.size(); b++) {
            byte[] e = expected.get(b);
            byte[] a = actual.get(b);
            DType type = types.get(b);
            for (int i = 0; i < e.length; i++) {
                if (e[i] != a[i]) {
                    int element = Math.floorDiv(i - MARGIN, type.bytes());
                    if (type.isFloat()
                            && element >= 0
                            && i < e.length - MARGIN
                            && Double.isNaN(get(expected, b, element))
                            && Double.isNaN(get(actual, b, element))) {
                        continue;
                    }
                    assertThat((Double) get(actual, b, element))
                            .as("%s: buffer %d element %d of %s", what, b, element, nest)
                            .isEqualTo((Double) get(expected, b, element));
                    throw new AssertionError(what + ": bytes differ outside of buffer " + b + " of " + nest);
                }
            }
        }
    }
}
