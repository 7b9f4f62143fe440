package kawi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.optim.Sgd;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A long training with a running sum of the loss tensor kept across steps stays flat: the resident memory of the last
 * tenth is that of the second tenth. {@code -Dtest.flags=-Dkawi.test.steps=1000000} runs the million steps of the claim.
 */
class FlatMemoryTest {
    private static final int WARM_UP = 60_000;

    @TempDir
    Path temp;

    /** The program that is watched. */
    public static final class Job {
        static class Net extends Module {
            final Linear hidden = new Linear(4, 8);
            final Linear output = new Linear(8, 3);

            @Override
            public Tensor forward(Tensor x) {
                return output.forward(hidden.forward(x).tanh());
            }
        }

        public static void main(String[] args) throws IOException {
            int steps = Integer.parseInt(args[0]);
            Kawi.seed(0);
            Net net = new Net();
            Sgd optimizer = new Sgd(net.parameters(), 0.01, 0.9);
            Tensor x = Tensor.randn(6, 4).realized();
            Tensor y = Tensor.of(new long[] {0, 1, 2, 0, 1, 2});
            Tensor sum = Tensor.scalar(0);
            // The JIT's own memory still grows in the first seconds: they are not counted.
            for (int i = 1 - WARM_UP; i <= steps; i++) {
                Tensor loss = Losses.crossEntropy(net.forward(x), y);
                optimizer.step(loss);
                sum = sum.add(loss);
                if (i > 0 && i % (steps / 10) == 0) {
                    System.out.println(residentKilobytes());
                }
            }
            System.out.printf(Locale.ROOT, "mean loss %.6f%n", sum.item() / (steps + WARM_UP));
        }

        private static long residentKilobytes() throws IOException {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            throw new IOException("no VmRSS in /proc/self/status");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theLastTenthTakesNoMoreMemoryThanTheSecond() throws Exception {
        int steps = Integer.getInteger("kawi.test.steps", 60_000);
        // A fixed heap, so that what is measured is what the program keeps and not the collector's appetite.
        ChildJvm.Result r = ChildJvm.run(
                "java",
                temp,
                List.of(
                        "--add-modules=jdk.incubator.vector",
                        "-XX:+UseParallelGC",
                        "-Xms64m",
                        "-Xmx64m",
                        "-Xmn24m",
                        "-XX:+AlwaysPreTouch",
                        "-cp",
                        String.join(File.pathSeparator, ChildJvm.libraries())
                                + File.pathSeparator
                                + ChildJvm.testClasses(),
                        Job.class.getName(),
                        Integer.toString(steps)));
        List<String> lines = r.out().lines().toList();
        assertThat(lines).as(r.err()).hasSize(11);
        System.out.println(
                "resident kB after each tenth of " + steps + " steps: " + lines.subList(0, 10) + ", " + lines.get(10));
        assertThat(Double.parseDouble(lines.get(9))).isLessThanOrEqualTo(1.05 * Double.parseDouble(lines.get(1)));
    }
}
