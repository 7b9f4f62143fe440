package kawi.nn;

import java.util.ArrayList;
import java.util.List;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** What each layer made of its input during one call: the material of summaries and of the search for a first NaN. */
public final class Trace {
    private static final ThreadLocal<@Nullable Trace> CURRENT = new ThreadLocal<>();

    private final List<Call> calls = new ArrayList<>();

    private Trace() {}

    /** One call of a layer. */
    public record Call(Module layer, Tensor input, Tensor output) {}

    /** Runs something and tells which layers were called, in order. */
    public static List<Call> of(Runnable work) {
        Trace before = CURRENT.get();
        Trace trace = new Trace();
        CURRENT.set(trace);
        try {
            work.run();
        } finally {
            CURRENT.set(before);
        }
        return trace.calls;
    }

    static void note(Module layer, Tensor input, Tensor output) {
        Trace trace = CURRENT.get();
        if (trace != null) {
            trace.calls.add(new Call(layer, input, output));
        }
    }
}
