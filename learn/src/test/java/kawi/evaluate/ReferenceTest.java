package kawi.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.StreamSupport;
import kawi.tensor.Tensor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against figures of NumPy and SciPy, which {@code src/test/python/evaluate_reference.py} computed. */
class ReferenceTest {
    private static JsonNode figures(String name) throws IOException {
        try (InputStream in = ReferenceTest.class.getResourceAsStream("reference.json")) {
            return JsonMapper.shared().readTree(in).get(name);
        }
    }

    private static double[] numbers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    /** To ten digits of an end, or of what it leaves to 1: ln Γ of thousands loses some five. */
    private static Offset<Double> digits(double wanted) {
        return within(1e-10 * Math.max(Math.min(wanted, 1 - wanted), 1e-5));
    }

    @Test
    void binomialIntervals() throws IOException {
        for (JsonNode c : figures("binomial")) {
            double[] v = numbers(c);
            Interval exact = Intervals.clopperPearson((long) v[0], (long) v[1], v[2]);
            Interval wilson = Intervals.wilson((long) v[0], (long) v[1], v[2]);
            assertThat(exact.low()).as("%s", c).isCloseTo(v[3], digits(v[3]));
            assertThat(exact.high()).as("%s", c).isCloseTo(v[4], digits(v[4]));
            assertThat(wilson.low()).as("%s", c).isCloseTo(v[5], digits(v[5]));
            assertThat(wilson.high()).as("%s", c).isCloseTo(v[6], digits(v[6]));
        }
    }

    /** ln Γ of large arguments loses digits: 1e6·2⁻⁵³ relative. */
    @Test
    void incompleteBeta() throws IOException {
        for (JsonNode c : figures("beta")) {
            double[] v = numbers(c);
            double large = Math.max(v[1], v[2]);
            assertThat(IncompleteBeta.of(v[0], v[1], v[2]))
                    .as("%s", c)
                    .isCloseTo(v[3], within(v[3] * (1e-12 + 1e-14 * large) + 1e-300));
        }
        for (JsonNode c : figures("student")) {
            double[] v = numbers(c);
            assertThat(IncompleteBeta.student(v[0], v[1])).isCloseTo(v[2], within(1e-9 * v[2]));
        }
    }

    @Test
    void bootstraps() throws IOException {
        for (JsonNode c : figures("bootstrap")) {
            double[] x = numbers(c.get("x"));
            double[] y = c.get("y").isNull() ? null : numbers(c.get("y"));
            ToDoubleFunction<int[]> statistic = i -> {
                double above = Arrays.stream(i).mapToDouble(k -> x[k]).sum();
                return above
                        / (y == null
                                ? i.length
                                : Arrays.stream(i).mapToDouble(k -> y[k]).sum());
            };
            double[] percentile = numbers(c.get("percentile"));
            double[] bca = numbers(c.get("bca"));
            Interval p = Intervals.bootstrap(x.length, statistic, 2000, 0.9, 5);
            Interval b = Intervals.bca(x.length, statistic, 2000, 0.9, 5);
            assertThat(p.low()).isCloseTo(percentile[0], within(1e-9));
            assertThat(p.high()).isCloseTo(percentile[1], within(1e-9));
            assertThat(b.low()).isCloseTo(bca[0], within(1e-9));
            assertThat(b.high()).isCloseTo(bca[1], within(1e-9));
        }
    }

    @Test
    void rankings() throws IOException {
        for (JsonNode c : figures("ranking")) {
            Tensor score = Tensor.of(numbers(c.get("score")));
            Tensor positive = Tensor.of(numbers(c.get("positive")));
            assertThat(RocCurve.of(score, positive).auc())
                    .isCloseTo(c.get("auc").asDouble(), within(1e-13));
            assertThat(PrecisionRecallCurve.of(score, positive).averagePrecision())
                    .isCloseTo(c.get("average_precision").asDouble(), within(1e-13));
            // turning scores round turns the curve round
            assertThat(RocCurve.of(score.neg(), positive).auc())
                    .isCloseTo(1 - c.get("auc").asDouble(), within(1e-13));
        }
    }

    /** Over all outcomes, weighted by their probability: never below the confidence (exact), or near it on average (Wilson). */
    @Test
    void coverage() {
        int n = 40;
        double wilson = 0;
        int points = 99;
        for (int k = 1; k <= points; k++) {
            double p = k / 100.0;
            double probability = Math.pow(1 - p, n);
            double held = 0;
            for (int s = 0; s <= n; s++) {
                held += Intervals.clopperPearson(s, n, 0.95).contains(p) ? probability : 0;
                wilson += Intervals.wilson(s, n, 0.95).contains(p) ? probability / points : 0;
                probability *= (n - s) * p / ((s + 1) * (1 - p));
            }
            assertThat(held).as("p = %s", p).isBetween(0.95, 1.0 + 1e-12);
        }
        assertThat(wilson).isCloseTo(0.95, within(0.01));
    }
}
