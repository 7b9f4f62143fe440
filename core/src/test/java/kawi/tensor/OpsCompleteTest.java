package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kawi.graph.Elementwise;
import kawi.graph.Node;
import kawi.graph.Op;
import kawi.graph.Ops;
import kawi.graph.Ops.Sample;
import kawi.graph.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No operation goes without samples, and none that has a derivative without its rule. */
class OpsCompleteTest {
    @Test
    void everyOperationHasASample() throws Exception {
        Set<Object> sampled = new HashSet<>();
        for (Sample s : Ops.all()) {
            sampled.add(s.op() instanceof Elementwise ? s.op() : s.op().getClass());
        }
        Set<String> missing = new TreeSet<>();
        for (Elementwise e : Elementwise.values()) {
            if (!sampled.contains(e)) {
                missing.add(e.label());
            }
        }
        List<Class<?>> classes = operations();
        assertThat(classes).hasSizeGreaterThan(20);
        for (Class<?> c : classes) {
            if (c != Elementwise.class
                    && c != Source.Leaf.class
                    && c != Source.Placeholder.class
                    && !sampled.contains(c)) {
                missing.add(c.getName());
            }
        }
        assertThat(missing).as("operations without a sample in Ops.all()").isEmpty();
    }

    /** All classes of kawi.graph that are operations. */
    private static List<Class<?>> operations() throws Exception {
        URI home = Op.class.getResource("Op.class").toURI();
        try (Stream<Path> files = Files.list(Path.of(home).getParent())) {
            return files.map(p -> p.getFileName().toString())
                    .filter(n -> n.endsWith(".class"))
                    .<Class<?>>map(n -> load("kawi.graph." + n.substring(0, n.length() - 6)))
                    .filter(c ->
                            Op.class.isAssignableFrom(c) && !c.isInterface() && c.getSuperclass() != Elementwise.class)
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<Sample> differentiable() {
        return Ops.all().stream().filter(Sample::smooth);
    }

    @ParameterizedTest
    @MethodSource("differentiable")
    void whatHasADerivativeHasARule(Sample sample) {
        List<Tensor> in = OpSamples.values(sample, new java.util.Random(1)).stream()
                .map(Layout::tensor)
                .toList();
        Node y = OpSamples.apply(sample.op(), in).node();
        boolean[] all = new boolean[in.size()];
        Arrays.fill(all, true);
        Node[] g = sample.op()
                .vjp(
                        y,
                        Tensor.ones(
                                        y.type().dtype().computing(),
                                        y.type().shape().dims())
                                .node(),
                        all);
        assertThat(g).hasSize(in.size());
        for (int i = 0; i < g.length; i++) {
            if (in.get(i).dtype().isFloat()) {
                assertThat(g[i]).as("cotangent of input %d", i).isNotNull();
                assertThat(g[i].type().shape()).isEqualTo(in.get(i).shape());
                assertThat(g[i].type().dtype()).isEqualTo(in.get(i).dtype().computing());
            }
        }
    }
}
