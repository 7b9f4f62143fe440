package kawi.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.base.KawiException;
import kawi.data.Digits;
import kawi.data.ImageDataset;
import kawi.nn.Dropout;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.optim.Adam;
import kawi.optim.Optimizer;
import kawi.optim.Sgd;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final ImageDataset TRAIN =
            new ImageDataset(Digits.images(Digits.Split.TRAIN, 0, 600), 0.13f, 0.3f, null).augmented(1, 5);
    private static final ImageDataset TEST =
            new ImageDataset(Digits.images(Digits.Split.TEST, 0, 200), 0.13f, 0.3f, null);

    @TempDir
    Path temp;

    static class Net extends Module {
        final Linear hidden = new Linear(784, 32);
        final Dropout dropout = new Dropout(0.2);
        final Linear output = new Linear(32, 10);

        @Override
        public Tensor forward(Tensor x) {
            return output.forward(
                    dropout.forward(hidden.forward(x.flatten(1, -1)).relu()));
        }
    }

    private record Job(Net net, Optimizer optimizer, Trainer trainer) {
        static Job of(int epochs) {
            Kawi.seed(3);
            Net net = new Net();
            Optimizer optimizer = new Adam(net.parameters(), 1e-3);
            return new Job(net, optimizer, new Trainer(net, optimizer, 50, epochs, 3).quiet());
        }

        String hash() {
            return Weights.sha256(net.state());
        }
    }

    @Test
    void learnsAndKeepsMetricsCurvesAndCheckpoints() throws IOException {
        Job job = Job.of(3);
        job.trainer.folder(temp, Map.of("recipe", "test"), Map.of());
        List<EpochMetrics> history = job.trainer.fit(TRAIN, TEST);
        assertThat(history).hasSize(3);
        assertThat(history.get(2).trainLoss()).isLessThan(history.get(0).trainLoss());
        assertThat(Files.readAllLines(temp.resolve("metrics.jsonl")))
                .hasSize(3)
                .last()
                .asString()
                .contains("\"epoch\":3");
        assertThat(Files.readAllBytes(temp.resolve("curves.png"))).startsWith(0x89, 'P', 'N', 'G');
        Checkpoint last = Checkpoint.latest(temp);
        assertThat(last.state().epoch()).isEqualTo(3);
        Net other = new Net();
        last.restore(other);
        assertThat(Weights.sha256(other.state())).isEqualTo(job.hash());
        assertThat(Checkpoint.folders(temp, "step-")).hasSizeLessThanOrEqualTo(2);
        assertThat(Checkpoint.folders(temp, "best-")).hasSize(1);
    }

    @Test
    void twoTrainingsDoNotShareAFolder() {
        Job first = Job.of(1);
        Trainer second = Job.of(1).trainer.folder(temp, Map.of(), Map.of());
        AtomicInteger losses = new AtomicInteger();
        first.trainer.folder(temp, Map.of("recipe", "test"), Map.of()).loss((output, target) -> {
            if (losses.getAndIncrement() == 1) {
                assertThatThrownBy(() -> second.fit(TRAIN, TEST))
                        .isInstanceOf(KawiException.class)
                        .hasMessageContaining("another training works in " + temp);
            }
            return Losses.crossEntropy(output, target);
        });
        first.trainer.fit(TRAIN, TEST);
        second.resume(Checkpoint.latest(temp)).fit(TRAIN, TEST); // the first has ended
        assertThat(losses.get()).isGreaterThan(1);
    }

    @Test
    void theSameSeedGivesTheSameWeightsOnAnyThreadsEagerOrNot() {
        int threads = Kawi.threads();
        String expected = null;
        try {
            for (int n : new int[] {1, 2, 3}) {
                Kawi.threads(n);
                Job job = Job.of(1);
                job.trainer.fit(TRAIN, TEST);
                expected = expected == null ? job.hash() : expected;
                assertThat(job.hash()).as(n + " threads").isEqualTo(expected);
            }
            Kawi.eager(true);
            Job job = Job.of(1);
            job.trainer.fit(TRAIN, TEST);
            assertThat(job.hash()).as("eager").isEqualTo(expected);
        } finally {
            Kawi.eager(false);
            Kawi.threads(threads);
        }
    }

    @Test
    void stoppedAndResumedEndsWithTheWeightsOfARunWithoutStop() {
        Job whole = Job.of(2);
        whole.trainer.fit(TRAIN, TEST);

        Path run = temp.resolve("run");
        for (int part = 0; part < 40; part++) {
            Job job = Job.of(2);
            job.trainer.folder(run, Map.of("recipe", "test"), Map.of());
            if (part > 0) {
                job.trainer.resume(Checkpoint.latest(run));
            }
            // Stops in the middle of epochs: after three steps each time.
            int[] steps = {0};
            job.trainer.loss((output, target) -> {
                if (++steps[0] == 3) {
                    job.trainer.stop();
                }
                return kawi.nn.Losses.crossEntropy(output, target);
            });
            job.trainer.fit(TRAIN, TEST);
            if (!job.trainer.stopped()) {
                assertThat(part).isGreaterThan(3);
                assertThat(job.hash()).isEqualTo(whole.hash());
                return;
            }
        }
        throw new AssertionError("the training never ended");
    }

    @Test
    void aDamagedCheckpointIsToldAndTheLastGoodOneOffered() throws IOException {
        Job job = Job.of(3);
        job.trainer.folder(temp, Map.of("recipe", "test"), Map.of()).fit(TRAIN, TEST);
        List<Path> folders = Checkpoint.folders(temp, "step-");
        Path weights = folders.get(0).resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 5] ^= 1;
        Files.write(weights, bytes);
        assertThatThrownBy(() -> Checkpoint.latest(temp))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll(
                        "damaged", "model.safetensors", "The last good checkpoint is " + folders.get(1), "--resume");
        Files.write(weights, java.util.Arrays.copyOf(bytes, 1000));
        assertThatThrownBy(() -> Checkpoint.latest(temp))
                .hasMessageContainingAll("1000 bytes", folders.get(1).toString());
        Files.writeString(folders.get(0).resolve("state.json"), "{\"format\": 1,");
        assertThatThrownBy(() -> Checkpoint.latest(temp))
                .hasMessageContainingAll("state.json is damaged", folders.get(1).toString());
        String sound = Files.readString(folders.get(1).resolve("state.json"));
        for (String[] edit : new String[][] {
            {"(?s).*", "null"},
            {"\"model.safetensors\" : \"\\w+\"", "\"model.safetensors\" : \"abc\""},
            {"\"model.safetensors\" : \"\\w+\"", "\"model.safetensors\" : null"},
            {"\"model.safetensors\"", "\"other\""},
            {"(?s)\"sha256\" : \\{.*?}", "\"sha256\" : {}"},
            {"(?s)\"settings\" : \\{.*?}", "\"settings\" : null"},
            {"(?s)\"history\" : \\[.*?]", "\"history\" : null"},
            {"\"batch\" : \\d+", "\"batch\" : -1"},
            {"\"seed\" : ", "\"seed\" : 1"},
            {"\"recipe\" : \"", "\"recipe\" : \"1"},
            {"\"drawnKeys\" : \\d+", "\"drawnKeys\" : -1"},
        }) {
            Files.writeString(folders.get(0).resolve("state.json"), sound.replaceFirst(edit[0], edit[1]));
            assertThatThrownBy(() -> Checkpoint.latest(temp))
                    .as(edit[1])
                    .isInstanceOf(KawiException.class)
                    .hasMessageContainingAll("damaged", folders.get(1).toString());
        }
        // The good one can be named and goes on.
        assertThat(Checkpoint.latest(folders.get(1)).state().step()).isPositive();
    }

    @Test
    void aCheckpointThatCannotBeWrittenAnewStaysAsItWas() throws IOException {
        Job job = Job.of(1);
        job.trainer.folder(temp, Map.of("recipe", "test"), Map.of()).fit(TRAIN, TEST);
        Checkpoint last = Checkpoint.latest(temp);
        // A folder where the file should go: renaming fails, as writing does on a full disk.
        Path optimizer = last.folder().resolve("optimizer.safetensors");
        Files.delete(optimizer);
        Files.createDirectories(optimizer.resolve("in the way"));
        assertThatThrownBy(() -> Checkpoint.write(last.folder(), job.net, job.optimizer, last.state()))
                .isInstanceOf(java.io.UncheckedIOException.class);
        assertThat(last.folder().resolve("state.json")).exists();
        assertThat(last.folder().resolve("model.safetensors")).exists();
    }

    @Test
    void whatIsSavedAfterGoingOnFromAnOlderCheckpointIsKept() throws IOException {
        Job first = Job.of(1);
        Path run = temp.resolve("run");
        first.trainer.folder(run, Map.of("recipe", "test"), Map.of());
        first.trainer.stop();
        first.trainer.fit(TRAIN, TEST);
        Checkpoint early = Checkpoint.latest(run);
        Files.move(early.folder(), temp.resolve("early"));
        Job whole = Job.of(2);
        whole.trainer.folder(run, Map.of("recipe", "test"), Map.of()).fit(TRAIN, TEST);
        for (Path later : Checkpoint.folders(run, "step-")) {
            Files.writeString(later.resolve("state.json"), "{");
        }
        Job second = Job.of(2);
        second.trainer.folder(run, Map.of("recipe", "test"), Map.of()).resume(Checkpoint.read(temp.resolve("early")));
        second.trainer.stop();
        second.trainer.fit(TRAIN, TEST);
        assertThat(Checkpoint.read(early.folder()).state().step()).isZero();
    }

    @Test
    void evaluationLeavesTheModelAsItWas() {
        Job job = Job.of(1);
        job.trainer.evaluate(TEST);
        assertThat(job.net.training()).isTrue();
        job.net.eval();
        job.trainer.evaluate(TEST);
        assertThat(job.net.training()).isFalse();
        assertThat(job.net.dropout.training()).isFalse();
    }

    @Test
    void curvesNeedNoTemporaryFile() throws IOException {
        boolean cache = javax.imageio.ImageIO.getUseCache();
        java.io.File folder = javax.imageio.ImageIO.getCacheDirectory();
        try {
            javax.imageio.ImageIO.setUseCache(true);
            Path gone = Files.createDirectory(temp.resolve("gone"));
            javax.imageio.ImageIO.setCacheDirectory(gone.toFile());
            Files.delete(gone);
            Curves.write(temp.resolve("c.png"), "title", List.of(new EpochMetrics(1, 1, 1, 1, 1, 1, 1, 1, 1)));
            assertThat(temp.resolve("c.png")).isNotEmptyFile();
        } finally {
            javax.imageio.ImageIO.setUseCache(cache);
            javax.imageio.ImageIO.setCacheDirectory(folder);
        }
    }

    @Test
    void curvesOfAnInfiniteLossHaveAGap() {
        double inf = Double.POSITIVE_INFINITY;
        EpochMetrics diverged = new EpochMetrics(2, 2, 1, inf, 0.1, inf, 0.1, 1, 1);
        Curves.write(temp.resolve("c.png"), "title", List.of(new EpochMetrics(1, 1, 1, 1, 1, 1, 1, 1, 1), diverged));
        assertThat(temp.resolve("c.png")).isNotEmptyFile();
    }

    @Test
    void aDataSetMayReadFromAnotherLoader() {
        kawi.data.Dataset outer = new kawi.data.Dataset() {
            @Override
            public int size() {
                return 20;
            }

            @Override
            public kawi.data.Batch batch(int[] indices, kawi.tensor.Key key) {
                return TEST.batches(indices.length).iterator().next();
            }
        };
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                java.time.Duration.ofSeconds(60),
                () -> assertThat(outer.batches(7)).hasSize(3));
    }

    @Test
    void patienceEndsATrainingThatNoLongerGains() {
        Kawi.seed(1);
        Net net = new Net();
        // A learning rate too small to change a prediction: the first epoch stays the best.
        Trainer trainer = new Trainer(net, new Sgd(net.parameters(), 1e-12), 100, 50, 1)
                .quiet()
                .patience(2);
        assertThat(trainer.fit(TRAIN, TEST)).hasSize(3);
    }

    static class Exploding extends Module {
        final Linear hidden = new Linear(784, 8);
        final Linear output = new Linear(8, 10);

        @Override
        public Tensor forward(Tensor x) {
            // The logarithm of a negative number: a planted mistake.
            return output.forward(hidden.forward(x.flatten(1, -1)).log());
        }
    }

    @Test
    void aNanNamesStepLayerAndOperation() {
        Kawi.seed(1);
        Exploding net = new Exploding();
        Trainer trainer = new Trainer(net, new Sgd(net.parameters(), 0.1), 50, 1, 1)
                .quiet()
                .folder(temp, Map.of(), Map.of());
        assertThatThrownBy(() -> trainer.fit(TRAIN, TEST))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("step 1", "layer output", "operation log", "from -", temp.toString());
        assertThat(Checkpoint.latest(temp).state().step()).isZero();
    }

    @Test
    void weightsOfAnotherNetworkAreRefusedByName() {
        Job job = Job.of(1);
        Checkpoint c = Checkpoint.write(
                temp.resolve("c"),
                job.net,
                job.optimizer,
                new TrainingState(
                        TrainingState.FORMAT,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        Map.of(),
                        List.of(),
                        Map.of(),
                        Map.of()));
        assertThatThrownBy(() -> c.restore(new Exploding()))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("hidden.weight", "[32, 784]", "[8, 784]");
        assertThatThrownBy(() -> c.restore(new Linear(2, 2)))
                .hasMessageContainingAll("lacks [weight, bias]", "hidden.weight");
    }

    @Test
    void impossibleValuesAreRefused() {
        Job job = Job.of(1);
        assertThatThrownBy(() -> new Trainer(job.net, job.optimizer, 0, 1, 0)).hasMessageContaining("start at 1");
        assertThatThrownBy(() -> job.trainer.patience(0)).hasMessageContaining("patience");
        assertThatThrownBy(() -> job.trainer.checkpointEvery(Double.NaN)).hasMessageContaining("NaN");
        kawi.data.Dataset empty = new kawi.data.Dataset() {
            @Override
            public int size() {
                return 0;
            }

            @Override
            public kawi.data.Batch batch(int[] indices, kawi.tensor.Key key) {
                throw new AssertionError("asked for " + indices.length);
            }
        };
        assertThatThrownBy(() -> job.trainer.fit(empty, TEST)).hasMessageContainingAll("fit", "0 and 200");
        assertThatThrownBy(() -> job.trainer.fit(TRAIN, empty)).hasMessageContainingAll("fit", "600 and 0");
    }

    /** A loss that is finite, as its gradient is but at step {@code at}. */
    private static java.util.function.BinaryOperator<Tensor> withRoot(Net net, int at) {
        int[] calls = {0};
        return (output, target) -> {
            Tensor loss = kawi.nn.Losses.crossEntropy(output, target);
            boolean training = net.training();
            // √x·x at x = 0 is 0, with 0/0 for its derivative
            Tensor zero = net.output.bias.sub(net.output.bias.detach());
            return training && ++calls[0] == at ? loss.add(zero.sqrt().mul(zero).sum()) : loss;
        };
    }

    @Test
    void weightsThatAreNotFiniteAreNotSaved() {
        Job job = Job.of(1);
        job.trainer.folder(temp, Map.of("recipe", "test"), Map.of()).loss(withRoot(job.net, 12)); // the last step
        assertThatThrownBy(() -> job.trainer.fit(TRAIN, TEST))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("step 12", "output.bias", "10 of 10", "NaN", temp.toString(), "clip");
        assertThat(Checkpoint.latest(temp).state().step()).isZero();
    }

    @Test
    void withClippingAGradientThatIsNotFiniteIsNamed() {
        Job job = Job.of(1);
        job.optimizer.clipNorm(1);
        job.trainer.folder(temp, Map.of("recipe", "test"), Map.of()).loss(withRoot(job.net, 5));
        String before = job.hash();
        assertThatThrownBy(() -> job.trainer.fit(TRAIN, TEST))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("the gradient is not finite at step 5", "clip");
        assertThat(Weights.nonFinite(job.net.state())).isEmpty();
        assertThat(job.hash()).isNotEqualTo(before);
    }

    static class Normed extends Module {
        final Linear hidden = new Linear(784, 8);
        final kawi.nn.BatchNorm norm = new kawi.nn.BatchNorm(8);
        final Linear output = new Linear(8, 10);

        @Override
        public Tensor forward(Tensor x) {
            return output.forward(norm.forward(hidden.forward(x.flatten(1, -1))));
        }
    }

    @Test
    void aDivergedStepAndTheSearchForItLeaveTheRunningStatistics() {
        Kawi.seed(1);
        Normed net = new Normed();
        int[] calls = {0};
        Trainer trainer = new Trainer(net, new Sgd(net.parameters(), 0.1), 50, 1, 1).quiet();
        trainer.loss((output, target) -> {
            Tensor loss = kawi.nn.Losses.crossEntropy(output, target);
            if (++calls[0] < 4) {
                return loss;
            }
            return loss.mul(Double.NaN);
        });
        assertThatThrownBy(() -> trainer.fit(TRAIN, TEST))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("step 4");
        Kawi.seed(1);
        Normed other = new Normed();
        int[] steps = {0};
        Trainer[] holder = new Trainer[1];
        holder[0] = new Trainer(other, new Sgd(other.parameters(), 0.1), 50, 1, 1).quiet();
        holder[0].loss((output, target) -> {
            if (++steps[0] == 3) {
                holder[0].stop();
            }
            return kawi.nn.Losses.crossEntropy(output, target);
        });
        holder[0].fit(TRAIN, TEST);
        assertThat(Weights.sha256(net.state())).isEqualTo(Weights.sha256(other.state()));
    }

    @Test
    void trainingsInOneProcessDrawFromStreamsOfTheirOwn() throws InterruptedException {
        Job alone = Job.of(1);
        alone.trainer.fit(TRAIN, TEST);
        Job first = Job.of(1);
        Job second = Job.of(1);
        Kawi.seed(99);
        Thread other = new Thread(() -> second.trainer.fit(TRAIN, TEST));
        other.start();
        first.trainer.fit(TRAIN, TEST);
        other.join();
        assertThat(first.hash()).isEqualTo(alone.hash());
        assertThat(second.hash()).isEqualTo(alone.hash());
        assertThat(Kawi.drawnKeys()).isZero();
    }

    @Test
    void metricsThatAreNotFiniteAreNull() throws IOException {
        Job job = Job.of(1);
        job.trainer.folder(temp, Map.of("recipe", "test"), Map.of()).loss((output, target) -> {
            Tensor loss = kawi.nn.Losses.crossEntropy(output, target);
            return job.net.training() ? loss : loss.mul(Double.NaN);
        });
        List<EpochMetrics> history = job.trainer.fit(TRAIN, TEST);
        assertThat(history.get(0).validationLoss()).isNaN();
        assertThat(Files.readString(temp.resolve("metrics.jsonl")))
                .contains("\"validationLoss\":null", "\"epoch\":1")
                .doesNotContain("NaN");
        assertThat(Checkpoint.latest(temp).state().history()).isEqualTo(history);
    }

    @Test
    void whereOnlyTheBestCheckpointIsSoundItIsOffered() throws IOException {
        Job job = Job.of(1);
        job.trainer.folder(temp, Map.of("recipe", "test"), Map.of()).fit(TRAIN, TEST);
        for (Path folder : Checkpoint.folders(temp, "step-")) {
            Files.writeString(folder.resolve("state.json"), "{");
        }
        Path best = Checkpoint.folders(temp, "best-").get(0);
        assertThatThrownBy(() -> Checkpoint.latest(temp))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("damaged", "best", "--resume " + best);
        assertThat(Checkpoint.latest(best).state().step()).isEqualTo(12);
        Files.writeString(best.resolve("state.json"), "{");
        assertThatThrownBy(() -> Checkpoint.latest(temp)).hasMessageContaining("start it anew");
    }

    @Test
    void extentsBeyondWhatAShapeCountsAreAnotherNetworks() {
        Linear linear = new Linear(2, 2);
        for (long[] shape : new long[][] {{0, Long.MAX_VALUE}, {1L << 40, 0}}) {
            var entries = List.of(
                    new kawi.io.SafeTensors.Entry("weight", "F32", shape, java.lang.foreign.MemorySegment.NULL),
                    new kawi.io.SafeTensors.Entry(
                            "bias", "F32", new long[] {2}, Tensor.zeros(2).segment()));
            assertThatThrownBy(() ->
                            Weights.load(linear.state(), new kawi.io.SafeTensors.Contents(entries, Map.of()), "there"))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContainingAll("there", "weight", java.util.Arrays.toString(shape), "[2, 2]");
        }
    }
}
