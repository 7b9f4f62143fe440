package kawi.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Values against figures of NumPy and SciPy, which {@code src/test/python/linalg_reference.py} computed. */
class ReferenceTest {
    private static final Map<String, Function<List<Tensor>, List<Tensor>>> FUNCTIONS = new HashMap<>();

    static {
        one("inv", Linalg::inv);
        one("det", Linalg::det);
        one("matrixExp", Linalg::matrixExp);
        one("matrixPower3", a -> Linalg.matrixPower(a, 3));
        one("matrixPower-2", a -> Linalg.matrixPower(a, -2));
        one("cholesky", Linalg::cholesky);
        one("pinv", Linalg::pinv);
        one("trace", Linalg::trace);
        one("matrixRank", a -> Linalg.matrixRank(a).to(a.dtype()));
        one("frobenius", Linalg::frobeniusNorm);
        one("nuclear", Linalg::nuclearNorm);
        for (String order : List.of("1", "-1", "2", "-2", "inf", "-inf")) {
            one("matrixNorm" + order, a -> Linalg.matrixNorm(a, number(order)));
            one("cond" + order, a -> Linalg.cond(a, number(order)));
        }
        for (String order : List.of("0", "1", "2", "3.5", "0.5", "-1.5", "inf", "-inf")) {
            one("vectorNorm" + order, a -> Linalg.vectorNorm(a, number(order), -1));
        }
        FUNCTIONS.put("slogdet", in -> {
            Linalg.SlogDet d = Linalg.slogdet(in.get(0));
            return List.of(d.sign(), d.logAbsDet());
        });
        FUNCTIONS.put("eigh", in -> {
            Linalg.Eigh e = Linalg.eigh(in.get(0));
            return List.of(e.values(), e.vectors());
        });
        FUNCTIONS.put("svd", in -> {
            Linalg.Svd d = Linalg.svd(in.get(0));
            return List.of(d.u(), d.s(), d.vh());
        });
        FUNCTIONS.put("qr", in -> {
            Linalg.Qr d = Linalg.qr(in.get(0));
            return List.of(d.q(), d.r());
        });
        FUNCTIONS.put("solve", in -> List.of(Linalg.solve(in.get(0), in.get(1))));
        FUNCTIONS.put("solveLower", in -> List.of(Linalg.solveTriangular(in.get(0), in.get(1), false)));
        FUNCTIONS.put("solveUpperUnit", in -> List.of(Linalg.solveTriangular(in.get(0), in.get(1), true, true)));
        FUNCTIONS.put("lstsq", in -> List.of(Linalg.lstsq(in.get(0), in.get(1))));
        FUNCTIONS.put("multiDot", in -> List.of(Linalg.multiDot(in.toArray(Tensor[]::new))));
    }

    private static void one(String name, Function<Tensor, Tensor> f) {
        FUNCTIONS.put(name, in -> List.of(f.apply(in.get(0))));
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace("inf", "Infinity"));
    }

    private record Case(String function, List<Tensor> inputs, List<Tensor> outputs) {
        @Override
        public String toString() {
            return function + inputs.stream().map(t -> t.shape().toString()).toList();
        }
    }

    static Stream<Case> cases() throws IOException {
        try (InputStream in = ReferenceTest.class.getResourceAsStream("reference.json")) {
            JsonNode all = JsonMapper.shared().readTree(in);
            return StreamSupport.stream(all.spliterator(), false)
                    .map(c ->
                            new Case(c.get("function").asString(), tensors(c.get("inputs")), tensors(c.get("outputs"))))
                    .toList()
                    .stream();
        }
    }

    private static List<Tensor> tensors(JsonNode nodes) {
        List<Tensor> tensors = new ArrayList<>();
        for (JsonNode node : nodes) {
            int[] shape = StreamSupport.stream(node.get("shape").spliterator(), false)
                    .mapToInt(JsonNode::asInt)
                    .toArray();
            double[] data = StreamSupport.stream(node.get("data").spliterator(), false)
                    .mapToDouble(n -> n.isNumber() ? n.asDouble() : number(n.asString()))
                    .toArray();
            assertThat(Shape.of(shape).size()).isEqualTo(data.length);
            tensors.add(shape.length == 0 ? Tensor.scalar(data[0], DType.F64) : Tensor.of(data, shape));
        }
        return tensors;
    }

    /** Both sides lose digits with the condition number, which is below 1000 here. */
    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithNumPy(Case c) {
        List<Tensor> got = FUNCTIONS.get(c.function).apply(c.inputs);
        assertThat(got).hasSameSizeAs(c.outputs);
        for (int i = 0; i < got.size(); i++) {
            assertThat(got.get(i).dtype()).isEqualTo(DType.F64);
            Numbers.assertClose(c + " result " + i, got.get(i), c.outputs.get(i), 1e-10);
        }
    }

    /** In single precision the result is that of double precision for the rounded operands, rounded once, where no other operation follows. */
    @ParameterizedTest
    @MethodSource("cases")
    void singlePrecisionRoundsOnce(Case c) {
        boolean composed = c.function.startsWith("matrixNorm")
                || c.function.startsWith("vectorNorm")
                || c.function.startsWith("matrixPower")
                || c.function.startsWith("cond")
                || Set.of("trace", "frobenius", "nuclear", "multiDot", "matrixRank", "pinv", "lstsq")
                        .contains(c.function);
        boolean representable = c.inputs.stream()
                .allMatch(t -> Linalg.vectorNorm(t.to(DType.F32).to(DType.F64).sub(t), Double.POSITIVE_INFINITY)
                                .item()
                        <= 1e-6
                                * Math.min(
                                        1,
                                        Linalg.vectorNorm(t, Double.POSITIVE_INFINITY)
                                                .item()));
        if (composed || !representable) {
            return;
        }
        List<Tensor> single = c.inputs.stream().map(t -> t.to(DType.F32)).toList();
        List<Tensor> got = FUNCTIONS.get(c.function).apply(single);
        List<Tensor> wanted = FUNCTIONS
                .get(c.function)
                .apply(single.stream().map(t -> t.to(DType.F64)).toList());
        for (int i = 0; i < got.size(); i++) {
            assertThat(got.get(i).dtype()).isEqualTo(DType.F32);
            assertThat(got.get(i).toFloatArray())
                    .isEqualTo(wanted.get(i).to(DType.F32).toFloatArray());
        }
    }

    @Test
    void everyFunctionHasFigures() throws IOException {
        Set<String> found = new HashSet<>();
        cases().forEach(c -> found.add(c.function));
        assertThat(found).isEqualTo(FUNCTIONS.keySet());
    }
}
