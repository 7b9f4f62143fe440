package kawi.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import kawi.data.Batch;
import kawi.data.Digits;
import kawi.data.ImageDataset;
import kawi.models.MnistCnn;
import kawi.nn.Losses;
import kawi.optim.Adam;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import org.bytedeco.pytorch.global.torch;

/**
 * An epoch of the network of PyTorch's MNIST example (batch 64, Adam), in turns with libtorch: first the two must agree
 * without dropout, then each trains the same stretch of steps, again and again.
 */
final class MnistCase {
    private static final int BATCH = 64;
    private static final int EPOCH_STEPS = 938;
    private static final int AGREEING_STEPS = 5;

    private final int threads;
    private final int rounds;
    private final int stretch;

    MnistCase(int threads, int rounds, int stretch) {
        this.threads = threads;
        this.rounds = rounds;
        this.stretch = stretch;
    }

    /** One side of the comparison. */
    private interface Side {
        double step(Batch batch, boolean dropout);
    }

    void run() {
        Kawi.threads(threads);
        torch.set_num_threads(threads);
        Kawi.seed(0);
        MnistCnn model = new MnistCnn();
        List<float[]> weights = new ArrayList<>();
        List<long[]> shapes = new ArrayList<>();
        for (Parameter p : model.parameters()) {
            weights.add(p.toFloatArray());
            shapes.add(Arrays.stream(p.shape().dims()).asLongStream().toArray());
        }
        Adam adam = new Adam(model.parameters(), 1e-3);
        TorchCnn torchCnn = new TorchCnn(weights, shapes, 1e-3);
        Side kawi = (batch, dropout) -> {
            if (dropout) {
                model.train();
            } else {
                model.eval();
            }
            kawi.tensor.Tensor loss = Losses.crossEntropy(model.forward(batch.x()), batch.y());
            adam.step(loss);
            return loss.item();
        };
        Side peer = (batch, dropout) -> torchCnn.step(batch.x().toFloatArray(), batch.y().toLongArray(), dropout);

        ImageDataset digits = Digits.train();
        agree(kawi, peer, digits);
        time(kawi, digits);
        time(peer, digits);
        double[] ours = new double[rounds];
        double[] theirs = new double[rounds];
        double[] ratios = new double[rounds];
        for (int r = 0; r < rounds; r++) {
            ours[r] = time(kawi, digits);
            theirs[r] = time(peer, digits);
            ratios[r] = theirs[r] / ours[r];
            System.err.printf(Locale.ROOT, "round %d  kawi %.2f ms a step  libtorch %.2f  ratio %.2f%n", r + 1, ours[r], theirs[r], ratios[r]);
        }
        System.out.printf(
                Locale.ROOT,
                "{\"case\":\"mnist-cnn-adam-step\",\"threads\":%d,\"kawi_ms\":%.3f,\"peer\":\"libtorch-openblas\",\"peer_ms\":%.3f,"
                        + "\"ratio\":%.3f,\"ratio_min\":%.3f,\"ratio_max\":%.3f,\"epoch_kawi_s\":%.2f,\"epoch_peer_s\":%.2f}%n",
                threads, median(ours), median(theirs), median(ratios), Arrays.stream(ratios).min().orElse(0),
                Arrays.stream(ratios).max().orElse(0), median(ours) * EPOCH_STEPS / 1e3, median(theirs) * EPOCH_STEPS / 1e3);
    }

    /** The losses of some steps without dropout must agree to 1e-3 relative: Adam's first steps magnify rounding. */
    private static void agree(Side kawi, Side peer, ImageDataset digits) {
        Iterator<Batch> batches = digits.batches(BATCH).iterator();
        for (int i = 0; i < AGREEING_STEPS; i++) {
            Batch b = batches.next();
            double a = kawi.step(b, false);
            double t = peer.step(b, false);
            System.err.printf(Locale.ROOT, "step %d  loss kawi %.6f  libtorch %.6f%n", i + 1, a, t);
            if (!(Math.abs(a - t) <= 1e-3 * Math.abs(t))) {
                throw new IllegalStateException("the two sides do not compute the same: losses " + a + " and " + t);
            }
        }
    }

    /** Milliseconds a step over a stretch of an epoch, data loading included on both sides. */
    private double time(Side side, ImageDataset digits) {
        Iterator<Batch> batches = digits.batches(BATCH).epoch(0, 0);
        long start = System.nanoTime();
        for (int i = 0; i < stretch; i++) {
            side.step(batches.next(), true);
        }
        return (System.nanoTime() - start) / 1e6 / stretch;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}
