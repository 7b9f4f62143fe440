package kawi.recipes;

import java.util.Arrays;
import java.util.List;
import kawi.base.DType;
import kawi.nn.Activation;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.nn.Sequential;
import kawi.optim.Clip;
import kawi.optim.Optimizer;
import kawi.optim.Sgd;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a recurrent network is a sum of products of up to T Jacobians, and grows or shrinks with the T-th power of their size. Where it
 * explodes, one step throws the weights far away; a clipped step keeps the direction and takes a length that one chooses (Pascanu, Mikolov
 * and Bengio 2013, <em>On the difficulty of training recurrent neural networks</em>, section 3.2). Shown on their kind of task: of T pairs (number,
 * mark), add the two numbers that are marked (Hochreiter and Schmidhuber 1997); answering 1 always has a squared error of 1/6.
 *
 * <p>And where a batch does not fit into memory, its parts do: the gradients of k parts, accumulated, are that of the whole.
 */
final class B11Clipping implements Demonstration {
    private static final int LENGTH = 12;
    private static final int UNITS = 32;
    private static final int BATCH = 32;
    private final int steps;

    B11Clipping() {
        this(300);
    }

    /** With so many steps of training. */
    B11Clipping(int steps) {
        this.steps = steps;
    }

    @Override
    public String id() {
        return "B11";
    }

    @Override
    public String sentence() {
        return "clipping tames the exploding gradients of a recurrent network; accumulated gradients are those of the large batch";
    }

    @Override
    public void run(Report report) {
        double[] free = train(null, steps / 5);
        double[] byValue = train(Clip.value(0.1), steps);
        double[] byNorm = train(Clip.eachNorm(0.5), steps);
        double[] global = train(Clip.globalNorm(1), steps);
        report.say("squared error over the last tenth of %d steps; answering 1 always: 0.1667", steps);
        report.say(
                "not clipped %.4g%s",
                last(free), free.length < steps / 5 ? ", not finite after step " + free.length : "");
        report.say(
                "by value 0.1 %.4f, by each norm 0.5 %.4f, by the global norm 1 %.4f",
                last(byValue), last(byNorm), last(global));
        report.figure(
                "free",
                "not clipped: steps until the loss is not finite or above 1,000",
                exploded(free),
                Reference.atMost(10));
        report.figure("value", "clipped by value: squared error", last(byValue), Reference.atMost(10));
        report.figure("norm", "clipped by the norm of each: squared error", last(byNorm), Reference.atMost(10));
        report.figure("global", "clipped by the global norm: squared error", last(global), Reference.atMost(1.0 / 6));
        report.figure(
                "accumulation",
                "4 parts of 16 against batches of 64, relative",
                accumulation(),
                Reference.atMost(1e-5));
        report.picture(
                "loss",
                Plot.of("Adding two of %d numbers".formatted(LENGTH), "step", "squared error")
                        .logY()
                        .line("not clipped", free)
                        .line("value 0.1", byValue)
                        .line("each norm 0.5", byNorm)
                        .line("global norm 1", global));
    }

    /** h ← relu(W·h + U·x + b) from h = 0, with W started as the identity (Le, Jaitly and Hinton 2015), and an output from the last h. */
    private static final class Net extends Module {
        final Parameter w = new Parameter(Tensor.eye(UNITS));
        final Linear in = new Linear(2, UNITS);
        final Linear out = new Linear(UNITS, 1);

        /** {@code [T, N, 2] → [N]}. */
        @Override
        public Tensor forward(Tensor x) {
            Tensor h = Tensor.zeros(x.dim(1), UNITS);
            for (int t = 0; t < x.dim(0); t++) {
                h = h.matmul(w.t()).add(in.forward(x.select(0, t))).relu();
            }
            return out.forward(h).squeeze(1);
        }
    }

    /** The losses until the end, or until one is not finite. */
    private static double[] train(@Nullable Clip clip, int steps) {
        Net net = Kawi.withStream(3, 0, Net::new);
        Optimizer sgd = new Sgd(net.parameters(), 0.03, 0.9);
        if (clip != null) {
            sgd.clip(clip);
        }
        double[] losses = new double[steps];
        for (int k = 0; k < steps; k++) {
            Key key = Key.of(5).fold(k);
            Tensor numbers = key.fold(0).uniform(LENGTH, BATCH);
            Tensor first = marks(key.fold(1), 0);
            Tensor second = marks(key.fold(2), LENGTH / 2);
            Tensor marks = first.add(second);
            Tensor x = Tensor.stack(2, numbers, marks);
            Tensor loss = Losses.mse(net.forward(x), numbers.mul(marks).sum(0));
            if (!sgd.step(loss, new Tensor[0])) {
                return Arrays.copyOf(losses, k);
            }
            losses[k] = loss.item();
        }
        return losses;
    }

    /** {@code [T, N]}: a 1 for each example at one place of the half that begins at {@code from}. */
    private static Tensor marks(Key key, int from) {
        Tensor place = key.uniform(BATCH).mul(LENGTH / 2.0).floor().add(from);
        return Tensor.arange(LENGTH).unsqueeze(1).eq(place.to(DType.I64)).to(DType.F32);
    }

    private static int exploded(double[] losses) {
        int k = 0;
        while (k < losses.length && losses[k] <= 1000) {
            k++;
        }
        return k + 1;
    }

    private static double last(double[] losses) {
        return losses.length == 0
                ? Double.NaN
                : Arrays.stream(losses)
                        .skip(losses.length - Math.max(1, losses.length / 10))
                        .average()
                        .orElse(Double.NaN);
    }

    /** The largest difference of the weights after 20 steps, relative to the largest weight. */
    private static double accumulation() {
        Tensor x = Key.of(1).normal(64, 20).realized();
        Tensor y = Key.of(2).normal(64, 5).realized();
        Module whole = network();
        Module parts = network();
        Optimizer atOnce = new Sgd(whole.parameters(), 0.1, 0.9).clipNorm(1);
        Optimizer inParts = new Sgd(parts.parameters(), 0.1, 0.9).clipNorm(1).accumulate(4);
        for (int k = 0; k < 20; k++) {
            atOnce.step(Losses.mse(whole.forward(x), y));
            for (int i = 0; i < 4; i++) {
                inParts.step(Losses.mse(parts.forward(x.narrow(0, 16 * i, 16)), y.narrow(0, 16 * i, 16)));
            }
        }
        double worst = 0;
        List<Parameter> a = whole.parameters();
        List<Parameter> b = parts.parameters();
        for (int i = 0; i < a.size(); i++) {
            worst = Math.max(worst, Closeness.relativeError(b.get(i), a.get(i)));
        }
        return worst;
    }

    private static Module network() {
        return Kawi.withStream(4, 0, () -> new Sequential(new Linear(20, 32), Activation.tanh(), new Linear(32, 5)));
    }
}
