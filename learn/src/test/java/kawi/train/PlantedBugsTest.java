package kawi.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.nn.Activation;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.nn.Sequential;
import kawi.optim.Sgd;
import kawi.tensor.GraphView;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The mistakes that everybody makes once, planted; each is found by the tool that is for it, and the message says what to do. */
class PlantedBugsTest {
    private static final String HERE = "PlantedBugsTest.java:";

    @BeforeEach
    void seed() {
        Kawi.seed(11);
    }

    @AfterEach
    void off() {
        Kawi.debug(false);
        Kawi.strict(false);
        Kawi.detectAnomalies(false);
    }

    private static Tensor data(int... shape) {
        return Key.of(4).normal(shape).realized();
    }

    record Bug(String name, Supplier<String> tool, String... said) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static String message(Runnable work) {
        try {
            work.run();
        } catch (KawiException e) {
            return e.getMessage();
        }
        return "nothing was found";
    }

    private static String report(Module module, Supplier<Tensor> loss) {
        return GradientReport.of(module, loss).toString();
    }

    /** The logarithm of what may be negative. */
    static class Logarithm extends Module {
        final Linear hidden = new Linear(4, 8);
        final Linear output = new Linear(8, 1);

        @Override
        public Tensor forward(Tensor x) {
            return output.forward(hidden.forward(x).log());
        }
    }

    static class Detached extends Module {
        final Linear hidden = new Linear(4, 8);
        final Linear output = new Linear(8, 1);
        final Linear forgotten = new Linear(2, 2);

        @Override
        public Tensor forward(Tensor x) {
            return output.forward(hidden.forward(x).relu().detach());
        }
    }

    /** h ← 1.8·h·W + x, thirty times. */
    static class Recurrence extends Module {
        final Parameter weight = new Parameter(Key.of(1).normal(8, 8));

        @Override
        public Tensor forward(Tensor x) {
            Tensor h = x;
            for (int t = 0; t < 30; t++) {
                h = h.matmul(weight).mul(1.8).add(x);
            }
            return h;
        }
    }

