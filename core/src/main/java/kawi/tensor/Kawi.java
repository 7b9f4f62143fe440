package kawi.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import kawi.autodiff.Gradients;
import kawi.base.KawiException;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Site;
import kawi.schedule.Engine;
import org.jspecify.annotations.Nullable;

/** Settings of the library, and derivatives. */
public final class Kawi {
    private static final Stream GLOBAL = new Stream(0, 0);
    private static final ScopedValue<Stream> OWN = ScopedValue.newInstance();

    private Kawi() {}

    /** Keys one after another. */
    private static final class Stream {
        private Key key;
        private long drawn;

        Stream(long seed, long drawn) {
            this.key = Key.of(seed);
            this.drawn = drawn;
        }

        synchronized void restart(long seed, long from) {
            key = Key.of(seed);
            drawn = from;
        }

        synchronized Key next() {
            return key.fold(drawn++);
        }

        synchronized long drawn() {
            return drawn;
        }
    }

    /** The stream of {@link #withStream}, outside of it the global one. */
    private static Stream stream() {
        return OWN.orElse(GLOBAL);
    }

    /** Starts the global stream of random numbers anew; the same seed gives the same numbers on every machine. */
    public static void seed(long seed) {
        stream().restart(seed, 0);
    }

    /** The next key of the global stream: what operations without a key of their own draw from. */
    public static Key nextKey() {
        Jit.draws();
        return stream().next();
    }

    /** How many keys have been drawn since {@link #seed}; with the seed this is the whole state of the stream. */
    public static long drawnKeys() {
        return stream().drawn();
    }

    /** Puts the global stream where it was after {@code drawn} keys under {@code seed}. */
    public static void restore(long seed, long drawn) {
        stream().restart(seed, drawn);
    }

    /**
     * Does some work with a stream of random numbers of its own in place of the global one, from where that was after {@code
     * drawn} keys under {@code seed}: what this thread draws meanwhile, or seeds, and what others do, are nothing to each
     * other.
     */
    public static <T> T withStream(long seed, long drawn, Supplier<T> work) {
        return ScopedValue.where(OWN, new Stream(seed, drawn)).call(work::get);
    }

    /**
     * Runs every operation when it is called and alone ({@code true}), or whole programs when a value is read. The
     * numbers are the same bit for bit; eager is for debugging and teaching.
     */
    public static void eager(boolean on) {
        Engine.get().eager(on);
    }

    /**
     * Tensors recorded from now on remember the line of the user's code and the layer that made them, and errors about shapes
     * and element types name them. To record an operation takes several times longer meanwhile; kernels are as fast as before.
     */
    public static void debug(boolean on) {
        Site.keep("debug", on);
    }

    /**
     * Reports every broadcast of tensors with different numbers of axes on the standard error stream, once for each line of
     * the user's code: the mistake that makes an {@code [n, n]} matrix of a column {@code [n, 1]} and a vector {@code [n]}. Numbers and tensors of
     * rank 0 are not reported, nor are the biases of Kawi's own layers.
     */
    public static void strict(boolean on) {
        Strict.report(on ? System.err::println : null);
    }

    /** As {@link #strict(boolean)}, with the reports given to {@code report}; by throwing it makes them errors. */
    public static void strict(Consumer<String> report) {
        Strict.report(report);
    }

    /**
     * From now on each run computes one operation after another and stops at the first that makes a NaN, or an infinity out of
     * finite numbers, forwards or backwards, with a {@link KawiException}: the operation, the layer, the line of the user's code that
     * recorded it, and the ranges of its operands. The numbers are the same bit for bit, but all intermediate results
     * are kept and looked through, so it is slow. Constants such as the −∞ of a mask are no anomaly.
     */
    public static void detectAnomalies(boolean on) {
        Site.keep("detectAnomalies", on);
        Engine.get().inspector(on ? NonFinite::check : null);
    }

    /**
     * Does work and tells how long each launch of it took: by launch, by operation, and by line of the user's code. Where Flight
     * Recorder runs, each launch is an event {@code kawi.Launch} as well. Without a profile nothing of this costs any time.
     */
    public static Profile profile(Runnable work) {
        return Profile.of(work);
    }

    /** Tells the debugging tools that what was recorded from input to output is part of a layer; does nothing without them. */
    public static void layer(Tensor input, Tensor output, Supplier<String> name) {
        Site.layer(input.node(), output.node(), name);
    }

    /** Number of threads that compute. Results do not depend on it. */
    public static void threads(int count) {
        if (count < 1) {
            throw new KawiException("threads: at least 1 is needed, but " + count + " was given");
        }
        Engine.get().threads(count);
    }

    /** Number of threads that compute. */
    public static int threads() {
        return Engine.get().backend().threads();
    }

    /** One line on the device that computes: vector width, threads, what is missing. */
    public static String device() {
        return Engine.get().backend().describe();
    }

    /** Computes several tensors in one run. */
    public static void realize(Tensor... tensors) {
        List<Node> nodes = new ArrayList<>();
        for (Tensor t : tensors) {
            Jit.refuseToRead(t);
            nodes.add(t.node());
        }
        Engine.get().realize(nodes);
    }

