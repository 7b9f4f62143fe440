package kawi.base;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The pool that {@link Buffer}s come from and return to.
 *
 * <p>Requests are rounded up to size classes, four to a doubling (32 above 1 MiB), so that a returned block serves the next request of
 * about its size. Java's collector only sees the small objects that hold the blocks, so it would come too late: when the
 * blocks in use pass a high-water mark, a collection is brought about, and the mark is set to what remained and some garbage. It
 * falls again when far fewer are in use. It is a young collection, which costs a fifth of a full one and finds what a loop
 * drops. A full one finds also what was dropped after it had grown old; but it makes old whatever lives, so that only the
 * next full one will find that. It is therefore left until that can be much.
 */
public final class Memory {
    private static final long FIRST_MARK = 256L << 20;
    /** A collection takes 2 to 12 ms, and filling so much memory anew much longer. */
    private static final long MOST_GARBAGE = 512L << 20;

    private static final long NAMED = 1L << 20;
    private static final int QUIET_ROUNDS = 4;

    /** Mebibytes allocated for a collection of the young generation, which {@code jvm.options} keeps smaller than that. */
    private static final int MOST_FILLING = 96;

    private static final long QUIET_NANOS = 100_000;
    private static final Cleaner CLEANER = Cleaner.create();
    /** Blocks by size, the size that was wanted least recently first. */
    private static final LinkedHashMap<Long, ArrayDeque<Block>> FREE = new LinkedHashMap<>();

    private static final Set<Block> LARGE = new HashSet<>();

    /** Written so that the allocation is not optimised away. */
    private static volatile byte @Nullable [] filling;

    /** Blocks taken from the system; all other requests were served by the pool. */
    private static long made;

    private static long inUse;
    private static long kept;
    private static long peak;
    private static long mark = FIRST_MARK;
    /** What remained after the last full collection, or less, if less was in use since. */
    private static long remained;

    private Memory() {}

    /**
     * A block of the system's memory, given back when the collector finds it dropped. All memory of the library comes from
     * arenas of this one kind: compiled kernels would be thrown away at the first one of another.
     */
    private static final class Block implements Runnable {
        final MemorySegment segment;
        String holder = "";

        Block(long bytes) {
            this.segment = Arena.ofAuto().allocate(bytes, 64);
        }

        /** Called when the last reference to the buffer has gone. */
        @Override
        public void run() {
            giveBack(this);
        }
    }

    /**
     * A buffer of at least the given size with arbitrary contents.
     *
     * @param holder what the memory is for, shown when memory runs out
     */
    public static Buffer allocate(long bytes, String holder) {
        long size = sizeClass(Math.max(bytes, 64));
        collectIfAbove(size);
        Block free = take(size);
        Block block = free != null ? free : create(size);
        block.holder = holder;
        synchronized (Memory.class) {
            made += free == null ? 1 : 0;
            inUse += size;
            peak = Math.max(peak, inUse);
            if (size >= NAMED) {
                LARGE.add(block);
            }
        }
        Buffer buffer = new Buffer(block.segment.asSlice(0, Math.max(bytes, 64)));
        CLEANER.register(buffer, block);
        Reference.reachabilityFence(buffer);
        return buffer;
    }

    /** Bytes in buffers that are still referred to. */
    public static synchronized long bytesInUse() {
        return inUse;
    }

    /** The most bytes that were in use at any time. */
    public static synchronized long peakBytes() {
        return peak;
    }

    /** How many blocks were taken from the system so far, for tests. */
    static synchronized long blocksMade() {
        return made;
    }

    /** Four classes to each doubling: at most a quarter is wasted; 32 where that would be much. */
    private static long sizeClass(long bytes) {
        if (bytes <= 256) {
            return (bytes + 63) / 64 * 64;
        }
        long step = Long.highestOneBit(bytes - 1) >> (bytes < NAMED ? 2 : 5);
        return (bytes + step - 1) / step * step;
    }

    private static synchronized @Nullable Block take(long size) {
        ArrayDeque<Block> free = FREE.get(size);
        FREE.putLast(size, free != null ? free : new ArrayDeque<>());
        if (free == null || free.isEmpty()) {
            return null;
        }
        kept -= size;
        return free.pop();
    }

