package kawi.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every optimiser, with its options, for 20 steps on small problems: against the sequences that {@code src/test/python/optimizers.py}
 * computed from the papers, and continued from a saved state, bit for bit.
 */
class OptimizerReferenceTest {
    private static final int STEPS = 20;
    private static final Map<String, Function<List<Parameter>, Optimizer>> METHODS = methods();

    /** The cases of optimizers.py by their names. */
    private static Map<String, Function<List<Parameter>, Optimizer>> methods() {
        Map<String, Function<List<Parameter>, Optimizer>> m = new LinkedHashMap<>();
        m.put("sgd", p -> new Sgd(p, 0.02));
        m.put("sgd momentum", p -> new Sgd(p, 0.005, 0.9));
        m.put("sgd nesterov", p -> new Sgd(p, 0.005, 0.9).nesterov());
        m.put("sgd decay", p -> new Sgd(p, 0.02).weightDecay(0.1));
        m.put("sgd nesterov decay", p -> new Sgd(p, 0.005, 0.8).nesterov().weightDecay(0.1));
        m.put(
                "sgd momentum decoupled",
                p -> new Sgd(p, 0.005, 0.9).weightDecay(0.3).decoupled());
        m.put("adagrad", p -> new AdaGrad(p, 0.2));
        m.put(
                "adagrad start decay",
                p -> new AdaGrad(p, 0.2).epsilon(1e-6).start(0.5).weightDecay(0.1));
        m.put("rmsprop", p -> new RmsProp(p, 0.01));
        m.put("rmsprop centred", p -> new RmsProp(p, 0.01).alpha(0.9).centred());
        m.put("rmsprop momentum", p -> new RmsProp(p, 0.005).momentum(0.8));
        m.put(
                "rmsprop all",
                p -> new RmsProp(p, 0.005)
                        .alpha(0.9)
                        .epsilon(1e-6)
                        .momentum(0.8)
                        .centred()
                        .weightDecay(0.1));
        m.put("adadelta", AdaDelta::new);
        m.put("adadelta decay", p -> new AdaDelta(p, 0.5).rho(0.8).epsilon(1e-4).weightDecay(0.1));
        m.put("adam", p -> new Adam(p, 0.05));
        m.put(
                "adam decay",
                p -> new Adam(p, 0.05).betas(0.8, 0.95).epsilon(1e-6).weightDecay(0.1));
        m.put("adam amsgrad", p -> new Adam(p, 0.05).betas(0.9, 0.8).amsgrad());
        m.put(
                "adam amsgrad decay",
                p -> new Adam(p, 0.05).betas(0.9, 0.8).amsgrad().weightDecay(0.1));
        m.put("adamw", p -> new AdamW(p, 0.05));
        m.put("adamw amsgrad", p -> new AdamW(p, 0.05).betas(0.9, 0.8).amsgrad().weightDecay(0.3));
        m.put("adamax", p -> new AdaMax(p, 0.05));
        m.put("adamax decay", p -> new AdaMax(p, 0.05).betas(0.8, 0.9).weightDecay(0.1));
        m.put("nadam", p -> new NAdam(p, 0.05));
        m.put("nadam decay", p -> new NAdam(p, 0.05).betas(0.8, 0.9).weightDecay(0.1));
        m.put("radam", p -> new RAdam(p, 0.02));
        m.put("radam decay", p -> new RAdam(p, 0.02).betas(0.8, 0.95).weightDecay(0.1));
        m.put("lars", p -> new Lars(p, 0.5, 0.9).trust(0.02));
        m.put("lars decay", p -> new Lars(p, 0.5, 0.9).trust(0.02).weightDecay(0.1));
        m.put("lamb", p -> new Lamb(p, 0.02));
        m.put("lamb decay", p -> new Lamb(p, 0.02).weightDecay(0.1));
        m.put("lookahead sgd", p -> new Lookahead(new Sgd(p, 0.005, 0.9), 5, 0.5));
        m.put("lookahead adamw", p -> new Lookahead(new AdamW(p, 0.05).weightDecay(0.1), 3, 0.8));
        m.put("sgd l1", p -> new Sgd(p, 0.02).proximal(Proximal.l1(0.5)));
        m.put("adam l1", p -> new Adam(p, 0.05).proximal(Proximal.l1(0.4)));
        m.put("sgd schedule", p -> new Sgd(p, 1, 0.9).schedule(Schedule.step(0.01, 6, 0.5)));
        m.put("adamw groups", p -> {
            Optimizer adamW = new AdamW(p, 0.05).weightDecay(0.3);
            if (p.size() > 1) {
                adamW.group(List.of(p.getLast())).learningRate(0.01).weightDecay(0);
            }
            return adamW;
        });
        m.put("sgd clip value", p -> new Sgd(p, 0.05).clip(Clip.value(0.3)));
        m.put("sgd clip each norm", p -> new Sgd(p, 0.05).clip(Clip.eachNorm(0.2)));
        m.put("sgd clip both", p -> new Sgd(p, 0.01, 0.9).clip(Clip.value(2)).clipNorm(0.5));
        m.put("adam accumulate", p -> new Adam(p, 0.05).accumulate(3));
        m.put("adam ema", p -> new Adam(p, 0.05).average(Average.exponential(0.9)));
        m.put("sgd polyak ruppert", p -> new Sgd(p, 0.02).average(Average.polyakRuppert(5)));
        m.put("sgd swa", p -> new Sgd(p, 0.02).average(Average.stochasticWeights(6, 4)));
        m.put("rows sgd momentum", p -> new Sgd(p, 0.1, 0.9).lazyRows());
        m.put("rows sgd decay", p -> new Sgd(p, 0.1).weightDecay(0.1).lazyRows());
        m.put("rows adagrad", p -> new AdaGrad(p, 0.1).lazyRows());
        m.put("rows adam", p -> new Adam(p, 0.05).lazyRows());
        m.put("rows adamw", p -> new AdamW(p, 0.05).weightDecay(0.1).lazyRows());
        m.put("rows dense adam", p -> new Adam(p, 0.05));
        return m;
    }

