package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is shown of graphs and plans; receptive fields against counts by hand. */
class GraphViewTest {
    @AfterEach
    void off() {
        Kawi.debug(false);
    }

    private static Tensor leaf(int... shape) {
        return Key.of(5).normal(shape).realized();
    }

    @Test
    void operationsInputsLaunchesAndArraysAreShown() {
        Kawi.debug(true);
        Tensor x = leaf(8, 6);
        Tensor y = x.mul(2).tanh().matmul(leaf(6, 4)).relu();
        GraphView view = GraphView.of(y);
        assertThat(view.operations()).extracting(GraphView.Operation::name).contains("mul", "tanh", "matmul", "where");
        view.operations().forEach(o -> assertThat(o.inputs()).allMatch(i -> i < o.number()));
        assertThat(view.launches()).extracting(GraphView.Launch::label).containsExactlyElementsOf(Kawi.explain(y));
        assertThat(view.launches().get(0).bytes()).isEqualTo(2 * 8 * 6 * 4L);
        assertThat(view.launches().get(0).nanos()).isEqualTo(-1);
        assertThat(view.intermediateBytes()).isEqualTo(192); // [8, 6] of f32
        assertThat(view.relus())
                .singleElement()
                .satisfies(o -> assertThat(o.value()).extracting(Tensor::shape).isEqualTo(y.shape()));
        assertThat(view.toString())
                .contains("mul+tanh", "reads", "writes", "leaf 0", "arena at 0", "result 0", "GraphViewTest.java:");
        GraphView timed = GraphView.timed(y);
        assertThat(timed.launches()).hasSameSizeAs(view.launches()).allMatch(l -> l.nanos() >= 0);
        assertThat(GraphView.of(y).launches()).isEmpty();
        assertThat(GraphView.of(y).pending()).isZero();
    }

    @Test
    void dotAndHtmlAreWellFormed() {
        Kawi.debug(true);
        GraphView view =
                GraphView.of(leaf(3, 4).exp().sum(1).sub(1).sqrt(), leaf(2, 3).t());
        String dot = view.dot();
        assertThat(dot).startsWith("digraph").contains("cluster_0", "n0 -> n", "tooltip=");
        assertThat(dot.chars().filter(c -> c == '{').count())
                .isEqualTo(dot.chars().filter(c -> c == '}').count());
        assertThat(dot.chars().filter(c -> c == '"').count() % 2).isZero();
        String html = view.html();
        assertThat(html)
                .contains("<svg", "Plan", "exp+sum", "GraphViewTest.java:")
                .doesNotContain("http://kawi", "<script");
        Deque<String> open = new ArrayDeque<>();
        var tags = Pattern.compile("<(/?)([a-z0-9]+)[^>]*?(/?)>").matcher(html);
        while (tags.find()) {
            if (!tags.group(1).isEmpty()) {
                assertThat(open.pop()).isEqualTo(tags.group(2));
            } else if (tags.group(3).isEmpty() && !List.of("br", "meta").contains(tags.group(2))) {
                open.push(tags.group(2));
            }
        }
        assertThat(open).isEmpty();
    }

    @Test
    void linksSayWhatStopsADerivative() {
        Tensor w = leaf(3).requiresGrad();
        Tensor v = leaf(3).requiresGrad();
        GraphView view = GraphView.of(w.mul(v.exp().detach()).sum());
        assertThat(view.link(w)).isEqualTo(new GraphView.Link(true, true, Optional.empty()));
        assertThat(view.link(v).differentiable()).isFalse();
        assertThat(view.link(v).stop().orElseThrow().name()).isEqualTo("stopGradient");
        assertThat(view.link(leaf(3)).used()).isFalse();
    }

    record Case(String name, String field, UnaryOperator<Tensor> f) {
        @Override
        public String toString() {
            return name + " " + field;
        }
    }

    private static Tensor conv(Tensor x, int kernel, int stride, int dilation) {
        int channels = x.dim(1);
        return x.conv2d(leaf(channels, channels, kernel, kernel), stride, 0, dilation, 1);
    }

    static Stream<Case> fields() {
        return Stream.of(
                new Case("itself", "1×1", x -> x),
                new Case("function", "1×1", x -> x.relu().mul(3)),
                new Case("3", "3×3", x -> conv(x, 3, 1, 1)),
                new Case("3 3", "5×5", x -> conv(conv(x, 3, 1, 1), 3, 1, 1)),
                new Case("3 dilated", "5×5", x -> conv(x, 3, 1, 2)),
                new Case("3/2 3", "7×7", x -> conv(conv(x, 3, 2, 1), 3, 1, 1)),
                new Case("pool", "6×6", x -> conv(x.maxPool2d(2, 2, 0), 3, 1, 1)),
                new Case("average", "6×6", x -> conv(x.avgPool2d(2, 2, 0), 3, 1, 1)),
                // LeNet: 5, pool 2/2, 5, pool 2/2: 5, 6, 14, 16
                new Case(
                        "LeNet",
                        "16×16",
                        x -> conv(conv(x, 5, 1, 1).maxPool2d(2, 2, 0), 5, 1, 1).maxPool2d(2, 2, 0)),
                new Case(
                        "residual",
                        "3×3",
                        x -> x.slice(2, 1, 31).slice(3, 1, 31).add(conv(x, 3, 1, 1))),
                new Case("flat", "3×3", x -> conv(x, 3, 1, 1).flatten(1, -1)),
                new Case("mean", "", x -> x.mean(2, 3)),
                new Case("dense", "", x -> x.flatten(1, -1).matmul(leaf(2 * 32 * 32, 3))),
                new Case("other", "", x -> leaf(1, 2, 4, 4)));
    }

    @ParameterizedTest
    @MethodSource("fields")
    void receptiveFieldsAreThoseOfAHand(Case c) {
        Tensor x = leaf(1, 2, 32, 32);
        String field = ReceptiveField.of(x, c.f.apply(x))
                .map(r -> r.height() + "×" + r.width())
                .orElse("");
        assertThat(field).isEqualTo(c.field);
    }
}
