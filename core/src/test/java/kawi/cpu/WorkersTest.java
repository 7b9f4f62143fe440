package kawi.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void runsEachTaskOnce(int threads) {
        Workers workers = Workers.of(threads);
        for (int tasks : new int[] {0, 1, 2, 3, 7, 1000}) {
            for (int repeat = 0; repeat < 200; repeat++) {
                var counts = new AtomicIntegerArray(tasks);
                workers.run(tasks, counts::incrementAndGet);
                for (int i = 0; i < tasks; i++) {
                    assertThat(counts.get(i)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void runsAfterItsThreadsFellAsleep() throws InterruptedException {
        Workers workers = Workers.of(3);
        for (int repeat = 0; repeat < 20; repeat++) {
            var sum = new AtomicInteger();
            workers.run(5, sum::addAndGet);
            assertThat(sum).hasValue(10);
            Thread.sleep(2);
        }
    }

    @Test
    void usesItsThreads() {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        Workers.of(2).run(2, _ -> {
            seen.add(Thread.currentThread());
            long start = System.nanoTime();
            while (seen.size() < 2 && System.nanoTime() - start < 5_000_000_000L) {
                Thread.onSpinWait();
            }
        });
        assertThat(seen).hasSize(2).contains(Thread.currentThread());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void passesOnAnExceptionAfterTheOtherTasks(int threads) {
        Workers workers = Workers.of(threads);
        var ended = new AtomicInteger();
        assertThatThrownBy(() -> workers.run(10, task -> {
                    if (task == 3) {
                        throw new IllegalStateException("task three");
                    }
                    ended.incrementAndGet();
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("task three");
        assertThat(ended).hasValue(9);
        workers.run(4, _ -> ended.incrementAndGet());
        assertThat(ended).hasValue(13);
    }

    @Test
    void runsNestedTasksOnTheCallingThread() {
        Workers workers = Workers.of(2);
        var count = new AtomicInteger();
        workers.run(4, _ -> {
            Thread outer = Thread.currentThread();
            workers.run(5, _ -> {
                assertThat(Thread.currentThread()).isSameAs(outer);
                count.incrementAndGet();
            });
        });
        assertThat(count).hasValue(20);
    }

    @Test
    void servesSeveralCallersAtOnce() throws InterruptedException {
        Workers workers = Workers.of(3);
        var total = new AtomicInteger();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            callers.add(Thread.ofPlatform().start(() -> {
                for (int repeat = 0; repeat < 500; repeat++) {
                    workers.run(7, _ -> total.incrementAndGet());
                }
            }));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(total).hasValue(4 * 500 * 7);
    }

    @Test
    void isOnePoolForOneNumberOfThreads() {
        assertThat(Workers.of(2)).isSameAs(Workers.of(2));
        assertThat(Workers.of(3).threads()).isEqualTo(3);
        assertThatThrownBy(() -> Workers.of(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