    private static Module sigmoids(int depth) {
        List<Module> layers = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            layers.add(new Linear(8, 8));
            layers.add(Activation.sigmoid());
        }
        return new Sequential(layers.toArray(Module[]::new));
    }

    private static Sequential dead() {
        Linear first = new Linear(4, 8);
        first.bias.assign(Tensor.full(-100, DType.F32, 8));
        return new Sequential(first, Activation.relu(), new Linear(8, 1));
    }

    static Stream<Bug> bugs() {
        return Stream.of(
                new Bug(
                        "wrong shape",
                        () -> message(() -> {
                            Kawi.debug(true);
                            Tensor images = data(32, 28, 28);
                            images.matmul(new Linear(784, 10).weight.t()).realized();
                        }),
                        "matmul",
                        "[32, 28, 28]",
                        "[784, 10]",
                        "flatten(1, -1)",
                        HERE),
                new Bug(
                        "image into a dense layer",
                        () -> message(() -> new Linear(784, 10).forward(data(32, 28, 28))),
                        "[32, 28, 28]",
                        "Linear(784, 10)",
                        "flatten(1, -1) makes it [32, 784]"),
                new Bug(
                        "silent broadcast",
                        () -> {
                            List<String> reports = new ArrayList<>();
                            Kawi.strict(reports::add);
                            data(32, 1).sub(data(32)).square().mean().item();
                            return String.join("", reports);
                        },
                        "[32, 1] and [32] broadcasts to [32, 32]",
                        "unsqueeze",
                        HERE),
                new Bug(
                        "log of a negative",
                        () -> message(() -> {
                            Kawi.detectAnomalies(true);
                            Logarithm net = new Logarithm();
                            Sgd sgd = new Sgd(net.parameters(), 0.1);
                            sgd.step(net.forward(data(5, 4)).sum());
                        }),
                        "operation log makes NaN",
                        "PlantedBugsTest$Logarithm.forward",
                        "in layer hidden (Linear(4, 8))",
                        "from -",
                        "clamp"),
                new Bug(
                        "dead relu",
                        () -> {
                            Sequential net = dead();
                            return report(
                                    net, () -> net.forward(data(16, 4)).square().mean());
                        },
                        "8 of 8 units dead (100 %)",
                        "layers.1 (ReLU)",
                        "zero",
                        "leakyRelu"),
                new Bug(
                        "detached gradient",
                        () -> {
                            Detached net = new Detached();
                            return report(
                                    net, () -> net.forward(data(16, 4)).square().mean());
                        },
                        "hidden.weight",
                        "no gradient",
                        "ends at detach or stopGradient",
                        "Detached.forward",
                        "its layer is not called"),
                new Bug(
                        "exploding recurrence",
                        () -> {
                            Recurrence net = new Recurrence();
                            return report(net, () -> net.forward(data(2, 8)).sum());
                        },
                        "exploding",
                        "clip the gradient's norm"),
                new Bug(
                        "vanishing gradient",
                        () -> {
                            Module net = sigmoids(20);
                            return report(net, () -> net.forward(data(4, 8)).sum());
                        },
                        "layers.0.weight",
                        "vanishing",
                        "residual"),
                new Bug(
                        "losses kept unread",
                        () -> {
                            Linear net = new Linear(4, 1);
                            Sgd sgd = new Sgd(net.parameters(), 0.1);
                            Tensor kept = Tensor.scalar(0);
                            for (int i = 0; i < 20; i++) {
                                kept = kept.add(net.forward(data(8, 4)).square().mean()); // never read
                                sgd.step(net.forward(data(8, 4)).mean());
                            }
                            return GraphView.of(kept).toString();
                        },
                        "operations are not computed yet, which keeps what they read in memory"));
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void eachIsFoundByItsTool(Bug bug) {
        assertThat(bug.tool.get()).contains(bug.said);
    }

    @Test
    void aLossThatTheStepComputesKeepsNothing() {
        Linear net = new Linear(4, 1);
        Sgd sgd = new Sgd(net.parameters(), 0.1);
        Tensor sum = Tensor.scalar(0);
        for (int i = 0; i < 20; i++) {
            Tensor loss = Losses.mse(net.forward(data(8, 4)), data(8, 1));
            sgd.step(loss);
            sum = sum.add(loss);
        }
        GraphView view = GraphView.of(sum);
        // 20 losses as known numbers and 20 additions: nothing of the steps below the losses
        assertThat(view.operations().stream().filter(o -> o.name().equals("matmul")))
                .isEmpty();
        assertThat(view.pending()).isLessThanOrEqualTo(20);
    }

    @Test
    void aHealthyNetworkIsSaidToBe(@TempDir Path folder) throws Exception {
        Sequential net = new Sequential(new Linear(4, 16), Activation.relu(), new Linear(16, 1));
        GradientReport good =
                GradientReport.of(net, () -> net.forward(data(64, 4)).square().mean());
        assertThat(good.healthy()).as(good.toString()).isTrue();
        assertThat(good.parameters())
                .extracting(GradientReport.Gradient::parameter)
                .containsExactly("layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias");
        Sequential bad = dead();
        GradientReport zero =
                GradientReport.of(bad, () -> bad.forward(data(16, 4)).square().mean());
        assertThat(zero.healthy()).isFalse();
        assertThat(zero.parameters())
                .extracting(GradientReport.Gradient::state)
                .containsExactly(
                        GradientReport.State.ZERO,
                        GradientReport.State.ZERO,
                        GradientReport.State.ZERO,
                        GradientReport.State.FINE);
        for (GradientReport r : List.of(good, zero, GradientReport.of(new Sequential(), () -> data(1).sum()))) {
            Path file = folder.resolve("gradients.png");
            r.write(file);
            assertThat(ImageIO.read(Files.newInputStream(file)).getWidth()).isEqualTo(1280);
        }
    }

    @Test
    void gradientNormsAreThoseOfAHand() {
        Linear line = new Linear(2, 1, false);
        Tensor x = Tensor.of(new float[] {3, 4}, 1, 2);
        GradientReport report = GradientReport.of(line, () -> line.forward(x).sum());
        assertThat(report.parameters().get(0).norm()).isEqualTo(5);
        GradientReport huge =
                GradientReport.of(line, () -> line.forward(x).mul(1e4).sum());
        assertThat(huge.parameters().get(0).state()).isEqualTo(GradientReport.State.EXPLODING);
        GradientReport nan =
                GradientReport.of(line, () -> line.forward(x).mul(Double.NaN).sum());
        assertThat(nan.parameters().get(0).state()).isEqualTo(GradientReport.State.NOT_FINITE);
        assertThatThrownBy(() -> GradientReport.of(line, () -> line.forward(Tensor.ones(2, 2))))
                .hasMessageContaining("grad");
    }
}