    /**
     * The same function, recorded at the first call with arguments of some shapes and types, and run from that record at the next
     * ones, which cost no more than their kernels: for the inference and the small steps of a service.
     *
     * <p>Results are computed when the call returns, bit for bit those of the function, and carry no history: derivatives are taken
     * within, {@code jit(x -> grad(f(x), …))}. {@link Variable}s, so the parameters of layers, are read at each call. Other
     * tensors from outside, and plain Java values, are what they were when the function was recorded. A function that draws
     * from the stream of {@link #seed} is called each time, and so is every one while {@link #eager} is on, within another recorded
     * function, or with arguments that are tracked.
     *
     * @throws KawiException at the first call, if the function reads the elements of what it computes with, or changes a variable
     */
    public static Function<Tensor, Tensor> jit(Function<Tensor, Tensor> function) {
        var jit = new Jit(x -> Collections.singletonList(function.apply(x.get(0))));
        return x -> jit.apply(List.of(x)).get(0);
    }

    /** The same for functions of two tensors. */
    public static BiFunction<Tensor, Tensor, Tensor> jit(BiFunction<Tensor, Tensor, Tensor> function) {
        var jit = new Jit(x -> Collections.singletonList(function.apply(x.get(0), x.get(1))));
        return (x, y) -> jit.apply(List.of(x, y)).get(0);
    }

    /** The same for functions of any number of tensors, with any number of results. */
    public static Function<List<Tensor>, List<Tensor>> jitAll(Function<List<Tensor>, List<Tensor>> function) {
        return new Jit(function);
    }

    /**
     * The first operation, in order of running, of those not yet run for a tensor that makes a NaN or an infinity, with the range of its
     * operands, and with lines and layers if they were recorded under {@link #debug}. Runs one operation after another, so it is slow.
     */
    public static Optional<String> firstNonFinite(Tensor tensor) {
        return NonFinite.first(tensor);
    }

    /** The launches that would compute a tensor, in order: one line each, fused operations joined by +. */
    public static List<String> explain(Tensor tensor) {
        return Engine.get().explain(List.of(tensor.node()));
    }

    /**
     * The bytes of intermediate results that would be alive at once if the tensors were computed in one run ({@link #realize}):
     * without the tensors themselves and what they are computed from.
     */
    public static long intermediateBytes(Tensor... tensors) {
        return Engine.get()
                .intermediateBytes(Arrays.stream(tensors).map(Tensor::node).toList());
    }

    /**
     * The gradient ∂y/∂x of a scalar. It is a tensor like any other and can be differentiated again.
     *
     * @param y one number
     * @param x a {@link Parameter}, the result of {@link Tensor#requiresGrad}, or anything computed from one
     */
    public static Tensor grad(Tensor y, Tensor x) {
        return grad(y, List.of(x)).get(0);
    }

    /** The gradients ∂y/∂x of a scalar with respect to several tensors; zeros where y does not depend on one. */
    public static List<Tensor> grad(Tensor y, List<? extends Tensor> xs) {
        if (y.size() != 1) {
            throw new KawiException("grad: the gradient of one number is asked for, but " + y.type() + " has "
                    + y.size() + "; reduce it first with sum() or mean(), or use vjp");
        }
        return vjp(y, Tensor.ones(y.dtype(), y.shape().dims()), xs);
    }

    /** Whether there is a path of operations with derivatives from any of some tensors to y; where there is none, all its gradients are zeros. */
    public static boolean depends(Tensor y, List<? extends Tensor> xs) {
        return Gradients.any(y.node(), xs.stream().map(Tensor::node).toList());
    }

    /** The gradient of a function compared with central differences, at steps of many sizes: {@link GradCheck#of}. */
    public static GradCheck gradCheck(Function<Tensor, Tensor> f, Tensor x) {
        return GradCheck.of(f, x);
    }

    /** Vector-Jacobian products: ∂⟨v, y⟩/∂x for each x, where {@code v} has the shape of y. */
    public static List<Tensor> vjp(Tensor y, Tensor v, List<? extends Tensor> xs) {
        List<Node> nodes = new ArrayList<>();
        for (Tensor x : xs) {
            if (!x.node().tracked()) {
                throw new KawiException(
                        "grad: a tensor " + x.type() + " is not tracked, so no derivative with respect to it is kept."
                                + " Use a Parameter, or x = x.requiresGrad() before computing with it");
            }
            nodes.add(x.node());
        }
        if (!v.shape().equals(y.shape())) {
            throw new KawiException("vjp: the vector has shape %s, but y has shape %s".formatted(v.shape(), y.shape()));
        }
        List<@Nullable Node> found = Gradients.of(y.node(), Graph.cast(v.node(), y.dtype()), nodes);
        List<Tensor> result = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            Node g = found.get(i);
            result.add(Tensor.of(g != null ? g : Graph.scalar(0, nodes.get(i))));
        }
        return result;
    }
}
