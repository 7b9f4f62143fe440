package user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.optim.AdamW;
import kawi.optim.Average;
import kawi.optim.Optimizer;
import kawi.optim.Schedule;
import kawi.optim.Step;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The code of {@code docs/optimisers.md}, which stands here word for word. */
class OptimisersPageTest {
    static final class Net extends Module {
        final Linear hidden = new Linear(3, 8);
        final Linear output = new Linear(8, 1);

        @Override
        public Tensor forward(Tensor x) {
            return output.forward(hidden.forward(x).tanh());
        }

        List<Parameter> biases() {
            return parameters().stream().filter(p -> p.rank() == 1).toList();
        }
    }

    @Test
    void settings() {
        Kawi.seed(0);
        Net model = new Net();
        Tensor x = Tensor.randn(64, 3).realized();
        Tensor y = x.sum(1).unsqueeze(1).realized();
        double before = Losses.mse(model.forward(x), y).item();
        Optimizer optimizer = new AdamW(model.parameters(), 1e-3)
                .betas(0.9, 0.95) // what a method has of its own comes first,
                .weightDecay(0.1) // then what all have in common
                .clipNorm(1)
                .average(Average.exponential(0.9))
                .schedule(Schedule.cosine(1e-2, 1e-4, 180).warmUp(20));
        optimizer.group(model.biases()).weightDecay(0); // these parameters have settings of their own

        for (int step = 0; step < 200; step++) {
            optimizer.step(Losses.mse(model.forward(x), y)); // gradients, clipping, decay, Adam, average: one run
        }
        double loss = optimizer.averaged(() -> Losses.mse(model.forward(x), y).item());
        assertThat(loss).isLessThan(before / 10);
    }

    /** Steps of ±η by the sign of an average of gradients (signum: Bernstein et al. 2018). */
    static final class Signum extends Optimizer {
        Signum(List<Parameter> parameters, double learningRate) {
            super(parameters, learningRate);
        }

        @Override
        protected List<String> slots() {
            return List.of("m");
        }

        @Override
        protected Tensor next(Tensor theta, Tensor g, Step step) {
            Tensor m = step.set("m", step.get("m").mul(0.9).add(g.mul(0.1)));
            return theta.sub(m.sign().mul(step.rate()));
        }
    }

    @Test
    void aMethodOfOnesOwn() {
        Parameter p = new Parameter(Tensor.of(new double[] {1, -1, 0}));
        Optimizer signum = new Signum(List.of(p), 0.25);
        signum.step(p.square().sum());
        signum.step(p.square().sum());
        assertThat(p.toDoubleArray()).containsExactly(new double[] {0.5, -0.5, 0}, within(1e-15));
        assertThat(signum.state()).containsOnlyKeys("0.m");
    }

    @Test
    void theCodeOfThePageIsThisCode() throws IOException {
        String here = Files.readString(Path.of("src/test/java/user/OptimisersPageTest.java"));
        Matcher blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("../docs/optimisers.md")));
        int count = 0;
        for (; blocks.find(); count++) {
            String code = blocks.group(1).stripTrailing();
            assertThat(here).containsAnyOf(indented(code, 8), indented(code, 4));
        }
        assertThat(count).isEqualTo(2);
    }

    private static String indented(String code, int by) {
        return code.indent(by).replaceAll("(?m)^ +$", "").stripTrailing();
    }
}
