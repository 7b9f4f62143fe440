package kawi.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kawi.data.Digits;
import kawi.data.ImageDataset;
import kawi.data.Loader;
import kawi.nn.BatchNorm;
import kawi.nn.Dropout;
import kawi.nn.Linear;
import kawi.nn.Module;
import kawi.optim.Adam;
import kawi.optim.Average;
import kawi.optim.Optimizer;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which weights a training ends with: those of the best epoch, or an average. */
class TrainerBestWeightsTest {
    private static final ImageDataset FEW =
            new ImageDataset(Digits.images(Digits.Split.TRAIN, 0, 100), 0.13f, 0.3f, null);
    private static final ImageDataset TEST =
            new ImageDataset(Digits.images(Digits.Split.TEST, 0, 200), 0.13f, 0.3f, null);

    @TempDir
    Path temp;

    /** The model has the weights of the lowest validation loss, those of the best checkpoint; going on after an end or an interruption leads there too. */
    @Test
    void earlyStoppingGivesTheBestWeightsBack() {
        List<EpochMetrics> history = stopping(12, temp.resolve("whole")).fit(FEW, TEST);
        double least =
                history.stream().mapToDouble(EpochMetrics::validationLoss).min().orElseThrow();
        int best =
                1 + history.stream().map(EpochMetrics::validationLoss).toList().indexOf(least);
        assertThat(history).hasSize(best + 2).hasSizeLessThan(12);
        stopping(best + 1, temp.resolve("parts")).fit(FEW, TEST);
        TrainerTest.Net net = new TrainerTest.Net();
        Trainer resumed = stopping(net, 12, temp.resolve("parts")).resume(Checkpoint.latest(temp.resolve("parts")));
        assertThat(resumed.fit(FEW, TEST)).hasSize(best + 2);
        assertThat(resumed.evaluate(TEST).loss()).isEqualTo(least);
        TrainerTest.Net kept = new TrainerTest.Net();
        Checkpoint.best(temp.resolve("whole")).restore(kept);
        assertThat(Weights.sha256(net.state())).isEqualTo(Weights.sha256(kept.state()));
        assertThatThrownBy(() -> resumed.earlyStopping(2)).hasMessageContaining("before resume");
    }

    private static Trainer stopping(int epochs, Path folder) {
        return stopping(new TrainerTest.Net(), epochs, folder);
    }

    /** At this rate a hundred images are soon known by heart. */
    private static Trainer stopping(TrainerTest.Net net, int epochs, Path folder) {
        Kawi.seed(3);
        net.parameters()
                .forEach(p -> p.assign(Kawi.nextKey().normal(p.shape().dims()).mul(0.05)));
        return new Trainer(net, new Adam(net.parameters(), 2e-2), 20, epochs, 3)
                .quiet()
                .folder(folder, Map.of(), Map.of())
                .earlyStopping(2);
    }

    private static final class Normed extends Module {
        final Linear hidden = new Linear(784, 16);
        final BatchNorm norm = new BatchNorm(16);
        final Dropout dropout = new Dropout(0.2);
        final Linear output = new Linear(16, 10);

        @Override
        public Tensor forward(Tensor x) {
            return output.forward(dropout.forward(
                    norm.forward(hidden.forward(x.flatten(1, -1))).relu()));
        }
    }

    private static Trainer averaging(Normed net, Path folder) {
        Optimizer optimizer = new Adam(net.parameters(), 1e-2).average(Average.exponential(0.9));
        return new Trainer(net, optimizer, 20, 3, 3).quiet().folder(folder, Map.of(), Map.of());
    }

    /** What is validated is what the model has at the end, while the steps are those of a training without averages. */
    @Test
    void theAverageIsValidatedWithStatisticsOfItsOwn() {
        Kawi.seed(5);
        Normed plain = new Normed();
        Path plainly = temp.resolve("plain");
        averaging(plain, plainly).fit(FEW, TEST);
        Kawi.seed(5);
        Normed net = new Normed();
        Path folder = temp.resolve("averaged");
        Trainer trainer = averaging(net, folder).averaged();
        List<EpochMetrics> history = trainer.fit(FEW, TEST);
        assertThat(trainer.evaluate(TEST).loss()).isEqualTo(history.getLast().validationLoss());
        Normed last = new Normed();
        Checkpoint.latest(folder).restore(last);
        assertThat(Weights.sha256(last.state())).isEqualTo(Weights.sha256(plain.state()));
        Tensor images = new Loader(FEW, 100, Key.of(0), false).iterator().next().x();
        Tensor mean = net.hidden.forward(images.flatten(1, -1)).mean(0);
        assertThat(net.norm.runningMean.toDoubleArray())
                .containsExactly(mean.toDoubleArray(), within(1e-5)); // of five batches of one size: the mean of all
    }
}
