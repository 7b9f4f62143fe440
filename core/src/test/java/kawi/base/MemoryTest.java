package kawi.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The pool lends each block to one holder at a time, and gets back what nobody holds. */
class MemoryTest {
    @Test
    void buffersAreAlignedAndOfTheAskedSize() {
        for (long bytes : new long[] {0, 1, 64, 65, 1000, 4097, 1 << 20, (1 << 20) + 1}) {
            MemorySegment m = Memory.allocate(bytes, "test").segment();
            assertThat(m.byteSize()).isEqualTo(Math.max(bytes, 64));
            assertThat(m.address() % 64).isZero();
            assertThatThrownBy(() -> m.get(ValueLayout.JAVA_BYTE, Math.max(bytes, 64)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void whatNobodyHoldsComesBackToAnInterruptedThreadToo() {
        long before = Memory.bytesInUse();
        Thread.currentThread().interrupt();
        try {
            for (int i = 0; i < 200; i++) {
                Memory.allocate(64 << 20, "dropped"); // 12 GB in all; the mark depends on what other tests have held
                assertThat(Memory.bytesInUse() - before).isLessThan(4L << 30);
            }
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void whatNobodyHoldsComesBack() throws InterruptedException {
        Buffer held = Memory.allocate(8 << 20, "held");
        for (int i = 0; i < 1000; i++) {
            Memory.allocate(8 << 20, "dropped"); // 8 GB in all
        }
        for (int i = 0; i < 50 && Memory.bytesInUse() > 64 << 20; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(Memory.bytesInUse()).isBetween(8L << 20, 64L << 20);
        Reference.reachabilityFence(held);
    }

    @Test
    void aProgramThatGoesOnToOtherSizesGetsBlocksOfThoseBack() {
        for (int i = 0; i < 300; i++) {
            Memory.allocate((1L + i % 10) << 20, "sizes of before"); // more than the pool keeps
        }
        for (int i = 0; i < 300; i++) {
            Memory.allocate(13 << 20, "the size of now");
        }
        long before = Memory.blocksMade();
        for (int i = 0; i < 300; i++) {
            Memory.allocate(13 << 20, "the size of now");
        }
        // Collections come when the mark is passed, so some blocks are made for the tensors between two of them.
        assertThat(Memory.blocksMade() - before).isLessThan(100);
    }

    @Test
    void noBlockHasTwoHolders() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                long stamp = t * 1_000_000L;
                Random random = new Random(t);
                results.add(threads.submit((Callable<Boolean>) () -> {
                    Deque<Buffer> mine = new ArrayDeque<>();
                    Deque<Long> stamps = new ArrayDeque<>();
                    for (int i = 0; i < 20_000; i++) {
                        Buffer b = Memory.allocate(random.nextInt(4) * 2000L + 64, "stamped");
                        b.segment().set(ValueLayout.JAVA_LONG, 0, stamp + i);
                        mine.add(b);
                        stamps.add(stamp + i);
                        if (mine.size() > 50) {
                            Buffer oldest = mine.poll();
                            long found = oldest.segment().get(ValueLayout.JAVA_LONG, 0);
                            Reference.reachabilityFence(oldest);
                            if (found != stamps.poll()) {
                                return false;
                            }
                        }
                        if (i % 5000 == 0) {
                            System.gc();
                        }
                    }
                    return true;
                }));
            }
            for (Future<Boolean> r : results) {
                assertThat(r.get()).isTrue();
            }
        }
    }

    @Test
    void runningOutNamesTheLargestHolders() {
        Buffer large = Memory.allocate(32 << 20, "a large tensor");
        assertThatThrownBy(() -> Memory.allocate(1L << 42, "too much"))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining("a large tensor: 32 MB")
                .hasMessageContaining("-XX:MaxDirectMemorySize");
        Reference.reachabilityFence(large);
        assertThat(Memory.allocate(100, "after").segment().byteSize()).isEqualTo(100);
    }
}
