package kawi.bench;

import java.util.List;

/** One of the two that are compared, inside its own process. */
interface Side {
    /**
     * Makes a case ready to run, in the place of the one before.
     *
     * @param inputs what the other side drew; empty for the side that draws
     * @return what the inputs are
     */
    List<Spec> prepare(Case item, List<Spec> inputs);

    /** One run without randomness; its outputs in row-major order. */
    List<float[]> outputs();

    /** So many runs. */
    void run(int times);
}
