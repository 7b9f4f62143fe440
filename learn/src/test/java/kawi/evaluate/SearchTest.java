package kawi.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.base.KawiException;
import kawi.data.DataException;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches find what is best, whatever the order, the threads and the interruptions. */
class SearchTest {
    @TempDir
    Path folder;

    private static final Space SPACE = new Space()
            .logarithmic("rate", 1e-4, 1)
            .uniform("momentum", 0, 0.9)
            .whole("depth", 1, 3)
            .choice("kernel", "linear", "rbf");

    /** Best at rate = 0.01 and depth 2; with noise from the trial's own stream. */
    private static double score(Configuration c, int budget) {
        double noise = Tensor.randn(1).item() * 1e-3 / budget;
        return -Math.pow(Math.log10(c.number("rate")) + 2, 2) - Math.abs(c.whole("depth") - 2) + noise;
    }

    @Test
    void grids() {
        List<Configuration> all = SPACE.grid(3);
        assertThat(all).hasSize(3 * 3 * 3 * 2).doesNotHaveDuplicates();
        assertThat(all.getFirst().toString()).isEqualTo("depth=1.0, kernel=linear, momentum=0.0, rate=1.0E-4");
        assertThat(all).allSatisfy(c -> assertThat(c.number("rate")).isIn(1e-4, 0.01, 1.0));
        assertThat(new Space().whole("depth", 1, 3).grid(10)).hasSize(3);
        assertThat(new Space().grid(3)).hasSize(1);
        Trial best = new Search(0).run(all, SearchTest::score).getFirst();
        assertThat(best.configuration().number("rate")).isEqualTo(0.01);
        assertThat(best.configuration().whole("depth")).isEqualTo(2);
    }

    @Test
    void randomOnesAreAPrefixOfMore() {
        List<Configuration> many = SPACE.random(200, 7);
        assertThat(SPACE.random(50, 7)).isEqualTo(many.subList(0, 50));
        assertThat(SPACE.random(50, 8)).isNotEqualTo(many.subList(0, 50));
        assertThat(many).allSatisfy(c -> {
            assertThat(c.number("rate")).isBetween(1e-4, 1.0);
            assertThat(c.whole("depth")).isBetween(1, 3);
            assertThat(c.text("kernel")).isIn("linear", "rbf");
        });
        assertThat(many.stream().filter(c -> c.number("rate") < 0.01).count()).isBetween(80L, 120L);
        assertThat(many.stream().filter(c -> c.whole("depth") == 3).count()).isBetween(50L, 85L);
    }

    @Test
    void resultsDependOnNeitherOrderNorThreads() {
        List<Configuration> some = SPACE.random(30, 1);
        List<Configuration> turned = new ArrayList<>(some);
        Collections.reverse(turned);
        List<Trial> one = new Search(3).run(some, SearchTest::score);
        assertThat(new Search(3).parallel(4).run(turned, SearchTest::score)).isEqualTo(one);
        assertThat(new Search(4).run(some, SearchTest::score)).isNotEqualTo(one);
        assertThat(one).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
    }

    @Test
    void halving() {
        AtomicInteger spent = new AtomicInteger();
        List<Configuration> some = SPACE.random(27, 1);
        List<Trial> trials = new Search(0).halving(some, 3, 1, 9, (c, budget) -> {
            spent.addAndGet(budget);
            return score(c, budget);
        });
        assertThat(trials).hasSize(27);
        assertThat(trials.stream().map(Trial::budget)).startsWith(9, 9, 9, 3).endsWith(1);
        assertThat(spent).hasValue(27 + 9 * 3 + 3 * 9);
        assertThat(trials.getFirst().configuration())
                .isEqualTo(new Search(0).run(some, SearchTest::score).getFirst().configuration());
        assertThat(new Search(0).halving(some.subList(0, 1), 2, 4, 100, SearchTest::score))
                .hasSize(1);
    }

    /** Stopped after some trials, started again: the same result, and nothing is tried twice. */
    @Test
    void resumes() throws Exception {
        Path file = folder.resolve("search.jsonl");
        List<Configuration> some = SPACE.random(20, 1);
        AtomicInteger calls = new AtomicInteger();
        assertThatThrownBy(() -> new Search(3).resumable(file).halving(some, 2, 1, 4, (c, budget) -> {
                    if (calls.incrementAndGet() == 25) {
                        throw new KawiException("power cut");
                    }
                    return score(c, budget);
                }))
                .hasMessageContaining("power cut");
        assertThat(Files.readAllLines(file)).hasSize(1 + 24);
        Search.Objective counted = (c, budget) -> {
            calls.incrementAndGet();
            return score(c, budget);
        };
        List<Trial> resumed = new Search(3).resumable(file).parallel(2).halving(some, 2, 1, 4, counted);
        assertThat(resumed).isEqualTo(new Search(3).halving(some, 2, 1, 4, SearchTest::score));
        assertThat(calls).hasValue(25 + 20 + 10 + 5 - 24);
        Path whole = folder.resolve("whole.jsonl");
        new Search(3).resumable(whole).halving(some, 2, 1, 4, SearchTest::score);
        assertThat(whole).hasSameTextualContentAs(file);
        assertThatThrownBy(() -> new Search(4).resumable(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("line 1", "seed 4");
        Files.writeString(file, Files.readAllLines(file).getFirst() + "\n{\"budget\":1}\n");
        assertThatThrownBy(() -> new Search(3).resumable(file)).hasMessageContaining("line 2: this is no trial");
    }

    @Test
    void failedTrialsComeLast() throws Exception {
        List<Configuration> three = new Space().uniform("x", 0, 2).grid(3);
        List<Trial> trials = new Search(0)
                .resumable(folder.resolve("nan.jsonl"))
                .run(three, (c, b) -> c.number("x") == 1 ? Double.NaN : c.number("x"));
        assertThat(trials.stream().map(Trial::score)).containsExactly(2.0, 0.0, Double.NaN);
        assertThat(new Search(0).resumable(folder.resolve("nan.jsonl")).run(three, (c, b) -> 99))
                .isEqualTo(trials);
    }

    @Test
    void wrongUseIsAnswered() {
        assertThatThrownBy(() -> new Space().logarithmic("rate", 0, 1)).hasMessageContaining("starts above 0");
        assertThatThrownBy(() -> new Space().uniform("a", 2, 1)).hasMessageContaining("no range");
        assertThatThrownBy(() -> new Space().uniform("a", -1e308, 1e308)).hasMessageContaining("no range");
        assertThatThrownBy(() -> new Space().choice("a")).hasMessageContaining("nothing to choose");
        assertThatThrownBy(() -> new Space().choice("a", 1).whole("a", 0, 1)).hasMessageContaining("two settings");
        Configuration c = new Configuration(Map.of("a", 1.5, "b", "x"));
        assertThatThrownBy(() -> c.whole("a")).hasMessageContaining("not a whole number");
        assertThatThrownBy(() -> c.number("b")).hasMessageContaining("the text \"x\"");
        assertThatThrownBy(() -> c.text("a")).hasMessageContaining("the number 1.5");
        assertThatThrownBy(() -> c.number("d")).hasMessageContaining("there are [a, b]");
        assertThatThrownBy(() -> new Configuration(Map.of("a", Double.NaN))).hasMessageContaining("finite");
        assertThatThrownBy(() -> new Search(0).halving(List.of(c), 1, 1, 1, (x, b) -> 0))
                .hasMessageContaining("factor");
    }
}