    /** A loss whose gradient optimizers.py writes out, and where its parameters start. */
    private enum Problem {
        QUADRATIC(Tensor.of(new double[] {2, -1, 0.5})) {
            @Override
            Tensor loss(List<Parameter> p, int step) {
                Tensor a = Tensor.of(new double[][] {{3, 1, 0}, {1, 2, -0.5}, {0, -0.5, 1}});
                Tensor x = p.getFirst();
                return x.dot(a.matmul(x)).mul(0.5).sub(x.dot(Tensor.of(new double[] {1, -2, 0.5})));
            }
        },
        ROSENBROCK(Tensor.of(new double[] {-1.2, 1})) {
            @Override
            Tensor loss(List<Parameter> p, int step) {
                Tensor x = p.getFirst().select(0, 0);
                Tensor y = p.getFirst().select(0, 1);
                return x.rsub(1).square().add(y.sub(x.square()).square().mul(10));
            }
        },
        LOGISTIC(Tensor.of(new double[] {0.3, -0.2}), Tensor.of(new double[] {0.1})) {
            @Override
            Tensor loss(List<Parameter> p, int step) {
                Tensor x = Tensor.of(new double[][] {
                    {0.5, 1.2}, {-1, 0.3}, {1.5, -0.7}, {0.2, 0.1}, {-0.4, -1.1}, {2, 0.6}, {-1.7, 0.9}, {0.8, -0.2}
                });
                Tensor y = Tensor.of(new double[] {1, -1, 1, -1, -1, 1, -1, 1});
                return x.matmul(p.get(0)).add(p.get(1)).mul(y).neg().softplus().mean();
            }
        },
        ROWS(Tensor.of(new double[][] {{0.5, -0.3}, {1, 0.2}, {-0.7, 0.4}, {0.1, -0.9}, {0.3, 0.6}, {-0.2, 0.8}})) {
            @Override
            Tensor loss(List<Parameter> p, int step) {
                int t = step + 1;
                Tensor named = Tensor.of(new long[] {t % 5, (2 * t + 1) % 5, t % 5});
                Tensor target = named.to(p.getFirst().dtype()).unsqueeze(1).mul(Tensor.of(new double[] {0.1, -0.2}));
                return p.getFirst().take(0, named).sub(target).square().sum().mul(0.5);
            }
        };

