package kawi.cpu.kernels;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes long to make and can be done without meanwhile: made in the background when first asked for, one after
 * another, because what it waits for is C2, which has one or two threads on a small machine.
 */
final class OnDemand<T> {

    private final Supplier<@Nullable T> make;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable T value;

    OnDemand(Supplier<@Nullable T> make) {
        this.make = make;
    }

    /** What can't be made. */
    static <T> OnDemand<T> never() {
        var never = new OnDemand<T>(() -> null);
        never.asked.set(true);
        never.ended.countDown();
        return never;
    }

    /** Null before it is there, and for good if it can't be made. */
    @Nullable
    T get() {
        if (!asked.get() && asked.compareAndSet(false, true)) {
            WarmUp.inBackground(() -> {
                try {
                    synchronized (OnDemand.class) {
                        value = make.get();
                    }
                } finally {
                    ended.countDown();
                }
            });
        }
        return value;
    }

    /** Waits until it is there, or can't be made. */
    void await() throws InterruptedException {
        get();
        ended.await();
    }
}
