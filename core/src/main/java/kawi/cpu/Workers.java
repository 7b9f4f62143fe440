package kawi.cpu;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that run the numbered tasks of one kernel at a time, the caller among them.
 *
 * <p>Tasks are claimed in turn by whoever is free, so a kernel must cut its work by shape alone, and no task may read
 * what another writes: then the result does not depend on the number of threads.
 *
 * <p>A launch must cost far less than the kernels it launches (small training steps take tens of microseconds), and a
 * sleeping thread takes some 10 µs to wake: workers therefore spin for a short while after each run before they sleep.
 */
public final class Workers {

    /** The work of one run, cut into tasks. */
    @FunctionalInterface
    public interface TaskBody {
        /** Does task number {@code task}; called once for each, from any thread, in no fixed order. */
        void run(int task);
    }

    /** How long an idle thread spins before it sleeps: the usual gap between two kernels of one training step. */
    private static final long SPIN_NANOS = 50_000;

    private static final TaskBody NOTHING = _ -> {};

    private static final ConcurrentHashMap<Integer, Workers> POOLS = new ConcurrentHashMap<>();

    private final Worker[] workers;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile Job current = new Job(NOTHING, 0, 0);
    private long runs;

    private Workers(int threads) {
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker("kawi-worker-" + (i + 1));
            workers[i].start();
        }
    }

    /** The pool of {@code threads} threads, the caller counted; the same pool for the same number. */
    public static Workers of(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("a pool needs at least 1 thread, not " + threads);
        }
        return POOLS.computeIfAbsent(threads, Workers::new);
    }

    /** How many threads compute, the caller counted. */
    public int threads() {
        return workers.length + 1;
    }

    /**
     * Runs tasks 0 … {@code tasks}-1 and returns when all have ended. If some throw, the others still run, and the first
     * exception that was seen is thrown here.
     *
     * <p>While the pool is busy, with another caller or because a task calls this itself, the tasks run on the calling
     * thread alone.
     */
    public void run(int tasks, TaskBody body) {
        if (tasks <= 0) {
            return;
        }
        if (tasks == 1) {
            body.run(0);
            return;
        }
        if (workers.length == 0 || !busy.compareAndSet(false, true)) {
            var job = new Job(body, tasks, 0);
            job.work();
            job.rethrow();
            return;
        }
        var job = new Job(body, tasks, ++runs);
        try {
            current = job;
            int helpers = Math.min(workers.length, tasks - 1);
            for (int i = 0; i < helpers; i++) {
                workers[i].wake();
            }
            job.work();
            job.awaitEnd();
        } finally {
            job.body = NOTHING; // the pool outlives the run, and must not keep its tensors alive
            busy.set(false);
        }
        job.rethrow();
    }

    /** One call of {@link #run}. */
    private static final class Job {
        private final long number;
        private final int tasks;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();
        private volatile TaskBody body;
        private volatile @Nullable Thread waiting;
        private volatile @Nullable Throwable failure;

        Job(TaskBody body, int tasks, long number) {
            this.body = body;
            this.tasks = tasks;
            this.number = number;
        }

        /** Claims and runs tasks until none is left. */
        void work() {
            TaskBody claimed = body; // NOTHING only when all tasks have ended, and then none is left to claim
            for (int task = next.getAndIncrement(); task < tasks; task = next.getAndIncrement()) {
                try {
                    claimed.run(task);
                } catch (Throwable e) {
                    failure = failure == null ? e : failure;
                }
                if (ended.incrementAndGet() == tasks) {
                    Thread waiter = waiting;
                    if (waiter != null) {
                        LockSupport.unpark(waiter);
                    }
                }
            }
        }

        void awaitEnd() {
            if (ended.get() == tasks) {
                return;
            }
            long start = System.nanoTime();
            while (System.nanoTime() - start < SPIN_NANOS) {
                for (int i = 0; i < 32; i++) {
                    if (ended.get() == tasks) {
                        return;
                    }
                    Thread.onSpinWait();
                }
            }
            waiting = Thread.currentThread();
            while (ended.get() < tasks) {
                LockSupport.park(this);
            }
        }

        void rethrow() {
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException("a task ended with a checked exception", e);
            }
        }
    }

    private final class Worker extends Thread {
        private volatile boolean asleep;

        Worker(String name) {
            super(name);
            setDaemon(true);
        }

        void wake() {
            if (asleep) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            long seen = 0;
            while (true) {
                Job job = await(seen);
                seen = job.number;
                job.work();
            }
        }

        private Job await(long seen) {
            long start = System.nanoTime();
            while (System.nanoTime() - start < SPIN_NANOS) {
                for (int i = 0; i < 32; i++) {
                    Job job = current;
                    if (job.number != seen) {
                        return job;
                    }
                    Thread.onSpinWait();
                }
            }
            // First say that we sleep, then look once more: a caller first publishes its job, then looks who sleeps.
            asleep = true;
            try {
                Job job = current;
                while (job.number == seen) {
                    LockSupport.park(this);
                    job = current;
                }
                return job;
            } finally {
                asleep = false;
            }
        }
    }
}
