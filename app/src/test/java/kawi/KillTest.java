package kawi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kawi.data.Digits;
import kawi.data.ImageDataset;
import kawi.models.LeNet;
import kawi.nn.Module;
import kawi.optim.Adam;
import kawi.optim.Optimizer;
import kawi.tensor.Kawi;
import kawi.train.Checkpoint;
import kawi.train.Trainer;
import kawi.train.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training killed without warning, ten times, ends with the weights of one that was left alone. */
class KillTest {
    private static final int EPOCHS = 12;

    @TempDir
    Path temp;

    /** The program that is killed: trains in a folder, from its last checkpoint if it has one. */
    public static final class Job {
        public static void main(String[] args) {
            Path run = Path.of(args[0]);
            Kawi.seed(5);
            Module model = new LeNet();
            Optimizer optimizer = new Adam(model.parameters(), 1e-3);
            Trainer trainer = new Trainer(model, optimizer, 64, EPOCHS, 5)
                    .folder(run, Map.of("recipe", "digits"), Map.of())
                    .checkpointEvery(0.05)
                    .quiet();
            if (Files.isDirectory(run.resolve("checkpoints"))) {
                trainer.resume(Checkpoint.latest(run));
            }
            trainer.fit(set(Digits.Split.TRAIN, 1500), set(Digits.Split.TEST, 200));
            System.out.println("weights " + Weights.sha256(model.state()));
        }

        private static ImageDataset set(Digits.Split split, int count) {
            return new ImageDataset(Digits.images(split, 0, count), 0.12f, 0.25f, null).augmented(1, 5);
        }
    }

    private List<String> command(Path run) {
        return List.of(
                "--add-modules=jdk.incubator.vector",
                "-Dkawi.vector.bits=0", // kernels of vectors take longer to warm up than this training takes
                "-XX:+UseParallelGC",
                "-cp",
                String.join(java.io.File.pathSeparator, ChildJvm.libraries())
                        + java.io.File.pathSeparator
                        + ChildJvm.testClasses(),
                Job.class.getName(),
                run.toString());
    }

    @Test
    void killedTenTimesEndsWithTheSameWeights() throws Exception {
        ChildJvm.Result whole = ChildJvm.run("java", temp, command(temp.resolve("whole")));
        assertThat(whole.out()).as(whole.err()).startsWith("weights ");

        Path run = temp.resolve("killed");
        Random random = new Random(20261121);
        long lastStep = -1;
        int kills = 0;
        while (kills < 10) {
            Process process = ChildJvm.start("java", temp, temp.resolve("out"), temp.resolve("err"), command(run));
            // Wait until it has saved something new, then any moment within the next half second may be its last.
            while (process.isAlive() && step(run) <= lastStep) {
                Thread.sleep(5);
            }
            Thread.sleep(random.nextInt(500));
            if (!process.isAlive()) {
                break;
            }
            process.destroyForcibly(); // SIGKILL
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            lastStep = step(run);
            kills++;
        }
        assertThat(kills).as("a longer training is needed for ten kills").isEqualTo(10);
        ChildJvm.Result end = ChildJvm.run("java", temp, command(run));
        assertThat(end.out()).as(end.err()).isEqualTo(whole.out());
    }

    @Test
    void twoProcessesDoNotTrainInOneFolder() throws Exception {
        try (FileChannel other =
                FileChannel.open(temp.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(other.tryLock()).isNotNull();
            ChildJvm.Result refused = ChildJvm.run("java", temp, command(temp));
            assertThat(refused.err()).contains("another training works in " + temp);
            assertThat(refused.out()).isEmpty();
            assertThat(temp.resolve("checkpoints")).doesNotExist();
        }
    }

    private static long step(Path run) {
        try {
            return Files.isDirectory(run.resolve("checkpoints"))
                    ? Checkpoint.latest(run).state().step()
                    : -1;
        } catch (RuntimeException beingReplaced) {
            return -1;
        }
    }
}
