package kawi.recipes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.base.DType;
import kawi.nn.Activation;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.nn.Sequential;
import kawi.optim.Adam;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;

/**
 * One program, run in two ways. Lazily, a training step is recorded, planned as a whole and fused into a few kernels; eagerly, each
 * operation runs when it is called, as in NumPy. Sums are folded in an order that depends on the shapes alone and fused kernels round as the
 * single operations do, so the weights are the same to the last bit.
 */
final class A6EagerAndLazy implements Demonstration {
    private static final int BATCH = 32;
    private final int steps;

    A6EagerAndLazy() {
        this(40);
    }

    /** With fewer steps, for tests, the times are of no use but the same program runs. */
    A6EagerAndLazy(int steps) {
        this.steps = steps;
    }

    @Override
    public String id() {
        return "A6";
    }

    @Override
    public String sentence() {
        return "the same training, lazily and eagerly, ends with the same weights bit for bit";
    }

    @Override
    public void run(Report report) {
        List<Training> both = List.of(new Training(false, steps), new Training(true, steps));
        for (int i = 0; i < steps; i++) { // in turns, so that the times can be compared
            both.forEach(Training::step);
        }
        Training lazy = both.get(0);
        Training eager = both.get(1);

        long numbers = 0;
        long different = 0;
        List<Variable> lazyState = new ArrayList<>(lazy.model.state().values());
        List<Variable> eagerState = new ArrayList<>(eager.model.state().values());
        for (int k = 0; k < lazyState.size(); k++) {
            float[] a = lazyState.get(k).toFloatArray();
            float[] b = eagerState.get(k).toFloatArray();
            numbers += a.length;
            for (int i = 0; i < a.length; i++) {
                different += Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i]) ? 1 : 0;
            }
        }
        for (int i = 0; i < steps; i++) {
            different += lazy.losses[i] != eager.losses[i] ? 1 : 0;
            numbers++;
        }
        report.say(
                "A dense network, %d steps of Adam; loss %.4f → %.4f.", steps, lazy.losses[0], lazy.losses[steps - 1]);
        report.say("lazy  %8.2f ms a step", 1e3 * lazy.median());
        report.say("eager %8.2f ms a step", 1e3 * eager.median());
        report.figure("numbers", "weights and losses compared", numbers, Reference.atLeast(1));
        report.figure("different", "of them that differ in any bit", different, Reference.exactly(0));
        report.figure(
                "loss_ratio", "last loss / first loss", lazy.losses[steps - 1] / lazy.losses[0], Reference.atMost(1));
        report.figure("lazy_ms", "a step, lazily, ms", 1e3 * lazy.median(), Reference.NONE);
        report.figure("eager_ms", "a step, eagerly, ms", 1e3 * eager.median(), Reference.NONE);
    }

    /** A network of its own from the same seed, trained on the same examples. */
    private static final class Training {
        final boolean eager;
        final Module model = Kawi.withStream(
                0,
                0,
                () -> new Sequential(
                        new Linear(784, 64),
                        Activation.gelu(),
                        new Linear(64, 32),
                        Activation.tanh(),
                        new Linear(32, 10)));
        final Adam optimizer = new Adam(model.parameters(), 3e-3);
        final Tensor x = Key.of(1).normal(BATCH, 784).realized();
        final Tensor labels = Key.of(2).uniform(BATCH).mul(10).to(DType.I64).realized();
        final double[] losses;
        final double[] seconds;
        int done;

        Training(boolean eager, int steps) {
            this.eager = eager;
            this.losses = new double[steps];
            this.seconds = new double[steps];
        }

        void step() {
            long start = System.nanoTime();
            Kawi.eager(eager);
            try {
                Tensor loss = Losses.crossEntropy(model.forward(x), labels);
                optimizer.step(loss);
                losses[done] = loss.item();
            } finally {
                Kawi.eager(false);
            }
            seconds[done++] = (System.nanoTime() - start) / 1e9;
        }

        /** The median step, without the first half, in which code is still being compiled. */
        double median() {
            double[] late = Arrays.copyOfRange(seconds, done / 2, done);
            Arrays.sort(late);
            return late[late.length / 2];
        }
    }
}