        private final Tensor[] start;

        Problem(Tensor... start) {
            this.start = start;
        }

        List<Parameter> parameters() {
            return Stream.of(start).map(Parameter::new).toList();
        }

        /** @param step counted from 0 */
        abstract Tensor loss(List<Parameter> p, int step);
    }

    private static final JsonNode SEQUENCES = sequences();

    private static JsonNode sequences() {
        InputStream file = OptimizerReferenceTest.class.getResourceAsStream("sequences.json");
        return JsonMapper.builder().build().readTree(file);
    }

    static Stream<Arguments> cases() {
        return SEQUENCES.propertyNames().stream().map(name -> {
            String[] parts = name.split(", ");
            return Arguments.of(parts[0], Problem.valueOf(parts[1].toUpperCase(Locale.ROOT)));
        });
    }

    /** The parameters one after the other, or their averages where the optimiser keeps some. */
    private static double[] numbers(List<Parameter> parameters, Optimizer optimizer) {
        List<Variable> shown = new ArrayList<>(parameters);
        List<Variable> averages = optimizer.state().entrySet().stream()
                .filter(e -> e.getKey().endsWith(".average"))
                .map(Map.Entry::getValue)
                .toList();
        return (averages.isEmpty() ? shown : averages)
                .stream()
                        .flatMapToDouble(p -> DoubleStream.of(p.toDoubleArray()))
                        .toArray();
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void followsItsPublishedRule(String method, Problem problem) {
        JsonNode sequence = SEQUENCES.get(method + ", " + problem.name().toLowerCase(Locale.ROOT));
        List<Parameter> parameters = problem.parameters();
        Optimizer optimizer = METHODS.get(method).apply(parameters);
        assertThat(sequence.size()).isEqualTo(STEPS);
        for (int t = 0; t < STEPS; t++) {
            optimizer.step(problem.loss(parameters, t));
            JsonNode row = sequence.get(t);
            double[] wanted = new double[row.size()];
            double size = 0;
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = row.get(i).asDouble();
                size = Math.max(size, Math.abs(wanted[i]));
            }
            // The same rules in f64, arranged a little differently, and written with 13 digits.
            assertThat(numbers(parameters, optimizer))
                    .as("step %d", t + 1)
                    .containsExactly(wanted, within(1e-9 * size));
        }
    }

    @Test
    void everyMethodHasItsSequences() {
        TreeSet<String> named = new TreeSet<>();
        SEQUENCES.propertyNames().forEach(n -> named.add(n.split(", ")[0]));
        assertThat(named).containsExactlyInAnyOrderElementsOf(METHODS.keySet());
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void continuesFromItsStateBitForBit(String method, Problem problem) {
        for (boolean inPlace : new boolean[] {false, true}) {
            List<Parameter> whole = problem.parameters();
            Optimizer through = METHODS.get(method).apply(whole).inPlace(inPlace);
            for (int t = 0; t < STEPS; t++) {
                through.step(problem.loss(whole, t));
            }
            List<Parameter> first = problem.parameters();
            Optimizer before = METHODS.get(method).apply(first).inPlace(inPlace);
            for (int t = 0; t < 7; t++) {
                before.step(problem.loss(first, t));
            }
            List<Parameter> second = problem.parameters();
            Optimizer after = METHODS.get(method).apply(second).inPlace(inPlace);
            for (int i = 0; i < second.size(); i++) {
                second.get(i)
                        .assign(Tensor.of(
                                first.get(i).segment(),
                                first.get(i).dtype(),
                                first.get(i).shape().dims()));
            }
            before.state()
                    .forEach((name, v) -> after.state()
                            .get(name)
                            .assign(Tensor.of(v.segment(), v.dtype(), v.shape().dims())));
            after.resume(before.steps());
            for (int t = 7; t < STEPS; t++) {
                after.step(problem.loss(second, t));
            }
            assertThat(numbers(second, after)).containsExactly(numbers(whole, through));
            for (int i = 0; i < whole.size(); i++) {
                assertThat(second.get(i).toDoubleArray())
                        .containsExactly(whole.get(i).toDoubleArray());
            }
            assertThat(after.steps()).isEqualTo(through.steps());
        }
    }
}