    private static synchronized void giveBack(Block block) {
        long size = block.segment.byteSize();
        inUse -= size;
        remained = Math.min(remained, inUse);
        LARGE.remove(block);
        ArrayDeque<Block> free = FREE.get(size);
        if (free == null) {
            free = new ArrayDeque<>();
            FREE.putFirst(size, free);
        }
        free.push(block);
        kept += size;
        if (inUse < mark / 4) { // a program that holds less now should not wait for as much garbage as before
            mark = Math.max(FIRST_MARK, mark / 2);
        }
        dropBeyond(mark - inUse);
    }

    /** Keeps what may be wanted again soon; a program that has gone on to other sizes does not want the old ones. */
    private static void dropBeyond(long limit) {
        Iterator<Map.Entry<Long, ArrayDeque<Block>>> oldest = FREE.entrySet().iterator();
        while (kept > limit && oldest.hasNext()) {
            Map.Entry<Long, ArrayDeque<Block>> entry = oldest.next();
            while (kept > limit && entry.getValue().pollLast() != null) {
                kept -= entry.getKey();
            }
            if (entry.getValue().isEmpty()) {
                oldest.remove();
            }
        }
    }

    private static Block create(long size) {
        try {
            return new Block(size);
        } catch (OutOfMemoryError first) {
            releaseFree();
            await(Memory::collectAll);
            releaseFree();
            await(Memory::collectAll);
            try {
                return new Block(size);
            } catch (OutOfMemoryError e) {
                throw outOfMemory(size);
            }
        }
    }

    private static void collectIfAbove(long size) {
        synchronized (Memory.class) {
            if (inUse + size <= mark) {
                return;
            }
        }
        boolean young = await(Memory::collectYoung);
        boolean full;
        synchronized (Memory.class) {
            full = !young || inUse + size > Math.max(FIRST_MARK, withGarbage(remained));
        }
        if (full) {
            await(Memory::collectAll);
        }
        synchronized (Memory.class) {
            remained = full ? inUse : remained;
            mark = Math.max(FIRST_MARK, withGarbage(inUse + size));
        }
    }

    /** What is in use, and as much dropped memory besides as may wait for a collection. */
    private static long withGarbage(long bytes) {
        return bytes + Math.min(bytes / 2, MOST_GARBAGE);
    }

    /** Nothing else asks for a collection of what is young: allocates until one comes, within reason. Whether it came. */
    private static boolean collectYoung() {
        var probe = new WeakReference<>(new Object());
        for (int i = 0; i < MOST_FILLING && probe.get() != null; i++) {
            filling = new byte[1 << 20];
        }
        filling = null;
        return probe.get() == null;
    }

    /** Asks for a full collection, which comes if that is not switched off. */
    private static boolean collectAll() {
        System.gc();
        return true;
    }

    /** Brings a collection about and waits for what it finds. Whether it came. */
    private static boolean await(BooleanSupplier collection) {
        CountDownLatch cleaning = new CountDownLatch(1);
        CLEANER.register(new Object(), cleaning::countDown);
        if (!collection.getAsBoolean()) {
            return false;
        }
        boolean interrupted = Thread.interrupted(); // else nothing could be waited for
        boolean came = false;
        try {
            came = cleaning.await(500, TimeUnit.MILLISECONDS);
            if (came) {
                awaitCleaner();
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return came;
    }

    /** Waits until the cleaner, which has begun, has given back what the collection found. */
    private static void awaitCleaner() {
        // It takes microseconds for a block: it is done when nothing comes for some time.
        long last = bytesInUse();
        for (int quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
            LockSupport.parkNanos(QUIET_NANOS);
            long now = bytesInUse();
            quiet = now < last ? -1 : quiet;
            last = now;
        }
    }

    private static synchronized void releaseFree() {
        FREE.clear();
        kept = 0;
    }

    private static synchronized OutOfMemoryError outOfMemory(long size) {
        String holders = LARGE.stream()
                .collect(Collectors.groupingBy(b -> b.holder, Collectors.summingLong(b -> b.segment.byteSize())))
                .entrySet()
                .stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(5)
                .map(e -> "%s: %d MB".formatted(e.getKey(), e.getValue() >> 20))
                .collect(Collectors.joining(", "));
        return new OutOfMemoryError(("tensors need %d MB more, with %d MB in use.%s Use a smaller batch, "
                        + "drop references to tensors that are no longer needed, or raise -XX:MaxDirectMemorySize")
                .formatted(
                        size >> 20, inUse >> 20, holders.isEmpty() ? "" : " The largest holders are " + holders + "."));
    }
}
