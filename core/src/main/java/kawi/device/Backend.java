package kawi.device;

import kawi.base.DType;
import kawi.graph.Op;
import org.jspecify.annotations.Nullable;

/** A device that runs loop nests and kernels. Found by {@link java.util.ServiceLoader}. */
public interface Backend {
    /** Name by which it is chosen. */
    String name();

    /** Makes a loop nest ready to run. */
    Launch compile(LoopNest nest);

    /** Makes loop nests with a common axis ready to run block by block. */
    Launch compile(Sweep sweep);

    /** Bytes that the passes of a sweep may touch at one place of its axis. */
    long sweepBytes();

    /** Makes an operation ready to run, or returns null where this device has no kernel for it or for its epilogue. */
    @Nullable
    Launch compile(KernelCall call);

    /** Whether a loop can follow each finished block of this operation's result. */
    boolean takesEpilogue(Op op);

    /** What an elementwise operation adds to the size of a loop. */
    int cost(Op op, DType type);

    /** The largest size of one loop; fusion stops there. */
    int budget();

    /** Number of worker threads; results do not depend on it. */
    void threads(int count);

    /** Number of worker threads. */
    int threads();

    /** One line on what this device can do, for {@code ./kawi info}. */
    String describe();
}
